"""When a trading day closes at a counterparty whose DAY orders end by a standing policy.

The engine knows no time zones, so the timer looks here at the counterparty's own clock and gives
the engine each close as an input. The engine remembers the last one: a close is given once, however
often the process starts, and one that passed while it was down is given afterwards. Of several that
passed only the last is given; an order from before the first is from before that one too.

A close is given when its grace has passed with the session ready all the while (whether it is, the
engine says). Away from the broker nothing is concluded from its silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from fix_oms.model.counterparty import Session, SilentExpiry
from fix_oms.model.inputs import DayClosed
from fix_oms.server.runner import Runner
from fix_oms.sessions.schedule import HORIZON_DAYS, SECOND_NS


class Closes:
    """Watches the closes of the sessions that have such a policy."""

    def __init__(
        self, sessions: Iterable[Session], runner: Runner, *, clock_ns: Callable[[], int]
    ) -> None:
        """The time zones must be known: reading the configuration file makes sure of it."""
        self._runner: Final = runner
        self._clock_ns: Final = clock_ns
        self._watched: Final = [
            (session.name, policy, ZoneInfo(policy.timezone))
            for session in sessions
            if (policy := session.silent_expiry) is not None
        ]

    def tick(self) -> None:
        """Give what is due. Called by the timer; raises JournalError as the runner does."""
        for name, policy, where in self._watched:
            grace_ns = policy.grace_s * SECOND_NS
            closed_ns = last_close(policy, where, self._clock_ns() - grace_ns)
            if closed_ns is not None and self._is_due(name, closed_ns, grace_ns):
                ended_ns = closed_ns + grace_ns
                self._runner.submit(
                    DayClosed(session=name, closed_ns=closed_ns, ended_ns=ended_ns, by=policy.by)
                )

    def _is_due(self, name: str, closed_ns: int, grace_ns: int) -> bool:
        return self._runner.read(lambda shown: shown.is_close_due(name, closed_ns, grace_ns))


def last_close(policy: SilentExpiry, where: ZoneInfo, now_ns: int) -> int | None:
    """The last close at or before ``now_ns``; None if there was none within a year.

    Local times that a change of clocks skips or repeats are read as a schedule's are.
    """
    at = time.fromisoformat(policy.close)
    today = datetime.fromtimestamp(now_ns // SECOND_NS, where).date()
    for back in range(HORIZON_DAYS):
        day = today - timedelta(days=back)
        if day.weekday() not in policy.weekdays or day.isoformat() in policy.holidays:
            continue
        local = datetime.combine(day, at, where)
        closed_ns = int(local.astimezone(UTC).timestamp()) * SECOND_NS
        if closed_ns <= now_ns:
            return closed_ns
    return None
