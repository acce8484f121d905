"""Volume-weighted: each slice gets the part of the quantity that its time has of the day's volume.

How a day's volume is spread is said by a curve (``[curves.NAME]``, ``fix_oms.model.curves``), from
past days. If the market then trades as the curve says, the average price is the market's own
volume-weighted average (Berkowitz, Logue and Noser, The total cost of transactions on the NYSE,
Journal of Finance 43, 1988), less what each piece itself costs.
"""

from __future__ import annotations

from collections.abc import Iterator

from fix_oms.algos.algo import Desk
from fix_oms.algos.twap import Timed
from fix_oms.model.algos import AnyAct, Hold
from fix_oms.model.units import Fixed


class Vwap(Timed, kw_only=True):
    """See the module's docstring. ``curve`` is the name of one that is configured."""

    curve: str

    def wrong_kind(self, desk: Desk, begins: int, ends: int) -> str:
        found = desk.curve(self.curve)
        if found is None:
            return f"curve: no curve {self.curve!r} is configured"
        if ends and not found.between(begins, ends):
            return f"curve: {self.curve} says that nothing trades between start and end"
        return super().wrong_kind(desk, begins, ends)

    def look(self, desk: Desk) -> Iterator[AnyAct]:
        if desk.curve(self.curve) is None and desk.state == "running":
            yield Hold(why=f"no curve {self.curve!r} is configured any more")
            return
        yield from super().look(desk)

    def share(self, desk: Desk, at_ns: int, whole: Fixed) -> Fixed:
        found = desk.curve(self.curve)
        volume = found.between(self.plan_ns, self.ends_ns) if found is not None else 0
        if found is None or not volume:  # all that was to trade has traded: evenly, then
            return whole * (at_ns - self.plan_ns) // (self.ends_ns - self.plan_ns)
        return whole * min(found.between(self.plan_ns, at_ns), volume) // volume
