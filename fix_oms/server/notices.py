"""From what is wrong now to what people are told: when it opens, while it stays, when it clears.

Pure of clocks and threads: each :meth:`Notices.look` is given the time, the conditions that hold
and the events since the last look, and says what is to be told. The rules:

- A condition is told once when it opens, again when its severity rises, again every ``repeat_s``
  while it stays, and once when it clears.
- An event is told once. The event by which a condition begins is not told beside it: it is held for
  :data:`GRACE` looks, and told only if no such condition was seen by then, so that what has come
  and gone between two looks (a session that was lost for half a second) is told all the same.
- What comes together is told together: one notice for all of one kind, code, session and severity,
  with their number and some examples. And after :data:`BURST` notices of one code, session and
  severity within ``digest_s`` the next ones wait for the end of that time and are told as one. So
  ten thousand orders in doubt are one notice, and a session that flaps all night is two a minute.

Nothing is dropped: whatever was not told for itself is in a number.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

import msgspec

from fix_oms.model.alert_codes import CODES
from fix_oms.model.outputs import Alert
from fix_oms.model.severities import INFO, rank
from fix_oms.model.views import AlertView

SECOND: Final = 1_000_000_000
GRACE: Final = 2
"""Looks: the state that an event left is seen by the next one, or by the one after."""
BURST: Final = 5
EXAMPLES: Final = 3
MOST_HELD: Final = 1_000
"""So many of one flood are kept to choose examples from; the rest is only counted."""

OPENED: Final = "opened"
RAISED: Final = "raised"
STAYS: Final = "stays"
HAPPENED: Final = "happened"
CLEARED: Final = "cleared"
KINDS: Final = (OPENED, RAISED, HAPPENED, STAYS, CLEARED)

Key = tuple[str, str, str]
"""Code, session, subject."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What is told: of ``count`` conditions or events of one code, session and severity.

    ``kind`` is opened, raised (in severity), stays, cleared, or happened (an event). ``severity``
    is that of the condition; of a cleared one it is info, and ``was`` what it was. ``examples`` are
    the subjects or orders of the first few. Times are ns UTC; ``since_ns`` of the oldest.
    """

    kind: str
    severity: str
    code: str
    text: str
    session: str
    count: int
    examples: tuple[str, ...]
    since_ns: int
    at_ns: int
    was: str = ""

    @property
    def weight(self) -> str:
        """The severity by which it is decided who is told: whoever was told that something opened
        is told that it cleared."""
        return self.was or self.severity


class _Open:
    """A condition that is open: as last seen, since when, and when it was last told of."""

    __slots__ = ("count", "since_ns", "told_ns", "view")

    def __init__(self, view: AlertView, since_ns: int, told_ns: int) -> None:
        self.view = view
        self.since_ns: Final = since_ns
        self.told_ns = told_ns
        self.count = view.count


class _News:
    """Something to be told, before it is put together with others like it."""

    __slots__ = ("count", "kind", "of", "since_ns", "subject")

    def __init__(self, kind: str, of: AlertView | Alert, since_ns: int, count: int) -> None:
        self.kind: Final = kind
        self.of: Final = of
        self.subject: Final = of.subject or of.order
        self.since_ns: Final = since_ns
        self.count: Final = count

    @property
    def flood(self) -> tuple[str, str, str]:
        """Code, session and severity."""
        return self.of.code, self.of.session, self.of.severity


class _Flood:
    """How much was told of one code, session and severity since ``since_ns``, and what waits."""

    __slots__ = ("held", "since_ns", "told")

    def __init__(self, now: int) -> None:
        self.since_ns = now
        self.told = 0
        self.held: dict[str, _Batch] = {}


class _Batch:
    """News of one kind that are told together."""

    __slots__ = ("count", "first")

    def __init__(self) -> None:
        self.first: list[_News] = []
        self.count = 0

    def add(self, news: _News) -> None:
        self.count += news.count
        if len(self.first) < MOST_HELD:
            self.first.append(news)

    def merge(self, other: _Batch) -> None:
        self.count += other.count
        self.first += other.first[: MOST_HELD - len(self.first)]


class Notices:
    """What is open and what was told of it."""

    def __init__(self, *, repeat_s: int, digest_s: int) -> None:
        """``repeat_s`` 0: what stays is not told again."""
        self._repeat_ns: Final = repeat_s * SECOND
        self._digest_ns: Final = digest_s * SECOND
        self._open: dict[Key, _Open] = {}
        self._floods: dict[tuple[str, str, str], _Flood] = {}
        self._fresh: deque[tuple[int, Alert]] = deque()
        self._looks = 0

    def open_now(self) -> list[AlertView]:
        """The conditions that are open, each with the time since when: the severest first."""
        found = [
            msgspec.structs.replace(held.view, since_ns=held.since_ns)
            for held in self._open.values()
        ]
        return sorted(found, key=lambda a: (-rank(a.severity), a.since_ns, a.code, a.subject))

    def look(self, now: int, holding: Iterable[AlertView], events: Iterable[Alert]) -> list[Notice]:
        """What is to be told at ``now``, given all conditions that hold and the new events."""
        self._looks += 1
        news = self._changes(now, {_key(view): view for view in holding})
        news += self._happenings(now, events)
        batches: dict[tuple[str, str, str], dict[str, _Batch]] = {}
        for one in news:
            batches.setdefault(one.flood, {}).setdefault(one.kind, _Batch()).add(one)
        told: list[Notice] = []
        for name in [*batches, *(f for f in self._floods if f not in batches)]:
            told += self._paced(now, name, batches.get(name, {}))
        return told

    def flush(self, now: int) -> list[Notice]:
        """All that was held back, at the end."""
        news = [_News(HAPPENED, alert, now, 1) for _, alert in self._fresh]
        held = [flood.held for flood in self._floods.values()]
        self._fresh.clear()
        self._floods.clear()
        told = [_notice(kind, batches[kind], now) for batches in held for kind in batches]
        for one in news:
            if one.of.severity != INFO:
                batch = _Batch()
                batch.add(one)
                told.append(_notice(HAPPENED, batch, now))
        return told

    # -- conditions ---------------------------------------------------------------------------

    def _changes(self, now: int, holding: dict[Key, AlertView]) -> list[_News]:
        news: list[_News] = []
        crowds = {key[:2] for key in self._open if not key[2]}
        for key, view in holding.items():
            held = self._open.get(key)
            if held is None:
                self._open[key] = held = _Open(view, view.since_ns or now, now)
                # Where many are counted together, one that stands for itself now is no new one.
                if key[:2] not in crowds or not key[2]:
                    news.append(_News(OPENED, view, held.since_ns, view.count))
                continue
            before, held.view = held.view, view
            if rank(view.severity) > rank(before.severity):
                news.append(_News(RAISED, view, held.since_ns, view.count))
            elif view.count >= 2 * held.count:
                news.append(_News(OPENED, view, held.since_ns, view.count - held.count))
            elif self._repeat_ns and now - held.told_ns >= self._repeat_ns:
                news.append(_News(STAYS, view, held.since_ns, view.count))
            else:
                held.count = min(held.count, view.count)
                continue
            held.told_ns, held.count = now, view.count
        for key in [key for key in self._open if key not in holding]:
            held = self._open.pop(key)
            news.append(_News(CLEARED, held.view, held.since_ns, held.view.count))
        return news

    # -- events -------------------------------------------------------------------------------

    def _happenings(self, now: int, events: Iterable[Alert]) -> list[_News]:
        """Events of what lasts wait until it is known whether their condition is seen."""
        news: list[_News] = []
        self._fresh.extend((self._looks, alert) for alert in events)
        waiting: list[tuple[int, Alert]] = []
        seen = {(o.view.code, name) for o in self._open.values() for name in _names(o.view)}
        for look, alert in self._fresh:
            if not CODES[alert.code].lasts:
                news.append(_News(HAPPENED, alert, now, 1))
            elif alert.severity == INFO or not seen.isdisjoint(
                {(alert.code, _name(alert)), (alert.code, _crowd(alert.session))}
            ):
                continue  # the condition itself is told: that it is open, or has cleared
            elif self._looks - look < GRACE - 1:
                waiting.append((look, alert))
            else:
                news.append(_News(HAPPENED, alert, now, 1))
        self._fresh = deque(waiting)
        return news

    # -- together -----------------------------------------------------------------------------

    def _paced(
        self, now: int, name: tuple[str, str, str], batches: dict[str, _Batch]
    ) -> list[Notice]:
        """What of it is told now; the rest is held for later."""
        flood = self._floods.get(name)
        if flood is None:
            flood = self._floods[name] = _Flood(now)
        over = now - flood.since_ns >= self._digest_ns
        if over:
            flood.since_ns, flood.told = now, 0
        if flood.held:
            for kind, batch in batches.items():
                flood.held.setdefault(kind, _Batch()).merge(batch)
            if not over:
                return []
            batches, flood.held = flood.held, {}
        elif not over and flood.told + len(batches) > BURST:
            flood.held = batches
            return []
        if over and not batches:
            del self._floods[name]
        flood.told += len(batches)
        return [_notice(kind, batches[kind], now) for kind in KINDS if kind in batches]


def _key(view: AlertView) -> Key:
    return view.code, view.session, view.subject


def _names(view: AlertView) -> tuple[str, ...]:
    """What an event may call the condition by."""
    if not view.subject:
        return (_crowd(view.session),)
    return tuple(name for name in (view.subject, view.order or view.session) if name)


def _name(alert: Alert) -> str:
    return alert.subject or alert.order or alert.session


def _crowd(session: str) -> str:
    """How those of a session are called that are only counted: no subject is like it."""
    return f"\x00{session}"


def _notice(kind: str, batch: _Batch, now: int) -> Notice:
    first, named = batch.first[0].of, [one.subject for one in batch.first if one.subject]
    cleared = kind == CLEARED
    return Notice(
        kind=kind,
        severity=INFO if cleared else first.severity,
        code=first.code,
        text=_text(kind, batch, now),
        session=first.session,
        count=batch.count,
        examples=tuple(dict.fromkeys(named))[:EXAMPLES],
        since_ns=min(one.since_ns for one in batch.first),
        at_ns=now,
        was=first.severity if cleared else "",
    )


def _text(kind: str, batch: _Batch, now: int) -> str:
    first = batch.first[0]
    text = first.of.text
    if batch.count > first.count:
        others = [o.subject for o in batch.first[1:] if o.subject and o.subject != first.subject]
        like = f", such as {', '.join(dict.fromkeys(others[: EXAMPLES - 1]))}" if others else ""
        text = f"{text}; and {batch.count - first.count} more{like}"
    lasted = f"{max(0, now - first.since_ns) // SECOND} s"
    if kind == CLEARED:
        return f"cleared after {lasted}: {text}"
    return f"since {lasted}: {text}" if kind in (STAYS, RAISED) else text
