"""``fix-oms clients``: the upstream systems for people and programs."""

from __future__ import annotations

import json

from rich.console import Console

from fix_oms.cli.clients import clients_table
from fix_oms.model.talk_clients import ClientView
from tests.cli.conftest import Shell
from tests.engine.client import ClientDesk, Upstream, client_settings, working


def views() -> list[ClientView]:
    """One that has an order open and is gone, one that watches."""
    desk = ClientDesk(client_settings(watched=True, cancel_on_disconnect=True))
    up = Upstream(desk)
    working(desk, up)
    up.order()
    desk.down("ALPHA")
    desk.log_off("UP")
    return desk.shown.client_views()


def test_a_view_counts_what_came_and_went() -> None:
    gone, watch = views()
    seen = (gone.state, gone.reason, gone.taken, gone.refused, gone.sent, gone.open_orders)
    assert seen == ("away", "cut", 2, 1, 3, 1)
    assert (watch.state, watch.drop_copy, watch.sent, watch.waiting) == ("up", True, 3, 0)


def test_each_client_is_one_line() -> None:
    console = Console(width=120, highlight=False, color_system=None)
    with console.capture() as captured:
        console.print(clients_table(views()))
    rows = [line.split() for line in captured.get().splitlines()[2:]]
    assert [row[:8] for row in rows] == [
        ["UP", "FIX.4.4", "away", "cancels", "2", "1", "3", "0"],
        ["WATCH", "FIX.5.0SP2", "up", "copy", "0", "0", "3", "0"],
    ]


def test_programs_get_all_of_it(shell: Shell) -> None:
    shell.engine.client_views = views
    found = json.loads(shell.run("clients", "--json").output)
    assert [(row["name"], row["state"], row["open_orders"]) for row in found] == [
        ("UP", "away", 1),
        ("WATCH", "up", 0),
    ]


def test_without_an_engine_it_says_so(nobody: Shell) -> None:
    assert nobody.run("clients").exit_code == 3
