"""``fix-oms kill --hung``: everything out of the market when the engine answers nobody.

A wedged engine can take nothing out, and it holds what one needs to do it: the journal with the
orders, and the FIX sessions. So its process is killed (``holder``), which loses nothing, and this
process takes its place as any start after a crash would: the lock, the replay, the next block of
numbers. One thing is different: the :class:`Kill` is given before the first session opens, so that
nothing can leave ahead of it. What follows is the engine's own: it asks every order of the scope
out as soon as its session is ready, asks again what is not answered, and says what is unconfirmed.

It stays until each order is out by its own report, or the time is up, and stops cleanly. All of it
is in the journal. The kill stays in force: the next engine starts shut, until somebody resumes.

While it works it is an engine like any other: its control socket is open, so that ``fix-oms
orders`` tells what goes on and ``fix-oms resolve`` can end what the broker says nothing of; what is
outside of the scope may still trade, as with any kill. An engine that somebody starts meanwhile, or
that a watchdog restarts, finds the journal taken and ends; the watchdog waits until it is free.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import attrs
import msgspec

import fix_oms
from fix_oms.model import protocol
from fix_oms.model.errors import FixOmsError, JournalLocked
from fix_oms.model.inputs import Kill
from fix_oms.model.outputs import Refused
from fix_oms.model.settings import Settings
from fix_oms.model.views import HaltView
from fix_oms.server import holder
from fix_oms.server.answers import said
from fix_oms.server.config_file import LoadedConfig
from fix_oms.server.process import Server

ANSWER_S: Final = 3.0
"""An engine that answers within this time is not hung."""
LOOK_S: Final = 0.05
SHOWN: Final = 5
"""How many orders are named in one line of progress."""

Tell = Callable[[str], None]


class HungError(FixOmsError):
    """It was not done; says why, and what to do instead."""


@attrs.frozen(kw_only=True)
class HungKill:
    """What came of it. ``ended`` is the process that was killed, None where nobody wrote.

    ``unconfirmed`` are the orders of the scope that no report has said to be out, each with why.
    """

    ended: int | None
    run: int
    unconfirmed: tuple[str, ...]


def kill_hung(
    loaded: LoadedConfig,
    *,
    by: str,
    reason: str,
    scope: Mapping[str, str | None],
    timeout_s: float,
    tell: Tell,
    force: bool = False,
) -> HungKill:
    """Take the place of an engine that does not answer, and take everything in scope out.

    ``scope`` is account, strategy, symbol and venue, by name; None is anywhere. ``tell`` is given
    the progress, line by line. ``force`` does it although the engine answers. Raises HungError and
    HolderError with nothing done; and what a start raises (JournalError, SettingsError …), when the
    old process is dead: then doing it again goes on from there.
    """
    command = Kill(by=by, reason=reason, **dict(scope))
    _require_known(command, loaded.settings)
    if not force and answers(loaded.socket, ANSWER_S):
        raise HungError(f"the engine at {loaded.socket} answers: use `fix-oms kill`")
    ended = holder.end(loaded.journal, tell)
    if ended is None:
        tell(f"no process writes {loaded.journal}: nothing had to be killed")
    server = Server(
        loaded, before_start=lambda server: _give(server, command, tell), at_any_time=True
    )
    with _interruptible():
        _start(server)
        try:
            unconfirmed = _await_out(server, command, timeout_s, tell)
        finally:
            server.stop(f"kill --hung by {by}")
    if server.failure is not None:
        raise server.failure
    return HungKill(ended=ended, run=server.run_number, unconfirmed=unconfirmed)


def answers(path: Path, timeout_s: float) -> bool:
    """Whether the engine answers, in this time, a question that it needs its lock for.

    One that speaks another version of the protocol answers; one that is busy does not.
    """
    hello = protocol.Hello(protocol=protocol.PROTOCOL, version=fix_oms.__version__)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
            peer.settimeout(timeout_s)
            peer.connect(str(path))
            for asked in (hello, protocol.GetSessions()):
                peer.sendall(protocol.frame(asked))
                body = protocol.read_frame(peer.recv)
                if body is None:
                    return False
                reply = protocol.reply(body)
                if isinstance(reply, protocol.Failed):
                    return reply.code == "protocol"
    except (OSError, protocol.FrameError, msgspec.MsgspecError):
        return False
    return True


def _require_known(command: Kill, settings: Settings) -> None:
    """The engine would refuse a scope that names nothing, and by then the old one is dead."""
    for kind, known in settings.named().items():
        name = getattr(command, kind)
        if name is not None and name not in known:
            raise HungError(f"no {kind} named {name!r} is configured: nothing was done")


def _give(server: Server, command: Kill, tell: Tell) -> None:
    tell(f"the journal is replayed: run {server.run_number}")
    answer = said(server.runner.submit(command))
    if isinstance(answer, Refused):
        raise HungError(f"the kill was refused: {answer.text}")
    tell(answer.text)


def _start(server: Server) -> None:
    try:
        server.start()
    except JournalLocked as error:
        who = f"process {error.pid}" if error.pid is not None else "another process"
        text = f"{who} has taken the journal meanwhile: if it answers, use `fix-oms kill`"
        raise HungError(f"{text}; if not, do this again") from error


def _await_out(server: Server, command: Kill, timeout_s: float, tell: Tell) -> tuple[str, ...]:
    """Until nothing of the scope is unconfirmed, or the time is up; what is unconfirmed then."""
    deadline = time.monotonic() + timeout_s
    told: dict[str, str] = {}
    unconfirmed: tuple[str, ...] | None = None
    while True:
        found, states = server.runner.read(
            lambda shown: (shown.halt_views(), {s.name: s.state for s in shown.session_views()})
        )
        for name, state in states.items():
            if told.get(name) != state:
                tell(f"session {name} is {state}")
        told = states
        left = _unconfirmed(found, command)
        if left != unconfirmed:
            tell(_progress(left))
            unconfirmed = left
        if not left or time.monotonic() >= deadline or server.failure is not None:
            return left
        time.sleep(LOOK_S)


def _unconfirmed(halts: list[HaltView], command: Kill) -> tuple[str, ...]:
    scope = (command.venue, command.symbol, command.account, command.strategy)
    for halt in halts:
        if halt.kill and (halt.venue, halt.symbol, halt.account, halt.strategy) == scope:
            return halt.unconfirmed
    raise HungError("the kill was lifted by somebody meanwhile: what is out is not known")


def _progress(left: tuple[str, ...]) -> str:
    if not left:
        return "all out: each order is out by its own report"
    more = f" and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
    plural = "order is" if len(left) == 1 else "orders are"
    return f"{len(left)} {plural} not confirmed out: {'; '.join(left[:SHOWN])}{more}"


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """SIGINT and SIGTERM end the wait, not the process: the stop that follows is a clean one.

    QuickFIX, by being imported, has SIGINT end the process at once.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        number: signal.signal(number, signal.default_int_handler)
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
