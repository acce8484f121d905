"""What the acts of a risk desk have in common: their scope, who asks, and why.

A scope is everything that matches all of the names that are given. Who asks stands in the journal
as ``by``: the login name, or the one that ``--by`` gives where one person types for another.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

import click

from fix_oms.cli import complete, parse
from fix_oms.cli.app import login

Command = Callable[..., Any]
Scope = dict[str, str | None]
"""Account, strategy, symbol and venue, by name; None is anywhere."""

_CHECKS: Final[dict[str, Callable[[str], str]]] = {
    "account": parse.account,
    "strategy": parse.strategy,
    "symbol": parse.symbol,
    "venue": parse.venue,
    "session": parse.session,
}


def scope_options(command: Command) -> Command:
    """``--account``, ``--strategy``, ``--symbol`` and ``--venue``, given as ``scope``."""

    @click.option("--account", help="Only this account.", shell_complete=complete.accounts)
    @click.option("--strategy", help="Only this strategy.", shell_complete=complete.strategies)
    @click.option("--symbol", help="Only this symbol.", shell_complete=complete.symbols)
    @click.option("--venue", help="Only this venue.", shell_complete=complete.venues)
    @functools.wraps(command)
    def collected(
        *args: Any,
        account: str | None,
        strategy: str | None,
        symbol: str | None,
        venue: str | None,
        **others: Any,
    ) -> Any:
        given = {"account": account, "strategy": strategy, "symbol": symbol, "venue": venue}
        return command(*args, scope=names(given), **others)

    return collected


def names(given: Scope) -> Scope:
    """The names of a scope, each checked. Raises FieldError naming the one that is wrong."""
    return {key: None if held is None else _CHECKS[key](held) for key, held in given.items()}


def by_option(command: Command) -> Command:
    """``--by``, given as ``by``: whose act it is."""
    option = click.option(
        "--by", callback=_by, metavar="NAME", help="Whose act it is.  [default: your login name]"
    )
    return option(command)


def _by(_: click.Context, __: click.Parameter, given: str | None) -> str:
    return login() if given is None else parse.text_field(0, given, "--by")


def reason_option(command: Command) -> Command:
    """``--reason``, which must be given."""
    option = click.option(
        "--reason", required=True, callback=reason_of, help="Why, for the record."
    )
    return option(command)


def reason_of(_: click.Context, __: click.Parameter, given: str | None) -> str | None:
    """The reason, if it can stand in a record."""
    return None if given is None else parse.text_field(0, given, "--reason")
