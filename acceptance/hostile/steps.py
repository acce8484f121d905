"""The steps of a case: one line each, a verb and what it is about.

README.md here lists them. A line that cannot be done, or that waits in vain, raises an
AssertionError that begins with the line.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import Final

from acceptance.hostile import acts, words
from acceptance.hostile.lane import Lane
from acceptance.hostile.venue import Missing
from fix_oms.model.fix import OrdStatus
from fix_oms.model.units import SCALE

Wrong = dict[str, str | None]
Body = list[tuple[str, str]]
_ESCAPE: Final = re.compile(r"\\x([0-9a-f]{2})")


class Steps:
    """One run of one case on one lane."""

    def __init__(self, lane: Lane) -> None:
        self._lane: Final = lane
        self._venue: Final = lane.venue
        self._names: Final[dict[str, str]] = {}
        self._last: tuple[str, int, Body] = ("", 0, [])

    def run(self, lines: tuple[str, ...]) -> None:
        """Do them all. Raises AssertionError."""
        for line in lines:
            try:
                self._do(line.split())
            except AssertionError as error:
                raise AssertionError(f"{line}: {error}") from error

    def _do(self, step: list[str]) -> None:
        verb, *rest = step
        if verb not in VERBS:
            raise AssertionError(f"no such verb; there are {', '.join(VERBS)}")
        VERBS[verb](self, *rest)

    # -- messages ---------------------------------------------------------------------------------

    def _order(self, name: str, qty: str = "100") -> None:
        self._names[name] = self._lane.order(int(qty))

    def _fill(self, name: str, qty: str, *fields: str) -> None:
        report = self._venue.book.fill(self._names[name], int(qty))
        self._out("8", report, fields)

    def _send(self, kind: str, *fields: str) -> None:
        self._out(self._value(kind), [], fields)

    def _again(self, *fields: str) -> None:
        """The last message once more, under its number unless a field says otherwise."""
        kind, number, body = self._last
        self._out(kind, body, [f"34={number}", *fields])

    def _out(
        self, kind: str, body: list[tuple[str, str]], fields: tuple[str, ...] | list[str]
    ) -> None:
        wrong, body = self._changed(body, fields)
        number = wrong.get("34", str(self._venue.next_out)) or ""
        self._last = (kind, int(number) if number.isdigit() else self._venue.next_out, body)
        self._venue.send(kind, body, wrong)

    def _changed(self, body: Body, fields: Sequence[str]) -> tuple[Wrong, Body]:
        """Header and trailer, and the body, with what the line says of them."""
        wrong: Wrong = {}
        for field in fields:
            tag, _, said = field.partition("=")
            value = None if said == "-" else self._value(said)
            if tag in words.ENVELOPE:
                wrong[tag] = value
            elif tag.startswith("+"):
                body = [*body, (tag[1:], value or "")]  # beside one that is there
            else:
                at = [i for i, (t, _) in enumerate(body) if t == tag]
                body = [(t, v) for t, v in body if t != tag]
                if value is not None:
                    body.insert(at[0] if at else len(body), (tag, value))
        return wrong, body

    def _value(self, said: str) -> str:
        """Numbers and times by their names, an order's ClOrdID(11), and bytes as ``\\x01``."""
        if said in self._names:
            return self._names[said]
        numbers = {"next": self._venue.next_out, "in": self._venue.next_in}
        text = words.resolved(said, numbers)
        return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)

    def _raw(self, *text: str) -> None:
        self._venue.write(self._value(" ".join(text)).replace("|", "\x01").encode("latin-1"))

    def _resend(self, begin: str, end: str = "0") -> None:
        self._venue.send_again(int(self._value(begin)), int(self._value(end)))

    # -- the venue's mood -------------------------------------------------------------------------

    def _mute(self, *kinds: str) -> None:
        self._venue.muted.update(kinds)

    def _unmute(self, *kinds: str) -> None:
        self._venue.muted.difference_update(kinds)

    def _logon(self, *fields: str) -> None:
        """What is wrong with the next Logons."""
        for field in fields:
            tag, _, said = field.partition("=")
            self._venue.logon[tag] = None if said == "-" else _plain(said)

    def _slam(self) -> None:
        self._venue.slam = True

    def _deaf(self) -> None:
        self._venue.deaf = True

    def _beats(self) -> None:
        self._venue.beats = True

    def _behave(self) -> None:
        self._venue.behave()

    def _close(self) -> None:
        self._venue.close()

    def _rst(self) -> None:
        self._venue.close(reset=True)

    # -- waiting ----------------------------------------------------------------------------------

    def _hear(self, kind: str, *fields: str) -> None:
        wanted = {}
        for field in fields:
            tag, _, said = field.partition("=")
            wanted[int(tag)] = self._value(said)
        self._venue.until(
            lambda: any(
                h.kind == kind and all(h.fields.get(t) == v for t, v in wanted.items())
                for h in self._venue.heard
            ),
            f"{words.named(kind)} {wanted or ''}",
        )

    def _down(self) -> None:
        self._venue.until(lambda: not self._venue.connected, "the connection's end")

    def _up(self) -> None:
        self._lane.await_ready()

    def _connections(self, count: str) -> None:
        wanted = self._venue.connections + int(count)
        self._venue.until(lambda: self._venue.connections >= wanted, f"{count} connections")

    def _settle(self) -> None:
        self._venue.settle()

    def _wait(self, seconds: str) -> None:
        time.sleep(float(seconds))

    def _times(self, count: str, *step: str) -> None:
        for _ in range(int(count)):
            self._do(list(step))

    # -- the engine -------------------------------------------------------------------------------

    def _state(self, *words_: str) -> None:
        """The session is in one of these states, or comes to be."""
        self._lane.until(lambda: self._lane.session().state in words_, f"state {words_}")

    def _reason(self, *text: str) -> None:
        """Why the session is down, or a part of it."""
        wanted = " ".join(text)
        self._lane.until(lambda: wanted in self._lane.session().reason, f"reason {wanted!r}")

    def _oms(self, name: str, status: str, cum: str) -> None:
        wanted = (OrdStatus[status].value, int(cum) * SCALE)

        def found() -> tuple[str, int]:
            order = self._lane.client.order(self._names[name])
            assert order is not None
            return order.ord_status, order.cum_qty

        self._lane.until(lambda: found() == wanted, f"{name} {wanted}, not {found()}")

    def _desk(self, action: str, *fields: str) -> None:
        numbers = {}
        for field in fields:
            side, _, said = field.partition("=")
            numbers[f"next_{side}"] = int(self._value(said))
        self._lane.desk(action, **numbers)

    def _quiet(self) -> None:
        """Beside all this, another session serves an order."""
        self._lane.quiet()

    def _act(self, name: str, *rest: str) -> None:
        acts.ACTS[name](self._lane, *map(self._value, rest))


def _plain(said: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), said)


VERBS: Final[dict[str, Callable[..., None]]] = {
    "order": Steps._order,
    "fill": Steps._fill,
    "send": Steps._send,
    "again": Steps._again,
    "raw": Steps._raw,
    "resend": Steps._resend,
    "mute": Steps._mute,
    "unmute": Steps._unmute,
    "logon": Steps._logon,
    "slam": Steps._slam,
    "deaf": Steps._deaf,
    "beats": Steps._beats,
    "behave": Steps._behave,
    "close": Steps._close,
    "rst": Steps._rst,
    "hear": Steps._hear,
    "down": Steps._down,
    "up": Steps._up,
    "connections": Steps._connections,
    "settle": Steps._settle,
    "wait": Steps._wait,
    "times": Steps._times,
    "state": Steps._state,
    "reason": Steps._reason,
    "oms": Steps._oms,
    "desk": Steps._desk,
    "quiet": Steps._quiet,
    "act": Steps._act,
}

__all__ = ["Missing", "Steps"]
