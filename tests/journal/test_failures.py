"""What the operating system refuses: each refusal is said with path and reason, and the log stays
readable."""

import errno
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from fix_oms.journal.check import check
from fix_oms.journal.follower import Follower, records
from fix_oms.journal.writer import JournalWriter
from fix_oms.model.errors import JournalError
from tests.journal.made import NEXT_DAY, NOW, made, opened, payload, payloads, segment_paths

NOBODY: Final = 65534


@contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """No file of this process may grow beyond ``size``: the write that would is cut short."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def fill(writer: JournalWriter) -> JournalError:
    """Appends until the writer refuses."""
    try:
        while True:
            writer.append(NOW, payload(writer.next_index))
    except JournalError as error:
        return error


def test_a_record_that_does_not_fit_is_taken_back_whole(tmp_path: Path) -> None:
    with opened(tmp_path) as writer, files_limited_to(2000):
        error = fill(writer)
        count = writer.next_index
    (path,) = segment_paths(tmp_path)
    assert str(error).startswith(f"{path}: no room")
    assert (check(tmp_path).whole, len(payloads(tmp_path))) == (True, count)


def test_a_writer_that_failed_stays_failed_when_there_is_room_again(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        with files_limited_to(2000):
            fill(writer)
        with pytest.raises(JournalError, match="no room"):
            writer.append(NOW, b"x")


def test_after_a_full_disk_the_next_writer_goes_on(tmp_path: Path) -> None:
    with opened(tmp_path) as writer, files_limited_to(2000):
        fill(writer)
        count = writer.next_index
    with opened(tmp_path) as writer:
        assert (writer.cut, writer.append(NOW, b"x")) == (None, count)


def test_a_part_that_cannot_be_taken_back_is_a_torn_tail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(fd: int, size: int) -> None:
        raise OSError(5, "Input/output error")

    with opened(tmp_path) as writer, files_limited_to(2000), monkeypatch.context() as patch:
        patch.setattr(os, "ftruncate", refused)
        assert "could not be taken back" in str(fill(writer))
        count = writer.next_index
    assert len(payloads(tmp_path)) == count
    with opened(tmp_path) as writer:
        assert (writer.cut is not None, writer.next_index) == (True, count)


def test_a_segment_that_cannot_be_begun_fails_the_writer(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        writer.append(NOW, b"x")
        with files_limited_to(100), pytest.raises(JournalError, match=NEXT_DAY):
            writer.roll(NOW, NEXT_DAY)
        with pytest.raises(JournalError, match=NEXT_DAY):
            writer.append(NOW, b"y")
    assert (check(tmp_path).whole, payloads(tmp_path), len(os.listdir(tmp_path))) == (
        True,
        [b"x"],
        2,
    )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small file system takes root")
    try:
        yield tmp_path
    finally:
        subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def test_a_full_disk_is_named_and_the_log_stays_readable(small_disk: Path) -> None:
    writer = opened(small_disk)
    error = fill(writer)
    count = writer.next_index
    writer.close()
    (path,) = segment_paths(small_disk)
    found = check(small_disk)
    assert (str(path) in str(error), found.whole, found.records) == (True, True, count)


def test_a_disk_too_full_to_begin_is_named(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes(60 << 10))
    with pytest.raises(JournalError, match="No space left on device"):
        opened(small_disk)


def failing_sync(fd: int) -> None:
    raise OSError(5, "Input/output error")


def test_a_failed_sync_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path, durability="power") as writer:
        index = writer.append(NOW, b"x")
        (path,) = segment_paths(tmp_path)
        with monkeypatch.context() as patch:
            patch.setattr(os, "fdatasync", failing_sync)
            with pytest.raises(JournalError, match=f"{path}: cannot sync: Input/output error"):
                writer.wait_durable(index)


def test_after_a_failed_sync_nothing_is_called_durable_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, durability="power") as writer:
        index = writer.append(NOW, b"x")
        with monkeypatch.context() as patch:
            patch.setattr(os, "fdatasync", failing_sync)
            with pytest.raises(JournalError):
                writer.wait_durable(index)
        for attempt in (writer.sync, lambda: writer.wait_durable(index)):
            with pytest.raises(JournalError, match="cannot sync"):
                attempt()
        with pytest.raises(JournalError, match="cannot sync"):
            writer.append(NOW, b"y")


def test_what_was_durable_before_a_failed_sync_stays_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, durability="power") as writer:
        first = writer.append(NOW, b"x")
        writer.wait_durable(first)
        writer.append(NOW, b"y")
        with monkeypatch.context() as patch:
            patch.setattr(os, "fdatasync", failing_sync)
            with pytest.raises(JournalError):
                writer.sync()
        assert writer.wait_durable(first) > 0


def test_after_a_failed_sync_the_log_can_be_read_and_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, durability="power") as writer:
        writer.append(NOW, b"x")
        with monkeypatch.context() as patch:
            patch.setattr(os, "fdatasync", failing_sync)
            with pytest.raises(JournalError):
                writer.sync()
    with opened(tmp_path, durability="power") as writer:
        assert (writer.durable, payloads(tmp_path)) == (1, [b"x"])


def test_a_failed_sync_at_close_is_said_and_frees_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = opened(tmp_path)
    writer.append(NOW, b"x")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", failing_sync)
        with pytest.raises(JournalError, match="cannot sync"):
            writer.close()
    opened(tmp_path).close()


@pytest.mark.parametrize("what", [opened, check, Follower, lambda path: list(records(path))])
def test_a_missing_directory_is_named(tmp_path: Path, what: object) -> None:
    assert callable(what)
    with pytest.raises(JournalError) as caught:
        what(tmp_path / "none")
    assert str(caught.value) == f"{tmp_path / 'none'}: No such file or directory"


@pytest.mark.parametrize("what", [opened, check, Follower, lambda path: list(records(path))])
def test_a_file_in_place_of_the_directory_is_named(tmp_path: Path, what: object) -> None:
    assert callable(what)
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(JournalError) as caught:
        what(path)
    assert str(caught.value) == f"{path}: Not a directory"


def test_a_directory_in_place_of_a_segment_is_named(tmp_path: Path) -> None:
    (path,) = made(tmp_path, 1)
    path.unlink()
    path.mkdir()
    with pytest.raises(JournalError, match=path.name):
        opened(tmp_path)


@contextmanager
def without_privilege() -> Iterator[None]:
    """Root may write anywhere, so it becomes nobody for the time being."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def public_path() -> Iterator[Path]:
    """A directory that everybody may look into."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_read_only_directory_is_named(public_path: Path) -> None:
    public_path.chmod(0o555)
    with without_privilege(), pytest.raises(JournalError) as caught:
        opened(public_path)
    assert str(caught.value) == f"{public_path / 'lock'}: Permission denied"


def test_a_read_only_journal_can_be_read(public_path: Path) -> None:
    (path,) = made(public_path, 3)
    path.chmod(0o444)
    public_path.chmod(0o555)
    with without_privilege():
        assert (len(payloads(public_path)), check(public_path).whole) == (3, True)


# -- other hands on the file that is written -------------------------------------------------------


def cut(path: Path) -> None:
    os.truncate(path, 300)


def lengthened(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"a line of somebody's\n")


def replaced(path: Path) -> None:
    held = path.read_bytes()
    path.rename(path.with_name("aside"))
    path.write_bytes(held)


HANDS: Final = {
    "cut": (cut, "was changed by somebody else: it has 300 bytes where"),
    "lengthened": (lengthened, "was changed by somebody else"),
    "replaced": (replaced, "another file stands in the place of the one that is written"),
    "removed": (Path.unlink, "was removed while it was written, and is put back"),
    "removed with its directory": (lambda path: shutil.rmtree(path.parent), "No such file or dir"),
}


@pytest.mark.parametrize(("does", "says"), HANDS.values(), ids=HANDS.keys())
def test_a_file_that_others_change_is_named_and_ends_the_writer(
    tmp_path: Path, does: Callable[[Path], object], says: str
) -> None:
    directory = tmp_path / "journal"
    directory.mkdir()
    with opened(directory) as writer:
        for index in range(9):
            writer.append(NOW, payload(index))
        (path,) = segment_paths(directory)
        does(path)
        with pytest.raises(JournalError) as caught:
            writer.require_untouched()
        with pytest.raises(JournalError, match="journal"):
            writer.append(NOW, b"x")
    assert str(caught.value).startswith(f"{path}: {says}")


def test_a_file_that_nobody_changes_is_left_to_go_on(tmp_path: Path) -> None:
    with opened(tmp_path, segment_bytes=700) as writer:
        for index in range(40):
            writer.append(NOW, payload(index))
            writer.require_untouched()
    assert check(tmp_path).whole


def test_a_file_that_was_removed_is_back_with_every_record(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        for index in range(9):
            writer.append(NOW, payload(index))
        segment_paths(tmp_path)[0].unlink()
        writer.append(NOW, payload(9))
        with pytest.raises(JournalError):
            writer.require_untouched()
    assert (check(tmp_path).whole, payloads(tmp_path)) == (True, [payload(i) for i in range(10)])


ERRORS: Final = {
    "the disk is full": (errno.ENOSPC, "No space left on device"),
    "the disk became read-only": (errno.EROFS, "Read-only file system"),
    "the device fails": (errno.EIO, "Input/output error"),
    "the quota is used up": (errno.EDQUOT, "Disk quota exceeded"),
}


@pytest.mark.parametrize(("number", "says"), ERRORS.values(), ids=ERRORS.keys())
def test_what_the_system_refuses_a_write_for_is_said_and_nothing_is_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, says: str
) -> None:
    def refused(fd: int, data: bytes) -> int:
        raise OSError(number, os.strerror(number))

    with opened(tmp_path) as writer:
        writer.append(NOW, b"x")
        (path,) = segment_paths(tmp_path)
        with monkeypatch.context() as patch:
            patch.setattr("fix_oms.journal.writer._write", refused)
            with pytest.raises(JournalError) as caught:
                writer.append(NOW, b"y")
        with pytest.raises(JournalError, match=says):
            writer.append(NOW, b"z")
    assert (str(caught.value), payloads(tmp_path)) == (f"{path}: {says}", [b"x"])
