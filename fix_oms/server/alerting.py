"""Telling people: the thread that takes alerts and conditions in, and gives notices to the sinks.

Alerts of the engine come in as they are raised, from any thread, and are logged one by one. Once a
second the timer brings what the engine's state says is wrong (``engine.open_alerts``, read under
its lock), and this thread adds what the process says (``conditions``), lets :class:`Notices` decide
what is news, logs it (``alert=opened`` and so on) and offers it to the sinks. An engine that does
not come to be read is a condition itself: this thread needs no lock of the engine's, so it can say
so, and the list of what is open is answered from here.
"""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import structlog

from fix_oms.model.errors import SettingsError
from fix_oms.model.outputs import Alert
from fix_oms.model.severities import SEVERE, WARNING, rank
from fix_oms.model.views import AlertView
from fix_oms.server.carriers import Command, Webhook
from fix_oms.server.conditions import Conditions, Look
from fix_oms.server.config_file import LoadedConfig
from fix_oms.server.notices import CLEARED, HAPPENED, Notice, Notices
from fix_oms.server.sinks import Sink

LOOK_S: Final = 1.0
STUCK_S: Final = 3.0
"""An engine that was not read for so long is stuck, or this machine is."""
SINK: Final = "alert_sink"
_log = structlog.get_logger("engine")


class _Wake:
    """There is something to look at."""


_WAKE: Final = _Wake()


class Alerting:
    """``put``, ``looked`` and ``open_now`` are for any thread; the rest is for who owns it."""

    def __init__(
        self,
        notices: Notices,
        sinks: Sequence[Sink],
        *,
        min_severity: str,
        clock_ns: Callable[[], int],
    ) -> None:
        self.conditions: Final = Conditions()
        self._notices: Final = notices
        self._sinks: Final = sinks
        self._least: Final = rank(min_severity)
        self._clock_ns: Final = clock_ns
        self._looks: list[Look] = []
        self._inbox: Final[queue.SimpleQueue[Alert | _Wake | None]] = queue.SimpleQueue()
        self._events: list[Alert] = []
        self._engine: tuple[float, Sequence[AlertView]] = (time.monotonic(), ())
        self._closing = False
        self._open: tuple[AlertView, ...] = ()
        self._thread: Final = threading.Thread(target=self._run, name="alerts", daemon=True)

    def start(self, looks: Iterable[Look] = ()) -> None:
        """Begin to tell. ``looks`` are asked once a second what is wrong around the engine."""
        self._looks += looks
        self._engine = (time.monotonic(), ())
        for sink in self._sinks:
            sink.start()
        self._thread.start()

    def put(self, alert: Alert) -> None:
        """An alert was raised. Never blocks."""
        self._inbox.put(alert)

    def looked(self, found: Sequence[AlertView]) -> None:
        """What the engine's state says is wrong, just now. Never blocks."""
        self._engine = (time.monotonic(), found)
        self._inbox.put(_WAKE)

    def open_now(self) -> tuple[AlertView, ...]:
        """The conditions that are open, by the last look: the severest first."""
        return self._open

    def closing(self) -> None:
        """The process goes down: what holds or ends from now on does so because of that."""
        self._closing = True

    def stop(self, within_s: float) -> None:
        """Tell what is left, within about so long."""
        self.closing()
        deadline = time.monotonic() + within_s
        if self._thread.ident is not None:
            self._inbox.put(None)
            self._thread.join(within_s)
        for sink in self._sinks:
            sink.stop(max(0.0, deadline - time.monotonic()))

    # -- the thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        soonest, due = 0.0, time.monotonic() + LOOK_S
        while True:
            try:
                thing = self._inbox.get(timeout=max(0.0, due - time.monotonic()))
            except queue.Empty:
                thing = _WAKE
            if isinstance(thing, Alert):
                _say(thing.severity, thing.text, thing.code, thing.session, order=thing.order)
                self._events.append(thing)
                self.conditions.follow(thing)
                continue
            if thing is not None and time.monotonic() < soonest:
                # The engine's look and the time for one of ours have met: what counts looks would
                # find nothing new in the second, and take it for an end of what it saw.
                due = soonest
                continue
            try:
                self._look(last=thing is None)
            except Exception as error:  # noqa: BLE001 - told; who tells must not die of it
                _log.error("alerts could not be told", error=f"{type(error).__name__}: {error}")
            soonest = time.monotonic() + LOOK_S / 2
            due = soonest + LOOK_S / 2
            if thing is None:
                return

    def _look(self, *, last: bool) -> None:
        now, events = self._clock_ns(), self._events
        self._events = []
        if not self._closing:
            found = self._notices.look(now, self._holding(), events)
            self._open = tuple(self._notices.open_now())
        else:
            found = self._notices.look(now, self._open, events)
        if last:
            found += self._notices.flush(now)
        for notice in found:
            self._tell(notice)

    def _holding(self) -> list[AlertView]:
        read_at, views = self._engine
        found = [*views, *self.conditions.now()]
        for look in self._looks:
            try:
                found += look()
            except Exception as error:  # noqa: BLE001 - told; the others are looked for all the same
                _log.error("a look failed", error=f"{type(error).__name__}: {error}")
        silent_s = time.monotonic() - read_at
        if silent_s > STUCK_S:
            text = f"the engine has not answered for {silent_s:.0f} s"
            found.append(
                AlertView(code="engine_stuck", severity=SEVERE, text=text, subject="engine")
            )
        for sink in self._sinks:
            if sink.trouble:
                found.append(
                    AlertView(
                        code="alert_sink", severity=WARNING, text=sink.trouble, subject=sink.name
                    )
                )
        return found

    def _tell(self, notice: Notice) -> None:
        if notice.kind != HAPPENED:  # an event has been logged when it came
            more = {"count": notice.count} if notice.count > 1 else {}
            kind = notice.kind
            _say(notice.severity, notice.text, notice.code, notice.session, alert=kind, **more)
        if rank(notice.weight) < self._least:
            return
        for sink in self._sinks:
            about_itself = notice.code == SINK and sink.name in notice.examples
            if not about_itself or notice.kind == CLEARED:
                sink.offer(notice)


