"""The laws of a kill: what must hold of both sides, whatever died and when.

*Broken* is what no time can mend: something lost, sent twice, refused for a low number, skipped.
*Unsettled* is what must become true once both sides are up and quiet: nothing waits for an answer,
every order is the same on both sides, every report that a venue gave out is in our journal. The
harness waits for the second and gives up at the first; both are lists of findings, each under the
name of its law.

Two things are not held against the engine, because the standard itself lets them be lost: a report
that was on its way when the sequence numbers of its session were reset, and one that the kill of a
venue caught between its journal and its session's store. What such a report told must be known all
the same, by the answers to our questions: the orders are compared either way.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from acceptance.kills.evidence import Ours, Theirs
from acceptance.kills.load import Told
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import text_of
from fix_oms.orders.order import Order
from fix_oms.orders.requests import NEW, Request
from fix_oms.simulator.order import Order as VenueOrder

SECOND: Final = 1_000_000_000
SLACK_NS: Final = SECOND
"""Two processes write their times into two journals."""

LOST: Final = "lost"
DUPLICATED: Final = "duplicated"
REFUSED: Final = "refused for a low number"
SKIPPED: Final = "inbound message skipped"
GHOST: Final = "left without being asked for"
WAITS: Final = "waits"
DIFFERS: Final = "differs"
UNREPORTED: Final = "report not in the journal"
LAWS: Final = (LOST, DUPLICATED, REFUSED, SKIPPED, GHOST, WAITS, DIFFERS, UNREPORTED)


class Finding(NamedTuple):
    """One breach of one law."""

    law: str
    text: str


def broken(ours: Ours, theirs: Collection[Theirs], told: Collection[Told]) -> list[Finding]:
    """What can never be right again."""
    return [
        *_lost(ours, told),
        *_twice(theirs),
        *(Finding(REFUSED, text) for text in ours.refused_low),
        *(
            Finding(SKIPPED, f"{session}: {text}")
            for session, numbers in ours.numbers.items()
            for text in numbers.skipped
        ),
        *_ghosts(ours, theirs, told),
    ]


def unsettled(ours: Ours, theirs: Collection[Theirs]) -> list[Finding]:
    """What is not right yet."""
    found = list(_waits(ours, theirs))
    for venue in theirs:
        if venue.is_busy:
            found.append(Finding(WAITS, f"{venue.name} has not done with its orders"))
        found += _orders_differ(ours, venue)
        found += _unreported(ours, venue)
    return found + _positions_differ(ours, theirs)


def _waits(ours: Ours, theirs: Collection[Theirs]) -> Iterator[Finding]:
    """Requests without an answer, but for those that stay in doubt by right."""
    received = {cl_ord_id for venue in theirs for cl_ord_id in venue.received}
    for cl_ord_id, request in ours.waiting().items():
        if cl_ord_id in received or not stays_in_doubt(ours, request):
            yield Finding(WAITS, f"{request.kind} {cl_ord_id} has no answer")


def stays_in_doubt(ours: Ours, request: Request) -> bool:
    """Whether no answer of a broker ends the doubt of a request that never arrived: a person must.

    A cancel or replace, for as long as its order stands: a status answer says nothing of it. A new
    order from before a reset of the numbers: "unknown order" ends one of the same epoch only.
    """
    if request.kind == NEW:
        link = ours.engine.state.links[ours.asked[request.cl_ord_id]]
        return request.doubt and request.epoch < link.epoch
    return request.doubt


def _lost(ours: Ours, told: Collection[Told]) -> Iterator[Finding]:
    """A client was told that it is taken, and the engine knows nothing of it."""
    book = ours.engine.state.book
    for each in told:
        if not isinstance(each.answer, Accepted) or not each.answer.cl_ord_id:
            continue
        order = book.by_cl_ord_id(each.answer.cl_ord_id)
        if order is None or order.request(each.answer.cl_ord_id) is None:
            yield Finding(LOST, f"{each.answer.cl_ord_id} ({each.what}) was accepted")


def _twice(theirs: Collection[Theirs]) -> Iterator[Finding]:
    for venue in theirs:
        for cl_ord_id, times in venue.received.items():
            if times > 1:
                yield Finding(DUPLICATED, f"{venue.name} was sent {cl_ord_id} {times} times")
        for cl_ord_id in venue.possible_duplicates:
            yield Finding(DUPLICATED, f"{venue.name} was sent {cl_ord_id} with PossDupFlag(43)=Y")


def _ghosts(ours: Ours, theirs: Collection[Theirs], told: Collection[Told]) -> Iterator[Finding]:
    """At a venue without our knowing, or after its client was told that it is refused."""
    for venue in theirs:
        for cl_ord_id in venue.received:
            if cl_ord_id not in ours.asked:
                yield Finding(GHOST, f"{venue.name} has {cl_ord_id}, which is in no record of ours")
    refs = {order.client_ref: order for order in ours.orders() if order.client_ref}
    received = {cl_ord_id for venue in theirs for cl_ord_id in venue.received}
    for each in told:
        order = refs.get(each.ref) if isinstance(each.answer, Refused) else None
        if order is not None and order.reference in received:
            yield Finding(GHOST, f"{order.reference} ({each.ref}) was refused to its client")


def _orders_differ(ours: Ours, venue: Theirs) -> Iterator[Finding]:
    """Every order of ours at this venue as the venue has it; what it never had must have ended."""
    held = {cl_ord_id: order for order in venue.orders() for cl_ord_id in order.ids}
    for order in ours.orders():
        if order.session != venue.name:
            continue
        other = held.get(order.reference)
        if other is not None:
            mine, its = _facts(order), _their_facts(other)
            if mine != its:
                yield Finding(DIFFERS, f"{order.reference}: we have {mine}, {venue.name} {its}")
        elif not (order.ended or stays_in_doubt(ours, order.first)) or order.cum_qty:
            law = WAITS if order.outstanding() else LOST
            yield Finding(law, f"{order.reference} is open here, and {venue.name} never had it")


def _facts(order: Order) -> tuple[str, str, str]:
    return order.ord_status, text_of(order.cum_qty), text_of(order.leaves_qty)


def _their_facts(order: VenueOrder) -> tuple[str, str, str]:
    leaves = 0 if order.ended is not None else order.leaves_qty
    return order.status.value, text_of(order.cum_qty), text_of(leaves)


def _unreported(ours: Ours, venue: Theirs) -> Iterator[Finding]:
    """Reports given out that never came in; but for those right before a reset or a venue's start.

    A session keeps the order, so what such a moment can have taken is the last of what was given
    out before it: everything from the first that is missing on.
    """
    takers = [at for session, at in ours.resets if session == venue.name] + venue.starts
    missing: list[Finding] = []
    since_ns = 0
    for exec_id, (given_ns, cl_ord_id) in venue.reports.items():
        if (venue.name, exec_id) not in ours.exec_ids:
            since_ns = since_ns or given_ns
            text = f"ExecID(17) {exec_id} of {cl_ord_id}, given out by {venue.name}"
            missing.append(Finding(UNREPORTED, text))
        elif missing:
            if not any(since_ns - SLACK_NS <= at <= given_ns + SLACK_NS for at in takers):
                yield from missing
            missing, since_ns = [], 0
    if missing and not any(since_ns - SLACK_NS <= at for at in takers):
        yield from missing


def _positions_differ(ours: Ours, theirs: Collection[Theirs]) -> list[Finding]:
    """Executions counted once each: the sums per symbol, provisional quantities included."""
    mine: dict[str, int] = defaultdict(int)
    its: dict[str, int] = defaultdict(int)
    for (_, symbol), position in ours.engine.state.ledger.positions.items():
        mine[symbol] += position.bought - position.sold
    for order in ours.orders():
        mine[order.symbol] += order.provisional if order.buys else -order.provisional
    for venue in theirs:
        for other in venue.orders():
            traded = sum(e.quantity for e in other.executions if not e.busted)
            its[other.terms.symbol] += traded if other.is_buy else -traded
    return [
        Finding(DIFFERS, f"position {s}: we have {text_of(mine[s])}, they {text_of(its[s])}")
        for s in sorted(mine.keys() | its.keys())
        if mine[s] != its[s]
    ]


def counted(findings: Collection[Finding]) -> Counter[str]:
    """How many findings each law has."""
    return Counter(finding.law for finding in findings)
