"""``watch``: a live table of orders, positions and sessions.

It polls. To stay cheap with a day's orders behind it, a :class:`Blotter` reads everything once and
then only what can have changed: the open orders, those that were open a moment ago, and new ones.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

import click
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from fix_oms.cli import tables
from fix_oms.cli.app import App, console, pass_app
from fix_oms.cli.parent_tables import parents_table
from fix_oms.client import Client
from fix_oms.model.severities import SEVERE
from fix_oms.model.views import OrderView

SPARE_LINES = 15
"""Lines for what stands around the orders when there are few positions and sessions."""

MOST_PARENTS = 8
"""The newest so many of the open parents are shown."""


class Blotter:
    """The orders as last read, newest last."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._orders: dict[str, OrderView] = {}
        self._open: dict[str, OrderView] = {}

    def refresh(self) -> None:
        """Read what can have changed since the last time."""
        newest = next(reversed(self._orders), "")
        for order in self._client.orders(after=newest):
            self._orders[order.reference] = order
        now_open = {order.reference: order for order in self._client.orders(open_only=True)}
        for reference in self._open.keys() - now_open.keys():
            closed = self._client.order(reference)
            if closed is not None:
                self._orders[reference] = closed
        self._orders.update(now_open)
        self._open = now_open

    def newest(self, count: int) -> list[OrderView]:
        """The open orders and the newest others, at most ``count`` together, in their order."""
        chosen = set(list(self._open)[-count:])
        for reference in reversed(self._orders):
            if len(chosen) >= count:
                break
            chosen.add(reference)
        return [order for reference, order in self._orders.items() if reference in chosen]

    @property
    def open_count(self) -> int:
        return len(self._open)


@click.command()
@click.option(
    "--interval",
    type=click.FloatRange(min=0.1),
    default=0.5,
    show_default=True,
    metavar="SECONDS",
    help="How often to look.",
)
@click.option("--once", is_flag=True, help="Look once, print and end.")
@pass_app
def watch(app: App, interval: float, once: bool) -> None:
    """Watch orders, positions and sessions, live.

    Open parents stand above their children. Open orders are always shown, closed ones as far as the
    screen goes. Ctrl-C ends it; the engine is not touched by that.

    \b
      fix-oms watch
      fix-oms watch --interval 2
    """
    screen = console()
    with app.client() as client:
        blotter = Blotter(client)
        if once:
            screen.print(_picture(client, blotter, screen))
            return
        try:
            with Live(console=screen, screen=True, auto_refresh=False) as live:
                while True:
                    live.update(_picture(client, blotter, screen), refresh=True)
                    time.sleep(interval)
        except KeyboardInterrupt:
            return


def _picture(client: Client, blotter: Blotter, screen: Console) -> RenderableType:
    blotter.refresh()
    sessions, positions, halts = client.sessions(), client.positions(), client.halts()
    now = f"{datetime.now(UTC):%H:%M:%S} UTC"
    ready = sum(session.state == "ready" for session in sessions)
    title = f"{now}   {blotter.open_count} open   {ready}/{len(sessions)} sessions ready"
    parts: list[RenderableType] = [Text(title, style="bold")]
    found = client.alerts()
    if found:  # the severest, and how many there are
        style = "bold red" if found[0].severity == SEVERE else "yellow"
        more = f" (fix-oms alerts: {len(found)})" if len(found) > 1 else ""
        parts.append(Text(f"{found[0].severity}: {found[0].text}{more}", style=style))
    if halts:
        parts += [Text(""), tables.halts_table(halts)]
    halted = sum(2 + len(tables.unconfirmed_lines(halt)) for halt in halts)
    parents = list(client.parents(open_only=True))[-MOST_PARENTS:]
    taken = len(sessions) + len(positions) + halted + (2 + 2 * len(parents) if parents else 0)
    rows = max(5, screen.height - SPARE_LINES - taken)
    shown: list[RenderableType] = [
        tables.sessions_table(sessions, screen.width),
        tables.positions_table(positions, screen.width),
        tables.orders_table(blotter.newest(rows), screen.width),
    ]
    if parents:
        shown.insert(2, parents_table(parents, screen.width))
    for table in shown:
        parts += [Text(""), table]
    return Group(*parts)
