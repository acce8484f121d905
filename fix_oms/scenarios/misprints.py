"""Published misprints: cells that are named, not obeyed.

The specification prints some rows that contradict its own rules in every copy. What is known of
them is here as data, so that a file that holds scenarios alone is read with it; a file's own
``known_exceptions`` are added to it. Such a cell is delivered as it is printed, as a broker who
copied the table would send it, and our state is held to what the cell should read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from fix_oms.model.fix import OrdStatus
from fix_oms.scenarios.steps import Misprint, Value

_NONE: Final = Decimal(0)
_TEN: Final = Decimal(10_000)
_ANY: Final[tuple[Value, Value]] = (None, None)
KNOWN: Final = (
    Misprint(
        scenario="E.1.a",
        t="2",
        reason="New with LeavesQty(151) 0",
        cells={"leaves_qty": (_NONE, _TEN)},
    ),
    Misprint(
        scenario="4.2:D18",
        t="2",
        reason="New with LeavesQty(151) 0",
        cells={"leaves_qty": (_NONE, _TEN)},
    ),
    Misprint(
        scenario="4.2:D20",
        t="4",
        reason="Restated to 11000 with LeavesQty(151) 0 (corrected in 4.4)",
        cells={"leaves_qty": (_NONE, Decimal(11_000))},
    ),
    Misprint(
        scenario="V7.I.1.b",
        t="6",
        reason="Canceled with LeavesQty(151) 9000",
        cells={"leaves_qty": (Decimal(9_000), _NONE)},
    ),
    Misprint(
        scenario="D.2.b",
        t="7",
        reason="a pending report already shows OrderQty(38) 8000, which is not accepted yet",
        cells={
            "order_qty": (Decimal(8_000), _TEN),
            "leaves_qty": (Decimal(7_000), Decimal(9_000)),
        },
    ),
    Misprint(
        scenario="B.1.d",
        t="4",
        reason="New reported while a cancel is pending",
        cells={"ord_status": (OrdStatus.NEW.value, OrdStatus.PENDING_CANCEL.value)},
    ),
)

SECTIONS: Final = ("arithmetic_not_covered_by_rule_Q2", "semantic")
"""The parts of a file's ``known_exceptions`` that are misprints; the others explain."""

_ROW: Final = re.compile(r"([\w.:]*\w) t ?((?:Day \d+,)?\d+)")
_WORDS: Final = (
    ("leaves", ("leaves_qty",)),
    ("quantity", ("order_qty", "leaves_qty")),
    ("cum", ("cum_qty",)),
    ("avg", ("avg_px",)),
    ("reported while", ("ord_status",)),
    ("status", ("ord_status",)),
)
_ALL: Final = ("ord_status", "order_qty", "cum_qty", "leaves_qty", "avg_px")


def stated(exceptions: object) -> tuple[Misprint, ...]:
    """The misprints that a file's ``known_exceptions`` name: a list, or lists by section."""
    lines: list[Any] = []
    if isinstance(exceptions, Mapping):
        for section in SECTIONS:
            found = exceptions.get(section)
            lines += found if isinstance(found, list) else []
    elif isinstance(exceptions, list):
        lines = exceptions
    return tuple(misprint for line in lines for misprint in _of_line(str(line)))


def _of_line(line: str) -> Iterable[Misprint]:
    """``E.1.a t2 and 4.2:D18 t2: New with leaves 0`` names two rows and the cell."""
    rows, _, reason = line.partition(": ")
    lowered = reason.lower()
    cells = {name: _ANY for word, names in _WORDS if word in lowered for name in names}
    for scenario, t in _ROW.findall(rows):
        yield Misprint(
            scenario=scenario, t=t, reason=reason.strip(), cells=cells or dict.fromkeys(_ALL, _ANY)
        )


def of(scenario: str, also: Iterable[Misprint] = ()) -> tuple[Misprint, ...]:
    """The misprints of one scenario: what is known here goes before what a file says."""
    found = {m.t: m for m in also if m.scenario == scenario}
    found.update({m.t: m for m in KNOWN if m.scenario == scenario})
    return tuple(found.values())
