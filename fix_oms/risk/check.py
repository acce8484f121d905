"""What every control is made of: the order that is judged, and a check that may refuse it.

A *check* is one limit at one bucket: what the limit counts apart (each account, each symbol) has
checks of its own. It answers one question, whether this order may leave, and changes nothing by
answering; a question is not in the journal, so it must not change what a replay decides. What a
check remembers moves only when something has happened: a message has left (``sent``), an execution
came in (``filled``), the broker went beyond the terms (``beyond``).

A check may also say that its limit is broken already, without any new order (``breach``): by what a
broker did beyond the terms, by a mark, by a limit that was lowered.
"""

from __future__ import annotations

from typing import Final, TypeAlias, final

from fix_oms.model.controls import CONTROLS
from fix_oms.model.fix import OrdRejReason
from fix_oms.model.limits import Limit
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Refused
from fix_oms.model.scope import Key, Scope, key_text
from fix_oms.model.units import Fixed, Notional
from fix_oms.orders.order import Order
from fix_oms.orders.projection import open_with
from fix_oms.positions.position import Position

SECOND: Final = 1_000_000_000
Same: TypeAlias = tuple[object, ...]
"""What makes two orders the same: see ``pace.same_terms``."""
Ahead: TypeAlias = dict[tuple[int, Same], int]
"""Orders of a batch by the check (its id) that counts them and, where it matters, their terms."""
NOTHING_AHEAD: Final[Ahead] = {}
NOTHING_SPENT: Final[dict[str, int]] = {}
NEW: Final = "new"
REPLACE: Final = "replace"
CANCEL: Final = "cancel"


@final
class Candidate:
    """An order as it would leave, or a replace as the order that it becomes (``order``).

    ``px`` is the worst price it may trade at, 0 where nobody knows; ``reserve`` what it is reserved
    at, no less than the mark; ``reference`` the price that its own is judged by, None where there
    is none. ``open_change`` and ``value_change`` are what it
    adds to the worst-case open quantity and its value. ``only_less``: a replace by which nothing
    but the quantity falls. ``reduces``: that, or an order that can only bring the position nearer
    to zero, whatever else of ours fills. ``ahead`` is what of its batch goes before it, by the
    check that counts it, and ``spent`` the overrides that they use, by limit. ``cancels`` are
    resting orders that must go first; ``used`` the limits that an override let it pass;
    ``unbounded``: nobody knows how much its money may buy.
    """

    __slots__ = (
        "ahead",
        "buys",
        "cancels",
        "is_child",
        "is_hedge",
        "kind",
        "now",
        "only_less",
        "open_change",
        "order",
        "px",
        "reduces",
        "reference",
        "reserve",
        "scope",
        "spent",
        "terms",
        "unbounded",
        "used",
        "value",
        "value_change",
    )

    def __init__(
        self,
        scope: Scope,
        terms: Terms,
        position: Position,
        now: int,
        *,
        px: Fixed,
        reserve: Fixed,
        value: Notional,
        reference: Fixed | None,
        order: Order | None = None,
        only_less: bool = False,
    ) -> None:
        self.scope: Final = scope
        self.terms: Final = terms
        self.buys: Final = terms.side == "1" or terms.side == "3"
        self.now: Final = now
        self.px: Final = px
        self.reserve: Final = reserve
        self.value: Final = value
        self.reference: Final = reference
        self.order: Final = order
        qty = terms.order_qty
        if order is None:
            self.kind: str = NEW
            self.open_change: Fixed = qty
            self.value_change: Notional = qty * reserve
        else:
            self.kind = REPLACE
            left = open_with(order, terms)
            held = max(order.worst_px, position.valuation.mark)
            self.open_change = left - order.open_qty
            self.value_change = left * max(reserve, held) - order.open_qty * held
        if only_less:
            self.reduces: bool = True
        elif self.buys:
            self.reduces = position.longest + self.open_change <= 0
        else:
            self.reduces = position.shortest - self.open_change >= 0
        self.only_less: Final = only_less
        self.is_child = False
        self.is_hedge = False
        self.unbounded = terms.cash_order_qty is not None and self.buys and reference is None
        self.ahead: Ahead = NOTHING_AHEAD
        self.spent: dict[str, int] = NOTHING_SPENT
        self.cancels: list[Order] = []
        self.used: list[str] = []


class Check:
    """One limit at one bucket. The base of all; ``facts`` is what a replay must reach."""

    __slots__ = ("bucket", "control", "limit", "most", "name", "refused", "soft", "spares", "told")

    def __init__(self, limit: Limit, bucket: Key) -> None:
        self.limit: Final = limit
        self.bucket: Final = bucket
        self.name: Final[str] = limit.name
        self.control: Final[str] = limit.control
        self.most: Final[Fixed] = limit.limit
        self.soft: Final[bool] = limit.soft
        self.spares: Final[bool] = CONTROLS[limit.control].spares_reducing
        self.refused = 0
        self.told = False

    def refuse(self, order: Candidate) -> Refused | None:
        """None when the order may pass. Changes nothing."""
        raise NotImplementedError

    def sent(self, now: int, kind: str, buys: bool, same: Same | None) -> None:
        """A message has left: new, replace or cancel. ``same`` is told of a new order that could
        be a duplicate."""

    def filled(self, now: int, buys: bool, qty: Fixed, px: Fixed, first: bool) -> None:
        """An execution came in; ``first`` of its order."""

    def beyond(self, now: int) -> None:
        """The broker went beyond the accepted terms."""

    def breach(self, now: int) -> str:
        """In words, how the limit is broken as things stand; empty when it is not."""
        return ""

    def found(self, now: int) -> str:
        """The present figure, for people."""
        return ""

    def facts(self) -> tuple[object, ...]:
        """What it remembers."""
        return ()

    def take_over(self, old: Check) -> None:
        """The limit was changed, or the process started anew: remember what ``old`` did."""

    def rearm(self) -> bool:
        """A person lifts what is latched. Returns whether anything was."""
        return False

    def says(
        self,
        text: str,
        limit: str,
        value: str,
        field: str = "",
        code: str = OrdRejReason.ORDER_EXCEEDS_LIMIT,
    ) -> Refused:
        """The refusal: what was found, the limit, and by which limit's name."""
        noted = f"{text}; {self.limit.note}" if self.limit.note else text
        return Refused(
            control=self.control,
            text=noted,
            field=field,
            limit=limit,
            value=value,
            ord_rej_reason=code,
            limit_name=self.name,
            soft=self.soft,
        )

    @property
    def where(self) -> str:
        """The bucket in words."""
        return key_text(self.bucket)

    @property
    def subject(self) -> str:
        """What names it among alerts: the limit and the bucket."""
        return f"{self.name} of {self.where}"
