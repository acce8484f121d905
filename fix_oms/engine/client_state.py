"""What is known of FIX clients: their sessions, and what each has been told of each order.

**Theory.** A client is told changes of our truth, and never what a broker said. Of each order that
somebody is told of there is a *mirror*: the executions, status, quantities and terms as they stand
in the reports that we have sent. When something is learned of the order, the mirror is compared
with the truth and the difference is told (``client_news``), so a duplicate is told once, a late
report in its place, and whatever the order in which a broker's reports came, the client's picture
ends as ours does.

**Nothing lost.** A message to a client is *unsent* from the step that makes it until the record
that it has left. What a process leaves unsent when it dies leaves again in the next run; what may
have left already, with PossResend(97)=Y and the same ExecID(17). What left lately, or while the
client was away, is *recent*: QuickFIX's file store resends it, until the numbers are reset; then we
send it again ourselves.

ExecIDs are one counter for all clients, with the run before it, so that none is ever used again,
not even where the journal's tail was lost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, final

from fix_oms.model.clients import FixClient
from fix_oms.model.units import Fixed, Notional
from fix_oms.orders.order import Order

SECOND: Final = 1_000_000_000
MOST_REFUSED: Final = 50_000
"""So many refused ids of a client's day are remembered: it may send nothing else all day."""


class Told(NamedTuple):
    """An order as it was told last. ``status`` is empty before the first report; ``splits`` is how
    many splits its executions have been told with."""

    status: str
    cum_qty: Fixed
    leaves_qty: Fixed
    avg_px: Fixed
    order_qty: Fixed
    price: Fixed | None
    stop_px: Fixed | None
    time_in_force: str
    splits: int


class Fill(NamedTuple):
    """An execution as it was told last, under which ExecID(17); of one that was taken back there
    is no quantity."""

    exec_id: str
    qty: Fixed
    px: Fixed


@final
class Ask:
    """A cancel or replace of the client's that has no answer yet; ``ours`` is the ClOrdID(11) of
    our own request for it, empty where the order is a parent."""

    __slots__ = ("cl_ord_id", "kind", "orig", "ours")

    def __init__(self, cl_ord_id: str, orig: str, kind: str, ours: str) -> None:
        self.cl_ord_id: Final = cl_ord_id
        self.orig: Final = orig
        self.kind: Final = kind
        self.ours: Final = ours


@final
class Mirror:
    """What was told of one order, or of one routed parent. ``client`` is empty for an order of
    somebody else's, of which only drop copies are told.

    ``cl_ord_id`` is the client's id that reports carry, ``chain`` all its ids. ``fills`` are by the
    order that executed (a parent has many) and the broker's first ExecID; ``qty`` and ``notional``
    their sums.
    """

    __slots__ = (
        "account",
        "asks",
        "chain",
        "cl_ord_id",
        "client",
        "fills",
        "notional",
        "qty",
        "reference",
        "told",
    )

    def __init__(self, reference: str, client: str, cl_ord_id: str, account: str) -> None:
        self.reference: Final = reference
        self.client: Final = client
        self.account: Final = account
        self.cl_ord_id = cl_ord_id
        self.chain: list[str] = [cl_ord_id] if client else []
        self.asks: list[Ask] = []
        self.fills: dict[str, dict[str, Fill]] = {}
        self.qty: Fixed = 0
        self.notional: Notional = 0
        self.told = Told("", 0, 0, 0, 0, None, None, "", 0)

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        told = self.told
        return (
            self.reference,
            self.client,
            self.account,
            self.cl_ord_id,
            tuple(self.chain),
            tuple((a.cl_ord_id, a.orig, a.kind, a.ours) for a in self.asks),
            tuple(
                sorted((o, r, *fill) for o, held in self.fills.items() for r, fill in held.items())
            ),
            (told.status, told.cum_qty, told.leaves_qty, told.avg_px, told.order_qty),
            (told.price or 0, told.stop_px or 0, told.time_in_force, told.splits),
        )


@final
class Parcel:
    """A message to a client. ``asked``: a run has asked for it to be sent, so it may have left."""

    __slots__ = ("asked", "kept", "text")

    def __init__(self, text: str, *, kept: bool) -> None:
        self.text = text
        self.kept: Final = kept
        self.asked = False


