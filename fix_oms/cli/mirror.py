"""``mirror``: the live stream of a journal, for programs."""

from __future__ import annotations

from pathlib import Path

import click

from fix_oms.cli.app import App, pass_app


@click.command()
@click.argument(
    "config", required=False, type=click.Path(path_type=Path, dir_okay=False), default=None
)
@click.option(
    "--socket",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to listen. Default: beside the engine's control socket, ending in .live.",
)
@click.option("--while-stdin", is_flag=True, hidden=True, help="End when standard input does.")
@pass_app
def mirror(app: App, config: Path | None, socket: Path | None, while_stdin: bool) -> None:
    """Serve the live stream of a journal to programs.

    Until it is told to stop it reads the journal, and nothing else, beside an engine that runs or
    one that is dead, and tells every order, execution, position and book as it changes. `fix-oms
    run` starts one itself as soon as a program asks for the stream; this is for a second one, or
    for a look at what was.

    \b
    Examples:
      fix-oms mirror config/demo.toml
      fix-oms mirror /etc/fix-oms.toml --socket /run/fix-oms/look.live
    """
    from fix_oms.followers.mirror import Mirror, serve
    from fix_oms.server import memory
    from fix_oms.server.config_file import journal_path, socket_path
    from fix_oms.server.mirror import stream_path

    path = app.config_path(config)
    at = socket if socket is not None else stream_path(socket_path(path))
    made = Mirror(journal_path(path), at.absolute(), settle=memory.settle)
    serve(made, memory.quieten, while_stdin=while_stdin)
