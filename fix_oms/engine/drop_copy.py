"""A live drop copy: a FIX session that only listens, compared with our executions as they come.

What the copy tells is no evidence of an order: an execution is identified by counterparty, order,
class and ExecID(17) (D2), and the order's own session is where it counts, once. The copy is a
second witness. Either may be first and either may be late, so nothing is concluded before a grace:

- an execution of the copy's that we do not have is a break, *missing here*, ``drop_copy_grace_s``
  after it came. The order's own broker is asked about it. It is raised while the order's session is
  down as well: fills that happen then are what a drop copy is for.
- one of ours that the copy has not shown is *missing there*, as soon as the copy's session has been
  ready for the grace. While it is down nothing is concluded; what it missed it repeats.
- one that both have is compared at once: symbol, side, quantity, price, account.

A bust or correction that only one side has is named for what it leaves different: a trade that they
have busted and we hold is missing there, one that we have busted is missing here, a correction is a
quantity or a price. So the classes are those of a broker's file (``reconcile.breaks``), and
``fix-oms reconcile live`` puts them into the same ledger. A break ends when both sides agree, or by
the word of a person, until it differs in something else.
"""

from __future__ import annotations

from typing import Final

from fix_oms.engine.copied import (
    BUST,
    CORRECT,
    MOST_BREAKS,
    TRADE,
    Copied,
    Copies,
    Difference,
    Key,
)
from fix_oms.engine.inquiries import Inquiries
from fix_oms.engine.state import State
from fix_oms.engine.waiting import SECOND
from fix_oms.model.codes import EXEC_TRADE, EXEC_TRADE_CANCEL, EXEC_TRADE_CORRECT
from fix_oms.model.commands import SettleBreak
from fix_oms.model.messages import ExecutionReport, Message
from fix_oms.model.outputs import Accepted, Alert, Output, Refused
from fix_oms.model.units import text_of
from fix_oms.orders.execution import Execution
from fix_oms.orders.order import Order
from fix_oms.orders.said import trade_date_of
from fix_oms.reconcile.breaks import IN_WORDS, BreakClass
from fix_oms.reconcile.captures import captured
from fix_oms.reconcile.trades import BUYS
from fix_oms.routing.links import Link

_WHAT: Final[dict[str, str]] = {
    EXEC_TRADE: TRADE,
    EXEC_TRADE_CORRECT: CORRECT,
    EXEC_TRADE_CANCEL: BUST,
}


