"""What every command needs: the configuration, a client of its engine, a console, and who asks."""

from __future__ import annotations

import json
import os
import pwd
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs
import click

from fix_oms.cli.exits import BadInput
from fix_oms.client import Client

if TYPE_CHECKING:
    from rich.console import Console

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_CONFIG: Final = Path("config/demo.toml")
PIPE_WIDTH: Final = 200


@attrs.frozen
class App:
    """One invocation. ``config`` is what -c or $FIX_OMS_CONFIG gave."""

    config: Path | None

    def config_path(self, given: Path | None = None) -> Path:
        """The configuration to use. Raises a bad-input failure when there is none."""
        found = given or self.config
        if found is not None:
            return found
        if DEFAULT_CONFIG.is_file():
            return DEFAULT_CONFIG
        raise BadInput(
            "no configuration: give -c FILE or set FIX_OMS_CONFIG "
            f"({DEFAULT_CONFIG} is not here either)"
        )

    def client(self, timeout_s: float = 10.0) -> Client:
        """A connection to the configuration's engine. Raises NotRunning and SettingsError."""
        from fix_oms.server.config_file import socket_path

        return Client(socket_path(self.config_path()), timeout_s)


pass_app = click.make_pass_decorator(App)


def json_option(command: F) -> F:
    """``--json``, given to the command as ``as_json``."""
    option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
    return option(command)


def login() -> str:
    """The login name of who runs this: what a command's ``by`` says."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"


def console() -> Console:
    """Standard output for people: as wide as the terminal, or wide enough for a pipe."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else int(os.environ.get("COLUMNS", PIPE_WIDTH))
    return Console(width=width, highlight=False, soft_wrap=False)


def print_json(value: object) -> None:
    """One JSON value on one line."""
    click.echo(json.dumps(value, ensure_ascii=False))


def print_json_list(rows: Iterable[object]) -> None:
    """A JSON array, one element on a line, written as the rows come."""
    click.echo("[", nl=False)
    for n, row in enumerate(rows):
        click.echo("," if n else "")
        click.echo(json.dumps(row, ensure_ascii=False), nl=False)
    click.echo("\n]")
