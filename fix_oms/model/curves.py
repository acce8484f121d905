"""Volume curves: how much of a day's volume trades when, as values.

A curve is a table of a day's buckets: when each begins, by the clock of ``timezone``, and its
volume, which may be shares of 1, percent or quantities of past days; only their proportions count.
A bucket lasts until the next one begins, and the last as long as the one before it. Within a bucket
volume comes evenly, outside of all there is none, and every day is like the other.

What ``file`` holds is read when the configuration is, and stands in the settings from then on, in
the journal too: a replay needs neither the file nor the rules of a time zone, whose changes from
the year before to the second year after are listed here.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate

import attrs

from fix_oms.model.units import Fixed
from fix_oms.model.validators import TIME_OF_DAY, is_name

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
MOST_BUCKETS = 1440


@attrs.frozen(kw_only=True)
class Curve:
    """A table ``[curves.NAME]``. Either ``file`` says what the buckets are, or ``times`` and
    ``volumes`` do. ``changes_s`` are the moments, in seconds since 1970, from which on the clock
    of the zone is ``offsets_s`` before UTC's; worked out from ``timezone``."""

    name: str = attrs.field(validator=is_name)
    file: str | None = None
    timezone: str = "UTC"
    times: tuple[str, ...] = ()
    volumes: tuple[Fixed, ...] = ()
    changes_s: tuple[int, ...] = ()
    offsets_s: tuple[int, ...] = ()

    def __attrs_post_init__(self) -> None:
        if not self.times and not self.volumes:
            if self.file is None:
                raise ValueError("file: give file, or times and volumes")
            return
        if wrong := wrong_buckets(self.times, self.volumes):
            raise ValueError(wrong)
        if len(self.changes_s) != len(self.offsets_s):
            raise ValueError("offsets_s: each of changes_s needs one")

    def until(self, at_ns: int) -> int:
        """The volume of all days since 1970 until then: only differences of it mean anything."""
        n = bisect_right(self.changes_s, at_ns // SECOND) - 1
        offset_s = self.offsets_s[max(n, 0)] if self.offsets_s else 0
        days, within = divmod(at_ns + offset_s * SECOND, DAY)
        begins, ends, sums = _sums(self.times, self.volumes)
        k = bisect_right(begins, within) - 1
        if k < 0:
            return days * sums[-1]
        part = min(within, ends[k]) - begins[k]
        so_far = sums[k] + (sums[k + 1] - sums[k]) * part // (ends[k] - begins[k])
        return days * sums[-1] + so_far

    def between(self, begin_ns: int, end_ns: int) -> int:
        """The volume from one moment to another; 0 where the second is no later."""
        return max(0, self.until(end_ns) - self.until(begin_ns))

    def buckets(self) -> list[tuple[int, int, Fixed]]:
        """Begin and end in ns after midnight, and the volume."""
        begins, ends, _ = _sums(self.times, self.volumes)
        return list(zip(begins, ends, self.volumes, strict=True))


@lru_cache(maxsize=64)
def _sums(
    times: tuple[str, ...], volumes: tuple[Fixed, ...]
) -> tuple[list[int], list[int], list[int]]:
    """Begins and ends of the buckets, and the volume before each and after the last: worked out
    once, as it is asked for in every slice of a schedule."""
    begins = [of_day_ns(text) for text in times]
    last = begins[-1] - begins[-2] if len(begins) > 1 else DAY - begins[0]
    ends = [*begins[1:], min(DAY, begins[-1] + last)]
    return begins, ends, list(accumulate(volumes, initial=0))


def wrong_buckets(times: tuple[str, ...], volumes: tuple[Fixed, ...]) -> str:
    """What is wrong with a curve's buckets, naming one; empty: nothing."""
    if len(times) != len(volumes):
        return f"volumes: there are {len(times)} times and {len(volumes)} volumes"
    if not 0 < len(times) <= MOST_BUCKETS:
        return f"times: there are {len(times)}: from 1 to {MOST_BUCKETS} can be"
    before = -1
    for n, text in enumerate(times):
        if not TIME_OF_DAY.fullmatch(text):
            return f'times[{n}]: {text[:64]!r} is no time of day ("HH:MM" or "HH:MM:SS")'
        if of_day_ns(text) <= before:
            return f"times[{n}]: {text} is not after the one before it"
        before = of_day_ns(text)
        if volumes[n] < 0:
            return f"volumes[{n}]: must not be negative"
    return "" if any(volumes) else "volumes: there is none in the whole day"


def of_day_ns(text: str) -> int:
    """A time of day in ns after midnight."""
    hour, minute, *second = map(int, text.split(":"))
    return (hour * 3600 + minute * 60 + sum(second)) * SECOND
