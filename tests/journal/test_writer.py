"""Appending, rolling and reopening, with nothing going wrong."""

import os
from pathlib import Path

import pytest

from fix_oms.journal.check import check
from fix_oms.journal.follower import records
from fix_oms.journal.format import HEADER_SIZE, MAX_PAYLOAD, OVERHEAD, decode_header
from fix_oms.journal.scan import Record
from fix_oms.journal.segments import listed
from fix_oms.journal.writer import JournalWriter
from fix_oms.model.errors import JournalError
from tests.journal.made import DAY, NEXT_DAY, NOW, made, opened, payload, payloads, segment_paths


def test_indexes_count_from_zero(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        indexes = [writer.append(NOW, b"x") for _ in range(3)]
    assert indexes == [0, 1, 2]


def test_a_record_reads_back_with_its_time_and_place(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        writer.append(NOW, b"first")
        writer.append(NOW + 5, b"second")
        head = bytes.fromhex(writer.head)
    name = f"{0:020d}-{DAY}.seg"
    place = HEADER_SIZE + OVERHEAD + len(b"first")
    assert list(records(tmp_path))[1] == Record(1, NOW + 5, b"second", name, place, head)


def test_an_empty_payload_is_a_record(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        writer.append(NOW, b"")
    assert payloads(tmp_path) == [b""]


def test_a_record_larger_than_a_read_comes_back_whole(tmp_path: Path) -> None:
    large = os.urandom(3 << 20)
    with opened(tmp_path) as writer:
        for data in (b"before", large, b"after"):
            writer.append(NOW, data)
    assert payloads(tmp_path) == [b"before", large, b"after"]


def test_each_record_is_one_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def counted(fd: int, data: bytes) -> int:
        calls.append(len(data))
        return os.write(fd, data)

    with opened(tmp_path) as writer:
        monkeypatch.setattr("fix_oms.journal.writer._write", counted)
        writer.append(NOW, b"x" * 250)
    assert calls == [250 + OVERHEAD]


def test_a_reopened_journal_goes_on_where_it_ended(tmp_path: Path) -> None:
    made(tmp_path, 5)
    with opened(tmp_path) as writer:
        index = writer.append(NOW, payload(5))
    assert (index, payloads(tmp_path)) == (5, [payload(i) for i in range(6)])


def test_reopening_keeps_the_head(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        writer.append(NOW, b"x")
        head = writer.head
    with opened(tmp_path) as writer:
        assert writer.head == head


def test_the_head_is_the_one_that_check_computes(tmp_path: Path) -> None:
    with opened(tmp_path, segment_bytes=300) as writer:
        for index in range(9):
            writer.append(NOW, payload(index))
        head = writer.head
    assert check(tmp_path).head == head


def test_two_journals_of_other_contents_have_other_heads(tmp_path: Path) -> None:
    heads = set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        with opened(tmp_path / name) as writer:
            writer.append(NOW, name.encode())
            heads.add(writer.head)
    assert len(heads) == 2


def test_a_segment_ends_before_it_would_exceed_its_size(tmp_path: Path) -> None:
    made(tmp_path, 40, segment_bytes=700)
    assert max(path.stat().st_size for path in segment_paths(tmp_path)) <= 700


def test_records_read_on_across_segments(tmp_path: Path) -> None:
    made(tmp_path, 40, segment_bytes=700)
    assert payloads(tmp_path) == [payload(i) for i in range(40)]


def test_a_record_larger_than_a_segment_has_one_of_its_own(tmp_path: Path) -> None:
    with opened(tmp_path, segment_bytes=300) as writer:
        for data in (b"a", b"b" * 1000, b"c"):
            writer.append(NOW, data)
    assert [file.first_index for file in listed(tmp_path)] == [0, 1, 2]


def test_reading_starts_at_any_index(tmp_path: Path) -> None:
    made(tmp_path, 40, segment_bytes=700)
    starts = [payloads(tmp_path, start) for start in range(42)]
    assert starts == [[payload(i) for i in range(start, 40)] for start in range(42)]


def test_a_roll_begins_a_segment_of_the_new_day(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        writer.append(NOW, b"x")
        writer.roll(NOW + 1, NEXT_DAY)
        writer.append(NOW + 2, b"y")
    last = segment_paths(tmp_path)[-1]
    header = decode_header(last.read_bytes())
    assert (last.name, header.day, header.created_ns) == (
        f"{1:020d}-{NEXT_DAY}.seg",
        NEXT_DAY,
        NOW + 1,
    )


def test_opening_on_another_day_rolls(tmp_path: Path) -> None:
    made(tmp_path, 2)
    opened(tmp_path, day=NEXT_DAY).close()
    assert [file.day for file in listed(tmp_path)] == [DAY, NEXT_DAY]


def test_a_roll_without_records_between_changes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        writer.roll(NOW, DAY)
        writer.roll(NOW, DAY)
    assert len(segment_paths(tmp_path)) == 1


@pytest.mark.parametrize("days", [[NEXT_DAY, DAY], [DAY, NEXT_DAY], [NEXT_DAY, DAY, NEXT_DAY]])
def test_days_in_any_order_leave_a_whole_journal(tmp_path: Path, days: list[str]) -> None:
    with opened(tmp_path) as writer:
        for day in days:
            writer.roll(NOW, day)
        writer.append(NOW, b"x")
        for day in days:
            writer.roll(NOW, day)
    opened(tmp_path).close()
    assert (check(tmp_path).whole, payloads(tmp_path)) == (True, [b"x"])


def test_a_day_that_cannot_name_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no trading day"):
        opened(tmp_path, day="../today")


def test_an_unknown_durability_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="durability"):
        opened(tmp_path, durability="maybe")


def test_a_payload_over_the_maximum_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        writer.append(NOW, b"before")
        with pytest.raises(JournalError, match="over the maximum of 16777216"):
            writer.append(NOW, bytes(MAX_PAYLOAD + 1))
        writer.append(NOW, b"after")
    assert payloads(tmp_path) == [b"before", b"after"]


def test_the_largest_payload_is_taken(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        writer.append(NOW, bytes(MAX_PAYLOAD))
    assert [len(data) for data in payloads(tmp_path)] == [MAX_PAYLOAD]


def test_a_closed_writer_takes_no_record(tmp_path: Path) -> None:
    writer = opened(tmp_path)
    writer.close()
    writer.close()
    with pytest.raises(JournalError, match="closed"):
        writer.append(NOW, b"x")


def test_process_durability_never_waits(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        assert writer.wait_durable(writer.append(NOW, b"x")) == 0


def test_power_durability_says_when(tmp_path: Path) -> None:
    with opened(tmp_path, durability="power") as writer:
        index = writer.append(NOW, b"x")
        before = writer.durable
        assert (before, writer.wait_durable(index) > 0, writer.durable) == (0, True, 1)


def test_sync_makes_all_durable_under_either_setting(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        for _ in range(3):
            writer.append(NOW, b"x")
        writer.sync()
        assert writer.durable == 3


def test_a_roll_makes_the_ended_segment_durable(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        writer.append(NOW, b"x")
        writer.roll(NOW, NEXT_DAY)
        assert writer.durable == 1


def test_waiting_for_a_record_never_appended_is_an_error(tmp_path: Path) -> None:
    with (
        opened(tmp_path, durability="power") as writer,
        pytest.raises(ValueError, match="record 0"),
    ):
        writer.wait_durable(0)


def test_what_a_killed_writer_left_is_durable_once_reopened(tmp_path: Path) -> None:
    made(tmp_path, 3)
    with opened(tmp_path, durability="power") as writer:
        assert writer.durable == 3


def test_an_interrupt_in_the_middle_of_an_append_ends_the_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(fd: int, data: bytes) -> int:
        os.write(fd, data)
        raise KeyboardInterrupt

    writer = opened(tmp_path)
    writer.append(NOW, b"before")
    with monkeypatch.context() as patch:
        patch.setattr("fix_oms.journal.writer._write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            writer.append(NOW, b"during")
    with pytest.raises(JournalError, match="interrupted"):
        writer.append(NOW, b"after")
    writer.close()
    assert (payloads(tmp_path), check(tmp_path).whole) == ([b"before", b"during"], True)


def test_the_writer_is_opened_by_open_only_once(tmp_path: Path) -> None:
    first: JournalWriter = opened(tmp_path)
    with pytest.raises(JournalError, match=f"written by process {os.getpid()}"):
        opened(tmp_path)
    first.close()
    opened(tmp_path).close()
