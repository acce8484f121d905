"""What ``fix-oms verify`` will say of a journal."""

from pathlib import Path

from fix_oms.journal.check import Check, Damage, check
from fix_oms.journal.scan import Cut
from tests.journal.made import flip, made, offset_of, opened, shorten


def test_a_whole_journal_is_counted(tmp_path: Path) -> None:
    segments = made(tmp_path, 40, segment_bytes=700)
    with opened(tmp_path, segment_bytes=700) as writer:
        head = writer.head
    assert check(tmp_path) == Check(
        segments=len(segments),
        records=40,
        head=head,
        cut=None,
        damage=None,
        kept=(),
        foreign=(),
    )


def test_an_empty_directory_is_a_whole_journal_of_nothing(tmp_path: Path) -> None:
    found = check(tmp_path)
    assert (found.segments, found.records, found.head, found.whole) == (0, 0, "00" * 32, True)


def test_a_journal_that_is_being_written_is_whole(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        writer.append(0, b"x")
        assert check(tmp_path).whole


def test_a_torn_tail_is_told_and_left_in_place(tmp_path: Path) -> None:
    (path,) = made(tmp_path, 4)
    shorten(path, offset_of(3) + 10)
    found = check(tmp_path)
    expected = Cut(path.name, offset_of(3), 10, "the file ends inside record 3")
    assert (found.cut, found.whole, path.stat().st_size) == (expected, False, offset_of(3) + 10)


def test_the_first_damage_is_told_with_segment_offset_and_reason(tmp_path: Path) -> None:
    first, second, third, *_ = made(tmp_path, 40, segment_bytes=700)
    flip(first, offset_of(2) + 40)
    flip(second, 300)
    flip(third, 300)
    found = check(tmp_path)
    damage = Damage(first.name, offset_of(2), "the CRC of record 2 does not match")
    assert (found.damage, found.records, found.whole) == (damage, 2, False)


def test_damage_says_itself_in_one_line(tmp_path: Path) -> None:
    damage = Damage("s.seg", 128, "the CRC of record 0 does not match")
    assert str(damage) == "s.seg at byte 128: the CRC of record 0 does not match"


def test_a_journal_of_header_damage_alone_is_told(tmp_path: Path) -> None:
    (path,) = made(tmp_path, 4)
    flip(path, 60)
    assert check(tmp_path).damage == Damage(path.name, 0, "the header's CRC does not match")


def test_an_unborn_segment_and_the_lock_are_not_foreign(tmp_path: Path) -> None:
    (path,) = made(tmp_path, 1)
    path.with_name(path.name + ".new").touch()
    assert check(tmp_path).foreign == ()
