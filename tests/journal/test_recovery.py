"""Opening what a crash, a person or a disk has left."""

from pathlib import Path
from zlib import crc32

import pytest

from fix_oms.journal.check import check
from fix_oms.journal.format import HEADER_SIZE, MAGIC, encode_header
from fix_oms.journal.scan import Cut
from fix_oms.model.errors import JournalCorrupt, JournalError
from tests.journal.made import (
    DAY,
    NEXT_DAY,
    NOW,
    flip,
    made,
    offset_of,
    opened,
    overwrite,
    payload,
    payloads,
    segment_paths,
    shorten,
)


def test_a_torn_tail_is_cut_and_named(tmp_path: Path) -> None:
    (path,) = made(tmp_path, 4)
    shorten(path, offset_of(3) + 10)
    with opened(tmp_path) as writer:
        cut = writer.cut
    kept = f"{path}.{offset_of(3)}.cut"
    assert cut == Cut(path.name, offset_of(3), 10, "the file ends inside record 3", kept)


def test_the_cut_bytes_are_kept(tmp_path: Path) -> None:
    (path,) = made(tmp_path, 4)
    torn = path.read_bytes()[offset_of(3) : offset_of(3) + 10]
    shorten(path, offset_of(3) + 10)
    opened(tmp_path).close()
    assert [(tmp_path / name).read_bytes() for name in check(tmp_path).kept] == [torn]


def test_a_second_cut_at_the_same_byte_keeps_the_first(tmp_path: Path) -> None:
    (path,) = made(tmp_path, 4)
    for size in (10, 20):
        shorten(path, offset_of(3) + size)
        with opened(tmp_path) as writer:
            writer.append(NOW, payload(3))
    assert sorted((tmp_path / name).stat().st_size for name in check(tmp_path).kept) == [10, 20]


def test_after_a_cut_the_log_is_whole_and_goes_on(tmp_path: Path) -> None:
    (path,) = made(tmp_path, 4)
    shorten(path, offset_of(3) + 10)
    with opened(tmp_path) as writer:
        writer.append(NOW, b"anew")
    assert (check(tmp_path).whole, payloads(tmp_path)[3:]) == (True, [b"anew"])


def test_a_cut_says_itself_in_one_line(tmp_path: Path) -> None:
    cut = Cut("s.seg", 5, 7, "the file ends inside record 3", "s.seg.5.cut")
    expected = "s.seg: cut 7 bytes at byte 5: the file ends inside record 3; kept in s.seg.5.cut"
    assert str(cut) == expected


@pytest.mark.parametrize("size", [0, 1, HEADER_SIZE - 1])
def test_a_last_segment_without_a_header_is_set_aside_whole(tmp_path: Path, size: int) -> None:
    last = made(tmp_path, 40, segment_bytes=700)[-1]
    before = sum(int(path.name[:20]) < int(last.name[:20]) for path in segment_paths(tmp_path))
    shorten(last, size)
    with opened(tmp_path, segment_bytes=700) as writer:
        cut = writer.cut
    assert cut is not None
    assert (cut.segment, cut.size, Path(cut.kept).exists()) == (last.name, size, True)
    assert payloads(tmp_path) == [payload(i) for i in range(int(last.name[:20]))]
    assert len(segment_paths(tmp_path)) == before


def test_an_only_segment_without_a_header_leaves_an_empty_journal(tmp_path: Path) -> None:
    (path,) = made(tmp_path, 2)
    shorten(path, 7)
    with opened(tmp_path) as writer:
        assert (writer.next_index, payloads(tmp_path)) == (0, [])


def test_a_segment_that_was_not_born_is_no_segment(tmp_path: Path) -> None:
    made(tmp_path, 2)
    (tmp_path / f"{2:020d}-{NEXT_DAY}.seg.new").write_bytes(b"half a hea")
    with opened(tmp_path, day=NEXT_DAY) as writer:
        writer.append(NOW, b"x")
    assert (check(tmp_path).whole, len(payloads(tmp_path))) == (True, 3)


def test_a_born_segment_is_in_a_synced_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[list[str]] = []

    def noted(directory: Path) -> None:
        synced.append([path.name for path in segment_paths(directory)])

    with monkeypatch.context() as patch:
        patch.setattr("fix_oms.journal.segments.sync_directory", noted)
        opened(tmp_path).close()
    assert synced == [[f"{0:020d}-{DAY}.seg"]]