def alerting(loaded: LoadedConfig, clock_ns: Callable[[], int]) -> Alerting:
    """What a configuration asks for; without the webhook where its secret cannot be had.

    That is an error of ``fix-oms run``, found before; but whoever takes the place of a hung engine
    must not be kept from it by that.
    """
    asked = loaded.settings.alerts
    engine = f"{socket.gethostname()} {loaded.path}"
    sinks = []
    if asked.command:
        carrier = Command(asked.command, engine, asked.command_timeout_s, loaded.secret_variables())
        sinks.append(Sink(carrier, at_once=asked.command_at_once))
    address, token, wrong = None, None, ""
    try:
        address, token = loaded.webhook()
    except SettingsError as error:
        wrong = f"alerts do not reach the webhook: {error.key}: {error.reason}"
    if address is not None:
        webhook = Webhook(address, token, engine, asked.webhook_timeout_s)
        sinks.append(Sink(webhook, at_once=1))
    notices = Notices(repeat_s=asked.repeat_s, digest_s=asked.digest_s)
    made = Alerting(notices, sinks, min_severity=asked.min_severity, clock_ns=clock_ns)
    if wrong:
        made.conditions.holds("alert_sink", "webhook", wrong)
    return made


def _say(severity: str, text: str, code: str, session: str, **more: object) -> None:
    """One event in the log, at the level of its severity."""
    level = {SEVERE: _log.error, WARNING: _log.warning}.get(severity, _log.info)
    about = {"session": session, **more}
    level(text, code=code, **{key: value for key, value in about.items() if value})
