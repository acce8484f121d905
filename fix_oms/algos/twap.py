"""Time-weighted: equal pieces at equal times.

By the end of the n-th of N slices ``qty * n / N`` is to be executed, to the nearest lot, and with
the last all of it; each piece is sent when its slice begins. The average price is then near the
mean price over time, which is what it is measured against.
"""

from __future__ import annotations

from fix_oms.algos.algo import Desk
from fix_oms.algos.asked import MOST_SLICES
from fix_oms.algos.sliced import Sliced
from fix_oms.algos.times import SECOND
from fix_oms.model.units import Fixed


class Timed(Sliced, kw_only=True):
    """A schedule over time: it has an end, and slices by their length (``every_s``) or their number
    (``slices``); a minute each where neither is given."""

    slices: int = 0

    def wrong_kind(self, desk: Desk, begins: int, ends: int) -> str:
        if not ends:
            return "end: a schedule needs one"
        if self.slices and self.every_s:
            return "slices: every_s is given already"
        if not 0 <= self.slices <= MOST_SLICES:
            return f"slices: {self.slices} is not from 1 to {MOST_SLICES}"
        if self.slices * SECOND > ends - begins:
            return f"slices: {self.slices} are shorter than a second each"
        count = -(-(ends - begins) // self.every(begins, ends))
        if count > MOST_SLICES:
            return f"every_s: makes {count} slices, more than {MOST_SLICES}"
        return ""

    def every(self, begins: int, ends: int) -> int:
        return -(-(ends - begins) // self.slices) if self.slices else super().every(begins, ends)

    def target(self, desk: Desk) -> Fixed:
        return self.planned_by(desk, self.slice_ends(self.at_slice))

    def planned_by(self, desk: Desk, at_ns: int) -> Fixed:
        if at_ns >= self.ends_ns:
            return self.qty
        if at_ns <= self.plan_ns:
            return self.plan_qty
        share = self.share(desk, at_ns, self.qty - self.plan_qty)
        lot = desk.terms(self.symbol, self.venue).lot
        return (self.plan_qty + share + lot // 2) // lot * lot

    def share(self, desk: Desk, at_ns: int, whole: Fixed) -> Fixed:
        """How much of ``whole`` is to be executed between the plan's begin and ``at_ns``."""
        raise NotImplementedError


class Twap(Timed, kw_only=True):
    """See the module's docstring."""

    def share(self, desk: Desk, at_ns: int, whole: Fixed) -> Fixed:
        return whole * (at_ns - self.plan_ns) // (self.ends_ns - self.plan_ns)
