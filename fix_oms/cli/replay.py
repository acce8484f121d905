"""``fix-oms replay``: the state, rebuilt from the journal alone."""

from __future__ import annotations

from pathlib import Path

import click

from fix_oms.cli.app import App, console, json_option, pass_app, print_json
from fix_oms.cli.as_json import plain
from fix_oms.cli.exits import Exit, Failure


@click.command()
@click.argument(
    "journal", required=False, type=click.Path(path_type=Path, file_okay=False, exists=True)
)
@click.option("--limit", default=50, show_default=True, help="Show so many orders at most.")
@json_option
@pass_app
def replay(app: App, journal: Path | None, limit: int, as_json: bool) -> None:
    """Rebuild the state from the journal and compare.

    Nothing is sent. Prints the orders and positions that the journal amounts to, and the state's
    hash; exit code 1 when a message left that this engine does not ask for.

    \b
    Examples:
      fix-oms replay
      fix-oms replay /var/lib/fix-oms/journal --limit 10
    """
    from fix_oms.cli.journals import journal_directory
    from fix_oms.cli.tables import orders_table, positions_table
    from fix_oms.engine import Engine
    from fix_oms.journal.replay import replay as replayed

    directory = journal_directory(app, journal)
    engine = Engine()
    found = replayed(directory, engine)
    if not found.records:
        raise Failure(f"{directory}: the journal holds no records")
    views = engine.shown(found.last_ns)
    orders, positions = views.order_views(False, limit, ""), views.position_views()
    if as_json:
        print_json(
            {
                "records": found.records,
                "sent": found.sent,
                "state_hash": views.hash(),
                "mismatches": list(found.mismatches),
                "orders": plain(orders),
                "positions": plain(positions),
            }
        )
    else:
        screen = console()
        screen.print(orders_table(orders, screen.width))
        screen.print(positions_table(positions, screen.width))
        for text in found.mismatches:
            click.echo(f"differs: {text}", err=True)
        click.echo(f"{found.records} records replayed, {found.sent} messages had left")
        click.echo(f"state hash {views.hash()}")
    if found.mismatches:
        raise click.exceptions.Exit(Exit.REFUSED)
