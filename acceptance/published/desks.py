"""Both desks of a played scenario: the client's, which sends, and the broker's, which answers.

A FIX session keeps its order, so an order of another symbol that is sent and answered (a *fence*)
proves that all the broker said before has been taken in. A state is looked at after a fence only:
nothing is awaited by the clock, and nothing is looked at while it may still change.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

from fix_oms.client import Accepted, Client, Refused
from fix_oms.conformance.compare import (
    Difference,
    ending_differences,
    execution_differences,
    row_differences,
)
from fix_oms.model import inputs
from fix_oms.model.commands import AnyCommand
from fix_oms.model.fix import FixVersion, OrdType, TimeInForce
from fix_oms.model.messages import Terms
from fix_oms.model.units import SCALE, Fixed, fixed, from_decimal, text_of
from fix_oms.model.views import OrderView
from fix_oms.scenarios import Act, Ending, Role, Run, tell
from fix_oms.scenarios.runs import TELEPHONED
from fix_oms.scenarios.texts import SIDE, SYMBOL, Told
from fix_oms.simulator import acts
from fix_oms.simulator.control import VenueClient
from fix_oms.simulator.script import Script, script_of

CLIENT: Final = "FIXOMS"
FENCE: Final = "MSFT"
"""The symbol of fences. Nobody sells it."""
BY: Final = "ann"
WAIT_S: Final = 60.0
TICK: Final = Decimal("0.01")
VENUES: Final = {
    FixVersion.FIX42: "BETA",
    FixVersion.FIX44: "ALPHA",
    FixVersion.FIX50SP2: "GAMMA",
}


class Stuck(AssertionError):
    """The scenario cannot go on; says why."""


class Desk:
    """The client's side of one session."""

    def __init__(self, client: Client, venue: str) -> None:
        self._client: Final = client
        self._venue: Final = venue

    def order(self, qty: Decimal | None, cash: Decimal | None, price: Decimal, tif: str) -> str:
        """Send a buy; its reference."""
        terms = Terms(
            symbol=SYMBOL,
            side=SIDE,
            order_qty=0 if qty is None else from_decimal(qty),
            cash_order_qty=None if cash is None else from_decimal(cash),
            ord_type=OrdType.LIMIT,
            price=from_decimal(price),
            time_in_force=tif,
        )
        return self.ask(inputs.NewOrder(by=BY, terms=terms, venue=self._venue)).order

    def ask(self, command: AnyCommand) -> Accepted:
        """Ask for something. Raises Stuck when it is refused."""
        answer = self._client.submit(command)
        if isinstance(answer, Refused):
            raise Stuck(f"{command} is refused: {answer.text}")
        return answer

    def fence(self) -> None:
        """Return when all that the broker said before has been taken in."""
        terms = Terms(
            symbol=FENCE,
            side=SIDE,
            order_qty=SCALE,
            ord_type=OrdType.LIMIT,
            price=fixed("1"),
            time_in_force=TimeInForce.IOC,
        )
        sent = self.ask(inputs.NewOrder(by=BY, terms=terms, venue=self._venue))
        view = self._client.settled(sent.order, sent.cl_ord_id, WAIT_S, to_the_end=True)
        if view is None or view.pending or view.leaves_qty:
            raise Stuck(f"the broker does not answer: {view}")

    def view(self, name: str) -> OrderView | None:
        return self._client.order(name)

    def position(self) -> Fixed:
        """The position in the scenarios' symbol, over all accounts."""
        return sum(p.quantity for p in self._client.positions() if p.symbol == SYMBOL)

    def executions(self, ending: Ending, view: OrderView) -> list[Difference]:
        return execution_differences(ending, list(self._client.fills(view.reference)))


