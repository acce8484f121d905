"""The requests of one order, in the order in which we sent them, and what became of each.

We know the order of our own requests because we sent them; everything the broker says about one is
found by its ClOrdID(11). The first request is the NewOrderSingle, the others are cancels and
replaces. Each carries evidence that only ever grows, so that the answers may come in any order:

- *accepted* by a report that says so under the request's own id, or *meant* by a Replaced report
  that a broker sent under the old one (see ``restatements``);
- *refused* by 35=9, by 35=8 with ExecType Rejected under its id, by 35=3 or 35=j that name it;
- *pending* while the broker says Pending Cancel or Pending Replace for it and has not answered;
- *unsent*, proven never to have left.

A chain is optimistic on our side (OrigClOrdID(41) is the last id not refused) and pessimistic on
the broker's (reports carry the last accepted id); FIX 4.4 volume 4, ClOrdID chaining.
"""

from __future__ import annotations

from typing import Final, final

from fix_oms.model.messages import Terms
from fix_oms.model.units import Fixed
from fix_oms.orders.said import Said

NEW: Final = "new"
CANCEL: Final = "cancel"
REPLACE: Final = "replace"


@final
class Request:
    """One request: what was asked, where it went, and the evidence of its answer.

    ``epoch`` and ``seq`` say under which number it left (seq 0: not known to have left).
    ``worst_px`` is the price at which its quantity is reserved (0: unknown).
    """

    __slots__ = (
        "accepted",
        "cl_ord_id",
        "created_ns",
        "doubt",
        "epoch",
        "kind",
        "meant",
        "pending",
        "refused",
        "seq",
        "terms",
        "text",
        "unsent",
        "worst_px",
    )

    def __init__(
        self,
        cl_ord_id: str,
        kind: str,
        terms: Terms,
        now: int,
        epoch: int,
        worst_px: Fixed = 0,
    ) -> None:
        self.cl_ord_id: Final = cl_ord_id
        self.kind: Final = kind
        self.terms: Final = terms
        self.created_ns: Final = now
        self.worst_px: Final = worst_px
        self.epoch = epoch
        self.seq = 0
        self.accepted = False
        self.meant: Said | None = None
        self.refused = False
        self.pending = False
        self.unsent = False
        self.doubt = False
        self.text = ""

    @property
    def accepted_somehow(self) -> bool:
        """Accepted, under its own id or by a report that meant it."""
        return self.accepted or self.meant is not None

    @property
    def may_hold(self) -> bool:
        """Accepted, or nothing says that it was not."""
        return self.accepted_somehow or not (self.refused or self.unsent)

    @property
    def answered(self) -> bool:
        """Nothing more is waited for: it was accepted, refused, or never left."""
        return self.accepted or self.meant is not None or self.refused or self.unsent

    def outcome(self, is_moot: bool) -> str:
        """The word for people: accepted, refused, unsent, moot (``Order.is_moot``), or pending."""
        if self.unsent:
            return "unsent"
        if self.accepted_somehow:
            return "accepted"
        if self.refused:
            return "refused"
        return "moot" if is_moot else "pending"
