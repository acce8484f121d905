"""Writing the journal: one process, one record at a time, one write(2) for each.

*Durability.* ``process``: a record is safe from the death of the process as soon as ``append``
returns, for the kernel has it; losing power may lose the tail. ``power``: outputs must wait in
``wait_durable`` until their inputs are on disk. The wait is a group commit without a thread of its
own: whoever comes first calls fdatasync for everything appended so far, the others queue on the
mutex and mostly find, on their turn, that it covered them too. (A syncer thread was measured beside
it: its two hand-overs make append and wait 120 us instead of 90 for one thread, 360 instead of 235
for four, 1,470 instead of 920 for sixteen.)

*A segment's end.* Before a successor is made, the old segment is synced, under either setting. So
only the last segment can ever have a torn tail, and damage in any other is damage (see ``tail``).

*Failure is final.* After a failed write the writer refuses all further records: the engine must
not go on deciding from inputs that no restart would know. After a failed fdatasync nothing is
called durable again: the kernel may report the error once, drop the pages and succeed next time
("fsyncgate", 2018). Whatever had been written can still be read. At the next open in ``power`` the
kernel is asked to forget its copy of the last segment first, so that what is read is what the disk
holds.

*Other hands.* Nobody else writes here, but somebody may cut, replace or remove the file that is
being written, and the kernel lets them. ``require_untouched`` looks; the engine calls it all the
time. A file that was removed lives on for as long as it is open, so it is put back where it was.

*A missing directory* is refused, not made: it may be a disk that was not mounted, and an empty
journal in its place would be a firm without positions.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import attrs

from fix_oms.journal.follower import torn_header
from fix_oms.journal.format import (
    GENESIS,
    HEADER_SIZE,
    MAX_PAYLOAD,
    OVERHEAD,
    decode_header,
    encode_header,
    encode_record,
)
from fix_oms.journal.lock import Lock
from fix_oms.journal.scan import Cut, Scan, Torn, require_joined
from fix_oms.journal.segments import (
    SegmentFile,
    check_day,
    create,
    cut_aside,
    forget_cached,
    listed,
    os_errors_name,
    put_back,
    segment_file,
)
from fix_oms.model.errors import JournalError

SEGMENT_BYTES: Final = 64 << 20
_REFUSING: Final = -1  # as the limit of a segment: no record fits any more
_write: Final = os.write


@attrs.frozen
class _End:
    """Where the last segment ends, and so where the writer goes on."""

    file: SegmentFile
    size: int
    index: int
    head: bytes


class JournalWriter:
    """The one writer of a directory. ``append``, ``roll`` and ``close`` are called by one thread
    at a time (the engine's lock); ``wait_durable`` and ``sync`` by any.
    """

    def __init__(self, lock: Lock, directory: Path, *, power: bool, segment_bytes: int) -> None:
        """Use ``open``."""
        self._lock: Final = lock
        self._directory: Final = directory
        self._power: Final = power
        self._syncing: Final = threading.Lock()
        self._refusal = ""  # why no record is taken any more
        self._sync_failure = ""
        self._durable_ns = 0
        self._sync_began = self._slowest_sync = 0  # ns of the performance counter
        self._durable = 0  # how many records are known to be on disk
        self._fd = -1
        self._file = segment_file(directory, 0, "")
        self._size = 0
        self._limit = segment_bytes
        self._next = 0
        self._head = self._origin = GENESIS
        self.cut: Cut | None = None
        self.clock_ns: Callable[[], int] = time.time_ns

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        durability: str,
        now_ns: int,
        day: str,
        segment_bytes: int = SEGMENT_BYTES,
        origin: bytes = GENESIS,
    ) -> Self:
        """Takes the journal over, at its last whole record.

        ``durability`` is ``process`` or ``power``, ``day`` the trading day (YYYY-MM-DD), and
        ``origin``, where it is begun, the head of the one that it is made from. Raises
        JournalLocked when another writer holds it, JournalCorrupt for damage that is no torn tail
        (of the last segment and of the joins: reading all is ``check``'s work and replay's),
        JournalError when the directory or its files cannot be used.
        """
        if durability not in ("process", "power"):
            raise ValueError(f"durability is 'process' or 'power', not {durability!r}")
        check_day(day)
        with os_errors_name(directory):
            os.listdir(directory)
        lock = Lock(directory)
        writer = cls(lock, directory, power=durability == "power", segment_bytes=segment_bytes)
        writer._origin = origin
        try:
            writer._take_over(now_ns, day)
        except BaseException:
            writer._release()
            raise
        return writer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def next_index(self) -> int:
        """The index that the next record will have: the number of records."""
        return self._next

    @property
    def head(self) -> str:
        """The chain's head, in hex: it speaks for every byte so far."""
        return self._head.hex()

    @property
    def segment(self) -> str:
        """The name of the segment that is being written."""
        return self._file.path.name

    @property
    def failed(self) -> bool:
        """Whether a failure was final: nothing is taken any more."""
        return bool(self._refusal)

    @property
    def durable(self) -> int:
        """How many records are known to be on disk."""
        return self._durable

    def append(self, now_ns: int, payload: bytes) -> int:
        """Writes one record and returns its index. Raises JournalError; then nothing was added.

        A payload over MAX_PAYLOAD is refused and harms nothing; any other failure is final.
        """
        size = self._size + OVERHEAD + len(payload)
        if size > self._limit or len(payload) > MAX_PAYLOAD:
            size = self._make_room(now_ns, len(payload))
        index = self._next
        frame, digest = encode_record(self._head, index, self._durable, now_ns, payload)
        try:
            written = _write(self._fd, frame)
            if written != len(frame):
                raise self._short_write(written, len(frame))
            self._head = digest
            self._next = index + 1
            self._size = size
        except OSError as error:
            raise self._refuse(f"{self._file.path}: {error.strerror or error}") from error
        except BaseException:
            # A signal's exception may have struck after the write: the file is whole, this is not.
            self._refuse(f"{self._file.path}: interrupted while writing record {index}")
            raise
        return index

    def wait_durable(self, index: int) -> int:
        """Blocks until record ``index`` is as durable as the setting asks.

        ``process``: returns 0 at once. ``power``: returns the time, ns UTC, by which it was on
        disk. Raises JournalError when it may never be.
        """
        if not self._power:
            return 0
        if self._durable <= index:
            with self._syncing:
                if self._durable <= index:
                    self._sync_held()
                    if self._durable <= index:
                        raise ValueError(f"record {index} has not been appended")
        return self._durable_ns

    def slowest_sync_ns(self) -> int:
        """The longest fdatasync since this was last asked, one that goes on now included."""
        slowest, self._slowest_sync = self._slowest_sync, 0
        began = self._sync_began
        return max(slowest, time.perf_counter_ns() - began if began else 0)

    def sync(self) -> None:
        """Makes everything appended so far durable now, whatever the setting."""
        with self._syncing:
            if self._durable < self._next or self._sync_failure:
                self._sync_held()

    def roll(self, now_ns: int, day: str) -> None:
        """Ends the segment and begins one for ``day``; nothing when it holds no record yet.

        Raises JournalError; then the writer is refused everything, and the log can be read.
        """
        check_day(day)
        if self._refusal:
            raise JournalError(self._refusal)
        if self._size == HEADER_SIZE and day <= self._file.day:
            return  # the new name must sort behind this one, and both would begin at one index
        try:
            with self._syncing:
                self._sync_held()
                self._begin(now_ns, day)
        except JournalError as error:
            self._refuse(str(error))
            raise

    def require_untouched(self) -> None:
        """Fails for good unless the segment is in its place, and as long as it was written.

        Called by the appending thread. Raises JournalError.
        """
        if self._refusal:
            raise JournalError(self._refusal)
        path = self._file.path
        with self._failing(f"{path}: "):
            ours = os.fstat(self._fd)
            try:
                there = os.stat(path)
            except FileNotFoundError:
                put_back(self._fd, path)
                raise JournalError("was removed while it was written, and is put back") from None
            if not os.path.samestat(ours, there):
                raise JournalError("another file stands in the place of the one that is written")
            if ours.st_size != self._size:
                sizes = f"{ours.st_size} bytes where {self._size} were written"
                raise JournalError(f"was changed by somebody else: it has {sizes}")

    def close(self) -> None:
        """Syncs and frees the journal. Harmless when repeated. Raises JournalError if the sync
        fails; the journal is freed all the same.
        """
        if self._fd < 0:
            return
        try:
            if not self._sync_failure:
                self.sync()
        finally:
            self._refuse(f"{self._directory}: this writer was closed")
            with self._syncing:
                self._release()

    def _take_over(self, now_ns: int, day: str) -> None:
        files = listed(self._directory)
        if files and (torn := torn_header(files[-1])) is not None:
            self._set_aside(files.pop(), torn)
        require_joined(files)
        if not files:
            self._begin(now_ns, day)
            return
        end = self._find_end(files[-1])
        with os_errors_name(end.file.path):
            self._fd = os.open(end.file.path, os.O_WRONLY | os.O_APPEND)
        self._file, self._size, self._next, self._head = end.file, end.size, end.index, end.head
        self._sync_held()
        if day > end.file.day:  # a clock that was set back makes no new day
            self.roll(now_ns, day)

    def _find_end(self, file: SegmentFile) -> _End:
        """Reads the last segment through; what a crash left half-written is moved aside."""
        if self._power:
            forget_cached(file.path)
        scan = Scan(file)
        try:
            while scan.more():
                pass
            torn = scan.finish(last=True)
        finally:
            scan.close()
        if torn is not None:
            self._set_aside(file, torn)
        return _End(file, scan.offset, scan.index, scan.head)

    def _set_aside(self, file: SegmentFile, torn: Torn) -> None:
        kept = cut_aside(file.path, torn.offset, torn.dropped)
        self.cut = Cut(torn.segment, torn.offset, len(torn.dropped), torn.reason, str(kept))

    def _make_room(self, now_ns: int, length: int) -> int:
        """The size that the segment will have with this record; in a new one if need be."""
        if self._refusal:
            raise JournalError(self._refusal)
        if length > MAX_PAYLOAD:
            reason = f"a record of {length} bytes is over the maximum of {MAX_PAYLOAD}"
            raise JournalError(f"{self._directory}: {reason}")
        if self._size > HEADER_SIZE:
            self.roll(now_ns, self._file.day)
        return self._size + OVERHEAD + length

    def _begin(self, now_ns: int, day: str) -> None:
        """Makes the next segment and goes on in it."""
        file = segment_file(self._directory, self._next, day)
        origin = self._origin if self._head == GENESIS else GENESIS
        header = encode_header(self._next, now_ns, day, self._head, origin)
        fd = create(file, header)
        if self._fd >= 0:
            os.close(self._fd)
        self._fd, self._file, self._size = fd, file, HEADER_SIZE
        self._head = decode_header(header).head

    def _sync_held(self) -> None:
        """One fdatasync for all that was appended. The caller holds ``_syncing``."""
        if self._sync_failure:
            raise JournalError(self._sync_failure)
        upto = self._next
        began = self._sync_began = time.perf_counter_ns()
        try:
            os.fdatasync(self._fd)
        except OSError as error:
            self._sync_failure = f"{self._file.path}: cannot sync: {error.strerror or error}"
            raise self._refuse(self._sync_failure) from error
        finally:
            self._sync_began = 0
        self._slowest_sync = max(self._slowest_sync, time.perf_counter_ns() - began)
        self._durable_ns = self.clock_ns()
        self._durable = upto

    def _short_write(self, written: int, wanted: int) -> JournalError:
        """Takes back the part of a record that was written, so that the file ends with a whole one.

        Where even that fails, readers stop at the last whole record by themselves.
        """
        reason = f"{self._file.path}: no room: {written} of {wanted} bytes were written"
        try:
            os.ftruncate(self._fd, self._size)
        except OSError as error:
            reason += f", and could not be taken back: {error.strerror or error}"
        return self._refuse(reason)

    def _refuse(self, reason: str) -> JournalError:
        """Fails for good; the first reason stays."""
        self._limit = _REFUSING
        self._refusal = self._refusal or reason
        return JournalError(reason)

    @contextmanager
    def _failing(self, what: str) -> Iterator[None]:
        """Whatever goes wrong inside is the writer's end."""
        try:
            yield
        except OSError as error:
            raise self._refuse(f"{what}{error.strerror or error}") from error
        except JournalError as error:
            raise self._refuse(f"{what}{error}") from None

    def _release(self) -> None:
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)
        self._lock.release()
