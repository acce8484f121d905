"""``fix-oms verify``: is the journal whole, and does it replay to a state that adds up?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fix_oms.cli.app import App, json_option, pass_app, print_json
from fix_oms.cli.exits import Exit

if TYPE_CHECKING:
    from fix_oms.journal.anchor import Compared
    from fix_oms.journal.verify import Verified


@click.command()
@click.argument(
    "journal", required=False, type=click.Path(path_type=Path, file_okay=False, exists=True)
)
@click.option(
    "--anchor",
    "anchors",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Compare with the anchors in this file, or in the files of this directory. Repeatable.",
)
@click.option("--no-anchor", is_flag=True, help="Leave the configuration's own anchors out.")
@json_option
@pass_app
def verify(
    app: App, journal: Path | None, anchors: tuple[Path, ...], no_anchor: bool, as_json: bool
) -> None:
    """Check a journal, record by record.

    Reads every record (length, CRC, hash chain), compares the chain with the anchors that the
    engine kept outside, replays the records, compares each message that left with what the engine
    asks for, and asserts that positions, orders and executions add up. Each snapshot beside it is
    replayed with its tail and must come to the same state. JOURNAL is a directory; without it, the
    configuration's. Exit code 1 on any finding.

    The anchors find what a journal cannot tell of itself: a tail that was cut off, and a chain that
    was computed again.

    \b
    Examples:
      fix-oms verify
      fix-oms verify /var/lib/fix-oms/journal --json
      fix-oms verify --anchor /mnt/witness/desk.anchors --anchor /var/log/syslog
    """
    from fix_oms.cli.journals import anchors_file, journal_directory
    from fix_oms.journal.verify import verified

    directory = journal_directory(app, journal)
    own = anchors_file(app, journal)
    files = [*anchors, *([own] if own is not None and not no_anchor else [])]
    found = verified(directory, files)
    if as_json:
        print_json({**found._asdict(), "anchors": _plain(found.anchors, files)})
    else:
        _tell(found)
    if not found.ok:
        raise click.exceptions.Exit(Exit.REFUSED)


def _tell(found: Verified) -> None:
    for finding in found.findings:
        click.echo(f"finding: {finding}", err=True)
    anchored = found.anchors.notes if found.anchors is not None else ()
    for note in (found.cut, *found.notes, *anchored):
        if note:
            click.echo(f"note: {note}")
    verdict = "journal verified" if found.ok else "journal NOT verified"
    click.echo(
        f"{verdict}: {found.records} records in {found.segments} segments, "
        f"{found.orders} orders, {found.sent} messages left as asked for"
    )
    click.echo(f"chain head {found.head}")
    click.echo(f"state hash {found.state_hash or '-'}")
    if found.snapshots:
        click.echo(f"{found.snapshots} snapshots replay with their tails to the same state")
    if found.origin:
        click.echo(f"converted from the journal with chain head {found.origin}")
    click.echo(_said(found.anchors))


def _said(anchors: Compared | None) -> str:
    """What the anchors come to, in one line."""
    if anchors is None:
        return "anchors: none were compared, so a tail that is missing would not show"
    said = f"anchors: {anchors.agreed} of {anchors.compared} agree"
    newest = anchors.newest
    return said if newest is None else f"{said}, up to record {newest.records} of {newest.when}"


def _plain(anchors: Compared | None, files: list[Path]) -> dict[str, Any] | None:
    if anchors is None:
        return None
    return {
        "files": [str(path) for path in files],
        "compared": anchors.compared,
        "agreed": anchors.agreed,
        "records": anchors.newest.records if anchors.newest is not None else 0,
        "notes": list(anchors.notes),
    }