class DropCopy:
    """Compares what sessions that listen tell with what the orders hold."""

    def __init__(self, state: State, inquiries: Inquiries) -> None:
        self._state: Final = state
        self._inquiries: Final = inquiries

    # -- what comes in ------------------------------------------------------------------------

    def told(self, now: int, link: Link, message: Message, out: list[Output]) -> None:
        """A message of a session that listens. All but executions say nothing that is compared."""
        if not isinstance(message, ExecutionReport) or message.exec_type not in _WHAT:
            return
        what, exec_id = _WHAT[message.exec_type], message.exec_id
        copied = _copied(self._state, message, now)
        if copied is None or exec_id is None:
            text = f"{link.name} copies a {what} without an ExecID(17), a symbol or amounts"
            out.append(_alert("warning", "unreadable", text, link.name))
            return
        session, order = self._meant(link, message)
        if order is None and not link.settings.drop_copy_unknown:
            return  # another system's order, which this copy tells as well
        copies = self._state.copies[session]
        name = order.reference if order is not None else (copied.orders or ("",))[0]
        key = (name, what, exec_id)
        if order is not None and _is_held(order, what, exec_id, copied):
            copies.unseen.pop(key, None)
            if what == BUST:  # theirs may bear another ExecID than ours
                for other in _busts_of(order, copied.ref):
                    copies.unseen.pop((name, BUST, other), None)
            self._compare(now, session, key, order, copied, out)
        elif key not in copies.breaks:
            copies.await_ours(key, copied)

    def captured(self, now: int, link: Link, text: str, out: list[Output]) -> bool:
        """A TradeCaptureReport (35=AE) of a session that listens. Returns whether it is one."""
        try:
            report = captured(text) if link.settings.drop_copy_of else None
        except ValueError as error:
            text = f"a TradeCaptureReport of {link.name} cannot be read: {error}"
            out.append(_alert("severe", "unreadable", text, link.name))
            return True
        if report is not None:
            self.told(now, link, report, out)
        return report is not None

    def executed(self, now: int, order: Order, report: ExecutionReport, out: list[Output]) -> None:
        """An order of ours has come to hold an execution that it had not."""
        copies, exec_id = self._state.copies.get(order.session), report.exec_id
        if copies is None or exec_id is None:
            return
        what = _WHAT[report.exec_type]
        key = (order.reference, what, exec_id)
        names = (order.reference, report.order_id or "", report.cl_ord_id or "")
        others = [(name, what, exec_id) for name in names]
        if what == BUST:
            others += _busts_told(copies, order, report.exec_ref_id or "")
        for other in others:
            known = copies.breaks.pop(other, None)
            copied = known.copied if known is not None else copies.untold.pop(other, None)
            if copied is not None:
                self._compare(now, order.session, key, order, copied, out)
                return
        copies.await_copy(key, now)

    def _meant(self, link: Link, report: ExecutionReport) -> tuple[str, Order | None]:
        """The session whose execution it is, and the order, if we know it."""
        sessions = link.settings.drop_copy_of
        for session in sessions:
            order = self._state.book.meant(session, report)
            if order is not None:
                return session, order
        return sessions[0], None

    def settle(self, now: int, command: SettleBreak, out: list[Output]) -> None:
        """A person says that a break has been dealt with."""
        copies = self._state.copies.get(command.session)
        named = [
            one
            for (_, _, exec_id), one in (copies.open_breaks() if copies is not None else {}).items()
            if exec_id in command.exec_ids
        ]
        if not named:
            ids = ", ".join(command.exec_ids)
            text = f"no drop copy tells ExecID(17) {ids} of {command.session} otherwise"
            out.append(Refused(control="break", text=text))
            return
        for one in named:
            one.settled = command.by
        text = f"break settled by {command.by}: {command.reason}"
        out.append(Accepted(session=command.session, text=text))

    # -- time ---------------------------------------------------------------------------------

    def is_due(self, now: int) -> bool:
        """Whether a Tick at ``now`` would change anything."""
        return any(
            self._first_unseen(copies, now) is not None or self._first_untold(copies, now)
            for copies in self._state.copies.values()
        )

    def tick(self, now: int, out: list[Output]) -> None:
        """Name what one side has had for the grace and the other has not."""
        for session, copies in self._state.copies.items():
            while (key := self._first_unseen(copies, now)) is not None:
                del copies.unseen[key]
                self._missing_there(now, session, key, out)
            while (untold := self._first_untold(copies, now)) is not None:
                copied = copies.untold.pop(untold)
                self._missing_here(now, session, untold, copied, out)

    def new_day(self, out: list[Output]) -> None:
        """A day has begun: what nothing has explained for long is left to the ledger."""
        days = self._state.settings.engine.keep_days
        for session, copies in self._state.copies.items():
            for key in copies.aged(days):
                text = f"{_named(session, key)} was not explained in {days} days: no longer held"
                out.append(_alert("warning", "break", text, session, key[0]))

    def _first_unseen(self, copies: Copies, now: int) -> Key | None:
        link = self._state.links[copies.copy]
        if not (copies.unseen and link.ready):
            return None
        key, since = next(iter(copies.unseen.items()))
        grace = link.settings.drop_copy_grace_s * SECOND
        return key if now - max(since, link.since_ns) >= grace else None

    def _first_untold(self, copies: Copies, now: int) -> Key | None:
        if not copies.untold:
            return None
        key, copied = next(iter(copies.untold.items()))
        grace = self._state.links[copies.copy].settings.drop_copy_grace_s * SECOND
        return key if now - copied.since_ns >= grace else None

    # -- what differs -------------------------------------------------------------------------

    def _compare(
        self, now: int, session: str, key: Key, order: Order, copied: Copied, out: list[Output]
    ) -> None:
        """Both have it: a break of the gravest thing that differs, or none (any more)."""
        _, what, exec_id = key
        held = _held(order, what, exec_id)
        fields = min((_differs(order, what, e, copied) for e in held), key=len, default=())
        if fields:
            one = Difference(fields[0], fields, copied, _place(order, copied), now)
            self._raise(session, key, one, out)
        else:
            self._state.copies[session].breaks.pop(key, None)

    def _missing_there(self, now: int, session: str, key: Key, out: list[Output]) -> None:
        order, kind = self._state.book.find(key[0]), str(BreakClass.MISSING_THERE)
        if order is not None and key[1] == BUST:
            kind = str(BreakClass.MISSING_HERE)
        elif order is not None and key[1] == CORRECT:
            kind = _corrected(order, key[2])
        one = Difference(kind, (), None, _place(order, None), now)
        self._raise(session, key, one, out)

    def _missing_here(
        self, now: int, session: str, key: Key, copied: Copied, out: list[Output]
    ) -> None:
        order, what = self._state.book.find(key[0]), key[1]
        copies, kind = self._state.copies[session], str(BreakClass.MISSING_HERE)
        root = order.executions.root(copied.ref) if order is not None and copied.ref else None
        if what != TRADE and root is None:
            # Of a trade that we do not have: a bust of it makes both sides agree.
            trade = (key[0], TRADE, copied.ref)
            copies.untold.pop(trade, None)
            copies.breaks.pop(trade, None)
            if what == BUST:
                return
        elif order is not None and what == BUST:
            kind = str(BreakClass.MISSING_THERE)
        elif order is not None and what == CORRECT and root is not None:
            fields = _differs(order, what, order.executions.trades[root], copied)
            kind = fields[0] if fields else str(BreakClass.PRICE)
        one = Difference(kind, (), copied, _place(order, copied), now)
        self._raise(session, key, one, out)
        if order is not None:
            self._inquiries.ask(now, self._state.links[session], order, out)

    def _raise(self, session: str, key: Key, one: Difference, out: list[Output]) -> None:
        copies = self._state.copies[session]
        known = copies.breaks.get(key)
        if known is not None and (known.kind, known.fields) == (one.kind, one.fields):
            return
        if known is None and len(copies.breaks) >= MOST_BREAKS:
            copies.uncompared += 1
            return
        copies.breaks[key] = one
        severity = "severe" if one.kind == BreakClass.MISSING_HERE else "warning"
        out.append(
            _alert(severity, "break", sentence(session, copies.copy, key, one), session, key[0])
        )


