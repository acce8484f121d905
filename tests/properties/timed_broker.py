"""The model broker with what only times put in order: restatements, halts, guarantees and days.

Each of these can end without a request and without a code of its own, so two reports of it tell a
different story by which came last. The broker says when, in TransactTime(60).

Where FIX leaves the broker a choice, it makes these:

- Done for Day leaves a DAY order nothing to do; a GT order keeps its LeavesQty(151) and is restated
  next morning, or just fills. A working fill on the same day says that the day was not over.
- Stopped ends with a fill that keeps the promise; Suspended with a restatement.
- While a request is pending nothing is halted, stopped or resumed: the reports could not show it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fix_oms.model.units import Fixed
from tests.properties.model_broker import ALWAYS, LOT, Act, ModelBroker

A_DAY: Final = 86_400_000_000_000


@dataclass
class TimedBroker(ModelBroker):
    """``done_on`` is the day of the last Done for Day, ``done_at`` its CumQty."""

    done_on: int = -1
    done_at: Fixed = 0

    def correct_again(self, n: int) -> None:
        """The same, naming the first report of it; only the time tells which came last."""
        self._correct(n, 0)

    def restate(self, n: int) -> None:
        """OrderQty(38) changes without a request: a word on the telephone, a partial decline."""
        qty = max(LOT * (2 + n % 14), self.cum_qty + LOT)
        if self.working and self.acked and qty != self.order_qty:
            reason = "2" if qty > self.order_qty else "5"
            self.beyond_terms |= qty > self.order_qty
            self.order_qty = qty
            self._report("D", exec_restatement_reason=reason)

    def stop(self, n: int) -> None:
        """A guarantee: LastQty(32) and LastPx(31) are promised, nothing has traded."""
        if self.working and self.acked and not self._pended and not self.suspended:
            self.stopped = True
            promised = min(self.leaves_qty, LOT * (1 + n % 3))
            self._report("7", last_qty=promised, last_px=self.price)

    def fill_and_release(self, _n: int) -> None:
        """The fill that keeps the promise; the order works on as before."""
        if self.stopped and self.leaves_qty > LOT and not self.done and not self._pended:
            self.stopped = False
            self._fill(0)

    def suspend(self, _n: int) -> None:
        if self.working and self.acked and not self._pended and not self.stopped:
            self.suspended = True
            self._report("9")

    def resume(self, _n: int) -> None:
        if self.suspended and self.working and not self._pended:
            self.suspended = False
            self._report("D", exec_restatement_reason="99")

    def done_for_day(self, _n: int) -> None:
        if self.working and self.acked and (self.good_till or not self._pended):
            self.done, self.done_on, self.done_at = True, self.day, self.cum_qty
            self._report("3")

    def fill_after_done(self, n: int) -> None:
        """The day was not over, as a fill beyond what it was done with says."""
        shown = not (self.suspended or self.stopped or self._pended)
        room = self.done_at <= self.cum_qty < self.order_qty
        if self.done and self.done_on == self.day and room and shown:
            self.done = False
            self.beyond_terms = True
            self._fill(n)

    def next_day(self, n: int) -> None:
        """A DAY order does not work on; a GT order that was done is restated, or just fills."""
        if self.working and not self.good_till:
            return
        self.day += 1
        self.clock += A_DAY
        if self.done and self.good_till and not self.end:
            self.done = False
            if n % 2 and self.leaves_qty and not self.suspended:
                self._fill(n)
            else:
                self._report("D", exec_restatement_reason="1")


TIMED: Final[tuple[Act, ...]] = (
    *ALWAYS,
    TimedBroker.restate,
    TimedBroker.stop,
    TimedBroker.fill_and_release,
    TimedBroker.suspend,
    TimedBroker.resume,
    TimedBroker.done_for_day,
    TimedBroker.fill_after_done,
    TimedBroker.next_day,
    TimedBroker.correct_again,
)
"""Acts that need distinct times to be told in any order, with those that do not."""
