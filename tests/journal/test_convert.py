"""A journal written anew: the same records under another chain; of a damaged one, what is whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fix_oms.cli.main import main
from fix_oms.journal import anchor
from fix_oms.journal.check import check
from fix_oms.journal.convert import Converted, converted
from fix_oms.journal.follower import records
from fix_oms.journal.segments import listed
from fix_oms.journal.verify import verified
from fix_oms.model import inputs
from fix_oms.model.errors import JournalCorrupt, JournalError
from tests.journal.made import DAY, NEXT_DAY, NOW, flip, offset_of, opened, payload, shorten
from tests.properties.floor import Floor
from tests.server.lone import journaled, lone, started


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A day and the beginning of the next, in two segments."""
    directory = tmp_path / "old"
    directory.mkdir()
    floor = Floor(3)
    for _ in range(30):
        floor.acts(beyond=True)
    log = floor.desk.log
    with opened(directory) as writer:
        for number, (now, value) in enumerate(log):
            if number == len(log) // 2:
                writer.roll(now, NEXT_DAY)
            writer.append(now, inputs.encode(value))
    return directory


def convert(old: Path, *, until_damage: bool = False) -> Converted:
    new = old.with_name("new")
    return converted(old, new, now_ns=NOW, until_damage=until_damage)


def content(directory: Path) -> list[tuple[int, int, bytes]]:
    return [(r.index, r.time_ns, r.payload) for r in records(directory)]


def test_a_converted_journal_holds_the_same_records(old: Path) -> None:
    convert(old)
    assert content(old.with_name("new")) == content(old)


def test_a_converted_journal_replays_to_the_same_state(old: Path) -> None:
    convert(old)
    before, after = verified(old), verified(old.with_name("new"))
    assert (after.state_hash, after.ok) == (before.state_hash, True)


def test_a_converted_journal_has_a_chain_of_its_own_that_names_the_old_head(old: Path) -> None:
    done = convert(old)
    before, after = verified(old), verified(old.with_name("new"))
    assert (after.head == before.head, after.origin, done.head) == (False, before.head, after.head)


def test_a_converted_journal_has_the_old_days(old: Path) -> None:
    convert(old)
    assert [file.day for file in listed(old.with_name("new"))] == [DAY, NEXT_DAY]


def test_the_old_journal_is_not_touched(old: Path) -> None:
    before = {path.name: path.read_bytes() for path in old.iterdir()}
    convert(old)
    assert {path.name: path.read_bytes() for path in old.iterdir()} == before


def test_the_anchors_of_the_old_journal_are_no_finding_for_the_new_one(old: Path) -> None:
    file = old.with_name("anchors")
    found = check(old)
    anchor.write(file, anchor.Anchor(NOW, anchor.journal_name(old), 1, found.records, found.head))
    convert(old)
    compared = verified(old.with_name("new"), [file]).anchors
    assert compared is not None
    assert (compared.findings, compared.notes) == (
        (),
        ("1 anchors are of the journal that this one was converted from",),
    )


def test_a_torn_tail_is_left_out_and_said(old: Path) -> None:
    last = listed(old)[-1].path
    shorten(last, last.stat().st_size - 3)
    done = convert(old)
    assert [text.startswith(f"{last.name} from byte ") for text in done.left_out] == [True]
    assert done.records == len(content(old))


def simple(directory: Path) -> Path:
    """Thirty records of which anybody can say where they stand, and ten in a second segment."""
    directory.mkdir()
    with opened(directory) as writer:
        for index in range(40):
            if index == 30:
                writer.roll(NOW, NEXT_DAY)
            writer.append(NOW + index, payload(index))
    return directory


def test_damage_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    old = simple(tmp_path / "old")
    flip(listed(old)[0].path, offset_of(12) + 50)
    with pytest.raises(JournalCorrupt, match="the CRC of record 12 does not match"):
        convert(old)
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_until_the_damage_everything_is_taken_over_and_the_rest_is_listed(tmp_path: Path) -> None:
    old = simple(tmp_path / "old")
    first, second = (file.path for file in listed(old))
    flip(first, offset_of(12) + 50)
    done = convert(old, until_damage=True)
    assert content(tmp_path / "new") == [(i, NOW + i, payload(i)) for i in range(12)]
    left = first.stat().st_size - offset_of(12)
    assert [text.partition(" (")[0] for text in done.left_out] == [
        f"{first.name} from byte {offset_of(12)} on: {left} bytes",
        f"{second.name} from byte 0 on: {second.stat().st_size} bytes",
    ]
    assert "among them 17 whole records, 13 to 29, of 2025-11-21 09:40:00 UTC" in done.left_out[0]
    assert "among them 10 whole records, 30 to 39" in done.left_out[1]


def test_an_unreadable_beginning_leaves_nothing_to_take_over(tmp_path: Path) -> None:
    old = simple(tmp_path / "old")
    flip(listed(old)[0].path, 20)
    with pytest.raises(JournalError, match="there is no whole record to take over"):
        convert(old, until_damage=True)


def test_a_journal_that_is_there_is_never_written_over(old: Path) -> None:
    convert(old)
    with pytest.raises(JournalError, match="is there already"):
        convert(old)


# -- as a person does it ---------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A directory in which an engine has run and taken nine commands, the last of them damaged."""
    with started(lone(tmp_path)) as server:
        for number in range(9):
            server.runner.submit(inputs.Halt(by="t", reason=str(number)))
    damaged = [r for r in records(tmp_path / "journal") if b"reason\xa18" in r.payload]
    flip(listed(tmp_path / "journal")[-1].path, damaged[0].offset + 50)
    return tmp_path


def command(site: Path, *words: str) -> Result:
    old, new = str(site / "journal"), str(site / "journal.new")
    return CliRunner().invoke(main, ["convert", old, new, *words], prog_name="fix-oms")


def test_the_command_refuses_damage_and_names_the_way(site: Path) -> None:
    done = command(site)
    assert (done.exit_code, "see --until-damage" in done.output) == (1, True)


def test_the_command_lists_what_is_left_out(site: Path) -> None:
    done = command(site, "--until-damage")
    left, made, origin = done.output.splitlines()
    assert (done.exit_code, left.startswith("left out: "), "Stopped" in left) == (0, True, True)
    assert (made.startswith(f"{site / 'journal.new'}: "), "with chain head" in origin) == (
        True,
        True,
    )


def test_programs_are_told_too(site: Path) -> None:
    found = json.loads(command(site, "--until-damage", "--json").stdout)
    assert (len(found["left_out"]), len(found["origin"])) == (1, 64)


def test_a_journal_that_is_being_written_is_not_converted(tmp_path: Path) -> None:
    with started(lone(tmp_path)):
        done = command(tmp_path)
    assert (done.exit_code, "an engine is writing it" in done.output) == (2, True)


def test_an_engine_starts_on_what_was_saved_and_lets_nothing_new_out(site: Path) -> None:
    command(site, "--until-damage")
    (site / "journal").rename(site / "damaged")
    (site / "journal.new").rename(site / "journal")
    with started(lone(site)) as server:
        assert server.run_number == 2
    halts = journaled(site, inputs.Halt)
    assert [h.reason for h in halts if h.by == "t"] == [str(n) for n in range(8)]
    assert len([h for h in halts if h.by == "fix-oms"]) == 1
