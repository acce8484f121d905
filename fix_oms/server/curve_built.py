"""A volume curve from what has traded: trades or bars of past days, as CSV.

Every line tells a quantity and when: ``time`` (or ``timestamp``), ISO 8601, and ``volume`` (or
``qty``, ``quantity``, ``size``). A time without an offset is of the zone that is asked for. Each
day counts the same, however much traded on it: a bucket's volume is the mean, over the days, of its
part of the day, in percent. A line that is wrong is named with file and number.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import attrs

from fix_oms.model.curves import MOST_BUCKETS
from fix_oms.model.errors import BadFile
from fix_oms.model.units import Fixed, fixed

_DAY_S: Final = 86_400
_TIMES: Final = ("time", "timestamp")
_VOLUMES: Final = ("volume", "qty", "quantity", "size")
_PLACES: Final = 10**4


@attrs.frozen(kw_only=True)
class Built:
    """A curve: the begin of each bucket in seconds after midnight, and its percent of a day. It was
    made of ``lines`` of ``days``."""

    buckets: tuple[tuple[int, str], ...]
    days: int
    lines: int

    def text(self) -> str:
        """As a curve's file."""
        rows = [f"{s // 3600:02d}:{s // 60 % 60:02d},{volume}" for s, volume in self.buckets]
        return "\n".join(["time,volume", *rows]) + "\n"


def build(files: Iterable[Path], zone: ZoneInfo, bucket_s: int) -> Built:
    """The curve of what the files tell. Raises BadFile."""
    if bucket_s <= 0 or bucket_s % 60 or _DAY_S % bucket_s or _DAY_S // bucket_s > MOST_BUCKETS:
        raise BadFile(f"a bucket of {bucket_s} s is no whole minutes that make up a day")
    days: dict[date, dict[int, Fixed]] = {}
    lines = 0
    for file in files:
        for at, qty in _told(file, zone):
            lines += 1
            bucket = (at.hour * 3600 + at.minute * 60 + at.second) // bucket_s * bucket_s
            day = days.setdefault(at.date(), {})
            day[bucket] = day.get(bucket, 0) + qty
    found = {day: volumes for day, volumes in days.items() if any(volumes.values())}
    if not found:
        raise BadFile("the files tell no volume")
    means: dict[int, Fraction] = {}
    for volumes in found.values():
        total = sum(volumes.values())
        for bucket, qty in volumes.items():
            means[bucket] = means.get(bucket, Fraction(0)) + Fraction(qty, total * len(found))
    return Built(buckets=tuple(_rows(means, bucket_s)), days=len(found), lines=lines)


def _rows(means: dict[int, Fraction], bucket_s: int) -> Iterator[tuple[int, str]]:
    """Every bucket from the first that trades to the last, and an empty one that ends it."""
    for at in range(min(means), min(max(means) + 2 * bucket_s, _DAY_S), bucket_s):
        percent = round(means.get(at, Fraction(0)) * 100 * _PLACES)
        yield at, f"{percent // _PLACES}.{percent % _PLACES:04d}"


def _told(file: Path, zone: ZoneInfo) -> Iterator[tuple[datetime, Fixed]]:
    try:
        with file.open(encoding="utf-8", newline="") as opened:
            rows = csv.reader(opened)
            heading = [word.strip().casefold() for word in next(rows, [])]
            time_at = _column(file, heading, _TIMES)
            volume_at = _column(file, heading, _VOLUMES)
            for line, cells in enumerate(rows, 2):
                if not any(cell.strip() for cell in cells):
                    continue
                if len(cells) != len(heading):
                    reason = f"has {len(cells)} cells, and the first line {len(heading)}"
                    raise BadFile(f"{file}: line {line}: {reason}")
                at, qty = _time(file, line, cells[time_at], zone), cells[volume_at].strip()
                yield at, _quantity(file, line, qty)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        raise BadFile(f"{file}: cannot be read: {why}") from None


def _column(file: Path, heading: list[str], names: tuple[str, ...]) -> int:
    for name in names:
        if name in heading:
            return heading.index(name)
    raise BadFile(f"{file}: line 1: has no column {' or '.join(names)}")


def _time(file: Path, line: int, text: str, zone: ZoneInfo) -> datetime:
    try:
        found = datetime.fromisoformat(text.strip())
        return found.replace(tzinfo=zone) if found.tzinfo is None else found.astimezone(zone)
    except (ValueError, OverflowError):
        raise BadFile(f"{file}: line {line}: {text[:64]!r} is no date and time") from None


def _quantity(file: Path, line: int, text: str) -> Fixed:
    try:
        found = fixed(text)
    except ValueError as error:
        raise BadFile(f"{file}: line {line}: {text[:64]!r} {error}") from None
    if found < 0:
        raise BadFile(f"{file}: line {line}: a quantity must not be negative")
    return found
