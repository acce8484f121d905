"""``venues``: what each venue has done with our orders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fix_oms.cli.app import App, console, json_option, pass_app, print_json_list
from fix_oms.cli.as_json import plain

if TYPE_CHECKING:
    from fix_oms.model.views import VenueView


@click.command()
@click.option(
    "--journal",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Work it out from this journal; no engine is needed.",
)
@json_option
@pass_app
def venues(app: App, journal: Path | None, as_json: bool) -> None:
    """Show what each venue has done with our orders.

    These are the scorecards that the router goes by. Ack is the time to a venue's first answer;
    Fill, of orders that take, that to their first execution; Wait the same of orders that are
    posted. Each is told for the faster half of the orders (p50) and for all but the slowest
    hundredth (p99). Took and Posted are what has filled of the quantities sent to take and to wait,
    rejects left out. Better is the money by which orders that took filled better than the book
    showed when they left; below 0 they filled worse. Fees are those of the venue's tariff; below 0
    they are rebates.

    Old orders count less: half as much for each `score_half_life_s` (section [engine]).

    \b
      fix-oms venues
      fix-oms venues --json
      fix-oms venues --journal var/journal
    """
    if journal is None:
        with app.client() as client:
            found: Sequence[VenueView] = client.venues()
    else:
        from fix_oms.cli.journals import shown_at_the_end

        found = shown_at_the_end(journal).routing.venues()
    if as_json:
        print_json_list(plain(view) for view in found)
        return
    from fix_oms.cli.venue_tables import venues_table

    screen = console()
    screen.print(venues_table(found, screen.width))
