"""Following a journal that is being written."""

import os
from pathlib import Path

import pytest

from fix_oms.journal.check import check
from fix_oms.journal.follower import Follower
from fix_oms.journal.format import OVERHEAD, encode_header
from fix_oms.journal.segments import SegmentFile, listed, segment_file
from fix_oms.model.errors import JournalCorrupt
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
    segment_paths,
    shorten,
)


def polled(follower: Follower) -> list[bytes]:
    return [record.payload for record in follower.poll()]


def test_an_empty_directory_has_nothing_new(tmp_path: Path) -> None:
    with Follower(tmp_path) as follower:
        assert polled(follower) == []


def test_a_journal_begun_later_is_found(tmp_path: Path) -> None:
    with Follower(tmp_path) as follower:
        follower.poll()
        made(tmp_path, 1)
        assert polled(follower) == [payload(0)]


def test_each_record_comes_once(tmp_path: Path) -> None:
    with opened(tmp_path) as writer, Follower(tmp_path) as follower:
        writer.append(NOW, b"a")
        first = polled(follower)
        writer.append(NOW, b"b")
        assert (first, polled(follower), polled(follower)) == ([b"a"], [b"b"], [])


def test_a_record_half_written_is_not_seen_until_it_is_whole(tmp_path: Path) -> None:
    (path,) = made(tmp_path, 2)
    data = path.read_bytes()
    begun = offset_of(1)
    with Follower(tmp_path) as follower:
        seen = []
        for size in range(begun, len(data) + 1):
            path.write_bytes(data[:size])
            seen += polled(follower)
    assert seen == [payload(0), payload(1)]


def test_rolls_are_followed(tmp_path: Path) -> None:
    seen = []
    with opened(tmp_path, segment_bytes=400) as writer, Follower(tmp_path) as follower:
        for index in range(30):
            writer.append(NOW, payload(index))
            if index % 4 == 0:
                seen += polled(follower)
            if index == 20:
                writer.roll(NOW, NEXT_DAY)
        while batch := polled(follower):
            seen += batch
    assert seen == [payload(index) for index in range(30)]


def test_empty_segments_between_are_passed(tmp_path: Path) -> None:
    with opened(tmp_path) as writer, Follower(tmp_path) as follower:
        for day in ("2025-11-24", "2025-11-25", "2025-11-26"):
            writer.roll(NOW, day)
            follower.poll()
        writer.append(NOW, b"x")
        assert polled(follower) == [b"x"]


def test_a_record_appended_just_before_a_roll_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def appended_and_rolled(directory: Path) -> list[SegmentFile]:
        if writer.next_index == 1:
            writer.append(NOW, b"b")
            writer.roll(NOW, NEXT_DAY)
        return listed(directory)

    with opened(tmp_path) as writer, Follower(tmp_path) as follower:
        writer.append(NOW, b"a")
        first = polled(follower)
        with monkeypatch.context() as patch:
            patch.setattr("fix_oms.journal.follower.listed", appended_and_rolled)
            second = polled(follower)
        assert (first, second) == ([b"a"], [b"b"])


