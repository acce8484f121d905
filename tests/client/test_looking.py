"""What a program sees of a real engine without asking: positions, trades, books, specifications."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fix_oms.client import (
    BadArgument,
    Delta,
    NoPrice,
    Oms,
    Position,
)
from tests.client.house import House, run, working


def test_a_position_says_what_changed_and_what_it_is_worth(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        deltas: list[Decimal] = []

        @oms.positions.on_delta
        async def moved(change: Delta[Position]) -> None:
            if change.now is not None and change.now.delta:
                deltas.append(change.now.delta)

        order = await working(made, oms)
        made.report(order.cl_ord_id, "F", "1", cum=60, leaves=40, last=60)
        made.report(order.cl_ord_id, "F", "2", cum=100, leaves=0, last=40)
        made.quote("10.99", "11.01")
        assert await oms.until(lambda: oms.get_position("AAPL").mark == 11)
        held = oms.get_position("AAPL")
        figures = (held.amount, held.entry, held.value, held.unrealised, held.realised)
        assert [int(figure) for figure in figures] == [100, 10, 1100, 100, 0]
        assert await oms.drained()
        assert deltas == [60, 40]
        assert oms.get_position("MSFT").amount == 0

    run(tmp_path, body)


def test_trades_are_told_with_their_orders_name_and_a_bust_shows(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        order = await working(made, oms)
        made.report(order.cl_ord_id, "F", "1", cum=60, leaves=40, last=60)
        assert await oms.until(lambda: oms.get_fills(order))
        made.report(order.cl_ord_id, "H", "0", cum=0, leaves=100, last=60, exec_ref_id="E2")
        assert await oms.until(lambda: oms.get_fills(order)[0].state == "BUSTED")
        [fill] = oms.get_fills(order.order_id)
        assert (fill.order, int(fill.amount), int(fill.last_px)) == (order.name, 60, 10)
        assert await oms.until(lambda: oms.orders[order.name].last_qty == 0)

    run(tmp_path, body)


def test_the_book_is_live_and_prices_are_found_by_their_place(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        made.quote("9.99", "10.01")
        book = await oms.order_book("AAPL", depth=2, venue="ALPHA")
        assert await oms.until(lambda: book.bids)
        prices = [str(level.price) for level in (*book.bids, *book.asks)]
        assert (prices, str(book.middle)) == (["9.99", "9.98", "10.01", "10.02"], "10.00")
        changes: list[Any] = []
        book.on_delta(changes.append)
        made.quote("10", "10.01")
        assert await oms.until(lambda: book.bid == 10)
        assert await oms.drained()
        gone = [change.before.price for change in changes if change.now is None]
        assert (gone, [c.now.price for c in changes if c.before is None]) == (
            [Decimal("9.98")],
            [10],
        )
        order = await oms.limit_order("AAPL", 1, price_match="QUEUE_2", venue="ALPHA")
        takes = await oms.limit_order("AAPL", 1, price_match="opponent_3", venue="ALPHA")
        assert (order.price, takes.price) == (Decimal("9.99"), Decimal("10.03"))
        with pytest.raises(NoPrice, match="has 3 bid levels"):
            await oms.limit_order("AAPL", 1, price_match="QUEUE_4", venue="ALPHA")
        with pytest.raises(NoPrice, match="BETA missing"):
            await oms.limit_order("AAPL", 1, price_match="QUEUE_1", venue="BETA")

    run(tmp_path, body)


def test_specifications_are_the_engines_and_what_is_not_traded_is_named(tmp_path: Path) -> None:
    async def body(made: House, oms: Oms) -> None:
        spec = oms.contract_specs("MSFT")
        assert (spec.venue, str(spec.lot), str(spec.tick)) == ("BETA", "10", "0.01")
        with pytest.raises(BadArgument, match="venue: MSFT is not traded at 'ALPHA'"):
            oms.contract_specs("MSFT", "ALPHA")
        with pytest.raises(BadArgument, match="symbol: no instrument 'X'"):
            oms.contract_specs("X")

    run(tmp_path, body)
