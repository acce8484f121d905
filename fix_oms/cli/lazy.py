"""A click group whose commands are imported when they are used, and its errors' exit codes.

The table of commands (:data:`fix_oms.cli.main.COMMANDS`) holds each one's summary, so that
``fix-oms --help`` imports none of them. A test holds that every summary is its command's own.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from typing import Any, Final

import attrs
import click

from fix_oms.cli.exits import failure_of
from fix_oms.model.errors import FixOmsError


@attrs.frozen
class Entry:
    """Where a command is: ``module:attribute``; the section of the help it stands in; its line."""

    module: str
    attribute: str
    section: str
    summary: str


class LazyGroup(click.Group):
    """The group of ``entries``, which are listed in their order, section by section."""

    def __init__(self, entries: Mapping[str, Entry], **attributes: Any) -> None:
        super().__init__(**attributes)
        self.entries: Final = entries

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        command = getattr(importlib.import_module(entry.module), entry.attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            close = difflib.get_close_matches(name, self.list_commands(ctx), n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            ctx.fail(f"There is no command {name!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            entry = self.entries[name]
            sections.setdefault(entry.section, []).append((name, entry.summary))
        for section, rows in sections.items():
            with formatter.section(section):
                formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; every error of ours ends in one line and its exit code."""
        try:
            return super().invoke(ctx)
        except FixOmsError as error:
            raise failure_of(error) from error
