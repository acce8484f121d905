"""What happens to a desk before an order is judged: the words of the table of cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from fix_oms.model import inputs
from fix_oms.model.messages import MarketDataSnapshot, MDEntry, PositionReport, SecurityStatus
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import SCALE, fixed
from tests.engine.desk import Desk, plain_settings

Answer = Accepted | Refused
Ask = Callable[[Desk], Answer]


@attrs.frozen(kw_only=True)
class Case:
    """``limits`` are those in force; ``settings`` other changes; ``before`` happens first."""

    control: str
    limits: tuple[dict[str, Any], ...] = ()
    settings: Callable[[dict[str, Any]], None] | None = None
    before: Callable[[Desk], None] | None = None
    inside: Ask
    beyond: Ask
    limit: str
    value: str
    says: str

    def desk(self) -> Desk:
        """A desk of this case, after what happens before."""
        plain = plain_settings(limits=[dict(limit) for limit in self.limits])
        plain["strategies"] = {"algo": {}}
        if self.settings is not None:
            self.settings(plain)
        desk = Desk(plain)
        if self.before is not None:
            self.before(desk)
        return desk


def buy(qty: int, price: str | None = "10", **more: Any) -> Ask:
    return lambda desk: desk.ask_new("1", qty, price, **more)


def sell(qty: int, price: str | None = "10", **more: Any) -> Ask:
    return lambda desk: desk.ask_new("2", qty, price, **more)


def order(**more: Any) -> Ask:
    """A buy of 100 at 10, with fields of the command itself."""

    def ask(desk: Desk) -> Answer:
        terms = inputs.NewOrder(by="tom", terms=desk.terms("1", 100, "10"), venue="ALPHA", **more)
        return desk.answer(terms)

    return ask


def quote(bid: str, offer: str, *, last: str | None = None) -> Callable[[Desk], None]:
    def tell(desk: Desk) -> None:
        entries = [
            MDEntry(entry_type="0", price=fixed(bid), size=SCALE),
            MDEntry(entry_type="1", price=fixed(offer), size=SCALE),
        ]
        if last is not None:
            entries.append(MDEntry(entry_type="2", price=fixed(last), size=SCALE))
        desk.hear("ALPHA", MarketDataSnapshot(symbol="AAPL", entries=tuple(entries)))

    return tell


def filled(side: str, qty: int, px: str = "10", *, exec_id: str | None = None, **more: Any) -> Any:
    """An order that fills at once."""

    def fill(desk: Desk) -> None:
        answer = desk.ask_new(side, qty, px, **more)
        assert isinstance(answer, Accepted), answer
        name, exec_name = answer.order, exec_id or f"X-{answer.order}"
        desk.report(name, "F", "2", last=qty, px=px, cum=qty, side=side, exec_id=exec_name)

    return fill


def all_of(*acts: Callable[[Desk], Any]) -> Callable[[Desk], None]:
    """One after the other; none of them may be refused."""

    def do(desk: Desk) -> None:
        for act in acts:
            answer = act(desk)
            assert not isinstance(answer, Refused), answer

    return do


def referenced(price: str) -> Callable[[dict[str, Any]], None]:
    def change(plain: dict[str, Any]) -> None:
        plain["instruments"]["AAPL"]["reference"] = price

    return change


def instrument(**more: str) -> Callable[[dict[str, Any]], None]:
    def change(plain: dict[str, Any]) -> None:
        plain["instruments"]["AAPL"].update(more)

    return change


def balance(available: str) -> Callable[[Desk], Any]:
    return lambda desk: desk.answer(
        inputs.SetBalance(by="ann", account="DESK", currency="USD", available=fixed(available))
    )


def told(quantity: int) -> Callable[[Desk], Any]:
    report = PositionReport(
        account="DESK",
        symbol="AAPL",
        long_qty=quantity * SCALE,
        short_qty=0,
        pos_maint_rpt_id="1",
        clearing_business_date="20231114",
        settl_price=10 * SCALE,
    )
    return lambda desk: desk.hear("ALPHA", report)


def loop(times: int) -> Callable[[Desk], None]:
    """Buys at 11 and sells at 10, so many times."""

    def run(desk: Desk) -> None:
        for _ in range(times):
            filled("1", 1, "11", strategy="algo")(desk)
            filled("2", 1, "10", strategy="algo")(desk)

    return run


def cancels(times: int) -> Callable[[Desk], None]:
    def run(desk: Desk) -> None:
        for _ in range(times):
            desk.cancel(desk.buy(1, strategy="algo"))

    return run


def many(times: int, ask: Ask) -> Callable[[Desk], None]:
    def run(desk: Desk) -> None:
        for _ in range(times):
            answer = ask(desk)
            assert isinstance(answer, Accepted), answer

    return run


def hours(plain: dict[str, Any]) -> None:
    plain["venues"]["ALPHA"]["hours"] = {"logon": "09:00", "logout": "17:00"}


def opened(is_open: bool) -> Callable[[Desk], Any]:
    return lambda desk: desk.give(inputs.VenueHours(venue="ALPHA", is_open=is_open))


def security(status: str) -> Callable[[Desk], Any]:
    return lambda desk: desk.hear(
        "ALPHA", SecurityStatus(symbol="AAPL", security_trading_status=status)
    )


def bust(desk: Desk) -> None:
    """A fill of 10, and its bust."""
    name = desk.buy(10)
    desk.report(name, "F", "2", last=10, cum=10, exec_id="F1")
    desk.report(name, "H", "0", last=10, cum=0, leaves=10, exec_id="F2", exec_ref_id="F1")


def parent(desk: Desk) -> None:
    command = inputs.NewParent(by="ann", ref="P", symbol="AAPL", side="1", order_qty=150 * SCALE)
    assert isinstance(desk.answer(command), Accepted)


def reconnected(desk: Desk) -> None:
    """An order is open at ALPHA while its session goes and comes back."""
    desk.buy(10)
    desk.down("ALPHA")
    desk.ready("ALPHA")


def told_status(desk: Desk) -> None:
    """ALPHA tells of the first order."""
    desk.report("1-1", "I", "0", leaves=10)


def both(before: Callable[[Desk], Any], ask: Ask) -> Ask:
    """Something happens, and then the order is asked for."""

    def do(desk: Desk) -> Answer:
        before(desk)
        return ask(desk)

    return do


def limit(control: str, value: str = "", **more: Any) -> tuple[dict[str, Any], ...]:
    return ({"control": control, **({"limit": value} if value else {}), **more},)


def shut(command: type[inputs.Halt | inputs.Kill]) -> Callable[[Desk], Any]:
    return lambda desk: desk.answer(command(by="ann", reason="stop", symbol="AAPL"))


def put(control: str, **more: Any) -> Callable[[Desk], Any]:
    """The limit is put in force while the engine runs."""
    plain = {"control": control, **more}
    return lambda desk: desk.answer(inputs.SetLimits(by="ann", reason="now", put=(plain,)))
