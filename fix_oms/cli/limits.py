"""``limits``: the risk limits in force, looked at and changed while the engine runs.

Every change is a command with a name and a reason, so that the journal tells who let what through.
It is shown as a difference to what is in force before and after it is done. A limit is changed as a
whole: what is put has all that the limit says, with the one thing that was asked for.
"""

from __future__ import annotations

import difflib
import functools
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import click

from fix_oms.cli import asked, complete, parse, report
from fix_oms.cli.app import App, console, json_option, pass_app, print_json, print_json_list
from fix_oms.cli.as_json import plain
from fix_oms.cli.exits import BadInput, Exit, Failure
from fix_oms.client import Client, Refused
from fix_oms.model.controls import CONTROLS
from fix_oms.model.inputs import Override, Rearm, SetLimits
from fix_oms.model.limits import AGAINST, SELF_MATCH, Limit
from fix_oms.model.settings_text import plain_limit, structure
from fix_oms.model.units import text_of
from fix_oms.model.views import LimitView

CHANGED: Final = "limits"
"""The alert that a change raises: the differences tell it better."""


@click.group(invoke_without_command=True)
@click.pass_context
def limits(ctx: click.Context) -> None:
    """Look at the risk limits, change them, override them.

    Alone it is `fix-oms limits show`. spec/CONTROLS.md lists the controls that a limit may be of.
    A change stands in the journal with name and reason, and survives a restart, until the
    configuration itself says something new about that limit.

    \b
      fix-oms limits
      fix-oms limits show max_order_qty
      fix-oms limits set max_order_qty 5000 --reason "thin market"
      fix-oms limits set --file config/limits.toml --check
      fix-oms limits add position_limit 2000 --symbol AAPL --reason "new in AAPL"
      fix-oms limits override prop-ticket --reason "block trade, Ann agreed" --for 5m
      fix-oms limits rearm flip_flop --reason "model fixed"
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(show)


@limits.command()
@click.argument("limit", required=False, shell_complete=complete.limits)
@json_option
@pass_app
def show(app: App, limit: str | None = None, as_json: bool = False) -> None:
    """Show the limits in force, or one of them in full.

    Found now is the present figure, of each thing that the limit counts apart. State says whether
    it is soft (may be overridden), latched (shut until re-armed) or overridden.

    \b
      fix-oms limits show
      fix-oms limits show max_order_qty
      fix-oms limits show --json
    """
    from fix_oms.cli import risk_tables  # brings rich, which --help has no need of

    with app.client() as client:
        found = client.limits()
    if limit is not None:
        view = _named(found, limit)
        if as_json:
            print_json(plain(view))
        else:
            console().print(risk_tables.limit_page(view))
    elif as_json:
        print_json_list(plain(view) for view in found)
    elif not found:
        click.echo("no limits")
    else:
        screen = console()
        screen.print(risk_tables.limits_table(found, screen.width))


@attrs.frozen
class Change:
    """A change of limits, with what is in force before it, and the file that it is from."""

    command: SetLimits
    in_force: Sequence[LimitView]
    config: Path
    source: str = ""


def _named(found: Sequence[LimitView], name: str) -> LimitView:
    """The limit of that name. Raises a failure with the nearest one."""
    for view in found:
        if view.name == name:
            return view
    near = difflib.get_close_matches(name, [view.name for view in found], n=1, cutoff=0.4)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise Failure(f"no limit is named {name!r}{hint}")


# -- changes ---------------------------------------------------------------------------------------


def _change_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--reason`` (not needed with ``--check``), ``--by``, ``--check`` and ``--json``."""

    @click.option("--reason", callback=asked.reason_of, help="Why, for the record.  [required]")
    @click.option("--check", "check_only", is_flag=True, help="Show what it would change, only.")
    @asked.by_option
    @json_option
    @click.pass_context
    @functools.wraps(command)
    def collected(ctx: click.Context, /, *args: Any, reason: str | None, **others: Any) -> Any:
        if reason is None and not others["check_only"]:
            raise click.MissingParameter(ctx=ctx, param_hint="'--reason'", param_type="option")
        return command(ctx, *args, reason=reason or "", **others)

    return collected