def sentence(session: str, copy: str, key: Key, one: Difference) -> str:
    """A break in words: ``price: DC shows trade E9 of order 1-1 at ALPHA as Buy 100 …``."""
    words = IN_WORDS.get(one.kind, one.kind)
    if one.copied is None:
        return f"{words}: {copy} does not show {_named(session, key)}"
    told = one.copied
    side = "Buy" if told.buys else "Sell"
    terms = f"{side} {text_of(told.qty)} {told.symbol} @ {text_of(told.px)}"
    if not one.fields:
        return f"{words}: {copy} shows {_named(session, key)}: {terms}"
    return f"{', '.join(one.fields)}: {copy} shows {_named(session, key)} as {terms}"


def _place(order: Order | None, copied: Copied | None) -> tuple[str, str]:
    """The account and symbol of a break: ours, where we know the order."""
    if order is not None:
        return order.account, order.symbol
    return (copied.account, copied.symbol) if copied is not None else ("", "")


def _named(session: str, key: Key) -> str:
    return f"{key[1]} {key[2]} of order {key[0]} at {session}"


# -- what an order holds ---------------------------------------------------------------------------


def _held(order: Order, what: str, exec_id: str) -> list[Execution]:
    """The executions of the order that bear this ExecID(17); several where they contradict."""
    done = order.executions
    members = {TRADE: done.trades, CORRECT: done.corrections, BUST: done.busts}[what]
    found = [members[exec_id]] if exec_id in members else []
    if done.conflicts:
        found += [e for name, e in members.items() if name.startswith(f"{exec_id}\x01")]
    return found


def _is_held(order: Order, what: str, exec_id: str, copied: Copied) -> bool:
    """Whether the order holds the execution; a bust of the same trade under any ExecID."""
    return bool(_held(order, what, exec_id)) or (
        what == BUST and bool(_busts_of(order, copied.ref))
    )


def _busts_of(order: Order, ref: str) -> list[str]:
    done = order.executions
    root = done.root(ref) if ref else None
    return [b.exec_id for b in done.busts.values() if root is not None and done.root(b.ref) == root]


def _busts_told(copies: Copies, order: Order, ref: str) -> list[Key]:
    """The copy's busts of the same trade that wait for ours; theirs may bear another ExecID."""
    root = order.executions.root(ref) if ref else None
    told = {key: one.copied for key, one in copies.breaks.items()} | copies.untold
    return [
        key
        for key, copied in told.items()
        if root is not None
        and copied is not None
        and key[:2] == (order.reference, BUST)
        and order.executions.root(copied.ref) == root
    ]


def _differs(order: Order, what: str, held: Execution, copied: Copied) -> tuple[str, ...]:
    """The classes of what differs, the gravest first; a bust has no amounts."""
    has_amounts = what != BUST
    differs = (
        (BreakClass.SYMBOL, order.symbol != copied.symbol),
        (BreakClass.SIDE, order.buys != copied.buys),
        (BreakClass.QUANTITY, has_amounts and held.qty != copied.qty),
        (BreakClass.PRICE, has_amounts and held.px != copied.px),
        (BreakClass.ACCOUNT, bool(copied.account) and order.account != copied.account),
    )
    return tuple(str(kind) for kind, is_so in differs if is_so)


def _corrected(order: Order, exec_id: str) -> str:
    """What a correction of ours, which the copy has not shown, leaves different."""
    done = order.executions
    correction = done.corrections.get(exec_id)
    root = done.root(correction.ref) if correction is not None else None
    if correction is None or root is None:
        return str(BreakClass.MISSING_THERE)
    is_qty = done.trades[root].qty != correction.qty
    return str(BreakClass.QUANTITY if is_qty else BreakClass.PRICE)


# -- values ----------------------------------------------------------------------------------------


def _copied(state: State, report: ExecutionReport, now: int) -> Copied | None:
    """What the copy tells; None where it lacks what an execution needs."""
    qty, px = report.last_qty, report.last_px
    if report.exec_type == EXEC_TRADE_CANCEL:
        qty, px = qty or 0, px or 0
    if qty is None or px is None or report.symbol is None or report.side is None:
        return None
    names = (report.order_id, report.cl_ord_id, report.orig_cl_ord_id)
    account = report.account or ""
    return Copied(
        tuple([name for name in names if name]),
        report.exec_ref_id or "",
        state.account_told(account) or account,
        report.symbol,
        report.side in BUYS,
        qty,
        px,
        report.transact_time or 0,
        trade_date_of(report),
        now,
    )


def _alert(severity: str, code: str, text: str, session: str, order: str = "") -> Alert:
    return Alert(severity=severity, code=code, text=text, session=session, order=order)