def test_a_missing_first_segment_is_named(tmp_path: Path) -> None:
    first, second, *_ = made(tmp_path, 40, segment_bytes=700)
    first.unlink()
    with pytest.raises(JournalCorrupt, match=f"{second.name} at byte 0: the journal begins here"):
        opened(tmp_path)


def test_a_missing_middle_segment_is_named(tmp_path: Path) -> None:
    first, second, *_ = made(tmp_path, 40, segment_bytes=700)
    size = first.stat().st_size
    second.unlink()
    with pytest.raises(JournalCorrupt, match=f"{first.name} at byte {size}: the chain breaks here"):
        opened(tmp_path)


def test_a_missing_middle_segment_is_found_by_reading(tmp_path: Path) -> None:
    first, second, *_ = made(tmp_path, 40, segment_bytes=700)
    second.unlink()
    damage = check(tmp_path).damage
    assert damage is not None
    assert (damage.segment, damage.offset) == (first.name, first.stat().st_size)


def test_a_middle_segment_that_lost_a_record_is_named(tmp_path: Path) -> None:
    first, *_ = made(tmp_path, 40, segment_bytes=700)
    shorten(first, offset_of(2))
    with pytest.raises(JournalCorrupt, match=f"{first.name} at byte {offset_of(2)}"):
        opened(tmp_path)


def test_a_torn_record_in_a_middle_segment_is_damage(tmp_path: Path) -> None:
    first, *_ = made(tmp_path, 40, segment_bytes=700)
    shorten(first, offset_of(2) + 5)
    damage = check(tmp_path).damage
    assert damage is not None
    assert (damage.segment, damage.offset) == (first.name, offset_of(2))


def test_a_segment_of_another_journal_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    mine = made(tmp_path / "a", 40, segment_bytes=700)
    with opened(tmp_path / "b", segment_bytes=700) as writer:
        for index in range(40):
            writer.append(NOW + 1 + index, payload(index))
    mine[-1].write_bytes(segment_paths(tmp_path / "b")[-1].read_bytes())
    with pytest.raises(JournalCorrupt, match="the chain breaks here"):
        opened(tmp_path / "a", segment_bytes=700)


def test_a_renamed_segment_is_named(tmp_path: Path) -> None:
    (path,) = made(tmp_path, 3)
    path.rename(tmp_path / f"{0:020d}-{NEXT_DAY}.seg")
    with pytest.raises(JournalCorrupt, match="the file was renamed"):
        opened(tmp_path)


def test_a_file_that_is_no_segment_but_named_like_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / f"{0:020d}-{DAY}.seg"
    path.write_text("a note that somebody saved under a very unlucky name\n" * 9)
    with pytest.raises(JournalCorrupt, match="no fix_oms journal segment"):
        opened(tmp_path)


def test_other_files_in_the_directory_are_left_alone_and_named(tmp_path: Path) -> None:
    made(tmp_path, 3)
    (tmp_path / "README").write_text("ours is the log")
    (tmp_path / "old.seg").write_text("?")
    with opened(tmp_path) as writer:
        assert writer.next_index == 3
    assert check(tmp_path).foreign == ("README", "old.seg")


def newer(header: bytes) -> bytes:
    """The same header as a later format would write it."""
    start = MAGIC + (7).to_bytes(4, "little")
    return start + crc32(header[16:], crc32(start)).to_bytes(4, "little") + header[16:]


def test_a_newer_format_is_refused_by_number(tmp_path: Path) -> None:
    (path,) = made(tmp_path, 1)
    overwrite(path, 0, newer(encode_header(0, NOW, DAY, bytes(32))))
    with pytest.raises(JournalError, match="format 7 is newer than 1") as caught:
        opened(tmp_path)
    assert (type(caught.value), str(path) in str(caught.value)) == (JournalError, True)


def test_a_refused_open_leaves_the_journal_free(tmp_path: Path) -> None:
    (path,) = made(tmp_path, 3)
    flip(path, 20)
    with pytest.raises(JournalCorrupt):
        opened(tmp_path)
    flip(path, 20)
    opened(tmp_path).close()


def test_a_damaged_journal_is_not_changed_by_an_attempt_to_open_it(tmp_path: Path) -> None:
    (path,) = made(tmp_path, 3)
    flip(path, offset_of(1) + 40)
    before = path.read_bytes()
    with pytest.raises(JournalCorrupt):
        opened(tmp_path)
    assert (path.read_bytes(), segment_paths(tmp_path)) == (before, [path])
