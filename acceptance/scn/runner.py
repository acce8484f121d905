"""Runs a script against a driver: does what the lines say, and compares what they state.

A difference is raised as :class:`Differs`, an AssertionError that begins with file:line and shows
each field, expected beside found. Those that agree stand there too: they tell which message it was.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from acceptance.scn import words
from acceptance.scn.driver import Driver, Silent
from acceptance.scn.parser import Check, Fill, Repeat, Script, Send, Step, Tell, Value, Wait
from acceptance.scn.venue import SOH, ScriptedVenue
from fix_oms.model.commands import AnyCommand
from fix_oms.model.fix import FixVersion
from fix_oms.model.inputs import AskStatus, CancelOrder, MassCancel, NewOrder, ReplaceOrder
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Refused
from fix_oms.model.units import Fixed, fixed, text_of
from fix_oms.model.views import OrderView
from fix_oms.wire import utc_timestamp

BY: Final = "script"
Row = tuple[str, str, str, bool]
"""Field, expected, found, whether they agree."""


class Differs(AssertionError):
    """What is, is not what the script says."""


class Run:
    """One script, in one version, against one order system."""

    def __init__(self, script: Script, version: FixVersion, driver: Driver) -> None:
        self._script: Final = script
        self._driver: Final = driver
        self._venue: Final = ScriptedVenue(version)
        self._ids: Final[dict[str, str]] = {}
        self._seqs: Final[dict[str, int]] = {}
        self._captured: Final[dict[str, str]] = {}
        self._before: Final[dict[str, Fixed]] = {}
        self._last_told = ""
        self._step: Step = script.steps[0]

    def run(self) -> None:
        """Run all steps. Raises Differs."""
        for step in self._script.steps:
            self._step = step
            _RUNNERS[type(step)](self, step)
        unheard = [text.replace(SOH, "|") for text in self._driver.unheard()]
        if unheard:
            raise self._differs(f"left without a line: {', '.join(unheard)}")

    # -- > and >> -----------------------------------------------------------------------------

    def _send(self, step: Send) -> None:
        if step.asked:
            answer = self._driver.submit(self._command(step))
            if isinstance(answer, Refused):
                raise self._differs(f"refused by {answer.control}: {answer.text}")
        try:
            text, seq = self._driver.sent()
        except Silent as error:
            raise self._differs(f"nothing left: {error}") from None
        found = {int(tag): value for tag, _, value in _pairs(text)}
        name = step.fields[11].text
        if found[35] == step.msg_type and 11 in found:
            self._ids.setdefault(name, found[11])
            self._seqs[name] = seq
            self._venue.received(found)
        wanted = {t: self._text(v, found.get(t)) for t, v in step.fields.items()}
        wanted[35] = step.msg_type
        self._compare({tag: (wanted[tag], found.get(tag)) for tag in sorted(wanted, key=_position)})

    def _command(self, step: Send) -> AnyCommand:
        """The command that makes this message leave."""
        stated = {tag: value.text for tag, value in step.fields.items() if value.kind == "text"}
        number = {tag: fixed(stated[tag]) for tag in (38, 44, 99) if tag in stated}
        if step.msg_type == "D":
            self._before.setdefault(stated[55], self._driver.position(stated[55]))
            terms = Terms(
                symbol=stated[55],
                side=stated[54],
                order_qty=number[38],
                ord_type=stated[40],
                price=number.get(44),
                stop_px=number.get(99),
                time_in_force=stated.get(59, "0"),
            )
            return NewOrder(by=BY, terms=terms)
        if step.msg_type == "q":
            return MassCancel(by=BY, symbol=stated.get(55))
        name = step.fields[11 if step.msg_type == "H" else 41].text
        order = self._ids[name]
        if step.msg_type == "H":
            return AskStatus(by=BY, order=order)
        if step.msg_type == "F":
            return CancelOrder(by=BY, order=order)
        return ReplaceOrder(
            by=BY,
            order=order,
            order_qty=number.get(38),
            price=number.get(44),
            stop_px=number.get(99),
            time_in_force=stated.get(59),
        )

    # -- < and venue --------------------------------------------------------------------------

    def _tell(self, step: Tell) -> None:
        fresh = [tag for tag, value in step.fields.items() if self._is_fresh(value)]
        stated = {t: self._stated(t, v) for t, v in step.fields.items() if t not in fresh}
        now = utc_timestamp(self._driver.now_ns(), 3)
        text = self._venue.compose(step.msg_type, stated, now)
        said = {int(tag): value for tag, _, value in _pairs(text)}
        for tag in fresh:
            self._captured[step.fields[tag].text] = said[tag]
        self._last_told = text
        self._driver.deliver(text)

    def _is_fresh(self, value: Value) -> bool:
        return value.kind == "capture" and value.text not in self._captured

    def _stated(self, tag: int, value: Value) -> str | None:
        """A field's value for a message of the venue; None where it is to be left out."""
        if value.kind == "name" and tag == words.REF_SEQ_NUM:
            return str(self._seqs[value.text])
        return self._text(value, None)

    def _fill(self, step: Fill) -> None:
        self._venue.fill(self._ids[step.order], step.quantity, step.price)

    def _repeat(self, step: Repeat) -> None:
        self._driver.deliver(self._last_told)

    # -- oms, wait ----------------------------------------------------------------------------

    def _check(self, step: Check) -> None:
        order = self._driver.order(self._ids[step.order])
        if order is None:
            raise self._differs(f"no such order: {step.order}")
        held = _held(order)
        pairs = {t: (self._text(v, held.get(t)), held.get(t)) for t, v in step.fields.items()}
        facts = self._facts(order, self._ids[step.order])
        rows = [
            (name, value, facts[name], _same_fact(value, facts[name]))
            for name, value in step.facts.items()
        ]
        self._compare(pairs, rows)

    def _facts(self, order: OrderView, cl_ord_id: str) -> dict[str, str]:
        names = {real: name for name, real in self._ids.items()}
        open_ids = [r.cl_ord_id for r in order.requests if r.outcome == "pending"]
        change = self._driver.position(order.symbol) - self._before[order.symbol]
        return {
            "position": text_of(change),
            "pending": ",".join(names.get(i, i) for i in open_ids) or "none",
            "doubt": "yes" if order.in_doubt else "no",
            "breaks": ",".join(order.breaks) or "none",
            "outcome": next(r.outcome for r in order.requests if r.cl_ord_id == cl_ord_id),
        }

    def _wait(self, step: Wait) -> None:
        self._driver.wait(int(step.seconds * 1_000_000_000))

    # -- comparing ----------------------------------------------------------------------------

    def _text(self, value: Value, found: str | None) -> str | None:
        """What a value stands for; a capture seen for the first time takes what was ``found``."""
        if value.kind == "absent":
            return None
        if value.kind == "name":
            return self._ids.get(value.text, value.text)
        if value.kind == "capture":
            return self._captured.setdefault(value.text, found or "")
        return value.text

    def _compare(
        self, pairs: dict[int, tuple[str | None, str | None]], rows: list[Row] | None = None
    ) -> None:
        """Raise Differs unless expected equals found everywhere."""
        table = [
            (words.label(t), words.shown(t, want), words.shown(t, got), words.same(t, want, got))
            for t, (want, got) in pairs.items()
        ] + (rows or [])
        if all(agrees for *_, agrees in table):
            return
        table.insert(0, ("field", "expected", "found", True))
        first, second = (max(map(len, column)) for column in list(zip(*table, strict=True))[:2])
        lines = [
            f"  {' ' if agrees else '!'} {a:{first}}  {b:{second}}  {c}"
            for a, b, c, agrees in table
        ]
        raise self._differs("\n".join(["", *lines]))

    def _differs(self, what: str) -> Differs:
        return Differs(f"{self._script.file}:{self._step.line}: {self._step.source}: {what}")


_RUNNERS: Final[dict[type, Callable[..., None]]] = {
    Send: Run._send,
    Tell: Run._tell,
    Fill: Run._fill,
    Repeat: Run._repeat,
    Check: Run._check,
    Wait: Run._wait,
}


def _position(tag: int) -> int:
    """MsgType first, then by tag."""
    return -1 if tag == 35 else tag


def _pairs(text: str) -> list[tuple[str, str, str]]:
    return [field.partition("=") for field in text.split(SOH) if field]


def _held(order: OrderView) -> dict[int, str]:
    """An order's FIX fields as the order system holds them."""
    held = {
        37: order.order_id,
        11: order.cl_ord_id,
        39: order.ord_status,
        38: text_of(order.order_qty),
        14: text_of(order.cum_qty),
        151: text_of(order.leaves_qty),
        6: text_of(order.avg_px),
    }
    return held if order.price is None else held | {44: text_of(order.price)}


def _same_fact(expected: str, found: str) -> bool:
    try:
        return Decimal(expected) == Decimal(found)
    except ArithmeticError:
        return expected == found
