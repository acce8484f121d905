"""kill -9 at any moment, and two processes at once: with real processes."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from fix_oms.journal.check import check
from fix_oms.journal.follower import Follower
from fix_oms.journal.lock import LOCK_NAME
from fix_oms.model.errors import JournalLocked
from tests.journal.made import made, opened, payload, payloads

ROOT = Path(__file__).parents[2]
SEGMENT_BYTES = 20_000


@contextmanager
def appending(directory: Path, durability: str = "process") -> Iterator[subprocess.Popen[bytes]]:
    """Another process that holds the journal and appends; killed at the end."""
    command = [sys.executable, "-m", "tests.journal.appender", str(directory), durability]
    with subprocess.Popen(
        [*command, str(SEGMENT_BYTES)], cwd=ROOT, stdout=subprocess.PIPE
    ) as process:
        try:
            assert out(process).readline() == b"open\n"
            yield process
        finally:
            process.kill()


def out(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdout is not None
    return process.stdout


def acknowledged(directory: Path, durability: str, count: int) -> int:
    """The last index acknowledged by an appender that is killed after about ``count`` more."""
    with appending(directory, durability) as process:
        for _ in range(count):
            out(process).readline()
        process.kill()
        said = out(process).read().splitlines(keepends=True)
        whole = [int(line) for line in said if line.endswith(b"\n")]
    return whole[-1] if whole else -1


@pytest.mark.parametrize("durability", ["process", "power"])
def test_every_acknowledged_record_survives_kill_9(tmp_path: Path, durability: str) -> None:
    moments = random.Random(f"kill {durability}")
    for _ in range(6):
        last = acknowledged(tmp_path, durability, moments.randrange(1, 400))
        found = payloads(tmp_path)
        assert len(found) > last
        assert found == [payload(index) for index in range(len(found))]
    with opened(tmp_path) as writer:
        assert (writer.next_index, check(tmp_path).whole) == (len(found), True)


def test_a_second_process_is_refused_by_name_and_pid(tmp_path: Path) -> None:
    with appending(tmp_path) as process:
        with pytest.raises(JournalLocked) as caught:
            opened(tmp_path)
        expected = f"{tmp_path}: the journal is being written by process {process.pid}"
        assert (caught.value.pid, str(caught.value)) == (process.pid, expected)


def test_the_pid_of_a_dead_process_is_no_obstacle(tmp_path: Path) -> None:
    with appending(tmp_path) as process:
        pass
    assert (tmp_path / LOCK_NAME).read_text() == f"{process.pid}\n"
    opened(tmp_path).close()


def test_a_longer_pid_left_behind_is_overwritten_whole(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).write_text("123456789012\n")
    with opened(tmp_path):
        assert (tmp_path / LOCK_NAME).read_text() == f"{os.getpid()}\n"


def test_a_lock_whose_holder_has_not_said_its_pid_refuses_all_the_same(tmp_path: Path) -> None:
    with opened(tmp_path):
        (tmp_path / LOCK_NAME).write_text("")
        with pytest.raises(JournalLocked, match="written by another process") as caught:
            opened(tmp_path)
    assert caught.value.pid is None


def test_a_pid_left_by_a_dead_process_is_not_named_as_the_holder(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with opened(tmp_path):
        (tmp_path / LOCK_NAME).write_text(f"{gone.pid}\n")
        with pytest.raises(JournalLocked) as caught:
            opened(tmp_path)
    assert caught.value.pid is None


def test_the_lock_names_this_process(tmp_path: Path) -> None:
    with opened(tmp_path):
        assert (tmp_path / LOCK_NAME).read_text() == f"{os.getpid()}\n"


def test_a_follower_sees_every_record_of_a_writing_process_once(tmp_path: Path) -> None:
    made(tmp_path, 0)
    found: list[bytes] = []
    with Follower(tmp_path) as follower, appending(tmp_path) as process:
        while len(found) < 1500:
            found += [record.payload for record in follower.poll()]
            os.read(out(process).fileno(), 1 << 16)
    assert found == [payload(index) for index in range(len(found))]
