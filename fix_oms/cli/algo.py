"""``algo``: orders that send orders: start one, look at it, pause, resume, amend, tell, stop it.

Parameters are written ``key=value``; what they mean is the kind's affair, so nothing of them is
known here: the engine reads them, and names the one that is wrong.
"""

from __future__ import annotations

import json
from collections import deque
from pathlib import Path
from typing import Any

import click

from fix_oms.cli import asked, complete, parse, report
from fix_oms.cli.app import App, console, json_option, pass_app, print_json, print_json_list
from fix_oms.cli.as_json import plain
from fix_oms.cli.exits import BadInput, Failure
from fix_oms.model.commands import (
    AmendAlgo,
    AnyCommand,
    NewAlgo,
    PauseAlgo,
    ResumeAlgo,
    StopAlgo,
    TellAlgo,
)

_REF = click.argument("ref", shell_complete=complete.algos)
_REASON = click.option("--reason", default="", help="Why, for the record.")
_PARAMS = click.argument("params", nargs=-1, metavar="[KEY=VALUE]...")


@click.group()
def algo() -> None:
    """Run orders that send orders: list, show, start, pause, resume.

    \b
      fix-oms algo kinds                                   which there are, and their parameters
      fix-oms algo new peg p-1 symbol=AAPL side=buy qty=500 price=150.40 venue=ALPHA to=queue_2
      fix-oms algo list
      fix-oms algo show p-1
      fix-oms algo pause p-1 --reason "news at two"
      fix-oms algo resume p-1
      fix-oms algo amend p-1 price=150.60
      fix-oms algo stop p-1
    """


@algo.command()
@click.argument("kind", shell_complete=complete.algo_kinds)
@click.argument("ref")
@_PARAMS
@click.option("--account", help="Account(1). Without it the configuration's default.")
@click.option("--strategy", help="Whose it is, for limits and kills by strategy.")
@asked.by_option
@json_option
@pass_app
@click.pass_context
def new(
    ctx: click.Context,
    app: App,
    kind: str,
    ref: str,
    params: tuple[str, ...],
    account: str | None,
    strategy: str | None,
    by: str,
    as_json: bool,
) -> None:
    """Start an algo of this KIND under REF.

    \b
      fix-oms algo new twap t-1 symbol=AAPL side=sell qty=10000 price=150 end=+2h
      fix-oms algo new bracket b-1 symbol=AAPL side=buy qty=100 price=150 tp=152 sl=149 venue=ALPHA
    """
    scope = asked.names({"account": account, "strategy": strategy})
    name = parse.name_field(0, ref, "ref")
    command = NewAlgo(by=by, ref=name, kind=kind, params=params_of(params), **scope)
    _do(ctx, app, command, as_json=as_json)


@algo.command("list")
@click.option("--open", "open_only", is_flag=True, help="Only those that have not ended.")
@click.option(
    "--last",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    metavar="N",
    help="The newest N; 0 for all.",
)
@json_option
@pass_app
def list_(app: App, open_only: bool, last: int, as_json: bool) -> None:
    """List algos, newest last; under the table stands why one does not run."""
    with app.client() as client:
        shown = deque(client.algos(open_only=open_only), maxlen=last or None)
    if as_json:
        print_json_list(plain(view) for view in shown)
    elif not shown:
        click.echo("no running algos" if open_only else "no algos")
    else:
        from fix_oms.cli.algo_tables import algos_table  # rich: not needed to complete a word

        screen = console()
        screen.print(algos_table(shown, screen.width))


@algo.command()
@_REF
@click.option(
    "--acts", default=10, show_default=True, type=click.IntRange(0, 20), help="So many records."
)
@json_option
@pass_app
def show(app: App, ref: str, acts: int, as_json: bool) -> None:
    """Show one algo: parameters, progress, schedule, orders, and what it did last."""
    with app.client() as client:
        found = client.algo(ref)
        view = found.algo
        if view is None:
            raise Failure(f"no algo is known as {ref!r}")
        names = view.working if view.working else tuple(view.orders)[-10:]
        orders = [client.order(view.orders[name]) for name in names if name in view.orders]
    newest = found.acts[len(found.acts) - min(acts, len(found.acts)) :]
    if as_json:
        print_json({**plain(view), "acts": [_record(record) for record in newest]})
        return
    from fix_oms.cli.algo_tables import algo_page

    screen = console()
    known = [order for order in orders if order is not None]
    screen.print(algo_page(view, known, newest, screen.width))


@algo.command()
@_REF
@_REASON
@asked.by_option
@json_option
@pass_app
@click.pass_context
def pause(ctx: click.Context, app: App, ref: str, reason: str, by: str, as_json: bool) -> None:
    """Let an algo send nothing new; by its kind, what works is taken out."""
    _do(ctx, app, PauseAlgo(by=by, ref=ref, reason=reason), as_json=as_json)


@algo.command()
@_REF
@_REASON
@asked.by_option
@json_option
@pass_app
@click.pass_context
def resume(ctx: click.Context, app: App, ref: str, reason: str, by: str, as_json: bool) -> None:
    """Let an algo that is paused, or held for a person, go on."""
    _do(ctx, app, ResumeAlgo(by=by, ref=ref, reason=reason), as_json=as_json)


