"""Where alerts go beside the log: a command of the user's choice, and a webhook.

Neither is ever waited for. Each sink has a bounded queue and threads of its own that take from it;
who offers a notice comes back at once. What cannot be delivered is tried again with growing pauses,
until it is :data:`GIVE_UP_S` old. What is given up, or pushed out of a full queue (the oldest of
the least severity first), is counted, and the number is said: in the log, as the condition
``alert_sink`` for as long as the sink fails, and to the sink itself once it works again.

At the stop the queue is given some seconds to drain; what is left then is counted and said too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

import structlog

from fix_oms.model.severities import rank
from fix_oms.server.notices import Notice

QUEUE: Final = 1_000
GIVE_UP_S: Final = 900.0
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
_log = structlog.get_logger("alerts")


class Undelivered(Exception):
    """It did not arrive, and why. ``final``: it is not to be tried again."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final: Final = final


class Carrier(Protocol):
    """Takes one notice to somebody. Called by several threads at once."""

    name: str

    def carry(self, notice: Notice, lost: int) -> None:
        """Deliver it, and say that ``lost`` alerts before it were not. Raises Undelivered."""

    def cut(self) -> None:
        """End what is under way: the process stops, or it takes too long."""


class _Letter:
    """A notice on its way: offered at ``at``, on the monotonic clock."""

    __slots__ = ("at", "notice")

    def __init__(self, notice: Notice, at: float) -> None:
        self.notice: Final = notice
        self.at: Final = at


class Sink:
    """One carrier, its queue and its threads. Any thread may offer."""

    def __init__(
        self,
        carrier: Carrier,
        *,
        at_once: int,
        clock: Callable[[], float] = time.monotonic,
        queue: int = QUEUE,
        first_pause_s: float = FIRST_PAUSE_S,
    ) -> None:
        self.name: Final = carrier.name
        self._carrier: Final = carrier
        self._clock: Final = clock
        self._most: Final = queue
        self._first_pause_s: Final = first_pause_s
        self._letters: Final[list[_Letter]] = []
        self._news: Final = threading.Condition()
        self._carrying = 0
        self._stopping = False
        self._reason = ""
        self._unsaid = 0
        self.delivered = 0
        self.lost = 0
        self._threads: Final = [
            threading.Thread(target=self._run, name=f"alerts-{self.name}", daemon=True)
            for _ in range(at_once)
        ]

    def start(self) -> None:
        """Begin to deliver."""
        for thread in self._threads:
            thread.start()

    def offer(self, notice: Notice) -> None:
        """Let it be delivered, when its turn comes. Never blocks for long."""
        with self._news:
            self._letters.append(_Letter(notice, self._clock()))
            if len(self._letters) > self._most:
                least = min(self._letters, key=lambda x: (rank(x.notice.weight), x.at))
                self._letters.remove(least)
                self._give_up(least, "too many wait")
            self._news.notify()

    @property
    def trouble(self) -> str:
        """Why it fails at present, in words; empty while it works."""
        with self._news:
            if not self._reason:
                return ""
            waiting = f"{len(self._letters) + self._carrying} wait, {self.lost} were lost"
            return f"alerts do not reach the {self.name} ({waiting}): {self._reason}"

    def stop(self, within_s: float) -> int:
        """Deliver what waits, for so long at most. Returns how many were not delivered."""
        deadline = self._clock() + within_s
        with self._news:
            self._stopping = True
            self._news.notify_all()
            while (self._letters or self._carrying) and (left := deadline - self._clock()) > 0:
                self._news.wait(left)
            rest = len(self._letters) + self._carrying
            self._letters.clear()
        self._carrier.cut()
        if rest:
            _log.error("alerts were not delivered before the stop", sink=self.name, count=rest)
        return rest

    # -- the sink's threads -------------------------------------------------------------------

    def _run(self) -> None:
        while (letter := self._next()) is not None:
            pause = self._first_pause_s
            while not self._deliver(letter):
                with self._news:
                    old = self._clock() - letter.at
                    if self._stopping or old + pause > GIVE_UP_S:
                        self._give_up(letter, self._reason)
                        break
                    self._news.wait_for(lambda: self._stopping, pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)
            with self._news:
                self._carrying -= 1
                self._news.notify_all()

    def _next(self) -> _Letter | None:
        with self._news:
            self._news.wait_for(lambda: self._letters or self._stopping)
            if not self._letters:
                return None
            self._carrying += 1
            return self._letters.pop(0)

    def _deliver(self, letter: _Letter) -> bool:
        """Whether it is done with: delivered, or never to be."""
        with self._news:
            unsaid, self._unsaid = self._unsaid, 0
        try:
            self._carrier.carry(letter.notice, unsaid)
        except Exception as error:  # noqa: BLE001 - a sink that dies would lose all that follows
            final = isinstance(error, Undelivered) and error.final
            known = isinstance(error, Undelivered)
            reason = str(error) if known else f"{type(error).__name__}: {error}"
            with self._news:
                self._unsaid += unsaid
                if not self._reason:
                    _log.warning("alerts do not arrive", sink=self.name, reason=reason)
                self._reason = reason
                if final:
                    self._give_up(letter, reason)
            return final
        with self._news:
            self.delivered += 1
            if self._reason:
                _log.info("alerts arrive again", sink=self.name, lost=self.lost)
            self._reason = ""
        return True

    def _give_up(self, letter: _Letter, reason: str) -> None:
        """Count it as lost. The caller holds the lock."""
        count = letter.notice.count
        self.lost += count
        self._unsaid += count
        _log.error(
            "an alert was not delivered",
            sink=self.name,
            reason=reason,
            code=letter.notice.code,
            alert=letter.notice.kind,
            text=letter.notice.text,
            count=count,
        )