@final
class Peer:
    """One client's session. ``ids`` are its ClOrdIDs with the order that each belongs to, empty
    where it belongs to none; ``open`` its orders that can still change; ``refused`` and
    ``refused_before`` why its ids of this day and the day before were refused.

    ``unsent`` and ``recent`` as above, by the report's identifier. ``free_ns`` is when its throttle
    will have forgotten what it has sent; ``leaving_ns`` when its orders are cancelled because it is
    gone (0: not; below: so long after our next start as clients have to come back). ``counts`` are
    messages taken, refused, and sent.
    """

    __slots__ = (
        "counts",
        "epoch",
        "free_ns",
        "ids",
        "leaving_ns",
        "name",
        "open",
        "reason",
        "recent",
        "refused",
        "refused_before",
        "served",
        "settings",
        "since_ns",
        "unsent",
        "up",
        "up_ns",
    )

    def __init__(self, settings: FixClient) -> None:
        self.name: Final = settings.name
        self.settings = settings
        self.up = False
        self.served = False
        self.epoch = 0
        self.reason = "has not logged on"
        self.since_ns = 0
        self.up_ns = 0
        self.free_ns = 0
        self.leaving_ns = 0
        self.ids: dict[str, str] = {}
        self.open: dict[str, None] = {}
        self.refused: dict[str, str] = {}
        self.refused_before: dict[str, str] = {}
        self.unsent: dict[str, Parcel] = {}
        self.recent: deque[tuple[str, str, int]] = deque()
        self.counts: list[int] = [0, 0, 0]

    def knows(self, cl_ord_id: str) -> bool:
        """Whether it has used the id before."""
        return (
            cl_ord_id in self.ids or cl_ord_id in self.refused or cl_ord_id in self.refused_before
        )

    def refuse(self, cl_ord_id: str, why: str) -> None:
        """Remember why an id was refused: the newest of a day's, if there are very many."""
        self.refused[cl_ord_id] = why
        if len(self.refused) > MOST_REFUSED:
            del self.refused[next(iter(self.refused))]

    def why_refused(self, cl_ord_id: str) -> str:
        """What was said when the id was refused; empty where it was not."""
        return self.refused.get(cl_ord_id) or self.refused_before.get(cl_ord_id, "")

    def takes(self, now: int) -> bool:
        """Whether one more message is within its rate; counts it if so."""
        cost = SECOND // self.settings.messages_per_s
        due = max(self.free_ns, now)
        if due + cost - now > cost * self.settings.burst:
            return False
        self.free_ns = due + cost
        return True

    def left(self, number: str, now: int) -> None:
        """A message has left; what it may yet have to be told again stays."""
        parcel = self.unsent.pop(number, None)
        self.counts[2] += 1
        if parcel is not None and parcel.kept:
            self.recent.append((number, parcel.text, now))
        self.prune(now)

    def prune(self, now: int) -> None:
        """Forget what the client must have received by now."""
        window = self.settings.resend_window_s * SECOND
        while self.up and self.recent and max(self.recent[0][2], self.up_ns) <= now - window:
            self.recent.popleft()

    def facts(self) -> tuple[object, ...]:
        """All of it that decides what comes next, for the replay's state hash."""
        return (
            self.name,
            self.up,
            self.served,
            self.epoch,
            self.up_ns,
            self.free_ns,
            self.leaving_ns,
            tuple(sorted(self.ids.items())),
            tuple(sorted(self.open)),
            tuple(sorted({**self.refused_before, **self.refused})),
            tuple((number, p.text, p.asked) for number, p in self.unsent.items()),
            tuple((number, text, at) for number, text, at in self.recent),
        )


@final
class Clients:
    """All clients and mirrors. ``due`` are the orders and parents of which something was learned
    in this step, with the orders that executed; ``reports`` counts what was told."""

    __slots__ = ("copiers", "due", "mirrors", "peers", "reports")

    def __init__(self) -> None:
        self.peers: dict[str, Peer] = {}
        self.copiers: dict[str, Peer] = {}
        self.mirrors: dict[str, Mirror] = {}
        self.due: dict[str, dict[str, None]] = {}
        self.reports = 0

    def configure(self, clients: Mapping[str, FixClient]) -> None:
        """Take the configuration of a start; one that is not configured any more keeps its place
        while orders of it may be told of."""
        for name, settings in clients.items():
            if name in self.peers:
                self.peers[name].settings = settings
            else:
                self.peers[name] = Peer(settings)
        self.copiers = {name: self.peers[name] for name, c in clients.items() if c.drop_copy}

    def touch(self, order: Order, parent: str) -> None:
        """Something was learned of the order, a child of this routed parent (or of none)."""
        self.due.setdefault(parent or order.reference, {})[order.reference] = None

    def look_at(self, reference: str) -> None:
        """Something may have changed of this order or parent itself."""
        if reference in self.mirrors or self.copiers:
            self.due.setdefault(reference, {})

    def day_begun(self, old: Iterable[str]) -> None:
        """A day has begun: these parents are forgotten, and what was refused the day before
        yesterday may be asked for again."""
        self.forget(old)
        for peer in self.peers.values():
            peer.refused_before, peer.refused = peer.refused, {}

    def forget(self, references: Iterable[str]) -> None:
        """These orders and parents are not known any more, nor the ids by which clients know
        them."""
        for reference in references:
            mirror = self.mirrors.pop(reference, None)
            peer = self.peers.get(mirror.client) if mirror is not None else None
            if mirror is not None and peer is not None:
                peer.open.pop(reference, None)
                for cl_ord_id in mirror.chain:
                    peer.ids.pop(cl_ord_id, None)

    def facts(self, *, live: bool) -> tuple[object, ...]:
        """For the replay's state hash; ``live``: of mirrors only those of clients' open orders."""
        shown = self.mirrors
        if live:
            references = [reference for peer in self.peers.values() for reference in peer.open]
            shown = {reference: self.mirrors[reference] for reference in references}
        return (
            self.reports,
            len(self.mirrors),
            tuple(peer.facts() for _, peer in sorted(self.peers.items())),
            tuple(mirror.facts() for _, mirror in sorted(shown.items())),
        )
