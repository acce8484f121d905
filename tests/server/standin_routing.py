"""What the small engine of the control socket's tests shows of parents, and takes of commands.

Like it, it proves nothing about the engine.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from fix_oms.model.fix import OrdStatus
from fix_oms.model.inputs import NewOrder, NewParent, ReplaceOrder
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Accepted, Output, Refused
from fix_oms.model.protocol import Book, Contracts, ParentFound
from fix_oms.model.units import SCALE
from fix_oms.model.views import OrderView, ParentView, VenueView

T0 = 1_763_715_600_000_000_000
"""2025-11-21 09:00:00 UTC."""


class StandinRouting:
    """What it shows of routing: what a test has put there, and parents that it was given.

    A parent of FILL fills at once, one of STUCK is suspended, of any other symbol it rests as one
    child, which a parent of SILENT never hears of.
    """

    def __init__(self, order_view: Callable[[NewOrder, str], OrderView]) -> None:
        self._order_view = order_view
        self.held: dict[str, ParentView] = {}
        self.found: dict[str, ParentFound] = {}
        self.scores: list[VenueView] = []
        self.books: dict[str, Book] = {}

    def contracts(self) -> Contracts:
        return Contracts(contracts=(), default_account="DESK")

    def parent(self, ref: str) -> ParentFound:
        return self.found.get(ref) or ParentFound(parent=self.held.get(ref))

    def parents(self, open_only: bool, limit: int, after: str) -> list[ParentView]:
        return [p for r, p in self.held.items() if r > after and (p.leaves_qty or not open_only)][
            :limit
        ]

    def venues(self) -> list[VenueView]:
        return self.scores

    def book(self, symbol: str, depth: int) -> Book:
        return self.books.get(symbol) or Book(symbol=symbol, rows=(), sources=())

    # -- commands -------------------------------------------------------------------------------

    def new(self, command: NewParent) -> Output:
        if command.ref in self.held:
            return Refused(control="parent", text=f"there is a parent {command.ref!r} already")
        parent = self.held[command.ref] = parent_view(command)
        pending = ("new",) if command.symbol == "SILENT" else ()
        sent = NewOrder(by="router", terms=_resting(parent), venue="ALPHA", parent=command.ref)
        child = msgspec.structs.replace(self._order_view(sent, f"{command.ref}-c"), pending=pending)
        if parent.open_qty:
            self.found[command.ref] = ParentFound(parent=parent, children=(child,))
        return Accepted(order=command.ref, text=f"parent {command.ref} is routed")

    def cancel(self, ref: str) -> Output:
        self._become(ref, ord_status=OrdStatus.CANCELED.value, leaves_qty=0, open_qty=0)
        return Accepted(order=ref, text=f"parent {ref} sends nothing more")

    def replace(self, ref: str, command: ReplaceOrder) -> Output:
        qty, price = command.order_qty, command.price
        parent = self.held[ref]
        self._become(
            ref,
            order_qty=parent.order_qty if qty is None else min(qty, parent.order_qty * 10),
            price=parent.price if price is None else price,
        )
        return Accepted(order=ref, text=f"parent {ref} is to be otherwise")

    def resume(self, ref: str) -> Output:
        self._become(ref, ord_status=OrdStatus.NEW.value, held="")
        return Accepted(order=ref, text=f"parent {ref} goes on")

    def _become(self, ref: str, **changes: object) -> None:
        self.found.pop(ref, None)
        self.held[ref] = msgspec.structs.replace(self.held[ref], **changes)


def parent_view(command: NewParent) -> ParentView:
    """A parent that has just been given to the router, and what came of it at once."""
    fills, stuck = command.symbol == "FILL", command.symbol == "STUCK"
    status = OrdStatus.FILLED if fills else OrdStatus.SUSPENDED if stuck else OrdStatus.NEW
    qty = command.order_qty
    return ParentView(
        ref=command.ref,
        account=command.account or "DESK",
        strategy=command.strategy or "",
        symbol=command.symbol,
        side=command.side,
        time_in_force=command.time_in_force,
        policy=command.policy or "sweep",
        order_qty=qty,
        price=command.price,
        ord_status=status.value,
        cum_qty=qty if fills else 0,
        leaves_qty=0 if fills else qty,
        avg_px=(command.price or SCALE) if fills else 0,
        open_qty=0 if fills or stuck else qty,
        unrouted=qty if stuck else 0,
        held="max_order_qty: over the limit" if stuck else "",
        pending="",
        text="",
        children=() if stuck else (f"{command.ref}-c",),
        decisions=1,
        arrival_px=0,
        created_ns=T0,
        updated_ns=T0,
    )


def _resting(parent: ParentView) -> Terms:
    return Terms(
        symbol=parent.symbol,
        side=parent.side,
        order_qty=parent.order_qty,
        ord_type="2",
        price=parent.price or SCALE,
    )