def test_a_segment_whose_header_skips_an_index_is_damage(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        writer.append(NOW, b"a")
        head = bytes.fromhex(writer.head)
    forged = segment_file(tmp_path, 7, DAY).path
    forged.write_bytes(encode_header(7, NOW, DAY, head))
    with Follower(tmp_path) as follower:
        follower.poll()
        with pytest.raises(JournalCorrupt, match="the header says index 7, due is 1"):
            follower.poll()


def test_following_starts_at_any_index(tmp_path: Path) -> None:
    made(tmp_path, 30, segment_bytes=400)
    with Follower(tmp_path, 25) as follower:
        assert [record.index for record in follower.poll()] == [25]


def test_following_may_start_at_a_record_that_is_yet_to_come(tmp_path: Path) -> None:
    made(tmp_path, 3)
    with Follower(tmp_path, 5) as follower:
        before = polled(follower)
        with opened(tmp_path) as writer:
            for index in range(3, 7):
                writer.append(NOW, payload(index))
        assert (before, polled(follower)) == ([], [payload(5), payload(6)])


def test_a_follower_knows_the_next_index_and_the_head(tmp_path: Path) -> None:
    made(tmp_path, 9, segment_bytes=400)
    with Follower(tmp_path) as follower:
        while follower.poll():
            pass
        assert (follower.next_index, follower.head) == (9, check(tmp_path).head)


def test_a_follower_holds_no_lock(tmp_path: Path) -> None:
    made(tmp_path, 1)
    with Follower(tmp_path) as follower:
        follower.poll()
        writer = opened(tmp_path)
        assert writer.next_index == follower.next_index
        writer.close()


def test_a_tail_cut_by_the_next_writer_is_followed_as_rewritten(tmp_path: Path) -> None:
    (path,) = made(tmp_path, 3)
    shorten(path, offset_of(2) + 9)
    with Follower(tmp_path) as follower:
        before = polled(follower) + polled(follower)
        torn = follower.torn
        with opened(tmp_path) as writer:
            writer.append(NOW, b"anew")
        assert (before, torn is not None, polled(follower)) == (
            [payload(0), payload(1)],
            True,
            [b"anew"],
        )


def test_damage_is_raised_after_the_records_before_it(tmp_path: Path) -> None:
    (path,) = made(tmp_path, 5)
    flip(path, offset_of(3) + 40)
    with Follower(tmp_path) as follower:
        assert len(follower.poll()) == 3
        for _ in range(2):
            with pytest.raises(JournalCorrupt):
                follower.poll()


def test_a_segment_cut_behind_a_followers_back_is_damage(tmp_path: Path) -> None:
    (path,) = made(tmp_path, 5)
    with Follower(tmp_path) as follower:
        follower.poll()
        shorten(path, offset_of(2))
        with pytest.raises(JournalCorrupt, match="was cut after it had been read"):
            follower.poll()


def test_a_segment_that_does_not_join_is_damage_at_each_poll(tmp_path: Path) -> None:
    first, second, *_ = made(tmp_path, 30, segment_bytes=400)
    second.unlink()
    with Follower(tmp_path) as follower:
        follower.poll()
        for _ in range(2):
            with pytest.raises(JournalCorrupt, match=f"{first.name} .* the chain breaks here"):
                follower.poll()


def test_a_claimed_length_beyond_the_maximum_is_damage(tmp_path: Path) -> None:
    (path,) = made(tmp_path, 2)
    overwrite(path, offset_of(1) + 8, (17 << 20).to_bytes(4, "little"))
    with Follower(tmp_path) as follower:
        follower.poll()
        with pytest.raises(JournalCorrupt, match="over the maximum"):
            follower.poll()


def test_a_poll_reads_only_what_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def counted(fd: int, size: int, offset: int) -> bytes:
        data = os.pread(fd, size, offset)
        sizes.append(len(data))
        return data

    with opened(tmp_path) as writer, Follower(tmp_path) as follower:
        for index in range(1000):
            writer.append(NOW, payload(index))
        follower.poll()
        with monkeypatch.context() as patch:
            patch.setattr("fix_oms.journal.scan._pread", counted)
            writer.append(NOW, b"x" * 100)
            follower.poll()
            follower.poll()
    assert sum(sizes) == 100 + OVERHEAD


def test_an_idle_poll_of_a_still_directory_does_not_list_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path, 30, segment_bytes=400)
    os.utime(tmp_path, (1_000_000_000, 1_000_000_000))
    with Follower(tmp_path) as follower:
        while follower.poll():
            pass
        with monkeypatch.context() as patch:
            patch.setattr("fix_oms.journal.follower.listed", None)
            assert follower.poll() == []


def test_a_segment_born_in_the_same_tick_as_the_last_listing_is_seen(tmp_path: Path) -> None:
    with opened(tmp_path) as writer, Follower(tmp_path) as follower:
        writer.append(NOW, b"a")
        follower.poll()
        changed = os.stat(tmp_path)
        writer.roll(NOW, NEXT_DAY)
        writer.append(NOW, b"b")
        os.utime(tmp_path, ns=(changed.st_atime_ns, changed.st_mtime_ns))
        assert polled(follower) == [b"b"]


def test_the_files_of_a_journal_say_their_day(tmp_path: Path) -> None:
    made(tmp_path, 1)
    assert [path.name for path in segment_paths(tmp_path)] == [f"{0:020d}-{DAY}.seg"]
