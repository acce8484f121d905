"""``clients``: the upstream systems that trade through us."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import click
from rich.text import Text

from fix_oms.cli.app import App, console, json_option, pass_app, print_json_list
from fix_oms.cli.as_json import plain
from fix_oms.cli.tables import plain_table
from fix_oms.cli.words import clock

if TYPE_CHECKING:
    from rich.table import Table

    from fix_oms.model.talk_clients import ClientView

_STYLE: Final = {"up": "green", "away": "yellow", "never": "dim"}


@click.command()
@json_option
@pass_app
def clients(app: App, as_json: bool) -> None:
    """List the FIX clients: upstream systems that trade through us, and drop copies.

    State: up (logged on), away, never (has not been there); "copy" is a drop copy; "cancels" says
    that its orders are about to be cancelled, because it is gone and its setting asks for that.
    Taken are the messages that it has sent, Refused those of them that were refused; Sent is what
    has left to it, Waits what has not yet. Open are its orders that can still change.

    \b
      fix-oms clients
      fix-oms clients --json
    """
    with app.client() as client:
        found = client.clients()
    if as_json:
        print_json_list(plain(view) for view in found)
        return
    console().print(clients_table(found))


def clients_table(found: Sequence[ClientView]) -> Table:
    """One line a client."""
    table = plain_table(
        "Client",
        "Version",
        "State",
        ">Taken",
        ">Refused",
        ">Sent",
        ">Waits",
        ">Open",
        "Since (UTC)",
        "Reason",
    )
    for view in found:
        state = Text(view.state, style=_STYLE[view.state])
        if view.drop_copy:
            state.append(" copy")
        if view.cancels_ns:
            state.append(" cancels", style="bold red")
        numbers = (view.taken, view.refused, view.sent, view.waiting, view.open_orders)
        since = clock(view.since_ns)[:8] if view.since_ns else ""
        table.add_row(view.name, view.version, state, *map(str, numbers), since, view.reason)
    return table
