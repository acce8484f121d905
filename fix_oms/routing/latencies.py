"""A histogram of times, in the manner of HDR histograms (Tene), whose counts fade.

A time is counted in a *bucket*: in units of 1,024 ns one bucket for each unit up to 256, then 128
buckets for each doubling. So a bucket is at most 1/128 of what it holds wide, two significant
digits, and a quantile, given as its bucket's middle, is off by no more than 1/256 and 512 ns. There
are 3,328 buckets up to 73 minutes, and what takes longer is counted in the last one. Only those in
which something is counted are held.

A quantile is counted when somebody asks for it. A median that the router asks for at each decision
is kept beside its histogram (``Median``).

The package hdrhistogram (0.10.3, tried) counts the same way and is not used here: its counts are a
ctypes array that it hands to C functions, so it cannot be pickled into a snapshot and is nothing to
mypyc; it has no way to fade them; and it takes twice as long to record a time.
"""

from __future__ import annotations

from typing import Final, final

from fix_oms.routing.fading import faded

ONE: Final = 1 << 16
"""What one event counts: there is room to fade to nearly nothing."""
UNIT_BITS: Final = 10
_LARGEST: Final = (1 << 32) - 1
_EXACT_BITS: Final = 8
_HALF_BITS: Final = 7
_MOST_DOUBLINGS: Final = 24


def bucket_of(ns: int) -> int:
    """The bucket in which a time is counted; a negative one in the first."""
    units = ns >> UNIT_BITS
    if units < 1 << _EXACT_BITS:
        return max(units, 0)
    units = min(units, _LARGEST)
    doublings = units.bit_length() - _EXACT_BITS
    return (doublings << _HALF_BITS) + (units >> doublings)


def middle_of(bucket: int) -> int:
    """The middle of the times that the bucket holds, in ns."""
    if bucket < 1 << _EXACT_BITS:
        return (bucket << UNIT_BITS) + (1 << (UNIT_BITS - 1))
    doublings = (bucket >> _HALF_BITS) - 1
    lowest = (bucket - (doublings << _HALF_BITS)) << doublings
    return (lowest << UNIT_BITS) + (1 << (UNIT_BITS + doublings - 1))


@final
class Latencies:
    """The histogram. ``counts`` is what each bucket counts, in units of ``ONE``."""

    __slots__ = ("counts",)

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}

    def add(self, ns: int) -> int:
        """Count one time; returns its bucket."""
        units = ns >> UNIT_BITS
        doublings = units.bit_length() - _EXACT_BITS
        if 0 < doublings <= _MOST_DOUBLINGS and units > 0:  # as bucket_of, written out for speed
            bucket = (doublings << _HALF_BITS) + (units >> doublings)
        else:
            bucket = bucket_of(ns)
        counts = self.counts
        counts[bucket] = counts.get(bucket, 0) + ONE
        return bucket

    def total(self) -> int:
        """What all buckets count, in units of ``ONE``."""
        return sum(self.counts.values())

    def quantile(self, thousandths: int) -> int:
        """In ns: of n times the n x ``thousandths`` // 1000-th, counted from 0; 0 of none."""
        if not self.counts:
            return 0
        rank, below, buckets = self.total() * thousandths // 1000, 0, sorted(self.counts)
        for bucket in buckets:
            below += self.counts[bucket]
            if below > rank:
                return middle_of(bucket)
        return middle_of(buckets[-1])

    def fade(self, steps: int) -> None:
        """So many steps have gone by; a bucket in which nearly nothing is left is dropped."""
        left = {bucket: faded(count, steps) for bucket, count in self.counts.items()}
        self.counts = {bucket: count for bucket, count in left.items() if count}

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        return tuple(sorted(self.counts.items()))


@final
class Median:
    """Which bucket of a histogram holds its median, kept as times are added.

    It moves to another bucket rarely, and only then are the buckets walked over.
    """

    __slots__ = ("_below", "_bucket", "_total")

    def __init__(self) -> None:
        self._bucket = 0
        self._total = 0
        self._below = 0
        """What is counted in the buckets below it."""

    @property
    def ns(self) -> int:
        """Of n times the n // 2-th, counted from 0; 0 of none."""
        return middle_of(self._bucket) if self._total else 0

    def added(self, times: Latencies, bucket: int) -> None:
        """One time was counted in that bucket."""
        total = self._total = self._total + ONE
        below, half, at = self._below, total >> 1, self._bucket
        if bucket < at:
            below = self._below = below + ONE
        if below > half or below + times.counts.get(at, 0) <= half:
            self.find(times)

    def find(self, times: Latencies) -> None:
        """Look for it: the histogram is another one, or its middle is in another bucket."""
        self._total, self._below = times.total(), 0
        for self._bucket in sorted(times.counts):
            count = times.counts[self._bucket]
            if self._below + count > self._total >> 1:
                break
            self._below += count
