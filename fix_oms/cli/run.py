"""``run``: the engine's process."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from fix_oms.cli.app import App, pass_app


@click.command()
@click.argument(
    "config", required=False, type=click.Path(path_type=Path, dir_okay=False), default=None
)
@click.option(
    "--watch",
    is_flag=True,
    help="Run it under a watchdog that restarts it when it dies or no longer answers.",
)
@pass_app
@click.pass_context
def run(ctx: click.Context, app: App, config: Path | None, watch: bool) -> None:
    """Run the engine of a configuration, until it is told to stop.

    It replays its journal, logs its FIX sessions on and listens on its control socket for the other
    commands. SIGINT (Ctrl-C) and SIGTERM stop it cleanly: sessions log out, the journal is synced.

    \b
      fix-oms run config/demo.toml
      fix-oms run --watch /etc/fix-oms.toml
      FIX_OMS_CONFIG=/etc/fix-oms.toml fix-oms run
    """
    from fix_oms.server.config_file import load

    path = app.config_path(config)
    loaded = load(path)
    if watch:
        ctx.exit(_watched(path, loaded.socket, loaded.journal))
    from fix_oms.server import process

    ctx.exit(process.run(loaded))


def _watched(path: Path, socket: Path, journal: Path) -> int:
    from fix_oms.client import Client, ClientError
    from fix_oms.server.holder import writer
    from fix_oms.server.watchdog import Watchdog, run_watched

    def answers() -> bool:
        try:
            with Client(socket, timeout_s=5.0) as client:
                client.sessions()  # under the engine's lock: a wedged one does not answer
        except ClientError:
            return False
        return True

    command = [sys.executable, "-m", "fix_oms", "run", str(path)]
    return run_watched(Watchdog(command, answers, writer=lambda: writer(journal)))
