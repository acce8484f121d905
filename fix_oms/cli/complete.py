"""What the shell may complete: names from the configuration, open orders from the engine.

A completion that cannot be had is an empty one: pressing Tab must never print an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from fix_oms.cli.app import App
from fix_oms.cli.exits import Failure
from fix_oms.cli.parent_tables import parent_sentence
from fix_oms.cli.parse import PARENT_TIFS, TIFS
from fix_oms.cli.tables import sentence
from fix_oms.model.controls import CONTROLS, LIMITED
from fix_oms.model.errors import FixOmsError
from fix_oms.model.routing import BUILT_IN

if TYPE_CHECKING:
    from fix_oms.client import Client

LONGEST_LIST = 100


def orders(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The open orders, each with what it is."""
    return _asked(
        ctx,
        incomplete,
        lambda client: ((o.reference, sentence(o)) for o in client.orders(open_only=True)),
    )


def parents(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The open parents, each with what it is."""
    return _asked(
        ctx,
        incomplete,
        lambda client: ((p.ref, parent_sentence(p)) for p in client.parents(open_only=True)),
    )


def algos(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The algos that have not ended, each with its kind and state."""
    return _asked(
        ctx,
        incomplete,
        lambda client: ((a.ref, f"{a.kind}, {a.state}") for a in client.algos(open_only=True)),
    )


def algo_kinds(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The configuration's kinds of algo, and the built-in ones."""
    from fix_oms.algos.kinds import BUILT_IN

    own = _names(ctx, "algos", incomplete)
    return own + [CompletionItem(name) for name in sorted(BUILT_IN) if name.startswith(incomplete)]


def _asked(
    ctx: click.Context, incomplete: str, ask: Callable[[Client], Iterable[tuple[str, str]]]
) -> list[CompletionItem]:
    """Names that the engine tells, each with what it is; none where it cannot be asked."""
    found: list[CompletionItem] = []
    try:
        with _app(ctx).client(timeout_s=1.0) as client:
            for name, told in ask(client):
                if name.startswith(incomplete):
                    found.append(CompletionItem(name, help=told))
                if len(found) == LONGEST_LIST:
                    break
    except (FixOmsError, Failure):
        return []
    return found


def orders_and_parents(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """What `cancel`, `replace`, `show` and `explain` take."""
    return orders(ctx, param, incomplete) + parents(ctx, param, incomplete)


def policies(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The configuration's routing policies, and the built-in ones."""
    named = _names(ctx, "policies", incomplete)
    taken = {item.value for item in named}
    built_in = [name for name in BUILT_IN if name.startswith(incomplete) and name not in taken]
    return [*named, *(CompletionItem(name) for name in built_in)]


def sessions(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return _names(ctx, "sessions", incomplete)


def venues(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return _names(ctx, "venues", incomplete)


def symbols(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return _names(ctx, "instruments", incomplete)


def accounts(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return _names(ctx, "accounts", incomplete)


def strategies(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return _names(ctx, "strategies", incomplete)


def limits(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The limits in force, each with what it says."""
    try:
        with _app(ctx).client(timeout_s=1.0) as client:
            found = client.limits()
    except (FixOmsError, Failure):
        return []
    return [CompletionItem(v.name, help=v.limit) for v in found if v.name.startswith(incomplete)]


def controls(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The controls that a limit may be of."""
    return [
        CompletionItem(name, help=CONTROLS[name].unit)
        for name in LIMITED
        if name.startswith(incomplete)
    ]


def tifs(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(tif) for tif in TIFS if tif.startswith(incomplete)]


def parent_tifs(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    return [CompletionItem(tif) for tif in PARENT_TIFS if tif.startswith(incomplete)]


def _names(ctx: click.Context, section: str, incomplete: str) -> list[CompletionItem]:
    from fix_oms.server.config_file import read_toml

    try:
        path = _app(ctx).config_path()
        tables: Any = read_toml(path, str(path)).get(section)
    except (FixOmsError, Failure):
        return []
    names = list(tables) if isinstance(tables, dict) else []
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _app(ctx: click.Context) -> App:
    """The invocation's App; while completing, the group's callback has not run."""
    return ctx.find_object(App) or App(ctx.find_root().params.get("config"))
