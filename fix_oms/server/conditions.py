"""What is wrong with the process itself and around it: the conditions that no state can know.

Two kinds. Some are *held*: whoever finds one says that it holds, and later that it does not, from
any thread (a clock that was set, an anchor that could not be written, a sink that fails). The
others are *looked for*, once a second, in what the operating system and the process's parts tell:
sessions beside their schedules, messages that wait, the journal's pace, the disk.

A session is missed when its schedule says that it should be up and it is not ready. Not at once
where it has just begun to connect (the process's start, its opening, a reset): it has the time of
one attempt for that. One that was lost or refused is missed at once; its own reason says which.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from fix_oms.journal.segments import listed
from fix_oms.model.alert_codes import CODES
from fix_oms.model.counterparty import Session
from fix_oms.model.errors import JournalError
from fix_oms.model.outputs import Alert
from fix_oms.model.session_reasons import BY_OPERATOR, BY_OURSELVES, NOBODY_THERE, NOT_YET
from fix_oms.model.settings import Settings
from fix_oms.model.severities import SEVERE, WARNING
from fix_oms.model.views import AlertView, SessionView
from fix_oms.server.outbox import Outbox
from fix_oms.sessions.schedule import SECOND_NS, is_open

CONNECT_S: Final = 5
"""Beside the session's own ``reconnect_s``: how long logging on and the first round trip take."""
SLOW_LOOKS: Final = 2
"""So many looks running must have found the journal slow."""
QUIET_LOOKS: Final = 10
"""And so many quick, before it is quick again."""
DISK_LOOKS: Final = 10
"""The disk is asked every so many looks."""
MB: Final = 1 << 20


Look = Callable[[], Iterable[AlertView]]
"""Says what is wrong, when asked once a second."""

FOLLOWED: Final = {"clock": SEVERE, "anchor": WARNING}
"""What is told by alerts alone: one of this severity begins the condition, any other ends it."""


class Conditions:
    """Those that are held. Any thread may say so, at any time."""

    def __init__(self) -> None:
        self._lock: Final = threading.Lock()
        self._held: dict[tuple[str, str], AlertView] = {}

    def holds(self, code: str, subject: str, text: str, *, severity: str = "") -> None:
        """This is so from now on, until :meth:`ended`; once more is no more than once.

        ``severity`` is that of the catalogue (the highest) where it is not given. Raises KeyError
        for a code that is not in it.
        """
        said = severity or CODES[code].severities[-1]
        self._hold(said, code, text, subject)

    def _hold(self, severity: str, code: str, text: str, subject: str) -> None:
        with self._lock:
            self._held[code, subject] = _condition(severity, code, text, subject)

    def ended(self, code: str, subject: str) -> None:
        """It is so no more. Harmless where it never was."""
        with self._lock:
            self._held.pop((code, subject), None)

    def follow(self, alert: Alert) -> None:
        """Where it is of those that are told by alerts alone: what it begins or ends."""
        begins = FOLLOWED.get(alert.code)
        if begins == alert.severity:
            self._hold(alert.severity, alert.code, alert.text, alert.subject)
        elif begins is not None:
            self.ended(alert.code, alert.subject)

    def now(self) -> list[AlertView]:
        """All that are held."""
        with self._lock:
            return list(self._held.values())


class SessionWatch:
    """Sessions beside their schedules."""

    def __init__(self, sessions: Iterable[Session], clock_ns: Callable[[], int]) -> None:
        self._clock_ns: Final = clock_ns
        self._sessions: Final = {session.name: session for session in sessions}
        self._due_ns: dict[str, int] = {}
        """Since when each has been expected to be up; absent while it is not."""
        self._seen: set[str] = set()
        """Those that have been ready since."""

    def look(self, views: Sequence[SessionView]) -> Iterator[AlertView]:
        """The sessions that are missed."""
        now = self._clock_ns()
        for view in views:
            session = self._sessions.get(view.name)
            if session is None or not is_open(session.schedule, now):
                self._due_ns.pop(view.name, None)
                self._seen.discard(view.name)
                continue
            due = self._due_ns.setdefault(view.name, now)
            if view.state == "ready":
                self._seen.add(view.name)
            elif view.state == "disabled" or view.reason in BY_OPERATOR:
                text = f"session {view.name} is {view.state}: {view.reason}"
                at = view.name
                yield _condition("warning", "session_off", text, at, at, view.since_ns)
            elif self._is_missed(view, session, due, now):
                text = f"session {view.name} is {view.state}: {view.reason}"
                at = view.name
                yield _condition("severe", "session", text, at, at, view.since_ns)

    def _is_missed(self, view: SessionView, session: Session, due: int, now: int) -> bool:
        attempt = (session.reconnect_s + CONNECT_S) * SECOND_NS
        if view.reason in BY_OURSELVES:
            return now - max(view.since_ns, due) > attempt
        begins = view.state == "up" or view.reason == NOT_YET
        if begins or view.reason.startswith(NOBODY_THERE):
            return view.name in self._seen or now - due > attempt
        return True


