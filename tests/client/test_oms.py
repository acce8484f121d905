"""The API on an event loop, against a real engine, its control socket and its mirror."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from fix_oms.client import (
    AskRefused,
    BadArgument,
    Delta,
    NoReply,
    Oms,
    Order,
    Status,
)
from fix_oms.model.units import SCALE
from tests.client.house import WAIT_S, House, run, working

# -- sending ---------------------------------------------------------------------------------------


def test_an_order_is_there_and_pending_before_its_command_leaves(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        sending = asyncio.create_task(oms.limit_order("AAPL", -100, "10", venue="ALPHA"))
        await asyncio.sleep(0)
        [order] = oms.orders.values()
        assert (order.status, int(order.amount), order.reference) == (Status.PENDING, -100, "")
        order = await sending
        assert (order.status, order.reference) == (Status.PENDING, "1-1")
        assert oms.orders[order.name] == order

    run(tmp_path, body)


def test_the_life_of_an_order_is_told_step_by_step(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        seen: list[tuple[str, Decimal, Decimal]] = []

        @oms.orders.on_delta
        async def told(change: Delta[Order]) -> None:
            if change.now is not None:
                now = (change.now.status, change.now.cum_qty, change.now.last_qty)
                if not seen or seen[-1] != now:
                    seen.append(now)

        order = await working(made, oms)
        made.report(order.cl_ord_id, "F", "1", cum=30, leaves=70, last=30)
        made.report(order.cl_ord_id, "F", "2", cum=100, leaves=0, last=70)
        order = await oms.ended(order)
        assert await oms.drained()
        assert [(str(s), int(c), int(q)) for s, c, q in seen] == [
            ("PENDING", 0, 0),
            ("NEW", 0, 0),
            ("PARTIALLY_FILLED", 30, 30),
            ("FILLED", 100, 70),
        ]
        ids = (order.cl_ord_id, order.order_id, order.reference, order.client_ref)
        assert ids == ("1-1", "O-1-1", "1-1", order.name)

    run(tmp_path, body)


def test_a_refused_order_is_rejected_with_the_reason_and_never_left(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        order = await oms.limit_order("AAPL", 100, "10.001", venue="ALPHA")
        assert (order.status, order.refused, order.is_open) == (Status.REJECTED, True, False)
        assert "is no multiple of the tick" in order.text
        assert await oms.synced()
        assert (oms.orders[order.name], made.left()) == (order, [])

    run(tmp_path, body)


def test_sides_and_terms_reach_the_broker_as_they_were_said(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        await oms.limit_order("AAPL", "-100", Decimal("10.05"), venue="ALPHA", tif="GTC")
        await oms.limit_order("AAPL", 50, "10", venue="ALPHA", side="SELL_SHORT")
        await oms.stop_order("AAPL", 20, "11", venue="ALPHA")
        await oms.stop_order("AAPL", 20, "11", "12", venue="ALPHA", account="HEDGE")
        await oms.market_order("AAPL", 30, venue="ALPHA")
        assert await oms.until(lambda: len(made.left()) == 5)
        sent = [tuple(m.get(tag, "") for tag in (54, 38, 40, 44, 99, 59, 1)) for m in made.left()]
        assert sent == [
            ("2", "100", "2", "10.05", "", "1", "DESK"),
            ("5", "50", "2", "10", "", "0", "DESK"),
            ("1", "20", "3", "", "11", "0", "DESK"),
            ("1", "20", "4", "12", "11", "0", "H-77"),
            ("1", "30", "1", "", "", "0", "DESK"),
        ]

    run(tmp_path, body)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"amount": 0}, "amount: 0 is nothing"),
    ({"amount": 1.5}, "amount: 1.5 is a float"),
    ({"amount": True}, "amount: True is a bool"),
    ({"amount": "x"}, "amount: 'x' is not a FIX number"),
    ({"amount": "9" * 200}, "amount: '999"),
    ({"amount": -5, "side": "SELL"}, "amount: -5 is below 0"),
    ({"side": "SIDEWAYS"}, "side: 'SIDEWAYS' is none of BUY"),
    ({"tif": "SOMETIME"}, "tif: 'SOMETIME' is none of DAY"),
    ({"price": None}, "price: give a price or a price_match"),
    ({"price_match": "QUEUE_1"}, "price: give a price or a price_match"),
    ({"price": None, "price_match": "QUEUE_0"}, "price_match: 'QUEUE_0' is not"),
    ({"price": "1e5"}, "price: '1e5' is not a FIX number"),
    ({"symbol": ""}, "symbol: '' is no name"),
    ({"client_ref": 7}, "client_ref: 7 is no name"),
    ({"policy": "sweep", "reduce_only": True}, "reduce_only: does not go with policy"),
    ({"policy": "sweep", "tif": "FOK"}, "tif: with a policy it is"),
    ({"expire_at": "tomorrow"}, "expire_at: 'tomorrow' is no datetime"),
]


def test_bad_arguments_are_blamed_by_name_and_nothing_is_sent(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        for wrong, said in WRONG:
            asked: dict[str, Any] = {"symbol": "AAPL", "amount": 100, "price": "10"} | wrong
            with pytest.raises(BadArgument) as caught:
                await oms.limit_order(asked.pop("symbol"), asked.pop("amount"), **asked)
            assert str(caught.value).startswith(said)
        with pytest.raises(TypeError, match="no order has colour"):
            await oms.limit_order("AAPL", 1, "10", colour="red")  # type: ignore[call-arg]  # is none
        assert (len(oms.orders), made.left()) == (0, [])

    run(tmp_path, body)


def test_an_order_whose_reply_is_lost_is_sent_once_and_its_fate_is_known(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        made.loses = 2
        order = await oms.limit_order("AAPL", 100, "10", venue="ALPHA")
        assert (order.reference, order.refused, order.in_doubt) == ("1-1", False, False)
        assert await oms.synced()
        assert (len(made.left()), len(oms.orders)) == (1, 1)

    run(tmp_path, body)


def test_an_order_that_never_arrived_is_sent_again(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        made.drops = 2
        order = await oms.limit_order("AAPL", 100, "10", venue="ALPHA")
        assert order.reference == "1-1"
        assert await oms.until(lambda: len(made.left()) == 1)

    run(tmp_path, body)


def test_an_order_of_which_nobody_knows_is_in_doubt_until_another_engine_does_not_know_it(
    tmp_path: Path,
) -> None:
    async def body(made: House, oms: Oms) -> None:
        made.drops = 1_000_000
        with pytest.raises(NoReply) as caught:
            await oms.limit_order("AAPL", 100, "10", venue="ALPHA", client_ref="mine")
        order = oms.orders["mine"]
        assert (caught.value.in_doubt, order.status, order.in_doubt) == (True, Status.PENDING, True)
        made.drops = 0
        for pid, expected in ((oms._link.pid, Status.PENDING), (1, Status.REJECTED)):
            oms._pids["mine"] = pid  # the process that it was sent to
            made.stop_mirror()
            assert await oms.until(lambda: not oms.is_current, WAIT_S)
            made.start_mirror()
            await oms.current(WAIT_S)
            assert await oms.until(partial(has_status, oms, "mine", expected), WAIT_S)

    run(tmp_path, body, timeout_s=3)


def has_status(oms: Oms, name: str, status: Status) -> bool:
    return oms.orders[name].status == status


def test_a_parent_whose_reply_is_lost_is_routed_once(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        made.loses = 1
        order = await oms.limit_order("AAPL", 100, "10", policy="direct", venue="ALPHA")
        assert (order.is_parent, order.refused) == (True, False)
        assert await oms.until(lambda: len(made.left()) == 1)
        wrong = await oms.limit_order("AAPL", 100, "10", policy="no such")
        assert (wrong.status, "no routing policy" in wrong.text) == (Status.REJECTED, True)

    run(tmp_path, body)


def test_the_same_client_ref_is_not_sent_twice(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        await oms.limit_order("AAPL", 100, "10", venue="ALPHA", client_ref="mine")
        with pytest.raises(BadArgument, match="'mine' is an order already"):
            await oms.limit_order("AAPL", 100, "10", venue="ALPHA", client_ref="mine")

    run(tmp_path, body)


# -- changing --------------------------------------------------------------------------------------


def test_a_cancel_is_pending_from_asking_and_canceled_by_the_brokers_word(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        order = await working(made, oms)
        asked = await oms.cancel_order(order.order_id)
        assert asked is not None
        assert asked.status == Status.PENDING_CANCEL
        with pytest.raises(AskRefused, match="already pending"):
            await oms.cancel_order(order)
        made.report("1-2", "4", "4", orig_cl_ord_id=order.cl_ord_id)
        assert (await oms.ended(order)).status == Status.CANCELED

    run(tmp_path, body)


def test_a_cancel_whose_reply_is_lost_is_no_error(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        order = await working(made, oms)
        made.loses = 1
        await oms.cancel_order(order)
        assert await oms.until(lambda: len(made.left("F")) == 1)

    run(tmp_path, body)


def test_a_replace_keeps_the_side_and_shows_what_was_accepted(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        order = await working(made, oms, -100)
        asked = await oms.replace_order(order, amount=-150, price="10.05")
        assert asked is not None
        assert (asked.status, int(asked.amount)) == (Status.PENDING_REPLACE, -100)
        made.report(
            "1-2",
            "5",
            "0",
            leaves=150,
            side="2",
            orig_cl_ord_id="1-1",
            order_qty=150 * SCALE,
            price=1005 * SCALE // 100,
        )  # fmt: skip - the fields of one report
        order = await oms.answered(order)
        assert (str(order.amount), str(order.price), order.cl_ord_id) == ("-150", "10.05", "1-2")
        for wrong in (0, "0"):
            with pytest.raises(BadArgument, match="amount"):
                await oms.replace_order(order, amount=wrong)

    run(tmp_path, body)


def test_all_of_an_account_is_canceled_and_nobody_elses(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        await working(made, oms)
        await working(made, oms, account="HEDGE")
        await oms.cancel_all(symbol="AAPL")
        states = {o.account: o.status for o in oms.orders.values()}
        assert states == {"DESK": Status.PENDING_CANCEL, "HEDGE": Status.NEW}

    run(tmp_path, body)