@limits.command("set")
@click.argument("limit", required=False, shell_complete=complete.limits)
@click.argument("value", required=False)
@click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="All limits, as [[limits]] of a TOML file: those that are not in it are removed.",
)
@_change_options
@pass_app
def set_(
    app: App,
    ctx: click.Context,
    limit: str | None,
    value: str | None,
    file: Path | None,
    reason: str,
    by: str,
    check_only: bool,
    as_json: bool,
) -> None:
    """Change how much a limit is, or put a whole file of limits in force.

    A file is checked whole, by name and key, and then in force at once, or not at all.

    \b
      fix-oms limits set max_order_qty 5000 --reason "thin market"
      fix-oms limits set --file config/limits.toml --check
      fix-oms limits set --file config/limits.toml --reason "new quarter"
    """
    from fix_oms.cli.limits_file import read_limits

    if (limit is None) is (file is None):
        raise BadInput("give LIMIT and VALUE, or --file FILE: nothing was changed")
    if limit is not None and value is None:
        raise click.MissingParameter(ctx=ctx, param_hint="'VALUE'", param_type="argument")
    whole = () if file is None else read_limits(file)
    with app.client() as client:
        in_force = client.limits()
        put = whole
        if limit is not None and value is not None:
            put = (_with_value(_named(in_force, limit), value),)
        command = SetLimits(by=by, reason=reason, put=put, whole=file is not None)
        change = Change(command, in_force, app.config_path(), "" if file is None else str(file))
        ctx.exit(_change(client, change, check_only=check_only, as_json=as_json))


def _with_value(view: LimitView, value: str) -> dict[str, Any]:
    """The same limit of another value. Raises FieldError and SettingsError."""
    amount = parse.not_negative(0, value, "VALUE")
    changed = {**view.plain, "limit": text_of(amount)}
    return plain_limit(structure(Limit, changed, view.name))


def _words(_: click.Context, __: click.Parameter, given: str | None) -> list[str] | None:
    """A list that is written with commas."""
    return None if given is None else [word for word in given.split(",") if word]


@limits.command()
@click.argument("control", shell_complete=complete.controls)
@click.argument("limit", metavar="[VALUE]", required=False)
@asked.scope_options
@click.option("--session", help="Only this session.", shell_complete=complete.sessions)
@click.option("--per", callback=_words, metavar="A,B", help="What it counts apart; '' for nothing.")
@click.option("--window", metavar="SPAN", help="Over how long it counts: 1s, 5m, 1h.")
@click.option("--soft", is_flag=True, help="It may be overridden, by name and with a reason.")
@click.option("--id", "id", help="Its name.  [default: made of control and scope]")
@click.option("--note", help="Told to people with a refusal.")
@click.option("--currency", help="That of a money limit.")
@click.option("--action", type=click.Choice(SELF_MATCH), help="self_match: what is done.")
@click.option(
    "--against",
    type=click.Choice(list(itertools.chain.from_iterable(AGAINST.values()))),
    help="price_collar: beside which price; unconfirmed_fills: which of them.",
)
@click.option(
    "--reserve-hedge-pct", metavar="PCT", help="message_rate: the share that only hedges may use."
)
@click.option("--symbols", callback=_words, metavar="A,B", help="permission: these symbols.")
@click.option("--venues", callback=_words, metavar="A,B", help="permission: these venues.")
@click.option("--ord-types", callback=_words, metavar="A,B", help="permission: limit, market …")
@click.option("--sides", callback=_words, metavar="A,B", help="permission: buy, sell …")
@_change_options
@pass_app
def add(
    app: App,
    ctx: click.Context,
    /,
    scope: asked.Scope,
    reason: str,
    by: str,
    check_only: bool,
    as_json: bool,
    **keys: Any,
) -> None:
    """Add a limit of CONTROL, to those that are in force.

    What a control is, and the unit of VALUE, is in spec/CONTROLS.md. One of the same name is not
    replaced: use `fix-oms limits set`, or give it an --id.

    \b
      fix-oms limits add position_limit 2000 --symbol AAPL --reason "new in AAPL"
      fix-oms limits add message_rate 20 --per account --window 1s --reason "their rule"
      fix-oms limits add restricted --symbol XYZ --reason "restricted list of today"
      fix-oms limits add max_order_value 50000 --strategy pairs --soft --reason "trial"
    """
    control = CONTROLS.get(keys["control"])
    if control is not None and control.unit and keys["limit"] is None:
        raise click.MissingParameter(ctx=ctx, param_hint="'VALUE'", param_type="argument")
    limit = _limit(scope, keys)
    with app.client() as client:
        in_force = client.limits()
        if any(view.name == limit.name for view in in_force):
            raise Failure(
                f"there is a limit named {limit.name!r}: change it with `fix-oms limits set`, "
                "or give this one an --id"
            )
        command = SetLimits(by=by, reason=reason, put=(plain_limit(limit),))
        change = Change(command, in_force, app.config_path())
        ctx.exit(_change(client, change, check_only=check_only, as_json=as_json))


