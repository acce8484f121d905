"""Hard days in an order's life, lived at a desk in virtual time and written to a journal."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from fix_oms.journal.story import Event, Story, story
from fix_oms.model import inputs
from fix_oms.model.messages import ExecutionReport
from fix_oms.model.outputs import Accepted
from fix_oms.model.units import SCALE, fixed
from tests.engine.desk import SECOND, Desk
from tests.journal.made import opened

NEW, PART, FILLED, CANCELED = "0", "1", "2", "4"
EARLIER: Final = 30 * SECOND
"""How long before it came a report in flight was made."""


class Day:
    """A desk with one order, of 100 at 10 or as said; a second passes before all that happens."""

    def __init__(self, qty: int = 100, price: str | None = "10", **terms: Any) -> None:
        self.desk: Final = Desk()
        self._pass()
        self.desk.give(inputs.SetReference(by="ann", symbol="AAPL", price=10 * SCALE))
        self.order: Final = self.desk.buy(qty, price, **terms)

    def _pass(self, seconds: int = 1) -> None:
        self.desk.now += seconds * SECOND

    def acked(self) -> Day:
        return self.told(self.order, "0", NEW, leaves=100)

    def told(self, cl_ord_id: str, exec_type: str, status: str, **more: Any) -> Day:
        """The broker reports, on time."""
        self._pass()
        self.desk.report(cl_ord_id, exec_type, status, **more)
        return self

    def told_late(
        self, cl_ord_id: str, exec_type: str, *, cum: int, last: int, px: str, **more: Any
    ) -> Day:
        """The broker reports an execution that was made half a minute before it comes."""
        self._pass()
        made = self.desk.now - EARLIER
        report = ExecutionReport(
            cl_ord_id=cl_ord_id,
            order_id=f"O-{self.order}",
            exec_type=exec_type,
            ord_status=PART,
            symbol="AAPL",
            side="1",
            cum_qty=cum * SCALE,
            order_qty=100 * SCALE,
            leaves_qty=(100 - cum) * SCALE,
            avg_px=fixed(px),
            last_qty=last * SCALE,
            last_px=fixed(px),
            transact_time=made,
            **more,
        )
        self.desk.hear("ALPHA", report)
        return self

    def replaced(self, **changes: Any) -> str:
        """We ask for a replace; its ClOrdID."""
        self._pass()
        answer = self.desk.replace(self.order, **changes)
        assert isinstance(answer, Accepted), answer
        return answer.cl_ord_id

    def cancelled(self) -> str:
        """We ask for a cancel; its ClOrdID."""
        self._pass()
        answer = self.desk.cancel(self.order)
        assert isinstance(answer, Accepted), answer
        return answer.cl_ord_id

    def waited(self, seconds: int) -> Day:
        self.desk.wait(seconds)
        return self

    def asked(self, command: inputs.Command) -> Day:
        """A person asks; whatever the answer."""
        self._pass()
        self.desk.answer(command)
        return self

    def given(self, value: inputs.Input) -> Day:
        self._pass()
        self.desk.give(value)
        return self

    def written(self, directory: Path) -> Path:
        """The journal of the day."""
        directory.mkdir(parents=True, exist_ok=True)
        with opened(directory) as writer:
            for now, value in self.desk.log:
                writer.append(now, inputs.encode(value))
        return directory

    def story(self, directory: Path) -> Story:
        found = story(self.written(directory), self.order)
        assert found is not None
        return found


def last(day: Day, directory: Path) -> Event:
    """The last event of the day's story that did not leave us."""
    return [e for e in day.story(directory).events if e.way != "->"][-1]


def partly_filled() -> Day:
    """F1 has done 40 of 100."""
    return Day().acked().told("1-1", "F", PART, cum=40, leaves=60, last=40, exec_id="F1")


def at_its_end() -> Day:
    day = Day().acked()
    return day.told(day.cancelled(), "4", CANCELED, orig_cl_ord_id="1-1")


def replaced_filled_and_busted() -> Day:
    """Two replaces on the way, a fill in flight under the first id, the rest filled, a bust."""
    day = Day().acked()
    first = day.replaced(order_qty=150 * SCALE, price=fixed("10.02"))
    second = day.replaced(price=fixed("10.03"))
    day.told(first, "5", NEW, leaves=150, orig_cl_ord_id=day.order)
    day.told_late(day.order, "F", cum=40, last=40, px="10.01", exec_id="F1")
    day.told(second, "5", PART, cum=40, leaves=110, orig_cl_ord_id=first)
    day.told(second, "F", FILLED, cum=150, last=110, px="10.03", exec_id="F2")
    return day.told(second, "H", PART, cum=110, leaves=40, exec_id="B1", exec_ref_id="F1")


def cancelled_in_doubt() -> Day:
    """A cancel without an answer, asked about in vain and decided; another one; a late fill."""
    day = Day().acked()
    day.cancelled()
    day.waited(11)
    day.given(inputs.SessionDown(session="ALPHA", reason="connection reset"))
    day.waited(20)
    day.given(inputs.SessionUp(session="ALPHA"))
    day.given(inputs.SessionReady(session="ALPHA"))
    day.told(day.order, "I", NEW, leaves=100, exec_id="0")
    reason = "Kim at ALPHA: no cancel seen"
    day.asked(inputs.Resolve(by="ann", order=day.order, outcome="refused", reason=reason))
    second = day.cancelled()
    day.told(second, "4", CANCELED, cum=30, orig_cl_ord_id=day.order)
    return day.told_late(day.order, "F", cum=30, last=30, px="9.99", exec_id="F1")
