"""Questions put to the broker, and connections that end, against a real engine."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from fix_oms.client import (
    AskRefused,
    BadArgument,
    Leg,
    NoAnswer,
    NotRunning,
    Oms,
    Status,
    connect,
)
from fix_oms.model.inputs import SetBalance
from fix_oms.model.units import SCALE
from tests.client.house import WAIT_S, House, run, working


def test_a_forced_request_returns_when_the_broker_has_spoken(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        order = await working(made, oms)
        asking = asyncio.create_task(oms.orders_get(order))
        assert await oms.until(lambda: made.left("H"))
        assert not asking.done()
        made.world.clock_ns += 1_000
        made.report(order.cl_ord_id, "F", "1", cum=10, leaves=90, last=10)
        [found] = await asking
        assert (found.status, int(found.cum_qty)) == (Status.PARTIALLY_FILLED, 10)

    run(tmp_path, body)


def test_what_nobody_answers_is_told_by_name(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        await working(made, oms)
        with pytest.raises(NoAnswer, match="has not told of 1-1"):
            await oms.orders_get(timeout_s=0.1)
        with pytest.raises(AskRefused, match="ALPHA tells no positions"):
            await oms.positions_get("AAPL", venue="ALPHA")
        with pytest.raises(NoAnswer, match="nobody has stated the money of any account"):
            await oms.balances_get()
        await oms.submit(SetBalance(by="ann", account="DESK", currency="USD", available=5 * SCALE))
        [held] = await oms.balances_get()
        assert (held.account, int(held.available), held.source) == ("DESK", 5, "ann")

    run(tmp_path, body)


# -- connections -----------------------------------------------------------------------------------


def test_what_happened_while_the_mirror_was_away_is_there_and_was_told(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        seen: list[int] = []
        oms.trades.on_delta(lambda change: seen.append(int(change.now.last_qty)))
        order = await working(made, oms)
        made.stop_mirror()
        assert await oms.until(lambda: not oms.is_current)
        made.report(order.cl_ord_id, "F", "1", cum=60, leaves=40, last=60)
        assert oms.orders[order.name].status == Status.NEW
        made.start_mirror()
        await oms.current()
        assert await oms.synced()
        assert oms.orders[order.name].status == Status.PARTIALLY_FILLED
        assert await oms.drained()
        assert (seen, oms.orders.is_current) == ([60], True)

    run(tmp_path, body)


def test_a_cut_connection_is_made_again(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        await working(made, oms)
        for _ in range(3):
            made.cut()
            await asyncio.sleep(0)
            await working(made, oms)
        assert (await oms.synced(), len(oms.orders.open())) == (True, 4)

    run(tmp_path, body)


def test_without_an_engine_there_is_no_connection(tmp_path: Path) -> None:
    with pytest.raises(NotRunning):
        asyncio.run(connect(tmp_path / "nobody.sock"))


def test_an_engine_without_a_mirror_is_told_by_name(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        made.stop_mirror()
        with pytest.raises(NoAnswer, match="no stream of the engine"):
            await connect(made.path, timeout_s=2)

    run(tmp_path, body)


def test_a_book_is_current_again_also_where_nothing_has_moved(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        made.quote("9.99", "10.01")
        book = await oms.order_book("AAPL", venue="ALPHA")
        assert await oms.until(lambda: book.bids)
        for _ in range(2):
            made.stop_mirror()
            assert await oms.until(lambda: not book.is_current)
            made.start_mirror()
            await oms.current()
            assert await oms.until(lambda: book.is_current)
        made.cut()
        await working(made, oms)
        assert (book.is_current, book.bid is not None) == (True, True)

    run(tmp_path, body)


def test_two_programs_see_each_others_orders(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        async with await connect(made.path, by="ben") as other:
            order = await working(made, oms)
            assert await other.synced()
            found = other.orders[order.name]
            assert (found.status, found.reference) == (order.status, order.reference)
            await other.cancel_order(order.name)
            made.report("1-2", "4", "4", orig_cl_ord_id="1-1")
            await asyncio.gather(oms.ended(order), other.ended(order))

    run(tmp_path, body)


def test_a_closed_program_tells_its_handlers_nothing_more(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        other = await connect(made.path, by="ben", timeout_s=WAIT_S)
        seen: list[Any] = []
        other.orders.on_delta(seen.append)
        await other.close()
        await working(made, oms)
        assert await oms.synced()
        assert seen == []

    run(tmp_path, body)


def test_an_algo_is_started_seen_and_told_things(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        made.quote("9.99", "10.01")
        iceberg = await oms.algo(
            "iceberg", symbol="AAPL", amount=-300, price="10.01", venue="ALPHA", display=100
        )
        assert await oms.until(lambda: made.left())
        assert (iceberg.state, made.left()[0][54], made.left()[0][38]) == ("running", "2", "100")
        assert list((await iceberg.look()).orders.values()) == ["1-1"]
        await iceberg.pause("lunch")
        assert await oms.until(lambda: iceberg.state == "paused")
        assert "lunch" in iceberg.why
        with pytest.raises(AskRefused, match="is paused"):
            await iceberg.pause()
        await iceberg.stop("enough")
        assert await oms.until(lambda: iceberg.state == "ending")
        with pytest.raises(AskRefused, match="no algo kind"):
            await oms.algo("no such kind", symbol="AAPL")
        with pytest.raises(BadArgument, match=r"price: 10\.5 is a float"):
            await oms.algo("iceberg", symbol="AAPL", price=10.5)

    run(tmp_path, body)


def test_a_hedge_order_covers_what_its_maker_executes(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        made.quote("9.99", "10.01")
        hedge = await oms.hedge_order(
            Leg(symbol="AAPL", amount=100, price="9.98", venue="ALPHA"),
            Leg(symbol="AAPL", venue="ALPHA", account="HEDGE"),
            ratio="1/2",
            slippage_bps=20,
        )
        assert await oms.until(lambda: len(made.left()) == 1)
        made.report("1-1", "0", "0", leaves=100)
        made.report("1-1", "F", "1", cum=60, leaves=40, last=60, px="9.98")
        assert await oms.until(lambda: len(made.left()) == 2)
        maker, cover = [(m[54], m[38], m[1]) for m in made.left()]
        assert (maker, cover) == (("1", "100", "DESK"), ("2", "30", "H-77"))
        assert hedge.state == "running"
        for wrong in (Leg(symbol="AAPL"), Leg(symbol="AAPL", amount=0)):
            with pytest.raises(BadArgument, match="amount"):
                await oms.hedge_order(wrong, Leg(symbol="AAPL"))
        with pytest.raises(BadArgument, match="hedge_order: has no amount"):
            await oms.hedge_order(Leg(symbol="AAPL", amount=1), Leg(symbol="AAPL", amount=1))

    run(tmp_path, body)


def test_an_order_with_exits_is_the_entry_of_a_bracket(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        made.quote("9.99", "10.01")
        entry = await oms.limit_order(
            "AAPL", 100, "10", venue="ALPHA", tp="11", sl="9", client_ref="b"
        )
        assert (entry.reference, entry.status, oms.algos["b"].kind) == ("1-1", "PENDING", "bracket")
        made.report("1-1", "F", "2", cum=100, last=100)
        assert await oms.until(lambda: len(made.left()) == 3)
        exits = {(m[54], m[38], m.get(44, ""), m.get(99, "")) for m in made.left()[1:]}
        assert exits == {("2", "100", "11", ""), ("2", "100", "", "9")}
        wrong = await oms.limit_order("AAPL", 100, "10", venue="ALPHA", tp="9.5")
        assert (wrong.status, wrong.refused, "tp" in wrong.text) == (Status.REJECTED, True, True)

    run(tmp_path, body)


def test_what_a_bracket_cannot_have_is_blamed_by_name(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        for more in ({"policy": "sweep"}, {"reduce_only": True}, {"tif": "IOC"}, {"parent": "P"}):
            [name] = more
            with pytest.raises(BadArgument, match=f"{name}: does not go with tp and sl"):
                await oms.limit_order("AAPL", 1, "10", tp="11", **more)
        assert made.left() == []

    run(tmp_path, body)
