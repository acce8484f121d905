"""A run, played step by step in published order.

A request is asked of the engine as a person would, and the id it chose is learned; where the
scenario says what the message must state (OrigClOrdID(41), OrderQty(38)) that is compared too. A
report is delivered and the order that it speaks of compared with its row. Whatever speaks of
somebody else's order must change nothing of ours: where a run has no order of ours at all, a
bystander's order is there to be left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Final

from fix_oms.conformance.compare import (
    Difference,
    Judged,
    ending_differences,
    execution_differences,
    fault_differences,
    position_differences,
    row_differences,
)
from fix_oms.conformance.desk import DAY, MINUTE, OPENING, Desk
from fix_oms.model.outputs import Accepted, Output, Refused
from fix_oms.model.views import OrderView
from fix_oms.scenarios import Act, Ids, Report, Role, Run
from fix_oms.scenarios.texts import Told
from fix_oms.wire import fields

TICK: Final = Decimal("0.01")


class Client:
    """Our side of one run: sends its requests and knows what they became."""

    def __init__(self, run: Run, told: Told, desk: Desk, suffix: str = "") -> None:
        self._run: Final = run
        self._told: Final = told
        self._desk: Final = desk
        self.ids: Final = Ids()
        self.names: Final[dict[str, str]] = {}
        self.price = told.limit
        for order in run.orders:
            order_id = f"O-{order}{suffix}"
            self.ids.named(order, order_id)
            self.names[order] = order_id

    def send(self, act: Act) -> tuple[Accepted | Refused, str]:
        """Ask the engine for a request of ours."""
        step, order = act.step, self.names.get(act.order or "", "")
        match act.role:
            case Role.NEW:
                answer, text = self._desk.new(
                    step.order_qty, step.cash_order_qty, self.price, self._run.time_in_force
                )
                if isinstance(answer, Accepted):
                    self.names[act.order or ""] = answer.order
            case Role.CANCEL:
                answer, text = self._desk.cancel(order)
            case Role.REPLACE:
                answer, text = self._desk.replace(order, step.order_qty, self._changed_price(act))
            case _:
                return self._desk.status(order)
        if isinstance(answer, Accepted):
            self.ids.sent(step.cl_ord_id or "", answer.cl_ord_id)
        return answer, text

    def _changed_price(self, act: Act) -> Decimal | None:
        """A replace has to change something: a tick, where an earlier request asked the same."""
        asked = [
            a.step.order_qty
            for a in self._run.acts
            if a.step.place < act.step.place and a.order == act.order and not a.step.is_report
        ]
        if act.step.order_qty is not None and act.step.order_qty not in asked:
            return None
        self.price += TICK
        return self.price

    def view(self, order: str | None) -> OrderView | None:
        return self._desk.view(self.names[order]) if order is not None else None


Heard = Callable[[Act, Report, list[Output]], list[Difference]]
"""What more to ask after a report was heard."""


class Player:
    """Plays one run in published order; ``heard`` may add checks of its own after each report."""

    def __init__(self, run: Run, told: Told, heard: Heard | None = None) -> None:
        self.desk: Final = Desk(run.version)
        self.client: Final = Client(run, told, self.desk)
        self._run: Final = run
        self._told: Final = told
        self._heard: Final = heard
        self._bystander = ""
        if not run.orders:
            answer, _ = self.desk.new(Decimal(100), None, Decimal(100), "0")
            assert isinstance(answer, Accepted), answer
            self._bystander = answer.order

    def play(self, judged: Judged = Judged.ALL) -> Iterator[Difference]:
        """Every difference, row by row and at the end. A request that the engine refuses ends the
        run: nothing after it can be as published."""
        for place, act in enumerate(self._run.acts):
            self.desk.begin_day(act.step.day)
            if act.role is Role.REPORT:
                yield from self._hear(place, act, judged)
            elif act.role is not Role.NOTHING:
                refused = yield from self._send(act)
                if refused:
                    return
        yield from self._end(judged)

    def _send(self, act: Act) -> Generator[Difference, None, bool]:
        """What differs in the request that left; returns whether the engine refused it."""
        step = act.step
        answer, text = self.client.send(act)
        if isinstance(answer, Refused):
            yield Difference(step.t, "request", "sent", f"refused: {answer.text}")
            return True
        if act.role is Role.STATUS:
            return False
        left = dict(fields(text))
        orig = self.client.ids.real(step.orig_cl_ord_id or "")
        if orig is not None and left.get(41) != orig:
            yield Difference(step.t, "OrigClOrdID(41)", orig, left.get(41, "nothing"))
        told = left.get(38)
        if step.order_qty is not None and (told is None or Decimal(told) != step.order_qty):
            yield Difference(step.t, "OrderQty(38)", f"{step.order_qty:f}", left.get(38, "nothing"))
        return False

    def _hear(self, place: int, act: Act, judged: Judged) -> Iterator[Difference]:
        report = self._told.reports[place]
        before = self._all()
        body = self.client.ids.filled(report.template) + self.desk.told_at(told_at(act, place))
        out = self.desk.hear(report.kind, body)
        if act.order is None:
            yield from self._unchanged(act, before)
        elif judged is not Judged.SUMS:
            cum = act.step.cum_qty
            known = cum is None or Fraction(cum) == report.executed
            view = self.client.view(act.order)
            yield from row_differences(act, view, report.avg_px if known else None)
        if self._heard is not None:
            yield from self._heard(act, report, out)

    def _all(self) -> list[OrderView | None]:
        names = [self.client.names[o] for o in self._run.orders] + [self._bystander]
        return [self.desk.view(name) for name in names if name]

    def _unchanged(self, act: Act, before: list[OrderView | None]) -> Iterator[Difference]:
        """An answer about somebody else's order leaves every one of ours as it was."""
        for was, now in zip(before, self._all(), strict=True):
            if was is not None and now is not None and _facts(was) != _facts(now):
                yield Difference(act.step.t, f"order {was.reference}", "unchanged", "changed")

    def _end(self, judged: Judged) -> Iterator[Difference]:
        """Nothing that was told is lost: endings, executions, position."""
        for ending in self._told.endings:
            view = self.client.view(ending.order)
            if view is None or judged is not Judged.SUMS:
                yield from ending_differences(ending, view, breaks=judged is Judged.ALL)
            if view is not None:
                yield from execution_differences(ending, self.desk.fills(view.reference))
        yield from position_differences(self._told.position, self.desk)
        yield from fault_differences(self.desk)


def _facts(view: OrderView) -> tuple[object, ...]:
    return (
        view.ord_status,
        view.order_qty,
        view.cum_qty,
        view.leaves_qty,
        view.avg_px,
        view.pending,
        view.breaks,
    )


def told_at(act: Act, place: int) -> int:
    """When a row happened: a minute apart, on its own day."""
    return OPENING + (act.step.day - 1) * DAY + place * MINUTE