class Scenario:
    """One run, played by the venue and driven from the client's desk. ``script`` is what the venue
    plays, where that is not the run as published."""

    def __init__(
        self, run: Run, client: Client, venue: VenueClient, script: Script | None = None
    ) -> None:
        self._run: Final = run
        self._script: Final = script or script_of(run)
        self._told: Final[Told] = tell(run)
        self._venue: Final = venue
        self._desk: Final = Desk(client, VENUES[run.version])
        self._names: Final[dict[str, str]] = {}
        """Our order (or the broker's OrderID) for each order of the scenario."""
        self._in_force: Final[dict[str, int]] = {}
        """The place of the last row told of each order."""
        self._price = self._told.limit

    def differences(self) -> list[Difference]:
        """Play it: what differs at each request, in the rows told before it, and at the end."""
        bystander = "" if self._run.orders else self._bystander()
        before, left_alone = self._desk.position(), self._desk.view(bystander)
        self._begin()
        found: list[Difference] = []
        for place, act in enumerate(self._run.acts):
            if act.role is Role.REPORT:
                if act.order is not None:
                    self._in_force[act.order] = place
            elif act.role is not Role.NOTHING:
                found += self._rows()
                self._send(act)
        found += self._rows()
        self._ask_about_all()
        if self._desk.view(bystander) != left_alone:
            found.append(Difference("end", "another order", "unchanged", "changed"))
        return [*found, *self._endings(before)]

    def _begin(self) -> None:
        self._venue.perform(acts.Play(session=CLIENT, script=self._script, symbol=SYMBOL))
        self._names.update(self._venue.play(CLIENT).order_ids)

    def _bystander(self) -> str:
        """An order of ours that rests in the venue's book and has no part in the scenario."""
        name = self._desk.order(Decimal(100), None, Decimal(1), TimeInForce.DAY)
        self._desk.fence()
        return name

    def _send(self, act: Act) -> None:
        """Do what makes this request leave."""
        step, name = act.step, self._names[act.order or ""]
        match act.role:
            case Role.NEW:
                tif = self._run.time_in_force
                sent = self._desk.order(step.order_qty, step.cash_order_qty, self._price, tif)
                self._names[act.order or ""] = sent
            case Role.CANCEL:
                self._desk.ask(inputs.CancelOrder(by=BY, order=name))
            case Role.REPLACE:
                qty = None if step.order_qty is None else from_decimal(step.order_qty)
                self._price += TICK  # a replace has to change something, also to the same quantity
                price = from_decimal(self._price)
                self._desk.ask(inputs.ReplaceOrder(by=BY, order=name, order_qty=qty, price=price))
            case _:
                self._desk.ask(inputs.AskStatus(by=BY, order=name))

    def _rows(self) -> list[Difference]:
        """How our orders differ from the rows in force, once everything told is taken in."""
        self._desk.fence()
        error = self._venue.play(CLIENT).error
        if error:
            raise Stuck(error)
        found = []
        for order, place in self._in_force.items():
            act, report = self._run.acts[place], self._told.reports[place]
            cum = act.step.cum_qty
            known = cum is None or Fraction(cum) == report.executed
            view = self._desk.view(self._names[order])
            found += row_differences(act, view, report.avg_px if known else None)
        return found

    def _ask_about_all(self) -> None:
        """The broker repeats where each order stands, which must change nothing."""
        for order in self._run.orders:
            if order != TELEPHONED:
                self._desk.ask(inputs.AskStatus(by=BY, order=self._names[order]))
        self._desk.fence()

    def _endings(self, before: Fixed) -> list[Difference]:
        view = self._venue.play(CLIENT)
        if not view.is_over:
            raise Stuck(f"the play is not over: it awaits {view.awaited}")
        found = []
        for ending in self._told.endings:
            ours = self._desk.view(self._names[ending.order])
            found += ending_differences(ending, ours)
            found += [] if ours is None else self._desk.executions(ending, ours)
        wanted, change = self._told.position, Fraction(self._desk.position() - before, SCALE)
        if change != wanted:
            ours_text = text_of(self._desk.position() - before)
            found.append(Difference("end", "position", str(wanted), ours_text))
        return found
