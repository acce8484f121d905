"""What anchors find: a tail that is gone, a chain that was computed again, another journal."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.journal import anchor
from fix_oms.journal.anchor import Anchor, Compared
from fix_oms.journal.check import check, heads_at
from fix_oms.journal.verify import chain_of
from fix_oms.journal.writer import JournalWriter
from fix_oms.model.errors import JournalError
from tests.journal.made import NEXT_DAY, NOW, offset_of, opened, payload, segment_paths, shorten

SECOND: Final = 1_000_000_000
MEMORY: Final = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
LINE: Final = Anchor(NOW, "0123456789abcdef", 3, 875, "ab" * 32)


def anchored(directory: Path, writer: JournalWriter, file: Path, minute: int) -> None:
    name = anchor.journal_name(directory)
    at = NOW + minute * 60 * SECOND
    anchor.write(file, Anchor(at, name, 1, writer.next_index, writer.head))


def kept(directory: Path, file: Path) -> Path:
    """A journal of 30 records and three segments, anchored after 0, 10, 20 and 30 of them."""
    directory.mkdir(exist_ok=True)
    with opened(directory) as writer:
        for index in range(30):
            if index % 10 == 0:
                anchored(directory, writer, file, index // 10)
            if index == 15:
                writer.roll(NOW, NEXT_DAY)
            writer.append(NOW, payload(index))
        anchored(directory, writer, file, 3)
    return directory


def compared(directory: Path, *files: Path) -> Compared:
    held = anchor.read(files)
    found = check(directory, (a.records for a in held.anchors))
    return anchor.compare(chain_of(directory, found), held)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "journal.anchors"


@pytest.fixture
def journal(tmp_path: Path, file: Path) -> Path:
    return kept(tmp_path / "journal", file)


def test_a_line_reads_back(file: Path) -> None:
    anchor.write(file, LINE)
    assert anchor.read([file]).anchors == (LINE,)


def test_an_untouched_journal_agrees_with_every_anchor(journal: Path, file: Path) -> None:
    found = compared(journal, file)
    assert (found.compared, found.agreed, found.findings, found.notes) == (4, 4, (), ())


def test_each_head_that_a_new_segment_makes_agrees(tmp_path: Path, file: Path) -> None:
    with opened(tmp_path, segment_bytes=700) as writer:
        for index in range(40):
            anchored(tmp_path, writer, file, index)
            writer.append(NOW, payload(index))
            anchored(tmp_path, writer, file, index)
    assert compared(tmp_path, file).agreed == 80


def test_the_newest_anchor_that_agrees_is_named(journal: Path, file: Path) -> None:
    newest = compared(journal, file).newest
    assert newest is not None
    assert (newest.records, newest.when) == (30, "2025-11-21 09:43:00 UTC")


def test_a_truncated_tail_names_its_records_and_when_they_were_there(
    journal: Path, file: Path
) -> None:
    segment_paths(journal)[-1].unlink()
    (found,) = compared(journal, file).findings
    assert found.startswith(
        "the tail is missing: the journal ends after 15 records, and records 15 to 29 were on disk "
        "by 2025-11-21 09:43:00 UTC (run 1; 2 anchors lie beyond the end, the first of 2025-11-21 "
        "09:42:00 UTC)"
    )


def test_a_tail_cut_within_a_segment_is_missing_too(journal: Path, file: Path) -> None:
    shorten(segment_paths(journal)[-1], 400)
    assert compared(journal, file).findings[0].startswith("the tail is missing")


def test_a_journal_that_grew_since_its_last_anchor_agrees(journal: Path, file: Path) -> None:
    with opened(journal, day=NEXT_DAY) as writer:
        writer.append(NOW, b"later")
    assert compared(journal, file).findings == ()


def recomputed(journal: Path, at: int) -> None:
    """The same journal with another record at ``at``, computed anew from there on."""
    shutil.copytree(journal, journal.with_name("old"))
    for path in segment_paths(journal):
        path.unlink()
    with opened(journal) as writer:
        for index in range(30):
            if index == 15:
                writer.roll(NOW, NEXT_DAY)
            writer.append(NOW, payload(index) + (b"forged" if index == at else b""))


@pytest.mark.parametrize(
    ("at", "says"),
    [
        (4, "records 0 to 9, written between 2025-11-21 09:40:00 UTC and 2025-11-21 09:41:00 UTC"),
        (15, "records 10 to 19, written between 2025-11-21 09:41:00 UTC and 2025-11-21 09:42:00"),
        (29, "records 20 to 29, written between 2025-11-21 09:42:00 UTC and 2025-11-21 09:43:00"),
    ],
)
def test_a_chain_computed_again_names_the_records_and_between_when(
    journal: Path, file: Path, at: int, says: str
) -> None:
    recomputed(journal, at)
    assert check(journal).whole  # nothing in the journal itself tells it
    (found,) = compared(journal, file).findings
    assert found.startswith(f"the chain was computed again: {says}")


def test_the_anchors_of_another_journal_are_a_finding(tmp_path: Path, file: Path) -> None:
    kept(tmp_path / "other", file)
    with JournalWriter.open(
        _made(tmp_path / "journal"), durability="process", now_ns=NOW + 1, day=NEXT_DAY
    ) as writer:
        writer.append(NOW, b"x")
    (found,) = compared(tmp_path / "journal", file).findings
    assert found.startswith("no anchor is of this journal")


def _made(directory: Path) -> Path:
    directory.mkdir()
    return directory


def test_two_journals_may_share_a_file(tmp_path: Path, journal: Path, file: Path) -> None:
    with JournalWriter.open(
        _made(tmp_path / "second"), durability="process", now_ns=NOW + 1, day=NEXT_DAY
    ) as writer:
        writer.append(NOW, b"x")
        anchored(tmp_path / "second", writer, file, 9)
    found = [compared(path, file) for path in (journal, tmp_path / "second")]
    assert [(f.agreed, f.findings, f.notes) for f in found] == [
        (4, (), ("1 anchors are of other journals",)),
        (1, (), ("4 anchors are of other journals",)),
    ]


def test_an_emptied_journal_is_a_finding(journal: Path, file: Path) -> None:
    for path in segment_paths(journal):
        path.unlink()
    assert compared(journal, file).findings[0].startswith("no anchor is of this journal")


def test_behind_damage_nothing_is_compared(journal: Path, file: Path) -> None:
    first = segment_paths(journal)[0]
    damaged = bytearray(first.read_bytes())
    damaged[offset_of(12) + 50] ^= 1
    first.write_bytes(damaged)
    found = compared(journal, file)
    assert (found.agreed, found.findings, found.notes) == (
        2,
        (),
        ("2 anchors lie behind the damage: not compared",),
    )


# -- the file --------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", range(len(str(LINE))))
def test_no_byte_of_a_line_can_be_damaged_unnoticed(tmp_path: Path, at: int) -> None:
    file = tmp_path / "a"
    line = str(LINE)
    file.write_text(f"{line[:at]}~{line[at + 1 :]}\n")
    found = anchor.read([file])
    assert (found.anchors, [text.partition(": ")[0] for text in found.damaged]) == (
        (),
        [f"{file}:1"],
    )


@pytest.mark.parametrize("size", [20, 100, 150])
def test_a_line_that_a_crash_has_torn_is_noted_and_the_next_one_stands(
    tmp_path: Path, size: int
) -> None:
    file = tmp_path / "a"
    file.write_text(str(LINE)[:size])
    anchor.write(file, LINE)
    found = anchor.read([file])
    assert (found.anchors, found.damaged, len(found.torn)) == ((LINE,), (), 1)


def test_anchors_are_found_in_a_systems_log(tmp_path: Path) -> None:
    file = tmp_path / "syslog"
    file.write_text(f"Nov 28 01:30 host cron: hello\nNov 28 01:31 host fix-oms-anchor: {LINE}\n")
    assert anchor.read([file]) == ((file,), (LINE,), (), ())


def test_every_file_of_a_directory_is_read(tmp_path: Path) -> None:
    for name in ("a.1", "a"):
        anchor.write(tmp_path / name, LINE)
    assert len(anchor.read([tmp_path]).anchors) == 2


def test_a_file_that_was_rotated_away_is_begun_anew(tmp_path: Path) -> None:
    file = tmp_path / "a"
    anchor.write(file, LINE)
    file.rename(tmp_path / "a.1")
    anchor.write(file, LINE)
    assert file.read_text() == f"{LINE}\n"


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="No such file or directory"):
        anchor.write(tmp_path / "missing" / "a", LINE)


def test_the_newest_are_found_at_the_end_of_a_long_file(tmp_path: Path) -> None:
    file = tmp_path / "a"
    lines = [LINE._replace(records=n) for n in range(2000)]
    file.write_text("".join(f"{line}\n" for line in lines))
    assert anchor.newest(file)[-1] == lines[-1]


def test_a_missing_file_has_no_newest(tmp_path: Path) -> None:
    assert anchor.newest(tmp_path / "none") == []


def test_the_heads_at_a_count_are_the_writers_own(tmp_path: Path) -> None:
    seen: dict[int, set[str]] = {}
    with opened(tmp_path, segment_bytes=700) as writer:
        for index in range(40):
            seen.setdefault(index, set()).add(writer.head)
            writer.append(NOW, payload(index))
            seen.setdefault(index + 1, set()).add(writer.head)
    found = {count: set(heads_at(tmp_path, count)) for count in range(41)}
    assert all(heads >= seen[count] for count, heads in found.items())
    assert heads_at(tmp_path, 41) == ()


# -- the law ---------------------------------------------------------------------------------------


def written(directory: Path, count: int, forged: int, rolls: set[int], marks: set[int]) -> Path:
    """A journal of so many records, the one at ``forged`` another than it should be, anchored at
    each of ``marks``; the file of its anchors."""
    directory.mkdir()
    file = directory.with_name(f"{directory.name}.anchors")
    with opened(directory, durability="process") as writer:
        for index in range(count + 1):
            if index in rolls:
                writer.roll(NOW, NEXT_DAY)
            if index in marks:
                anchored(directory, writer, file, index)
            if index < count:
                writer.append(NOW, b"forged" if index == forged else payload(index))
    return file


SETS = st.sets(st.integers(0, 12))


@given(count=st.integers(1, 12), rolls=SETS, marks=SETS, at=st.integers(0, 11), cut=st.booleans())
def test_a_change_is_found_if_and_only_if_an_anchor_stands_behind_it(
    count: int, rolls: set[int], marks: set[int], at: int, cut: bool
) -> None:
    at = min(at, count - 1)
    marks = {mark for mark in marks if mark <= count}
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        root = Path(name)
        file = written(root / "true", count, -1, rolls, marks)
        file.touch()
        left, forged = (at, -1) if cut else (count, at)
        written(root / "changed", left, forged, {r for r in rolls if r <= left}, set())
        found = compared(root / "changed", file)
        assert compared(root / "true", file).findings == ()
    assert bool(found.findings) is any(mark > at for mark in marks)
