"""What differs between a published row, or ending, and our order.

Quantities are exact. AvgPx(6) is compared within half a unit of the last place that is printed, and
never closer than 10^-8: a broker's average may be rounded, or carry more places than ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Final

import attrs

from fix_oms.conformance.desk import Desk, counted, units
from fix_oms.model.fix import OrdStatus, word
from fix_oms.model.units import SCALE, Fixed, text_of
from fix_oms.model.views import FillView, OrderView
from fix_oms.scenarios import Act, Ending
from fix_oms.scenarios.texts import held_to
from fix_oms.scenarios.truth import Booked

END: Final = "end"
"""The ``t`` of what is compared after the last step."""
_WORKING: Final = (OrdStatus.NEW, OrdStatus.PARTIALLY_FILLED, OrdStatus.FILLED)
_QUANTITIES: Final = (
    ("order_qty", "OrderQty(38)"),
    ("cum_qty", "CumQty(14)"),
    ("leaves_qty", "LeavesQty(151)"),
)
_DAY: Final = (("day_order_qty", "DayOrderQty(424)"), ("day_cum_qty", "DayCumQty(425)"))
LEAVES_LEFT: Final = "LeavesQty(151)"
"""What the break that a final report with quantity left may raise is known by."""


class Judged(Enum):
    """What a run is held to: all of it; states but no breaks, where the broker understates; or
    executions and position alone, where he overstates."""

    ALL = "all"
    STATES = "states"
    SUMS = "sums"


@attrs.frozen
class Difference:
    """Of which step, in which field, what is published and what is ours, as text.

    ``t`` is a row's time as printed, :data:`END`, or says how the reports were delivered.
    """

    t: str
    field: str
    published: str
    ours: str

    def __str__(self) -> str:
        is_row = self.t[:1].isdigit() or self.t.startswith("Day")
        where = f"t {self.t}" if is_row else self.t
        return f"{where}  {self.field}  published {self.published}, ours {self.ours}"


def row_differences(act: Act, view: OrderView | None, avg_px: Fraction | None) -> list[Difference]:
    """How our order differs from the row just delivered. ``avg_px`` is what a blank AvgPx(6) has to
    be; None where nobody can say."""
    t = act.step.t
    if view is None:
        return [Difference(t, "order", "told of", "not known")]
    found = list(_status(t, held_to(act, "ord_status"), view))
    if act.step.is_execution_report:
        cells = {name: _decimal(held_to(act, name)) for name, _ in (*_QUANTITIES, *_DAY)}
        found += _amounts(t, cells, view)
        found += _average(t, _decimal(held_to(act, "avg_px")), avg_px, view)
    return found


def ending_differences(
    ending: Ending, view: OrderView | None, *, breaks: bool = True
) -> list[Difference]:
    """How our order differs from what it must have come to: state, and open ``breaks`` unless the
    broker lied, for which a break is the proper answer."""
    if view is None:
        return [Difference(END, "order", "told of", "not known")]
    cells = {name: getattr(ending, name) for name, _ in _QUANTITIES}
    found = [*_status(END, ending.ord_status, view), *_amounts(END, cells, view)]
    found += _average(END, ending.avg_px, ending.exact_avg_px, view)
    wrong = [text for text in view.breaks if not (ending.leaves_after_end and LEAVES_LEFT in text)]
    if wrong and breaks:
        found.append(Difference(END, "breaks", "none", "; ".join(wrong)))
    return found


def execution_differences(ending: Ending, fills: list[FillView]) -> list[Difference]:
    """Whether those that count are those that were told: as told, or as a split left them."""
    ours = sorted((f.exec_id, f.last_qty, f.last_px) for f in counted(fills))
    if ours in (_booked(ending.told), _booked(ending.rescaled)):
        return []
    return [Difference(END, "executions", _listed(_booked(ending.rescaled)), _listed(ours))]


def position_differences(position: Fraction, desk: Desk, before: Fixed = 0) -> list[Difference]:
    ours = desk.position() - before
    if ours == units(position):
        return []
    return [Difference(END, "position", text_of(units(position)), text_of(ours))]


def fault_differences(desk: Desk) -> list[Difference]:
    """A step of the engine that failed is a difference, whatever it ended with; told once."""
    found = [Difference(END, "engine", "no fault", fault) for fault in desk.faults]
    desk.faults.clear()
    return found


def _status(t: str, wanted: object, view: OrderView) -> Iterator[Difference]:
    if wanted == OrdStatus.REPLACED and view.ord_status in _WORKING:
        return  # 4.2 may print it, where every later version prints the working status
    if wanted is not None and wanted != view.ord_status:
        yield Difference(
            t, "OrdStatus(39)", word(OrdStatus, str(wanted)), word(OrdStatus, view.ord_status)
        )


def _amounts(t: str, cells: dict[str, Decimal | None], view: OrderView) -> list[Difference]:
    found = []
    for name, label in (*_QUANTITIES, *_DAY):
        wanted = cells.get(name)
        ours: Fixed | None = getattr(view, name)
        if wanted is not None and ours != units(wanted):
            shown = "nothing" if ours is None else text_of(ours)
            found.append(Difference(t, label, f"{wanted:f}", shown))
    return found


def _average(
    t: str, printed: Decimal | None, exact: Fraction | None, view: OrderView
) -> Iterator[Difference]:
    if printed is not None:
        exponent = printed.as_tuple().exponent
        places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
        wanted, within = Fraction(printed), Fraction(1, 2 * 10**places)
    elif exact is not None:
        wanted, within = exact, Fraction(0)
    else:
        return
    ours = Fraction(view.avg_px, SCALE)
    if abs(ours - wanted) > max(within, Fraction(1, SCALE)):
        yield Difference(t, "AvgPx(6)", text_of(units(wanted)), text_of(view.avg_px))


@cache
def _booked(executions: frozenset[Booked]) -> list[tuple[str, int, int]]:
    return sorted((exec_id, units(qty), units(px)) for exec_id, qty, px in executions)


def _listed(executions: list[tuple[str, int, int]]) -> str:
    found = [f"{exec_id}: {text_of(qty)} @ {text_of(px)}" for exec_id, qty, px in executions]
    return ", ".join(found) or "none"


def _decimal(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) else None
