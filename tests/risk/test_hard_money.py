"""Money that a review found uncounted: each order here once left, or was once held back, wrongly.

A story is a desk, what happened on it, and an order; the table says whether it may leave. What the
configuration refuses to hold at all stands at the end, by its key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from fix_oms.model import inputs
from fix_oms.model.errors import SettingsError
from fix_oms.model.limits import Limit
from fix_oms.model.messages import CollateralReport, Terms
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.settings_text import from_plain
from fix_oms.model.units import SCALE, fixed
from tests.engine.desk import Desk, plain_settings
from tests.risk.acts import (
    Ask,
    all_of,
    balance,
    buy,
    filled,
    instrument,
    limit,
    loop,
    put,
    sell,
)

TEN = instrument(reference="10")


@attrs.frozen(kw_only=True)
class Story:
    """``limits`` hold, ``before`` happens, ``ask`` is judged: ``leaves`` or not."""

    limits: tuple[dict[str, Any], ...] = ()
    settings: Callable[[dict[str, Any]], None] = TEN
    before: Callable[[Desk], Any] = lambda desk: None
    ask: Ask
    leaves: bool = False


def desk_with(
    limits: tuple[dict[str, Any], ...] = (), change: Callable[[dict[str, Any]], None] = TEN
) -> Desk:
    plain = plain_settings(limits=[dict(one) for one in limits], strategies={"algo": {}})
    plain["instruments"] |= {
        "SAP": {"venues": ["ALPHA"], "currency": "EUR", "reference": "100"},
        "IBM": {"venues": ["ALPHA"]},
    }
    change(plain)
    return Desk(plain)


def cash(money: str, price: str | None = None, **more: Any) -> Ask:
    """A buy for so much money."""
    told: dict[str, Any] = {
        "order_qty": 0,
        "side": "1",
        "ord_type": "1" if price is None else "2",
    } | more
    px = None if price is None else fixed(price)
    terms = Terms(symbol="AAPL", price=px, cash_order_qty=fixed(money), **told)
    return lambda desk: desk.answer(inputs.NewOrder(by="tom", terms=terms, venue="ALPHA"))


def marked(price: str) -> Callable[[Desk], Any]:
    told = inputs.SetReference(by="ann", symbol="AAPL", price=fixed(price))
    return lambda desk: desk.answer(told)


def collateral(desk: Desk) -> None:
    """The broker tells a balance of 1,000."""
    told: dict[str, Any] = {"account": "DESK", "currency": "USD", "margin_excess": fixed("1000")}
    desk.hear("ALPHA", CollateralReport(coll_rpt_id="1", coll_status="3", **told))


def phoned(desk: Desk, **more: Any) -> None:
    """The broker tells an order of a million that nobody here sent."""
    qty = 1_000_000
    told: dict[str, Any] = {"order_qty": qty * SCALE, "order_id": "X1"} | more
    desk.report("PHONE", "0", "0", leaves=qty, **told)


def cash_replaced_to_quantity(desk: Desk) -> None:
    """A cash order, and the replace to 10 shares that is not answered."""
    answer = cash("1000")(desk)
    assert isinstance(answer, Accepted)
    desk.report(answer.order, "0", "0")
    assert isinstance(desk.replace(answer.order, order_qty=10 * SCALE), Accepted)


def repriced(desk: Desk) -> None:
    """A buy of 10 at 10 that was replaced to 1, and the broker took it."""
    name = desk.buy(10)
    desk.report(name, "0", "0", leaves=10)
    asked = desk.replace(name, price=fixed("1"))
    assert isinstance(asked, Accepted)
    told: dict[str, Any] = {"orig_cl_ord_id": name, "price": fixed("1"), "order_qty": 10 * SCALE}
    desk.report(asked.cl_ord_id, "5", "0", leaves=10, **told)


def working_and_replaced(desk: Desk) -> None:
    """A buy of 10 at 10, and the replace to 100 that is not answered."""
    name = desk.buy(10)
    desk.report(name, "0", "0", leaves=10)
    assert isinstance(desk.replace(name, order_qty=100 * SCALE), Accepted)


def cash_at_a_hundred(desk: Desk) -> None:
    """An acknowledged sale for 1,000 at 100."""
    answer = cash("1000", "100", side="2")(desk)
    assert isinstance(answer, Accepted)
    desk.report(answer.order, "0", "0", side="2")


def cash_at_ten(desk: Desk) -> Accepted | Refused:
    return desk.replace(desk.shown.order_views(True, 1, "")[0].reference, price=fixed("10"))


def unrated(desk: Desk) -> None:
    """An order in a currency without a rate is asked for."""
    desk.ask_new("1", 1, "100", symbol="SAP")


def asked_about(desk: Desk) -> None:
    """The same, as a question only."""
    terms = Terms(symbol="SAP", side="1", order_qty=SCALE, ord_type="2", price=fixed("100"))
    desk.engine.check(desk.now, [inputs.NewOrder(by="tom", terms=terms, venue="ALPHA")])


def stop(qty: int, px: str) -> Ask:
    return buy(qty, None, ord_type="3", stop_px=fixed(px))


def priced(**more: str) -> Callable[[dict[str, Any]], None]:
    return instrument(reference="10", **more)


POWER = limit("buying_power")
PER_ACCOUNT = {"per": ["account"]}
UNPRICED = instrument()

STORIES: dict[str, Story] = {
    "a buy stop below the market is worth the market by itself": Story(
        limits=limit("max_order_value", "1000"), ask=stop(101, "0.01")
    ),
    "a buy stop below the market is worth the market in a sum": Story(
        limits=limit("gross_notional", "1000"), ask=stop(101, "0.01")
    ),
    "a cash buy whose limit is above the market counts what it can buy": Story(
        limits=limit("position_limit", "20"), ask=cash("1000", "100")
    ),
    "a cash order that is being replaced counts what it still can buy": Story(
        limits=limit("position_limit", "150"), before=cash_replaced_to_quantity, ask=buy(140)
    ),
    "a price of before the replace reserves nothing": Story(
        limits=limit("unexecuted_value", "1000"),
        settings=UNPRICED,
        before=repriced,
        ask=buy(99),
        leaves=True,
    ),
    "a buy below the mark is worth the mark, for so it will be when it fills": Story(
        limits=limit("gross_notional", "1500"),
        settings=instrument(reference="20"),
        ask=buy(100, "10"),
    ),
    "after the mark has moved each order is worth the more of it and its own price": Story(
        limits=limit("gross_notional", "2900"),
        settings=instrument(reference="5"),
        before=all_of(buy(100, "5"), buy(100, "20"), marked("10")),
        ask=buy(1),
    ),
    "a falling mark gives no buying power": Story(
        limits=POWER,
        before=all_of(balance("5000"), filled("1", 100), balance("100"), marked("5")),
        ask=buy(100, "5"),
    ),
    "a balance does not know of an order in flight": Story(
        limits=POWER, before=all_of(balance("1000"), buy(100), collateral), ask=buy(100)
    ),
    "a balance does not know of a replace in flight": Story(
        limits=POWER,
        before=all_of(balance("10000"), working_and_replaced, balance("1000")),
        ask=buy(100),
    ),
    "a cash order that is replaced meets the largest quantity": Story(
        settings=instrument(reference="100", max_qty="20"),
        before=cash_at_a_hundred,
        ask=cash_at_ten,
    ),
    "a reserve in a currency without a rate is not dropped": Story(
        limits=limit("buying_power", "900", currency="EUR"), before=balance("1000"), ask=buy(50)
    ),
    "a market order by telephone has a value": Story(
        limits=limit("gross_notional", "1000"), before=all_of(buy(1), phoned), ask=buy(1)
    ),
    "a market order without a reference has a value as soon as there is one": Story(
        settings=UNPRICED,
        before=all_of(buy(1_000_000, None), marked("10"), put("gross_notional", limit="1000")),
        ask=buy(1),
    ),
    "OrderQty(38) does not go with CashOrderQty(152)": Story(
        ask=cash("1000", order_qty=1_000_000 * SCALE)
    ),
    "the same cash order is a duplicate, wherever the market is": Story(
        limits=limit("duplicate_order", "1"),
        before=all_of(cash("1000"), marked("10.01")),
        ask=cash("1000"),
    ),
    "an order that only reduces leaves without a price": Story(
        limits=limit("gross_notional", "10000"),
        settings=UNPRICED,
        before=filled("1", 100),
        ask=sell(100),
        leaves=True,
    ),
    "a question about a currency without a rate changes no later answer": Story(
        limits=limit("gross_notional", "10000"), before=asked_about, ask=buy(1), leaves=True
    ),
    "a refused order in a currency without a rate shuts nobody out": Story(
        limits=limit("gross_notional", "10000"), before=unrated, ask=buy(1), leaves=True
    ),
    "a cash order meets the largest quantity": Story(
        settings=priced(max_qty="5"), ask=cash("1000")
    ),
    "a cash order meets the least value": Story(settings=priced(min_notional="100"), ask=cash("1")),
    "a market order without a reference does not pass the least value": Story(
        settings=instrument(min_notional="100"), ask=buy(1, None)
    ),
    "a loss over all symbols of an account knows the multiplier": Story(
        limits=limit("round_trip_loss", "100", **PER_ACCOUNT),
        settings=instrument(multiplier="100"),
        before=loop(2),
        ask=buy(1, strategy="algo"),
    ),
    "a round trip is of one symbol": Story(
        limits=limit("round_trip_loss", "100", **PER_ACCOUNT),
        before=all_of(filled("1", 10, "100", symbol="IBM"), filled("2", 10)),
        ask=sell(1),
        leaves=True,
    ),
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_whether_it_leaves(story: Story) -> None:
    desk = desk_with(story.limits, story.settings)
    story.before(desk)
    assert type(story.ask(desk)) is (Accepted if story.leaves else Refused)


# -- what a table cannot say -----------------------------------------------------------------------


def rates_gone(desk: Desk) -> None:
    """The process starts anew, and the file knows no rate."""
    desk.settings["rates"] = {}
    desk.start(2)
    desk.ready("ALPHA")


def rated(*limits: dict[str, Any]) -> Desk:
    def change(plain: dict[str, Any]) -> None:
        plain["rates"] = {"EUR": "1"}
        TEN(plain)

    return desk_with(limits, change)


def test_an_order_that_only_reduces_leaves_without_a_rate() -> None:
    desk = rated(*limit("gross_notional", "100000"))
    filled("1", 10)(desk)
    buy(1, "100", symbol="SAP")(desk)
    rates_gone(desk)
    assert isinstance(sell(10)(desk), Accepted)


def test_without_a_rate_a_question_is_answered_as_its_order() -> None:
    desk = rated(*limit("net_notional", "1000", currency="EUR"))
    filled("2", 50)(desk)
    rates_gone(desk)
    asked = inputs.NewOrder(by="tom", terms=desk.terms("1", 1, "10"), venue="ALPHA")
    found = desk.engine.check(desk.now, [asked])
    assert (found, type(desk.answer(asked))) == ([None], Accepted)


def test_a_refusal_names_the_currency_without_a_rate() -> None:
    answer = buy(1)(desk_with(limit("gross_notional", "1000", currency="XXX")))
    assert isinstance(answer, Refused)
    assert answer.text == "XXX has no rate: the gross notional of everything cannot be known"


def test_what_is_left_of_the_money_is_counted_with_the_multiplier() -> None:
    desk = desk_with(change=priced(multiplier="100"))
    answer = cash("10000")(desk)
    assert isinstance(answer, Accepted)
    desk.report(answer.order, "0", "0")
    before = desk.engine.state.ledger.position("DESK", "AAPL").longest
    desk.report(answer.order, "F", "1", last=2, cum=2)
    assert desk.engine.state.ledger.position("DESK", "AAPL").longest <= before


# -- what the configuration refuses ----------------------------------------------------------------


def engine(**more: str) -> Callable[[dict[str, Any]], None]:
    return lambda plain: plain["engine"].update(more)


def limited(control: str, value: str = "", **more: Any) -> Callable[[dict[str, Any]], None]:
    return lambda plain: plain.update(limits=list(limit(control, value, **more)))


def alias(plain: dict[str, Any]) -> None:
    plain["venues"]["ALIAS"] = {"session": "ALPHA"}


WRONG = {
    "buying power of a symbol: money is an account's": (
        limited("buying_power", symbol="AAPL"),
        "limits[0].symbol",
    ),
    "buying power counted apart by strategy": (
        limited("buying_power", per=["strategy"]),
        "limits[0].per",
    ),
    "beyond_terms of a session: an order by telephone has none of ours": (
        limited("beyond_terms", "0", session="ALPHA"),
        "limits[0].session",
    ),
    "a collar of 100 % lets every sale pass": (
        limited("price_collar", "100"),
        "limits[0].limit",
    ),
    "a buffer below 0 makes market orders cheap": (
        engine(market_buffer_pct="-99"),
        "engine.market_buffer_pct",
    ),
    "two names of one place lead around a kill of either": (alias, "venues.ALIAS"),
}


@pytest.mark.parametrize(("change", "key"), WRONG.values(), ids=WRONG.keys())
def test_a_configuration_that_lets_money_past_is_refused_by_its_key(
    change: Callable[[dict[str, Any]], None], key: str
) -> None:
    plain = plain_settings()
    change(plain)
    with pytest.raises(SettingsError) as error:
        from_plain(plain, "test")
    assert error.value.key == key


def test_buying_power_is_each_accounts_whatever_its_limit_counts_apart() -> None:
    assert Limit(control="buying_power", per=()).apart == ("account",)


def test_an_opening_position_that_nobody_can_value_is_refused() -> None:
    row = inputs.Holding(account="DESK", symbol="AAPL", quantity=SCALE)
    desk = desk_with(change=UNPRICED)
    answer = desk.answer(inputs.OpenPositions(by="ann", source="file", rows=(row,)))
    assert isinstance(answer, Refused)
    assert answer.text == "row 1: DESK AAPL has no mark: say the price it stands at"


def test_an_opening_position_without_a_price_stands_at_the_mark() -> None:
    row = inputs.Holding(account="DESK", symbol="AAPL", quantity=100 * SCALE)
    desk = desk_with(limit("loss_limit", "100"))
    desk.answer(inputs.OpenPositions(by="ann", source="file", rows=(row,)))
    marked("5")(desk)
    assert isinstance(buy(1, "5")(desk), Refused)
