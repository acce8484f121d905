"""A broker's files as bytes: encodings, marks, mappings that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from fix_oms.engine.state import State
from fix_oms.followers.comparing import Asked, compare_csv
from fix_oms.followers.files import load_mapping, text_lines
from fix_oms.model.errors import BadFile, SettingsError
from tests.reconcile.day import FILLS, MAPPING, lived

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def state() -> State:
    return lived().engine.state


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_agrees_in_any_encoding(
    encoding: str, end: str, state: State, tmp_path: Path
) -> None:
    (tmp_path / "m.toml").write_text(
        MAPPING.replace("[fills]\n", f'[fills]\nencoding="{encoding}"\n')
    )
    (tmp_path / "f.csv").write_bytes(FILLS.replace("\n", end).encode(encoding))
    broker, zone = load_mapping(tmp_path / "m.toml")
    assert compare_csv(state, broker, zone, tmp_path / "f.csv", None, Asked()).breaks == []


def test_a_file_that_is_not_in_its_encoding_is_named_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_bytes(b"a\nb\xff\n")
    with pytest.raises(BadFile, match=r"f.csv: line 2: is not utf-8 text: say which it is by enc"):
        text_lines(tmp_path / "f.csv")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"none.csv: cannot be read: No such file"):
        text_lines(tmp_path / "none.csv")


WRONG = {
    "no session": ('["ALPHA"]', "[]", "sessions: must name at least one"),
    "an unknown word": (
        'qty = "qty"\npx',
        'quantity = "qty"\npx',
        "fills.columns.quantity: is none",
    ),
    "a missing column": ('px = "px"\n', "", "fills.columns.px: is missing"),
    "an unknown key": ("[fills]\n", "[fills]\ndelimeter=';'\n", "did you mean 'delimiter'?"),
    "a long delimiter": ("[fills]\n", "[fills]\ndelimiter=';;'\n", "must be one character"),
    "a bad pattern": (
        "[fills]\n",
        "[fills]\nignore=['(']\n",
        "ignore[0]: is no regular expression",
    ),
    "a count without group": ("[fills]\n", "[fills]\ncount='^T'\n", "count: needs one group"),
    "a zone": ("America/New_York", "America/New_Yrok", "did you mean 'America/New_York'?"),
    "a cut-off": ("[fills]\n", "cut_off='25:00'\n[fills]\n", "is no time of day"),
    "signs": ("[fills]\n", "[fills]\ndecimal=','\n", "thousands: is the same as decimal"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mapping_that_is_wrong_is_refused_with_its_key(name: str, tmp_path: Path) -> None:
    old, new, reason = WRONG[name]
    assert MAPPING.count(old) == 1
    (tmp_path / "m.toml").write_text(MAPPING.replace(old, new))
    with pytest.raises(SettingsError) as refused:
        load_mapping(tmp_path / "m.toml")
    assert reason in str(refused.value)


def test_the_example_of_a_mapping_reads_the_example_of_a_file(state: State) -> None:
    broker, zone = load_mapping(ROOT / "config/examples/end-of-day.toml")
    there = ROOT / "config/examples"
    found = compare_csv(
        state,
        broker,
        zone,
        there / "end-of-day-fills.csv",
        there / "end-of-day-positions.csv",
        Asked(),
    )
    assert (found.rows, found.day, len(found.compared.breaks)) == (1, 20261127, 1)
