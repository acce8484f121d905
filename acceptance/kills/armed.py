"""``fix-oms run`` with a trap in it: the process kills itself where a named point is passed.

    python -m acceptance.kills.armed CONFIG [POINT:PASSES]

The product knows nothing of this: its own functions are wrapped here, each wrap names what it
passes, and at the n-th pass of the point that the trap is set for the process sends itself SIGKILL.
Nothing is flushed, nobody logs out, no thread is waited for. A line on standard input sets the trap
while the engine runs, so that the harness decides when the counting begins.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, Final

from fix_oms.cli.main import main as fix_oms_main
from fix_oms.journal import replay
from fix_oms.journal.writer import JournalWriter
from fix_oms.model import inputs
from fix_oms.server.outbox import Outbox
from fix_oms.server.process import Server
from fix_oms.server.runner import Runner
from fix_oms.sessions import Initiators
from fix_oms.sessions.traffic import BrokerTraffic

FILLS: Final = ("\x01150=F\x01", "\x01150=1\x01", "\x01150=2\x01")
ORDERS: Final = ("35=D\x01", "35=F\x01", "35=G\x01")
APPENDED: Final[dict[type, tuple[str, str]]] = {
    inputs.NewOrder: ("", "order appended"),
    inputs.Sent: ("", "departure appended"),
    inputs.SeqReserved: ("block unwritten", "block unsynced"),
    inputs.SessionEpoch: ("epoch unwritten", "epoch written"),
    inputs.Started: ("start unwritten", "start unsynced"),
    inputs.SessionUp: ("", "session up"),
    inputs.SessionReady: ("ready unwritten", "ready written"),
    inputs.PeerResend: ("", "resend asked"),
    inputs.Stopped: ("stop unwritten", "stop written"),
}
"""What is passed before and after a record of this kind is appended."""


class Trap:
    """Set for one point and a number of passes; the pass that makes it nought is the last."""

    def __init__(self) -> None:
        self.point = ""
        self._left = 0

    def set(self, text: str) -> None:
        """``POINT:PASSES``; an empty text sets it for nothing."""
        point, _, passes = text.partition(":")
        self._left = int(passes or 1)
        self.point = point

    def passed(self, point: str) -> None:
        """The code is here."""
        if point == self.point:
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


TRAP: Final = Trap()
Passes = Callable[..., str]
"""From the wrapped call's arguments, the point that it passes, or the empty text."""


def _nowhere(*_: Any) -> str:
    return ""


def around(owner: object, name: str, before: Passes = _nowhere, after: Passes = _nowhere) -> None:
    """Wrap a function of the product. ``after`` is given its result as well, first."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if not TRAP.point:
            return original(*args, **kwargs)
        TRAP.passed(before(*args))
        result = original(*args, **kwargs)
        TRAP.passed(after(result, *args))
        return result

    setattr(owner, name, wrapped)


def _kind(payload: bytes) -> tuple[str, str]:
    value = inputs.decode(payload)
    if isinstance(value, inputs.FixIn):
        is_fill = any(mark in value.text for mark in FILLS)
        return ("fill arrived", "fill appended") if is_fill else ("", "")
    return APPENDED.get(type(value), ("", ""))


def _carries_request(_: Outbox, parcel: Any, *__: Any) -> str:
    return "message queued" if parcel.message.text.startswith(ORDERS) else ""


def _is_report(_: BrokerTraffic, message: Any, *__: Any) -> str:
    return "answer arrived" if message.getHeader().getField(35) in "89" else ""


def _is_logon(_: BrokerTraffic, message: Any, *__: Any) -> str:
    return "logon leaves" if message.getHeader().getField(35) == "A" else ""


def set_up() -> None:
    """Wrap all of it."""
    around(
        JournalWriter,
        "append",
        lambda _, __, payload: _kind(payload)[0],
        lambda _, __, ___, payload: _kind(payload)[1],
    )
    around(Outbox, "_deliver", _carries_request)
    around(BrokerTraffic, "_take_number", after=lambda *_: "number taken")
    around(Initiators, "send", after=lambda left, *_: "message sent" if left is not None else "")
    around(Runner, "left", after=lambda *_: "departure noted")
    around(BrokerTraffic, "from_app", _is_report)
    around(BrokerTraffic, "to_admin", _is_logon)
    around(replay, "decode", lambda *_: "replaying")
    around(Server, "stop", lambda *_: "stop begun")
    around(Initiators, "stop", after=lambda *_: "sessions out")


def _listen() -> None:
    while line := os.read(0, 200):  # not sys.stdin: a thread inside it spoils the clean exit
        TRAP.set(line.decode().strip())


if __name__ == "__main__":
    TRAP.set(sys.argv[2] if len(sys.argv) > 2 else "")
    set_up()
    threading.Thread(target=_listen, name="trap", daemon=True).start()
    fix_oms_main(["run", sys.argv[1]])
