"""The volume curves that a configuration names: their files are read, and their zones' clocks.

A file is CSV with a line for each bucket of a day:

    time,volume
    09:30,8.1
    09:35,4.4

The first line names the columns, of which these two are read. A line that is wrong is named with
its number.
"""

from __future__ import annotations

import csv
import os
import zoneinfo
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Final

import attrs

from fix_oms.model.curves import MOST_BUCKETS, Curve, wrong_buckets
from fix_oms.model.errors import SettingsError
from fix_oms.model.units import Fixed, fixed

LARGEST_FILE: Final = 1 << 20
_HOUR: Final = timedelta(hours=1)
_WEEK: Final = timedelta(days=7)


def read(curve: Curve, directory: Path, year: int) -> Curve:
    """The curve as its file says, which is named from ``directory``, with the changes of its zone's
    clock around that year. Raises SettingsError; a zone that there is not is left for others to
    name."""
    file, times, volumes = curve.file, curve.times, curve.volumes
    if file is not None:
        file = os.path.normpath(directory / file)
        times, volumes = read_curve(Path(file))
    changes, offsets = tuple[int, ...](), tuple[int, ...]()
    with suppress(zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        changes, offsets = clock_changes(curve.timezone, year)
    return attrs.evolve(
        curve, file=file, times=times, volumes=volumes, changes_s=changes, offsets_s=offsets
    )


def read_curve(path: Path) -> tuple[tuple[str, ...], tuple[Fixed, ...]]:
    """The times and volumes of a file. Raises SettingsError, naming file and line."""
    rows = list(csv.reader(StringIO(_text(path))))
    heading = [word.strip().casefold() for word in rows[0]] if rows else []
    for column in ("time", "volume"):
        if column not in heading:
            raise SettingsError(str(path), "line 1", f"has no column {column!r}")
    time_at, volume_at = heading.index("time"), heading.index("volume")
    times, volumes = list[str](), list[Fixed]()
    for line, cells in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(heading):
            reason = f"has {len(cells)} cells, and the first line {len(heading)}"
            raise SettingsError(str(path), f"line {line}", reason)
        try:
            volumes.append(fixed(cells[volume_at].strip()))
        except ValueError as error:
            reason = f"volume: {cells[volume_at][:64]!r} {error}"
            raise SettingsError(str(path), f"line {line}", reason) from None
        times.append(cells[time_at].strip())
        wrong = wrong_buckets(tuple(times), (*volumes[:-1], max(volumes[-1], 0) or 1))
        if volumes[-1] < 0 or wrong:
            reason = wrong.partition(": ")[2] if wrong else "a volume must not be negative"
            raise SettingsError(str(path), f"line {line}", reason)
    if wrong := wrong_buckets(tuple(times), tuple(volumes)):
        raise SettingsError(str(path), "", wrong.partition(": ")[2])
    return tuple(times), tuple(volumes)


def clock_changes(zone: str, year: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """From the year before to the end of the second after: the moments at which the zone's clock
    changes, in seconds since 1970, and what it is before UTC's from then on. The first is the
    beginning. Of UTC there is none."""
    where = zoneinfo.ZoneInfo(zone)
    at, ends = datetime(year - 1, 1, 1, tzinfo=UTC), datetime(year + 3, 1, 1, tzinfo=UTC)
    changes, offsets = [int(at.timestamp())], [_offset(at, where)]
    while at < ends:
        after = at + _WEEK
        if _offset(after, where) == offsets[-1]:
            at = after
            continue
        while _offset(at + _HOUR, where) == offsets[-1]:
            at += _HOUR
        at += _HOUR
        changes.append(int(at.timestamp()))
        offsets.append(_offset(at, where))
    return (tuple(changes), tuple(offsets)) if any(offsets) else ((), ())


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", newline="") as opened:
            text = opened.read(LARGEST_FILE + 1)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        raise SettingsError(str(path), "", f"cannot be read: {why}") from None
    if len(text) > LARGEST_FILE:
        raise SettingsError(str(path), "", f"is no volume curve: it has over {MOST_BUCKETS} lines")
    return text


def _offset(at: datetime, where: zoneinfo.ZoneInfo) -> int:
    offset = at.astimezone(where).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0
