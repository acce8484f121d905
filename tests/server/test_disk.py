"""The journal's disk fails under a running engine: it ends, says which file and why, tells nobody
that something was taken that was not, and the next start knows all that was."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from fix_oms.client import Accepted, Client, ClientError
from fix_oms.journal.format import HEADER_SIZE
from fix_oms.journal.segments import listed
from fix_oms.journal.verify import verified
from fix_oms.model.errors import FixOmsError
from fix_oms.model.inputs import Halt
from fix_oms.server.process import Server
from tests.server.lone import WAIT_S, journaled, lone, started

ROOM: Final = "64k"


def mounted(directory: Path, *options: str) -> None:
    """Mount a small file system, or change the options of the one that is there."""
    command = ["mount", "-t", "tmpfs", "-o", ",".join((f"size={ROOM}", *options)), "tmpfs"]
    done = subprocess.run([*command, str(directory)], check=False, capture_output=True)
    if done.returncode:
        pytest.skip(f"mounting a small file system takes root: {done.stderr.decode().strip()}")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A site whose journal is on a small disk of its own."""
    journal = tmp_path / "journal"
    journal.mkdir()
    mounted(journal)
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(journal)], check=True)


def command(number: int) -> Halt:
    return Halt(by="t", reason=str(number))


def given(directory: Path, most: int) -> tuple[list[int], ClientError | None]:
    """Give commands until one fails: the numbers of those that were accepted, and the error."""
    accepted: list[int] = []
    try:
        with Client(directory / "oms.sock", WAIT_S) as client:
            for number in range(most):
                assert isinstance(client.submit(command(number)), Accepted)
                accepted.append(number)
    except ClientError as error:
        return accepted, error
    return accepted, None


def known(directory: Path) -> list[int]:
    """The numbers of the commands in the journal."""
    return [int(v.reason) for v in journaled(directory, Halt) if v.by == "t"]


def ended(server: Server) -> str:
    """Why the engine has ended by itself."""
    assert server._stopping.wait(WAIT_S)
    return str(server.failure)


def starts(directory: Path) -> bool:
    with started(lone(directory)):
        return given(directory, 1) == ([0], None)


def test_a_full_disk_ends_the_engine_and_no_command_is_accepted_that_is_lost(disk: Path) -> None:
    with started(lone(disk)) as server:
        accepted, error = given(disk, 100_000)
        reason = ended(server)
    assert (len(accepted) > 100, known(disk)) == (True, accepted)
    assert (listed(disk / "journal")[-1].path.name in reason, error is None) == (True, False)


def test_whose_command_found_no_room_is_told_so_or_that_it_is_not_known(disk: Path) -> None:
    with started(lone(disk)) as server:
        (disk / "journal" / "ballast").write_bytes(bytes(56 << 10))
        _, error = given(disk, 1_000)
        assert ended(server)
    told = str(error)  # the stop of the engine may close the connection before the reply is out
    assert "nothing was done" in told or "it may or may not have been done" in told


def test_with_room_again_the_next_start_is_clean(disk: Path) -> None:
    with started(lone(disk)):
        accepted, _ = given(disk, 100_000)
    mounted(disk / "journal", "remount", "size=1m")
    assert starts(disk)
    assert known(disk) == [*accepted, 0]
    assert verified(disk / "journal", [disk / "journal.anchors"]).findings == ()


def test_a_full_disk_at_the_start_is_named(disk: Path) -> None:
    (disk / "journal" / "ballast").write_bytes(bytes(64 << 10))
    with pytest.raises(FixOmsError, match="No space left on device") as caught:
        lone(disk).start()
    assert str(disk / "journal") in str(caught.value)


def test_a_read_only_disk_at_the_start_is_named(disk: Path) -> None:
    with started(lone(disk)):
        pass
    mounted(disk / "journal", "remount", "ro")
    with pytest.raises(FixOmsError, match="is on a read-only disk") as caught:
        lone(disk)
    mounted(disk / "journal", "remount", "rw")
    assert (str(disk / "journal") in str(caught.value), starts(disk)) == (True, True)


def test_a_disk_that_becomes_read_only_ends_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(fd: int, data: bytes) -> int:
        raise OSError(30, "Read-only file system")

    with started(lone(tmp_path)) as server:
        before, _ = given(tmp_path, 5)
        monkeypatch.setattr("fix_oms.journal.writer._write", refused)
        after, error = given(tmp_path, 5)
        reason = ended(server)
        monkeypatch.undo()
    assert (after, known(tmp_path), "Read-only file system" in reason) == ([], before, True)
    assert isinstance(error, ClientError)
    assert starts(tmp_path)


def test_what_a_failed_sync_leaves_open_is_told_as_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(fd: int) -> None:
        raise OSError(5, "Input/output error")

    with started(lone(tmp_path, durability="power")) as server:
        monkeypatch.setattr(os, "fdatasync", failing)
        accepted, error = given(tmp_path, 1)
        reason = ended(server)
        monkeypatch.undo()
    assert (accepted, "it may or may not have been done" in str(error)) == ([], True)
    assert "cannot sync: Input/output error" in reason
    assert starts(tmp_path)


# -- other hands -----------------------------------------------------------------------------------


def test_a_segment_that_is_removed_ends_the_engine_and_loses_nothing(tmp_path: Path) -> None:
    with started(lone(tmp_path)) as server:
        accepted, _ = given(tmp_path, 20)
        listed(tmp_path / "journal")[-1].path.unlink()
        reason = ended(server)
    assert ("was removed while it was written" in reason, known(tmp_path)) == (True, accepted)
    assert starts(tmp_path)
    assert verified(tmp_path / "journal", [tmp_path / "journal.anchors"]).findings == ()


def test_a_segment_that_is_cut_ends_the_engine_and_the_next_start_is_halted(
    tmp_path: Path,
) -> None:
    with started(lone(tmp_path)) as server:
        given(tmp_path, 20)
        while server._writer.durable < 20:  # the first anchor has synced what was there
            server._writer.sync()
        os.truncate(listed(tmp_path / "journal")[-1].path, HEADER_SIZE)
        reason = ended(server)
    assert "was changed by somebody else" in reason
    with started(lone(tmp_path)):
        pass
    (halt,) = [value for value in journaled(tmp_path, Halt) if value.by == "fix-oms"]
    assert "its tail is missing" in halt.reason


def test_a_journal_whose_directory_is_removed_ends_the_engine(tmp_path: Path) -> None:
    with started(lone(tmp_path)) as server:
        (tmp_path / "journal").rename(tmp_path / "aside")
        reason = ended(server)
    assert reason.endswith("No such file or directory")
    (tmp_path / "aside").rename(tmp_path / "journal")
    assert starts(tmp_path)