def _limit(scope: asked.Scope, keys: dict[str, Any]) -> Limit:
    """The limit that the words ask for. Raises FieldError and SettingsError."""
    window, session = keys.pop("window"), keys.pop("session")
    given: dict[str, Any] = {**scope, **asked.names({"session": session}), **keys}
    if given["limit"] is not None:
        given["limit"] = text_of(parse.not_negative(0, given["limit"], "VALUE"))
    share = given["reserve_hedge_pct"]
    if share is not None:
        given["reserve_hedge_pct"] = text_of(parse.not_negative(0, share, "--reserve-hedge-pct"))
    if window is not None:
        given["window_s"] = parse.seconds(window, "--window")
    for key in ("id", "note"):
        if given[key] is not None:
            parse.text_field(0, given[key], f"--{key}")
    held = {key: value for key, value in given.items() if value is not None}
    return structure(Limit, held, f"limits add {held['control']}")


@limits.command()
@click.argument("limit", nargs=-1, required=True, shell_complete=complete.limits)
@_change_options
@pass_app
def remove(
    app: App,
    ctx: click.Context,
    limit: tuple[str, ...],
    reason: str,
    by: str,
    check_only: bool,
    as_json: bool,
) -> None:
    """Remove limits, by name.

    \b
      fix-oms limits remove position_limit:symbol=AAPL --reason "covered by the firm's"
    """
    with app.client() as client:
        in_force = client.limits()
        for name in limit:
            _named(in_force, name)
        command = SetLimits(by=by, reason=reason, remove=limit)
        change = Change(command, in_force, app.config_path())
        ctx.exit(_change(client, change, check_only=check_only, as_json=as_json))


def _change(client: Client, asked_for: Change, *, check_only: bool, as_json: bool) -> Exit:
    """Do it, or only look whether it can be done, and tell the difference that it makes."""
    from fix_oms.cli.limits_file import check_names, differences

    found = differences(asked_for.in_force, asked_for.command)
    is_done = False
    if check_only:
        check_names(asked_for.command, asked_for.config, asked_for.source)
    elif found:
        outcome = client.outcome(asked_for.command)
        said = outcome.answer
        report.alerts(alert for alert in outcome.alerts if alert.code != CHANGED)
        if isinstance(said, Refused):
            return report.refused(said, as_json=as_json, place=asked_for.source)
        is_done = True
    if as_json:
        rows = [{"what": d.what, "name": d.name, "text": d.text} for d in found]
        print_json({"accepted": is_done, "changes": rows})
        return Exit.DONE
    for difference in found:
        click.echo(difference.line)
    if is_done:
        click.echo("in force now")
    else:
        click.echo("nothing was changed" if found else "no difference: nothing was changed")
    return Exit.DONE


# -- by a named person -----------------------------------------------------------------------------


@limits.command()
@click.argument("limit", shell_complete=complete.limits)
@click.option("--for", "span", default="5m", show_default=True, help="How long: 30s, 5m, 1h.")
@click.option(
    "--uses", type=click.IntRange(min=1), default=1, show_default=True, help="How many orders."
)
@click.option("--account", help="Only this account's.", shell_complete=complete.accounts)
@click.option("--symbol", help="Only in this symbol.", shell_complete=complete.symbols)
@asked.reason_option
@asked.by_option
@json_option
@pass_app
@click.pass_context
def override(
    ctx: click.Context,
    app: App,
    limit: str,
    span: str,
    uses: int,
    account: str | None,
    symbol: str | None,
    reason: str,
    by: str,
    as_json: bool,
) -> None:
    """Let some orders pass a soft limit, for some time.

    A hard limit is not overridden but changed: `fix-oms limits set`.

    \b
      fix-oms limits override prop-ticket --reason "block trade, Ann agreed"
      fix-oms limits override prop-ticket --reason "roll" --for 10m --uses 4 --account PROP
    """
    command = Override(
        by=by,
        limit=parse.text_field(0, limit, "LIMIT"),
        reason=reason,
        for_s=parse.seconds(span, "--for"),
        uses=uses,
        account=None if account is None else parse.account(account),
        symbol=None if symbol is None else parse.symbol(symbol),
    )
    with app.client() as client:
        ctx.exit(report.do(client, command, report.Waiting(wait_s=0.0, as_json=as_json)))


@limits.command()
@click.argument("limit", shell_complete=complete.limits)
@asked.reason_option
@asked.by_option
@json_option
@pass_app
@click.pass_context
def rearm(ctx: click.Context, app: App, limit: str, reason: str, by: str, as_json: bool) -> None:
    """Open a limit that has latched; it counts anew from there.

    \b
      fix-oms limits rearm flip_flop --reason "the model is fixed"
    """
    command = Rearm(by=by, limit=parse.text_field(0, limit, "LIMIT"), reason=reason)
    with app.client() as client:
        ctx.exit(report.do(client, command, report.Waiting(wait_s=0.0, as_json=as_json)))
