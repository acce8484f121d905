"""The blotter behind ``watch``: cheap to refresh, and never wrong for that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fix_oms.cli.watch import Blotter
from fix_oms.client import Client
from fix_oms.model.inputs import CancelOrder, NewOrder
from fix_oms.model.messages import Terms
from fix_oms.model.units import SCALE
from fix_oms.model.views import AlertView
from tests.cli.conftest import Shell


@pytest.fixture
def client(shell: Shell) -> Iterator[Client]:
    with Client(shell.config.parent / "fix-oms.sock") as made:
        yield made


def send(client: Client, symbol: str) -> None:
    terms = Terms(symbol=symbol, side="1", order_qty=SCALE, ord_type="1")
    client.submit(NewOrder(by="ann", terms=terms))


def shown(blotter: Blotter, count: int = 10) -> list[tuple[str, str]]:
    return [(order.reference, order.ord_status) for order in blotter.newest(count)]


def test_orders_that_came_since_are_shown(client: Client) -> None:
    blotter = Blotter(client)
    blotter.refresh()
    send(client, "AAPL")
    blotter.refresh()
    assert shown(blotter) == [("7-1", "0")]


def test_an_order_that_has_closed_since_is_shown_as_it_ended(client: Client) -> None:
    send(client, "AAPL")
    blotter = Blotter(client)
    blotter.refresh()
    client.submit(CancelOrder(by="ann", order="7-1"))
    blotter.refresh()
    assert (shown(blotter), blotter.open_count) == ([("7-1", "4")], 0)


def test_open_orders_are_kept_on_a_small_screen_before_newer_closed_ones(client: Client) -> None:
    for symbol in ("AAPL", "FILL", "FILL", "FILL"):
        send(client, symbol)
    blotter = Blotter(client)
    blotter.refresh()
    assert [reference for reference, _ in shown(blotter, 2)] == ["7-1", "7-4"]


def test_the_severest_alert_stands_above_the_orders(shell: Shell) -> None:
    shell.engine.alerts = [
        AlertView(code="session", severity="severe", text="BETA is down", subject="BETA"),
        AlertView(code="break", severity="warning", text="an overfill", subject="7-1"),
    ]
    lines = shell.run("watch", "--once").output.splitlines()
    assert lines[1] == "severe: BETA is down (fix-oms alerts: 2)"


def test_of_many_open_orders_the_newest_are_shown(client: Client) -> None:
    for _ in range(5):
        send(client, "AAPL")
    blotter = Blotter(client)
    blotter.refresh()
    assert [reference for reference, _ in shown(blotter, 2)] == ["7-4", "7-5"]
