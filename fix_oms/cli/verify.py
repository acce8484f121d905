"""``fix-oms verify``: is the journal whole, and does it replay to a state that adds up?"""

from __future__ import annotations

from pathlib import Path

import click

from fix_oms.cli.app import App, json_option, pass_app, print_json
from fix_oms.cli.exits import Exit


@click.command()
@click.argument(
    "journal", required=False, type=click.Path(path_type=Path, file_okay=False, exists=True)
)
@json_option
@pass_app
def verify(app: App, journal: Path | None, as_json: bool) -> None:
    """Check a journal, record by record.

    Reads every record (length, CRC, hash chain), replays them, compares each message that left
    with what the engine asks for, and asserts that positions, orders and executions add up.
    JOURNAL is a directory; without it, the configuration's. Exit code 1 on any finding.

    \b
    Examples:
      fix-oms verify
      fix-oms verify /var/lib/fix-oms/journal --json
    """
    from fix_oms.cli.journals import journal_directory
    from fix_oms.journal.verify import verified

    found = verified(journal_directory(app, journal))
    if as_json:
        print_json(
            {
                "ok": found.ok,
                "segments": found.segments,
                "records": found.records,
                "sent": found.sent,
                "orders": found.orders,
                "head": found.head,
                "state_hash": found.state_hash,
                "cut": found.cut,
                "findings": list(found.findings),
            }
        )
    else:
        for finding in found.findings:
            click.echo(f"finding: {finding}", err=True)
        if found.cut:
            click.echo(f"note: {found.cut}")
        verdict = "journal verified" if found.ok else "journal NOT verified"
        click.echo(
            f"{verdict}: {found.records} records in {found.segments} segments, "
            f"{found.orders} orders, {found.sent} messages left as asked for"
        )
        click.echo(f"chain head {found.head}")
        click.echo(f"state hash {found.state_hash or '-'}")
    if not found.ok:
        raise click.exceptions.Exit(Exit.REFUSED)
