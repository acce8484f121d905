"""Torn by a crash, or damaged: one record more or less decides, so each way has a row."""

from pathlib import Path

import pytest

from fix_oms.journal.check import check
from fix_oms.journal.format import OVERHEAD, encode_record
from fix_oms.journal.tail import damage
from fix_oms.model.errors import JournalCorrupt
from tests.journal.made import (
    NOW,
    flip,
    made,
    offset_of,
    opened,
    overwrite,
    payload,
    payloads,
    shorten,
)

COUNT = 6
LAST = offset_of(COUNT - 1)
END = offset_of(COUNT)


@pytest.mark.parametrize("size", range(LAST + 1, END))
def test_a_strict_prefix_of_a_record_is_torn(tmp_path: Path, size: int) -> None:
    (path,) = made(tmp_path, COUNT)
    shorten(path, size)
    found = check(tmp_path)
    assert (found.records, found.damage, found.cut and found.cut.size) == (
        COUNT - 1,
        None,
        size - LAST,
    )


def test_a_file_that_ends_with_a_whole_record_is_whole(tmp_path: Path) -> None:
    (path,) = made(tmp_path, COUNT)
    shorten(path, LAST)
    assert check(tmp_path).whole


@pytest.mark.parametrize("offset", range(LAST, END))
def test_a_damaged_byte_in_the_last_record_is_not_torn(tmp_path: Path, offset: int) -> None:
    (path,) = made(tmp_path, COUNT)
    flip(path, offset)
    found = check(tmp_path).damage
    assert found is not None
    assert found.offset == LAST


@pytest.mark.parametrize("mask", [1, 2, 4, 8, 16, 32, 64, 128])
@pytest.mark.parametrize("byte", [8, 9, 10, 11])
def test_a_damaged_length_is_not_torn(tmp_path: Path, byte: int, mask: int) -> None:
    (path,) = made(tmp_path, COUNT)
    flip(path, LAST + byte, mask)
    assert check(tmp_path).damage is not None


def test_damage_with_whole_records_behind_it_is_not_torn(tmp_path: Path) -> None:
    (path,) = made(tmp_path, COUNT)
    flip(path, offset_of(2) + 40)
    with pytest.raises(JournalCorrupt) as caught:
        opened(tmp_path)
    assert (caught.value.segment, caught.value.offset, caught.value.reason) == (
        path.name,
        offset_of(2),
        "the CRC of record 2 does not match, "
        f"and the whole record 3 follows at byte {offset_of(3)}",
    )


def test_damage_before_a_torn_tail_is_not_torn(tmp_path: Path) -> None:
    (path,) = made(tmp_path, COUNT)
    flip(path, offset_of(COUNT - 2) + 40)
    shorten(path, END - 1)
    found = check(tmp_path).damage
    assert found is not None
    assert found.reason == "the CRC of record 4 does not match"


def test_zeros_to_the_end_of_the_file_are_torn(tmp_path: Path) -> None:
    (path,) = made(tmp_path, COUNT)
    overwrite(path, END, bytes(5000))
    cut = check(tmp_path).cut
    assert cut is not None
    assert (cut.offset, cut.size) == (END, 5000)


def test_foreign_bytes_at_the_end_are_not_torn(tmp_path: Path) -> None:
    (path,) = made(tmp_path, COUNT)
    overwrite(path, END, b"some other program's line\n")
    found = check(tmp_path).damage
    assert found is not None
    assert found.reason == "the file ends inside record 6"


@pytest.mark.parametrize(("zeros", "torn"), [(1, False), (2, True)])
def test_one_zero_byte_is_no_hole(zeros: int, torn: bool) -> None:
    rest = bytes(zeros) + b"behind the end of a sector"
    assert (damage(rest, 512 - zeros, 0) == "") is torn


def test_zeros_before_a_whole_record_are_a_hole_only_to_a_sectors_end() -> None:
    later, _ = encode_record(bytes(32), 5, 0, NOW, b"x")
    found = [damage(bytes(100) + later, offset, 3) == "" for offset in (0, 411, 412, 413)]
    assert found == [False, False, True, True]


def lost_block(directory: Path, synced: int, count: int, block: int) -> Path:
    """A journal of one segment, of which 512 bytes were never written to disk."""
    with opened(directory) as writer:
        for index in range(count):
            if index == synced:
                writer.sync()
            writer.append(NOW, payload(index))
    path = next(directory.glob("*.seg"))
    overwrite(path, block * 512, bytes(512))
    return path


def test_a_block_lost_after_the_last_sync_is_torn_though_records_follow(tmp_path: Path) -> None:
    lost_block(tmp_path, synced=3, count=60, block=4)
    with opened(tmp_path) as writer:
        assert (writer.cut is not None, writer.next_index >= 3) == (True, True)


def test_a_block_lost_before_the_last_sync_is_damage(tmp_path: Path) -> None:
    lost_block(tmp_path, synced=55, count=60, block=4)
    with pytest.raises(JournalCorrupt, match="a later record says that it was on disk"):
        opened(tmp_path)


def test_a_whole_record_inside_a_torn_payload_does_not_vouch(tmp_path: Path) -> None:
    (path,) = made(tmp_path, COUNT)
    copied = path.read_bytes()[offset_of(2) : offset_of(3)]
    with opened(tmp_path) as writer:
        writer.append(NOW, b"seen on another line: " + copied + b" and more")
    shorten(path, path.stat().st_size - 5)
    found = check(tmp_path)
    assert (found.damage, found.cut and found.cut.offset) == (None, END)


def test_a_record_of_another_history_breaks_the_chain(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (path,) = made(tmp_path / "a", COUNT)
    with opened(tmp_path / "b") as writer:
        for _ in range(COUNT):
            writer.append(NOW, payload(0))
    foreign = next((tmp_path / "b").glob("*.seg")).read_bytes()
    size = OVERHEAD + len(payload(0))
    overwrite(path, LAST, foreign[-size:])
    shorten(path, LAST + size)
    found = check(tmp_path / "a").damage
    assert found is not None
    assert found.reason == "record 5 does not continue the chain"


def test_a_log_without_damage_has_nothing_cut(tmp_path: Path) -> None:
    made(tmp_path, COUNT)
    with opened(tmp_path) as writer:
        assert (writer.cut, payloads(tmp_path)) == (None, [payload(i) for i in range(COUNT)])
