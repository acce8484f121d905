"""The catalogue of injected breaks: all found, all under their class, and no false ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from fix_oms.engine.state import State
from fix_oms.followers.comparing import Asked, Day, compare_csv
from fix_oms.followers.files import load_mapping
from fix_oms.model.errors import BadFile, SettingsError
from fix_oms.reconcile.breaks import Break, BreakClass
from tests.reconcile.day import FILLS, MAPPING, POSITIONS, lived

CATALOGUE: Final = Path(__file__).with_name("catalogue.yaml")
CASES: Final[dict[str, dict[str, Any]]] = {
    case.pop("name"): case for case in yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))
}
KNOWN: Final = {
    "remove", "change", "append", "mapping", "positions", "expect", "pending", "error",
    "partial", "day",
}  # fmt: skip  # one a line hides how short the list is


@pytest.fixture(scope="module")
def state() -> State:
    return lived().engine.state


def changed(text: str, changes: Mapping[str, str]) -> str:
    for old, new in changes.items():
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the text"
        text = text.replace(old, new)
    return text


def compared(state: State, case: Mapping[str, Any], there: Path) -> Day:
    rows = FILLS.splitlines(keepends=True)
    for name in case.get("remove", ()):
        kept = [row for row in rows if not row.startswith(f"{name},")]
        assert len(kept) == len(rows) - 1, f"{name} begins {len(rows) - len(kept)} lines"
        rows = kept
    text = changed("".join(rows), case.get("change", {}))
    text += "".join(f"{row}\n" for row in case.get("append", ()))
    fills, mapping, positions = there / "fills.csv", there / "broker.toml", None
    fills.write_text(text)
    mapping.write_text(changed(MAPPING, case.get("mapping", {})))
    if "positions" in case:
        positions = there / "positions.csv"
        positions.write_text(changed(POSITIONS, case["positions"]))
    day = case.get("day")
    asked = Asked(
        day=None if day is None else int(f"{day:%Y%m%d}"),
        is_whole=not case.get("partial", False),
    )
    broker, zone = load_mapping(mapping)
    return compare_csv(state, broker, zone, fills, positions, asked)


def called(one: Break) -> str:
    if one.kind is BreakClass.POSITION:
        return f"position {one.account} {one.symbol}"
    named = one.ours or one.theirs
    assert named is not None
    return f"{one.kind} {named.exec_ids[0]}"


@pytest.mark.parametrize("name", [name for name in CASES if "error" not in CASES[name]])
def test_what_is_wrong_is_found_and_nothing_else(name: str, state: State, tmp_path: Path) -> None:
    found = compared(state, CASES[name], tmp_path)
    pending = sorted(trade.exec_ids[0] for trade in found.compared.pending)
    assert (sorted(map(called, found.breaks)), pending) == (
        sorted(CASES[name]["expect"]),
        CASES[name].get("pending", []),
    )


@pytest.mark.parametrize("name", [name for name in CASES if "error" in CASES[name]])
def test_a_file_that_cannot_be_taken_is_refused_with_its_place(
    name: str, state: State, tmp_path: Path
) -> None:
    with pytest.raises((BadFile, SettingsError)) as refused:
        compared(state, CASES[name], tmp_path)
    assert CASES[name]["error"] in str(refused.value)


def test_each_class_of_break_is_in_the_catalogue() -> None:
    expected = {words.split()[0] for case in CASES.values() for words in case.get("expect", ())}
    assert expected == {str(kind) for kind in BreakClass}


def test_each_case_says_only_what_the_catalogue_knows() -> None:
    assert {key for case in CASES.values() for key in case} <= KNOWN