class BacklogWatch:
    """Messages that wait to leave."""

    def __init__(self, outboxes: dict[str, Outbox], most_s: int, clock_ns: Callable[[], int]):
        self._outboxes: Final = outboxes
        self._most_ns: Final = most_s * SECOND_NS
        self._clock_ns: Final = clock_ns

    def look(self) -> Iterator[AlertView]:
        """The sessions where one has waited for too long."""
        now = self._clock_ns()
        for name, outbox in self._outboxes.items():
            count, oldest = outbox.waiting()
            if count and now - oldest > self._most_ns:
                text = f"{count} messages to {name} wait to leave, the first for "
                text += f"{(now - oldest) // SECOND_NS} s"
                yield _condition("warning", "backlog", text, name, name, oldest)


class JournalWatch:
    """The journal's pace: slow when :data:`SLOW_LOOKS` looks running found it so."""

    def __init__(self, slowest_ns: Callable[[], tuple[int, int]], most_ms: int) -> None:
        """``slowest_ns`` says the longest append and the longest sync since it was last asked,
        what goes on now included."""
        self._slowest_ns: Final = slowest_ns
        self._most_ms: Final = most_ms
        self._slow = self._quick = 0
        self._said = ""

    def look(self) -> Iterator[AlertView]:
        """Whether it is slow."""
        append, sync = (ns // 1_000_000 for ns in self._slowest_ns())
        if max(append, sync) > self._most_ms:
            self._slow, self._quick = self._slow + 1, 0
            what, took = ("writing", append) if append >= sync else ("syncing", sync)
            self._said = f"{what} the journal took {took} ms (alerts.slow_journal_ms is "
            self._said += f"{self._most_ms})"
        else:
            self._quick += 1
            if self._quick >= QUIET_LOOKS or self._slow < SLOW_LOOKS:
                self._slow = 0
        if self._slow >= SLOW_LOOKS:
            yield _condition("warning", "slow_journal", self._said, "journal")


class DiskWatch:
    """Room on the journal's disk."""

    def __init__(self, directory: Path, least_mb: int) -> None:
        self._directory: Final = directory
        self._least: Final = least_mb * MB
        self._looks = 0
        self._found: list[AlertView] = []

    def look(self) -> Iterator[AlertView]:
        """Whether it is nearly full."""
        if self._least and self._looks % DISK_LOOKS == 0:
            self._found = list(self._ask())
        self._looks += 1
        yield from self._found

    def _ask(self) -> Iterator[AlertView]:
        try:
            disk = os.statvfs(self._directory)
        except OSError as error:
            text = f"{self._directory}: {error.strerror or error}"
            yield _condition("severe", "disk", text, str(self._directory))
            return
        free = disk.f_bavail * disk.f_frsize
        if free < self._least:
            severity = "severe" if free < self._least // 4 else "warning"
            text = f"{self._directory}: {free // MB} MB are free (alerts.disk_free_mb is "
            text += f"{self._least // MB})"
            yield _condition(severity, "disk", text, str(self._directory))


class SegmentWatch:
    """The journal's segments. The one that is written has its own watch (``journal.writer``); the
    others the engine does without, but its next start would not."""

    def __init__(self, directory: Path) -> None:
        self._directory: Final = directory
        self._known: set[str] = set()

    def look(self) -> Iterator[AlertView]:
        """Those that were there and are not."""
        try:
            now = {file.path.name for file in listed(self._directory)}
        except JournalError:
            return  # all of it is gone: the writer's watch says so
        for name in sorted(self._known - now):
            text = f"{self._directory / name} was removed: put it back, no start goes without it"
            yield _condition("severe", "journal", text, name)
        self._known |= now


def looks(
    settings: Settings,
    journal: Path,
    *,
    clock_ns: Callable[[], int],
    sessions: Callable[[], Sequence[SessionView]],
    outboxes: dict[str, Outbox],
    slowest_ns: Callable[[], tuple[int, int]],
    snapshots: Callable[[], str],
) -> list[Look]:
    """All that is looked for around one engine, whose journal's directory is ``journal``.

    ``slowest_ns`` is as of :class:`JournalWatch`; ``snapshots`` says why none are written.
    """
    asked = settings.alerts
    watch = SessionWatch(settings.sessions.values(), clock_ns)
    return [
        lambda: watch.look(sessions()),
        BacklogWatch(outboxes, asked.backlog_s, clock_ns).look,
        JournalWatch(slowest_ns, asked.slow_journal_ms).look,
        DiskWatch(journal, asked.disk_free_mb).look,
        SegmentWatch(journal).look,
        lambda: _without_snapshots(snapshots()),
    ]


def _without_snapshots(why: str) -> Iterator[AlertView]:
    if why:
        yield _condition("warning", "snapshots", why, "snapshots")


def _condition(
    severity: str, code: str, text: str, subject: str, session: str = "", since_ns: int = 0
) -> AlertView:
    return AlertView(
        code=code,
        severity=severity,
        text=text,
        subject=subject,
        session=session,
        since_ns=since_ns,
    )
