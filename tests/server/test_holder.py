"""Only the process that certainly writes a journal is killed for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fix_oms.journal.lock import LOCK_NAME, Lock
from fix_oms.server import holder
from fix_oms.server.holder import HolderError

HOLDS = """
import fcntl, os, sys
fd = os.open(sys.argv[1] + "/lock", os.O_RDWR | os.O_CREAT)
fcntl.flock(fd, fcntl.LOCK_EX)
os.ftruncate(fd, 0)
os.pwrite(fd, (sys.argv[2] or str(os.getpid())).encode(), 0)
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def process(directory: Path, *, named: str = "", called: str = "fix_oms") -> Iterator[int]:
    """A process that holds the lock, whose file names it (or ``named``), started as ``called``."""
    command = [sys.executable, "-c", HOLDS, str(directory), named, called]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        try:
            yield child.pid
        finally:
            child.kill()


def lives(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def ended(directory: Path) -> int | None:
    return holder.end(directory, lambda line: None)


def test_where_nobody_writes_nobody_is_killed(tmp_path: Path) -> None:
    Lock(tmp_path).release()
    assert ended(tmp_path) is None


def test_where_there_was_never_a_journal_nobody_is_killed(tmp_path: Path) -> None:
    assert ended(tmp_path) is None


def test_the_process_that_writes_is_killed_and_the_lock_is_free(tmp_path: Path) -> None:
    with process(tmp_path) as pid:
        assert (ended(tmp_path), lives(pid), holder.is_held(tmp_path)) == (pid, False, False)


def test_a_stopped_process_is_killed_too(tmp_path: Path) -> None:
    with process(tmp_path) as pid:
        os.kill(pid, signal.SIGSTOP)
        assert (ended(tmp_path), lives(pid)) == (pid, False)


def test_who_is_killed_is_told_first(tmp_path: Path) -> None:
    told: list[str] = []
    with process(tmp_path) as pid:
        holder.end(tmp_path, told.append)
    assert told == [f"process {pid} writes {tmp_path} and is killed (SIGKILL)"]


def test_a_pid_of_long_ago_is_not_killed_for_who_holds_the_lock(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as bystander:
        try:
            with process(tmp_path, named=str(bystander.pid)) as pid:
                with pytest.raises(HolderError, match="it is not certain who"):
                    ended(tmp_path)
                assert lives(bystander.pid)
                assert lives(pid)
        finally:
            bystander.kill()


@pytest.mark.parametrize("named", ["0", "1", "-1", "4194305", "all"])
def test_a_file_that_names_no_writer_kills_nobody(tmp_path: Path, named: str) -> None:
    with process(tmp_path, named=named) as pid:
        with pytest.raises(HolderError, match=r"nothing is killed|not one to be killed"):
            ended(tmp_path)
        assert lives(pid)


def test_a_process_that_is_no_engine_is_not_killed(tmp_path: Path) -> None:
    with process(tmp_path, called="backup") as pid:
        with pytest.raises(HolderError, match="was not started as fix_oms and is not killed"):
            ended(tmp_path)
        assert lives(pid)


def test_the_process_itself_is_not_killed(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    try:
        with pytest.raises(HolderError, match=f"process {os.getpid()} writes it"):
            ended(tmp_path)
    finally:
        lock.release()


def test_the_writer_is_found_without_touching_the_lock(tmp_path: Path) -> None:
    with process(tmp_path) as pid:
        assert holder.writer(tmp_path) == pid


def test_a_writer_that_has_ended_is_none(tmp_path: Path) -> None:
    Lock(tmp_path).release()
    assert (holder.writer(tmp_path), (tmp_path / LOCK_NAME).exists()) == (None, True)


def test_a_lock_that_a_child_of_the_killed_process_still_holds_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holder, "DIES_S", 0.2)
    fork = "if os.fork() == 0:\n    sys.stdin.read()\n    os._exit(0)\n"
    forks = HOLDS.replace("print(", f"{fork}print(")
    command = [sys.executable, "-c", forks, str(tmp_path), "", "fix_oms"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(HolderError, match="its lock is still held, by a child of it"):
            ended(tmp_path)
        # The end of its standard input ends the fork.
