"""``snapshot``: the state beside the log, so that the next start is short."""

from __future__ import annotations

from pathlib import Path

import click

from fix_oms.cli.app import App, json_option, pass_app, print_json


@click.command()
@click.argument(
    "journal", required=False, type=click.Path(path_type=Path, file_okay=False, exists=True)
)
@click.option("--follow", is_flag=True, help="Stay, and write one whenever the next is due.")
@click.option("--while-stdin", is_flag=True, hidden=True, help="End when standard input does.")
@json_option
@pass_app
def snapshot(
    app: App, journal: Path | None, follow: bool, while_stdin: bool, as_json: bool
) -> None:
    """Write the state beside the journal, for a quick start.

    Replays what came after the newest snapshot, in a process of its own that never disturbs the
    engine, and writes the state into JOURNAL/snapshots; the newest three are kept. A start begins
    from the newest that can be used and replays the rest. `fix-oms run` keeps one with --follow
    running where the configuration has [engine.snapshots], which says when the next one is due.

    \b
    Examples:
      fix-oms snapshot
      fix-oms snapshot /var/lib/fix-oms/journal --json
      fix-oms -c /etc/fix-oms.toml snapshot --follow
    """
    from fix_oms.cli.journals import journal_directory
    from fix_oms.model.settings import Snapshots

    directory = journal_directory(app, journal)
    if follow:
        from fix_oms.server import scribe
        from fix_oms.server.config_file import load

        policy = Snapshots() if journal else load(app.config_path()).settings.engine.snapshots
        scribe.follow(directory, policy or Snapshots(), while_stdin=while_stdin)
        return
    _write_one(directory, as_json)


def _write_one(directory: Path, as_json: bool) -> None:
    import time

    from fix_oms.cli.exits import Failure
    from fix_oms.journal.recovery import Snapshotter
    from fix_oms.model.settings import Snapshots

    def warn(text: str) -> None:
        click.echo(f"warning: {text}", err=True)

    begun = time.monotonic()
    snapshotter = Snapshotter(directory, Snapshots(), warn, begun)
    try:
        path = snapshotter.save(begun)
    finally:
        snapshotter.close()
    took, records = time.monotonic() - begun, snapshotter.found.index
    if not records:
        raise Failure(f"{directory}: the journal holds no records")
    size = path.stat().st_size if path is not None else 0
    if as_json:
        written = str(path) if path is not None else None
        print_json({"snapshot": written, "records": records, "bytes": size, "seconds": took})
    elif path is None:
        click.echo(f"nothing new: the newest snapshot is of all {records} records")
    else:
        click.echo(f"{path}: {records} records, {size} bytes, in {took:.1f} s")