@algo.command()
@_REF
@_REASON
@asked.by_option
@json_option
@pass_app
@click.pass_context
def stop(ctx: click.Context, app: App, ref: str, reason: str, by: str, as_json: bool) -> None:
    """End an algo: what works of it is taken out."""
    _do(ctx, app, StopAlgo(by=by, ref=ref, reason=reason), as_json=as_json)


@algo.command()
@_REF
@_PARAMS
@_REASON
@asked.by_option
@json_option
@pass_app
@click.pass_context
def amend(
    ctx: click.Context,
    app: App,
    ref: str,
    params: tuple[str, ...],
    reason: str,
    by: str,
    as_json: bool,
) -> None:
    """Give an algo other parameters: those that its kind lets be amended.

    \b
      fix-oms algo amend p-1 price=150.60 qty=800
    """
    if not params:
        raise BadInput("nothing to amend: write KEY=VALUE")
    command = AmendAlgo(by=by, ref=ref, params=params_of(params), reason=reason)
    _do(ctx, app, command, as_json=as_json)


@algo.command()
@_REF
@click.argument("word")
@_PARAMS
@asked.by_option
@json_option
@pass_app
@click.pass_context
def tell(
    ctx: click.Context,
    app: App,
    ref: str,
    word: str,
    params: tuple[str, ...],
    by: str,
    as_json: bool,
) -> None:
    """Say something to an algo that its kind understands.

    \b
      fix-oms algo tell h-1 flush
    """
    command = TellAlgo(by=by, ref=ref, word=word, params=params_of(params))
    _do(ctx, app, command, as_json=as_json)


@algo.command()
@click.argument("kind", required=False, shell_complete=complete.algo_kinds)
@json_option
@pass_app
def kinds(app: App, kind: str | None, as_json: bool) -> None:
    """List the kinds of algo with their parameters, or explain one.

    Those of the configuration are listed with the built-in ones.
    """
    from fix_oms.cli.algo_kinds import known_kinds, one_kind, table_of

    known = known_kinds(app)
    if kind is not None and kind not in known:
        raise BadInput(f"no algo kind {kind!r} (there are {', '.join(sorted(known))})")
    if as_json:
        wanted = known if kind is None else {kind: known[kind]}
        print_json({name: table_of(made) for name, made in wanted.items()})
    else:
        screen = console()
        for name, made in known.items() if kind is None else [(kind, known[kind])]:
            screen.print(one_kind(name, made, whole=kind is not None))


@algo.command()
@click.argument("journal", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--code", required=True, metavar="MODULE:CLASS", help="The class to try.")
@_PARAMS
@json_option
def replay(journal: Path, code: str, params: tuple[str, ...], as_json: bool) -> None:
    """Try an algo's class with the market of a journal, in virtual time.

    Of the journal come the configuration, the market, the sessions and the hours; orders go to a
    broker on paper, which fills them by the books. Nothing is sent. Modules are looked for in the
    current directory first.

    \b
      fix-oms algo replay var/demo/journal --code market_maker:Maker \\
          symbol=AAPL venue=ALPHA qty=100 most_held=500
    """
    from fix_oms.cli.algo_tables import rehearsed
    from fix_oms.journal.rehearsal import rehearse
    from fix_oms.server.algo_code import load_code

    stage = rehearse(journal, load_code(code, (Path.cwd(),)), params_of(params))
    if as_json:
        print_json(
            {
                "acts": [_record(record) for record in stage.acts],
                "fills": [fill._asdict() for fill in stage.fills],
                "refused": [said.text for said in stage.refused],
                "algo": plain(stage.algo),
                "state_hash": stage.engine.shown(stage.now).hash(),
            }
        )
        return
    screen = console()
    screen.print(rehearsed(stage, screen.width))


def params_of(words: tuple[str, ...]) -> dict[str, Any]:
    """``key=value`` each; a value that begins with ``[`` or ``{`` is JSON. Raises BadInput."""
    found: dict[str, Any] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key.isidentifier():
            raise BadInput(f"{word!r}: write a parameter as KEY=VALUE")
        if key in found:
            raise BadInput(f"{key}: is given twice")
        found[key] = value
        if value[:1] in ("[", "{"):
            try:
                found[key] = json.loads(value)
            except json.JSONDecodeError as error:
                raise BadInput(f"{key}: {value!r} is no JSON: {error}") from None
    return found


def _do(ctx: click.Context, app: App, command: AnyCommand, *, as_json: bool) -> None:
    with app.client() as client:
        ctx.exit(report.do(client, command, report.Waiting(wait_s=0.0, as_json=as_json)))


def _record(record: Any) -> dict[str, Any]:
    """A record of what it did, without what it remembers."""
    from fix_oms.cli.algo_tables import act_words

    acts = [act_words(act) for act in record.acts]
    return {"number": record.number, "cause": record.cause, "acts": acts}
