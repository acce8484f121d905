"""What is wrong now: the conditions that a person should know of, as the state has them.

Not a log. Each call looks at the state and says what holds, so what is listed is true whatever was
told when and lost where, after a restart too. When something is told, repeated and taken back is
the server's business (``server.notices``), which looks once a second.

It looks under the engine's lock, so it must be cheap with any number of open orders: nothing here
walks over all of them. Only small indexes are read (requests without an answer, orders that do not
add up, checks, feeds), and of one code and session only :data:`MOST_NAMED` are put into words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fix_oms.algos.running import HELD
from fix_oms.engine.algo_desk import AlgoDesk
from fix_oms.engine.drop_copy import sentence
from fix_oms.engine.market_data import gap_text
from fix_oms.engine.state import State
from fix_oms.engine.waiting import SECOND, Waiting
from fix_oms.model.alert_codes import BREACHES
from fix_oms.model.scope import key_text
from fix_oms.model.views import AlertView
from fix_oms.reconcile.breaks import BreakClass
from fix_oms.risk.lanes import Lane
from fix_oms.risk.latches import Latch, PositionBreak
from fix_oms.risk.order_checks import MarketData

MOST_NAMED: Final = 20
"""So many of one code and session stand each for itself, the oldest; the rest is counted."""
ENGINE: Final = "fix-oms"
"""Who halts when a replay differs from what left: the engine itself."""


def open_alerts(state: State, now: int) -> list[AlertView]:
    """All conditions that hold at ``now`` (ns UTC), each once."""
    found: list[AlertView] = []
    for part in _PARTS:
        part(state, now, found)
    return found


class _Crowd:
    """How many there are of one code, by session, and the worst severity of those not named."""

    __slots__ = ("_held", "_worst")

    def __init__(self) -> None:
        self._held: dict[str, int] = {}
        self._worst: dict[str, str] = {}

    def has_room(self, session: str, severity: str) -> bool:
        """Count one more. True: it is to stand for itself."""
        held = self._held[session] = self._held.get(session, 0) + 1
        if held <= MOST_NAMED:
            return True
        if severity == "severe" or session not in self._worst:
            self._worst[session] = severity
        return False

    def rests(self) -> list[tuple[str, str, int]]:
        """Session, severity and number of those that do not stand for themselves."""
        return [(s, worst, self._held[s] - MOST_NAMED) for s, worst in self._worst.items()]


def _condition(
    severity: str,
    code: str,
    text: str,
    subject: str,
    session: str = "",
    order: str = "",
    since_ns: int = 0,
    count: int = 1,
) -> AlertView:
    return AlertView(
        code=code,
        severity=severity,
        text=text,
        subject=subject,
        session=session,
        order=order,
        since_ns=since_ns,
        count=count,
    )


# -- orders ----------------------------------------------------------------------------------------


def _in_doubt(state: State, now: int, found: list[AlertView]) -> None:
    crowd = _Crowd()
    most = {name: link.settings.checks.most_questions for name, link in state.links.items()}
    for waiting in state.waiting.values():
        request = waiting.request
        if not request.doubt or waiting.is_settled:
            continue
        order = waiting.order
        at = order.session
        severity = "severe" if waiting.asked >= most[at] else "warning"
        if crowd.has_room(at, severity):
            name, reference = request.cl_ord_id, order.reference
            text = f"{request.kind} {name} of order {reference} is in doubt: "
            text += _asked(waiting, most[at])
            since = request.created_ns
            found.append(_condition(severity, "in_doubt", text, name, at, reference, since))
    for session, severity, count in crowd.rests():
        text = f"{count} more requests to {session} are in doubt"
        found.append(_condition(severity, "in_doubt", text, "", session, count=count))


def _asked(waiting: Waiting, most: int) -> str:
    if waiting.asked >= most:
        return "no question about it was answered, and no more are asked"
    return "the broker is asked" if waiting.asked_ns else "the broker is not asked yet"


def _unsound(state: State, now: int, found: list[AlertView]) -> None:
    """Breaks, and what only the order of arrival decides."""
    breaks, uncertain = _Crowd(), _Crowd()
    for name, texts in state.breaks.items():
        order = state.book.by_cl_ord_id(name) or state.book.find(name)
        if order is None:
            continue
        at = order.session
        if texts and breaks.has_room(at, "warning"):
            text = f"order {name}: {'; '.join(texts)}"
            found.append(_condition("warning", "break", text, name, at, name))
        if order.is_uncertain() and uncertain.has_room(at, "warning"):
            text = f"only arrival tells which of two reports of {name} is newer"
            found.append(_condition("warning", "uncertain", text, name, at, name))
    for session, _, count in breaks.rests():
        text = f"{count} more orders at {session} do not add up"
        found.append(_condition("warning", "break", text, "", session, count=count))
    for session, _, count in uncertain.rests():
        text = f"{count} more orders at {session} are uncertain"
        found.append(_condition("warning", "uncertain", text, "", session, count=count))


def _copied(state: State, now: int, found: list[AlertView]) -> None:
    """What drop copies tell otherwise."""
    for session, copies in state.copies.items():
        crowd = _Crowd()
        for key, one in copies.open_breaks().items():
            severity = "severe" if one.kind == BreakClass.MISSING_HERE else "warning"
            if crowd.has_room(session, severity):
                text, name = sentence(session, copies.copy, key, one), " ".join(key)
                since, order = one.since_ns, key[0]
                found.append(_condition(severity, "break", text, name, session, order, since))
        for at, severity, count in crowd.rests():
            text = f"{copies.copy} tells {count} more executions of {at} otherwise"
            found.append(_condition(severity, "break", text, copies.copy, at, count=count))
        if copies.uncompared:
            lost = copies.uncompared
            text = f"{lost} executions of {session} were too many to be compared with {copies.copy}"
            found.append(_condition("warning", "break", text, f"{copies.copy} uncompared", session))


def _external(state: State, now: int, found: list[AlertView]) -> None:
    crowd = _Crowd()
    for order in state.book.externals():
        if order.is_open() and crowd.has_room(order.session, "severe"):
            name = order.reference
            text = f"{order.session} has {name} open, which we did not send"
            at = order.session
            found.append(
                _condition("severe", "external_order", text, name, at, name, order.created_ns)
            )
    for session, _, count in crowd.rests():
        text = f"{count} more orders are open at {session} that we did not send"
        found.append(_condition("severe", "external_order", text, "", session, count=count))


# -- sessions and brokers --------------------------------------------------------------------------


def _unheard(state: State, now: int, found: list[AlertView]) -> None:
    """New risk that is held until a broker has spoken of what was open when it came back."""
    for name, inquiry in state.inquiries.items():
        if inquiry.held:
            orders, first = inquiry.held.total(), next(iter(inquiry.held))
            like = f"{first[0]} {first[1]}" + (" and others" if len(inquiry.held) > 1 else "")
            text = f"{name} has yet to tell of {_orders(orders)}: new ones of {like} are held"
            since = state.links[name].since_ns
            found.append(_condition("warning", "unheard", text, name, name, since_ns=since))


def _mass_cancels(state: State, now: int, found: list[AlertView]) -> None:
    for name, asked in state.mass_cancels.items():
        timeout = state.links[asked.session].settings.answer_timeout_s * SECOND
        if now - asked.asked_ns > timeout:
            text = f"mass cancel {name} of {key_text(asked.key)} has no answer of {asked.session}"
            at = asked.session
            found.append(
                _condition("warning", "mass_cancel", text, name, at, since_ns=asked.asked_ns)
            )


def _trading_halts(state: State, now: int, found: list[AlertView]) -> None:
    crowd = _Crowd()
    for (session, symbol), why in state.halted.items():
        if crowd.has_room(session, "warning"):
            text = f"{session} has halted {symbol}: {why}"
            found.append(
                _condition("warning", "trading_halt", text, f"{session} {symbol}", session)
            )
    for session, _, count in crowd.rests():
        text = f"{count} more instruments are halted by {session}"
        found.append(_condition("warning", "trading_halt", text, "", session, count=count))


def _stale_quotes(state: State, now: int, found: list[AlertView]) -> None:
    """Quotes that a limit needs, where an order or a position would have to be judged by them."""
    if all(limit.control != "market_data" for limit in state.gate.lanes.limits):
        return
    crowd = _Crowd()
    seen: set[str] = set()
    for lane in state.gate.lanes.lanes.values():
        for check in lane.checks:
            if not isinstance(check, MarketData) or not _is_quoted(state, lane):
                continue
            session, symbol = lane.scope.session, lane.scope.symbol
            name = f"{session} {symbol}"
            wrong = state.prices.unreasonable(session, symbol, now, check.age_ns)
            if not wrong or name in seen:
                continue
            seen.add(name)
            if crowd.has_room(session, "warning"):
                wrong = "too old" if wrong.endswith(" old") else wrong
                text = f"{session}'s quote of {symbol} is {wrong}, and {check.name} needs it"
                found.append(_condition("warning", "stale_quote", text, name, session))
    for session, _, count in crowd.rests():
        text = f"{count} more quotes of {session} are stale or missing"
        found.append(_condition("warning", "stale_quote", text, "", session, count=count))


def _book_gaps(state: State, now: int, found: list[AlertView]) -> None:
    """Books of which changes are missing."""
    crowd = _Crowd()
    for key, gap in state.quotes.gaps.items():
        session, _, venue = key
        at = "" if venue else session
        if crowd.has_room(at, "warning"):
            text, name = gap_text(key), " ".join(key).rstrip()
            found.append(_condition("warning", "book_gap", text, name, at, since_ns=gap.since_ns))
    for at, _, count in crowd.rests():
        text = f"changes of {count} more books are missing"
        found.append(_condition("warning", "book_gap", text, "", at, count=count))


def _is_quoted(state: State, lane: Lane) -> bool:
    """Whether a quote is to be expected there, and matters."""
    scope, own = lane.scope, lane.line.own
    if not (own.quantity or own.open_buy or own.open_sell):
        return False
    link, venue = state.links.get(scope.session), state.settings.venues.get(scope.venue)
    if link is None or not link.ready or venue is None:
        return False
    return venue.hours is None or venue.name in state.open_venues


# -- positions and risk ----------------------------------------------------------------------------


def _checks(state: State, now: int, found: list[AlertView]) -> None:
    """Limits that are broken, what has latched, and positions that a feed tells otherwise."""
    lanes = state.gate.lanes
    blocked: set[int] = set()
    for check in lanes.checks.values():
        if isinstance(check, Latch):
            if check.shut_ns:
                text = f"{check.why}: no new risk until it is re-armed"
                at = check.subject
                found.append(_condition("severe", "latched", text, at, since_ns=check.shut_ns))
        elif check.told and (text := check.breach(now)):
            if isinstance(check, PositionBreak):
                blocked.add(id(check.feed))
            found.append(
                AlertView(
                    code=BREACHES.get(check.control, "limit_breach"),
                    severity="severe",
                    text=f"{text} [{check.name}]: no new risk there",
                    subject=check.subject,
                )
            )
    for (account, symbol), feed in lanes.feeds.items():
        if feed.difference and id(feed) not in blocked:
            text = f"{account} {symbol}: {feed.missing()}"
            found.append(_condition("warning", "position_break", text, f"{account} {symbol}"))


def _halts(state: State, now: int, found: list[AlertView]) -> None:
    working = state.book.open
    for halt in state.gate.halts.held.values():
        where = key_text(halt.key)
        said = f"by {halt.by}: {halt.reason}"
        since = halt.since_ns
        if not halt.kills:
            severity = "severe" if halt.by == ENGINE else "warning"
            text = f"{where} is halted {said}"
            found.append(_condition(severity, "halt", text, where, since_ns=since))
            continue
        left = sum(1 for reference in halt.asked if reference in working)
        still = f"; {_orders(left)} not reported out" if left else ""
        text = f"{where} is killed {said}{still}"
        found.append(_condition("severe", "kill", text, where, since_ns=since))


def _parents(state: State, now: int, found: list[AlertView]) -> None:
    """Routed parents that a person has to look at."""
    crowd = _Crowd()
    for ref, parent in state.routed.live.items():
        if parent.suspended and crowd.has_room("", "warning"):
            text, since = f"parent {ref} is suspended: {parent.suspended}", parent.updated_ns
            found.append(_condition("warning", "parent_suspended", text, ref, since_ns=since))
    for _, severity, count in crowd.rests():
        text = f"{count} more parents are suspended"
        found.append(_condition(severity, "parent_suspended", text, "", count=count))


def _algos(state: State, now: int, found: list[AlertView]) -> None:
    """Algos that a person has to look at."""
    crowd = _Crowd()
    for ref, running in state.algos.live.items():
        is_held = running.state == HELD
        if (is_held or running.trouble) and crowd.has_room("", "severe"):
            why = f"is held: {running.why}" if is_held else f"does nothing: {running.trouble}"
            text, since = f"algo {ref} {why}", running.updated_ns
            found.append(_condition("severe", "algo_held", text, ref, since_ns=since))
    for _, severity, count in crowd.rests():
        found.append(_condition(severity, "algo_held", f"{count} more algos", "", count=count))


def _uncovered(state: State, now: int, found: list[AlertView]) -> None:
    """What algos should have covered and have not."""
    crowd = _Crowd()
    for ref, running in state.algos.live.items():
        if not running.uncovered or running.algo is None or not crowd.has_room("", "severe"):
            continue
        _, text = running.algo.uncovered(AlgoDesk(state, running, now))
        text, since = f"algo {ref}: {text}", running.updated_ns
        found.append(_condition("severe", "uncovered", text, ref, since_ns=since))
    for _, severity, count in crowd.rests():
        found.append(_condition(severity, "uncovered", f"{count} more algos", "", count=count))


def _orders(count: int) -> str:
    return "1 order" if count == 1 else f"{count} orders"


def _clients(state: State, now: int, found: list[AlertView]) -> None:
    for peer in state.clients.peers.values():
        if peer.open and not peer.up:
            text = f"client {peer.name} is not logged on ({peer.reason}) and has "
            text += f"{len(peer.open)} orders open"
            since = peer.since_ns
            found.append(
                _condition("warning", "client_away", text, peer.name, peer.name, since_ns=since)
            )


_PARTS: Final[tuple[Callable[[State, int, list[AlertView]], None], ...]] = (
    _in_doubt,
    _unsound,
    _copied,
    _external,
    _unheard,
    _mass_cancels,
    _trading_halts,
    _stale_quotes,
    _book_gaps,
    _checks,
    _halts,
    _parents,
    _algos,
    _uncovered,
    _clients,
)
