"""Anchors: the chain's head, written down outside the journal.

The chain makes every change to a journal visible to whoever kept a head elsewhere, and to nobody
else: a log that was cut, or computed again from some record on, is whole in itself. So the running
engine writes the head into a file outside the journal's directory (better on another machine), one
line each minute in which something was written, at each new segment and at the stop:

    fix-oms-anchor 1 2025-11-21T09:40:00.123456789Z journal=… run=3 records=875 head=… check=…

``records`` is how many there were and ``head`` the chain's head after them; ``journal`` names the
journal by the head of its first segment's header (16 digits of it), so that several may share a
file; ``check`` is the CRC-32 of the line before it, for a line that was damaged by accident. The
line may stand behind anything, as in a system's log.

*Only what is on disk is anchored*: the journal is synced first, whatever its durability. So an
anchor that lies beyond the journal's end is never explained by a crash or a power cut, only by a
disk that lost what it had promised, or by somebody.

*Nothing here is a secret, and nothing a proof against who can write the anchors too.* Somebody who
computes the whole journal again makes one of another name: a file that has anchors, but none of
this journal, is a finding therefore, and not an excuse.

A journal at a count has more than one head: a new segment moves it without a record. Each of them
may have been anchored.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple
from zlib import crc32

from fix_oms.journal.format import GENESIS
from fix_oms.journal.scan import read_header
from fix_oms.journal.segments import listed, os_errors_name, sync_directory
from fix_oms.model.errors import JournalError

NAME_DIGITS: Final = 16
UNNAMED: Final = "0" * NAME_DIGITS
"""The name of a journal whose first segment is not here any more, where no anchor tells it."""
TAIL_BYTES: Final = 1 << 16
_TOKEN: Final = "fix-oms-anchor"
_LINE: Final = re.compile(
    rf"({_TOKEN} 1 (\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{{9}})Z journal=([0-9a-f]{{16}}) "
    r"run=(\d{1,18}) records=(\d{1,18}) head=([0-9a-f]{64})) check=([0-9a-f]{8})\b",
    re.ASCII,
)
_SECOND: Final = 1_000_000_000


class Anchor(NamedTuple):
    """One line: at ``time_ns`` (UTC), in run ``run``, there were ``records`` and this head."""

    time_ns: int
    journal: str
    run: int
    records: int
    head: str

    @property
    def when(self) -> str:
        return _when(self.time_ns)

    def __str__(self) -> str:
        whole, rest = divmod(self.time_ns, _SECOND)
        at = f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
        line = (
            f"{_TOKEN} 1 {at} journal={self.journal} run={self.run} records={self.records} "
            f"head={self.head}"
        )
        return f"{line} check={crc32(line.encode('ascii')):08x}"


_SHORTEST: Final = len(str(Anchor(0, UNNAMED, 1, 0, "0" * 64)))


class Anchored(NamedTuple):
    """What files of anchors hold. ``damaged`` and ``torn`` name file and line."""

    files: tuple[Path, ...]
    anchors: tuple[Anchor, ...]
    damaged: tuple[str, ...]
    torn: tuple[str, ...]


def journal_name(directory: Path, kept: Iterable[Anchor] = ()) -> str:
    """What anchors call this journal; where its beginning is gone, as the newest of ``kept`` do.

    Raises JournalError where the directory or its first header cannot be read.
    """
    files = listed(directory)
    if files and files[0].first_index == 0:
        return read_header(files[0]).head.hex()[:NAME_DIGITS]
    newest = max(kept, key=lambda anchor: anchor.time_ns, default=None)
    return newest.journal if newest is not None else UNNAMED


def origin(directory: Path) -> str:
    """The head, in hex, of the journal that this one was converted from, or the empty text."""
    files = listed(directory)
    if not files or files[0].first_index:
        return ""
    stated = read_header(files[0]).origin
    return stated.hex() if stated != GENESIS else ""


def write(path: Path, anchor: Anchor) -> None:
    """Append one anchor, durably. A file that is not there (rotated away) is begun anew.

    Raises JournalError with the path and the reason.
    """
    with os_errors_name(path):
        is_new = not path.exists()
        fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            line = f"{anchor}\n".encode("ascii")
            size = os.fstat(fd).st_size
            if size and os.pread(fd, 1, size - 1) != b"\n":
                line = b"\n" + line  # a crash has torn the line before
            if os.write(fd, line) != len(line):
                raise JournalError(f"{path}: no room for an anchor")
            os.fdatasync(fd)
        finally:
            os.close(fd)
        if is_new:
            sync_directory(path.parent)


def read(paths: Iterable[Path]) -> Anchored:
    """Every anchor of these files and of the files in these directories.

    Lines that are no anchors are passed over. Raises JournalError for what cannot be read.
    """
    files = tuple(_files(paths))
    anchors: list[Anchor] = []
    damaged: list[str] = []
    torn: list[str] = []
    for path in files:
        with os_errors_name(path):
            text = path.read_bytes().decode("ascii", "replace")
        for number, line in enumerate(text.split("\n"), 1):
            reason = _take(line, anchors)
            if reason:
                (torn if len(line) < _SHORTEST else damaged).append(f"{path}:{number}: {reason}")
    return Anchored(files, tuple(anchors), tuple(damaged), tuple(torn))


def newest(path: Path) -> list[Anchor]:
    """The anchors at the end of a file, oldest first; none where there is no such file."""
    found: list[Anchor] = []
    with os_errors_name(path):
        try:
            fd = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return found
        try:
            size = os.fstat(fd).st_size
            held = os.pread(fd, TAIL_BYTES, max(0, size - TAIL_BYTES))
        finally:
            os.close(fd)
    for line in held.decode("ascii", "replace").split("\n"):
        _take(line, found)
    return found


class Chain(NamedTuple):
    """What a journal holds, to compare anchors with.

    ``heads`` are the heads that it had at each count asked for; ``origin`` is the head of the
    journal that it was converted from, or empty. Behind ``damaged`` records nothing is known.
    """

    name: str
    records: int
    heads: Mapping[int, tuple[str, ...]]
    origin: str = ""
    is_damaged: bool = False


class Compared(NamedTuple):
    """``agreed`` of ``compared`` anchors are true of the journal, ``newest`` the last of them."""

    compared: int
    agreed: int
    newest: Anchor | None
    findings: tuple[str, ...]
    notes: tuple[str, ...]


def compare(chain: Chain, held: Anchored) -> Compared:
    """Every anchor against the chain."""
    findings, notes = list(held.damaged), list(held.torn)
    name = chain.name if chain.name != UNNAMED else _recognised(chain, held.anchors)
    ours = sorted((a for a in held.anchors if a.journal == name), key=_place)
    judged = [a for a in ours if a.records <= chain.records or not chain.is_damaged]
    if len(judged) < len(ours):
        notes.append(f"{len(ours) - len(judged)} anchors lie behind the damage: not compared")
    within = [a for a in judged if a.records <= chain.records]
    agreed = [a for a in within if a.head in chain.heads.get(a.records, ())]
    differing = [a for a in within if a.head not in chain.heads.get(a.records, ())]
    beyond = [a for a in judged if a.records > chain.records]
    if differing:
        findings.append(_recomputed(differing, agreed))
    if beyond:
        findings.append(_truncated(chain, beyond))
    strange = [a for a in held.anchors if a.journal != name]
    if strange and any(a.head == chain.origin for a in strange):
        notes.append(f"{len(strange)} anchors are of the journal that this one was converted from")
    elif strange and not ours:
        findings.append(_of_another(name, strange))
    elif strange:
        notes.append(f"{len(strange)} anchors are of other journals")
    last = max(agreed, key=_place, default=None)
    return Compared(len(judged), len(agreed), last, tuple(findings), tuple(notes))


def _recomputed(differing: list[Anchor], agreed: list[Anchor]) -> str:
    first = differing[0]
    before = [a for a in agreed if a.records < first.records]
    start = before[-1].records if before else 0
    since = f"between {before[-1].when} and {first.when}" if before else f"until {first.when}"
    return (
        f"the chain was computed again: records {start} to {first.records - 1}, written {since}, "
        f"are not what was anchored then ({len(differing)} anchors differ)"
    )


def _truncated(chain: Chain, beyond: list[Anchor]) -> str:
    first, last = beyond[0], beyond[-1]
    return (
        f"the tail is missing: the journal ends after {chain.records} records, and records "
        f"{chain.records} to {last.records - 1} were on disk by {last.when} (run {last.run}; "
        f"{len(beyond)} anchors lie beyond the end, the first of {first.when}). No crash and no "
        "power cut explains it: only what is on disk is anchored"
    )


def _of_another(name: str, strange: list[Anchor]) -> str:
    last = max(strange, key=_place)
    return (
        f"no anchor is of this journal ({name}): all {len(strange)} are of others, the last of "
        f"{last.journal} with {last.records} records at {last.when}. They belong to another "
        "journal, or this one was computed again from its beginning"
    )


def _recognised(chain: Chain, anchors: Iterable[Anchor]) -> str:
    """The name under which a journal without its beginning was anchored."""
    known = (a.journal for a in anchors if a.head in chain.heads.get(a.records, ()))
    return next(known, UNNAMED)


def _take(line: str, into: list[Anchor]) -> str:
    """Adds the line's anchor, if it has one. Why not, or empty."""
    if _TOKEN not in line and " head=" not in line:
        return ""
    found = _LINE.search(line)
    if found is None:
        return "is no whole anchor"
    stated, second, fraction, journal, run, records, head, check = found.groups()
    if f"{crc32(stated.encode('ascii')):08x}" != check:
        return "is damaged: its check does not match"
    try:
        at = datetime.fromisoformat(second).replace(tzinfo=UTC)
    except ValueError:
        return "names no time that there is"
    time_ns = int(at.timestamp()) * _SECOND + int(fraction)
    into.append(Anchor(time_ns, journal, int(run), int(records), head))
    return ""


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(inside for inside in path.iterdir() if inside.is_file())
        else:
            yield path


def _place(anchor: Anchor) -> tuple[int, int]:
    return anchor.records, anchor.time_ns


def _when(time_ns: int) -> str:
    return f"{datetime.fromtimestamp(time_ns // _SECOND, UTC):%Y-%m-%d %H:%M:%S} UTC"
