"""``fix-oms clients``: the upstream systems for people and programs."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console

from fix_oms.cli.clients import clients_table
from fix_oms.model.talk_clients import ClientView
from tests.cli.conftest import Shell
from tests.engine.client import ClientDesk, Upstream, client_settings, working

DEMO = Path(__file__).parents[2] / "config/demo.toml"


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


CLIENTS = """
[strategies.UP]
[clients.UP]
version = "FIX.4.2"
sender_comp_id = "FIXOMS"
target_comp_id = "UPSTREAM"
port = 15100
accounts = ["DESK"]
strategy = "UP"
policy = "sweep"
[clients.UP.may]
stop_orders = false
[clients.WATCH]
version = "FIX.4.4"
sender_comp_id = "FIXOMS"
target_comp_id = "WATCH"
port = 15100
password_env = "NOT_SET_IN_ANY_TEST"
drop_copy = true
"""


def test_check_shows_the_clients_and_what_may_not_be_meant(nobody: Shell, tmp_path: Path) -> None:
    config = tmp_path / "clients.toml"
    config.write_text(DEMO.read_text() + CLIENTS)
    told = nobody.run("check", str(config), columns=200).output
    rows = [" ".join(line.split()) for line in told.splitlines()]
    assert [row for row in rows if row.startswith(("UP ", "WATCH ", "warning: clients"))] == [
        "UP FIX.4.2 UPSTREAM port 15100 from 127.0.0.1 DESK; strategy UP by sweep "
        "stop orders, short sales",
        "WATCH FIX.4.4 WATCH port 15100 from 127.0.0.1 copies of everybody",
        "warning: clients.UP: whoever comes from an allowed address needs no password",
        "warning: clients.UP.strategy: no limit is of strategy UP",
        "warning: clients.WATCH.password_env: the environment variable NOT_SET_IN_ANY_TEST is "
        "not set",
    ]
