"""What of a parent no child holds counts in the worst case too (D4): it may be sent at any moment.

It is reserved in a lane of its own, of the parent's account, strategy and symbol and of no venue. A
child takes what it holds out of it just before the gate judges the child, so that nothing is
counted twice; what comes back from children is reserved again before the step ends.
"""

from __future__ import annotations

from fix_oms.engine.state import State
from fix_oms.model.scope import Scope
from fix_oms.model.units import Fixed
from fix_oms.risk.lanes import Lane
from fix_oms.risk.parents import Parent
from fix_oms.routing.parents import ParentOrder


def parent_lane(state: State, held: Parent) -> Lane:
    """Where a parent's unrouted quantity is reserved."""
    return state.gate.lanes.lane(parent_scope(held))


def parent_scope(held: Parent) -> Scope:
    """Where a parent itself belongs: at no venue and no session."""
    return Scope(held.account, held.strategy, held.symbol, "", "")


def reserve(state: State, parent: ParentOrder, less: Fixed = 0) -> None:
    """Reserve what of the parent no child holds, but for ``less`` (a child that is about to
    leave); nothing of one that sends no more. More that was asked for counts from the asking."""
    held = parent.held
    over = parent.ended or parent.ending
    qty = 0 if over else max(0, parent.largest - held.committed - less)
    px = parent.reserve_px if qty else 0
    if (qty, px) != (parent.reserved, parent.reserved_px):
        line = parent_lane(state, held).line
        line.reserved(held.buys, parent.reserved, parent.reserved_px, qty, px)
        parent.reserved, parent.reserved_px = qty, px
