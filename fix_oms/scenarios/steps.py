"""What a published scenario is: steps in their printed order, cell by cell.

A cell that the source leaves blank is None and is never compared. Numbers are Decimals, because how
many places a figure was printed with says how far it may have been rounded. Codes are the wire's
characters.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import attrs

from fix_oms.model.fix import FixVersion, MsgType

Value = Decimal | str | None

IN: Final = "in"
OUT: Final = "out"
EVENT: Final = "event"


@attrs.frozen(kw_only=True)
class Step:
    """One row. ``place`` counts the rows of its scenario; ``t`` is the time as printed.

    ``day`` is 1 unless ``t`` says otherwise. ``kind`` is None for an event outside FIX.
    """

    place: int
    t: str
    day: int
    direction: str
    kind: MsgType | None
    is_alt: bool = False
    crosses: bool = False
    comment: str = ""
    cl_ord_id: str | None = None
    orig_cl_ord_id: str | None = None
    order_id: str | None = None
    exec_id: str | None = None
    exec_ref_id: str | None = None
    exec_trans_type: str | None = None
    exec_type: str | None = None
    ord_status: str | None = None
    order_qty: Decimal | None = None
    cash_order_qty: Decimal | None = None
    cum_qty: Decimal | None = None
    leaves_qty: Decimal | None = None
    last_qty: Decimal | None = None
    last_px: Decimal | None = None
    avg_px: Decimal | None = None
    day_order_qty: Decimal | None = None
    day_cum_qty: Decimal | None = None
    day_avg_px: Decimal | None = None
    cxl_rej_reason: str | None = None
    ord_rej_reason: str | None = None
    exec_restatement_reason: str | None = None
    working_indicator: str | None = None
    text: str | None = None
    poss_resend: bool = False

    @property
    def is_report(self) -> bool:
        """An ExecutionReport or an OrderCancelReject."""
        return self.direction == OUT

    @property
    def is_execution_report(self) -> bool:
        return self.kind is MsgType.EXECUTION_REPORT


@attrs.frozen(kw_only=True)
class Misprint:
    """Cells of one row that must not be obeyed, and what is wrong with them, in words.

    ``cells`` names the attributes of :class:`Step`, with what is printed there and what it should
    read. None as printed stands for anything; what nobody knows how to read is not compared.
    """

    scenario: str
    t: str
    reason: str
    cells: dict[str, tuple[Value, Value]]

    def concerns(self, step: Step) -> bool:
        """Whether the row is printed in the way that this speaks of."""
        return step.t == self.t and any(
            printed is None or getattr(step, name) == printed
            for name, (printed, _) in self.cells.items()
        )

    def __str__(self) -> str:
        return f"{self.scenario} t {self.t}: {self.reason}"


@attrs.frozen(kw_only=True)
class Scenario:
    """One published table. ``versions`` are those that publish it and that fix_oms speaks;
    ``file`` is where it was read."""

    file: str
    id: str
    title: str
    versions: tuple[FixVersion, ...]
    steps: tuple[Step, ...]
    notes: str = ""
    misprints: tuple[Misprint, ...] = ()
