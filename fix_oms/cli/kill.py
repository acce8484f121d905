"""``kill``: nothing new goes out and what works is taken out, until the broker has confirmed it.

The engine shuts the scope and asks for each cancel in one step; what takes time is the broker's
word on each order. That is waited for here, by asking the engine what is not yet confirmed, so that
whoever pulls the switch knows when everything is out, and of what is not, why.

``--hung`` is for an engine that answers nobody and so can take nothing out: its process is killed
and this one takes its place (:mod:`fix_oms.server.hung`), after a person has typed that it is so.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Final

import click

from fix_oms.cli import asked, report
from fix_oms.cli.app import App, json_option, pass_app, print_json
from fix_oms.cli.as_json import plain
from fix_oms.cli.exits import BadInput, Exit, Unanswered
from fix_oms.cli.tables import scope_words, unconfirmed_lines
from fix_oms.client import Client, ClientError, Refused
from fix_oms.model.inputs import Kill
from fix_oms.model.views import HaltView

WAIT_S: Final = 10.0
HUNG_WAIT_S: Final = 60.0
"""Longer: sessions have to log on first."""
TYPED: Final = "kill"
"""What a person types to have a process killed."""
_PAUSE_S: Final = 0.05
_TELL_S: Final = 1.0
"""What is not yet confirmed is told at most so often."""


@click.command()
@asked.scope_options
@asked.reason_option
@asked.by_option
@click.option(
    "--wait",
    type=click.FloatRange(min=0.0),
    metavar="SECONDS",
    help="How long to wait for the broker's word on each order.  "
    f"[default: {WAIT_S:g}, with --hung {HUNG_WAIT_S:g}]",
)
@click.option("--hung", is_flag=True, help="The engine answers nobody: kill it, take its place.")
@click.option("--yes", is_flag=True, help="With --hung: do not ask before it is killed.")
@click.option("--force", is_flag=True, help="With --hung: although it answers.")
@json_option
@pass_app
@click.pass_context
def kill(
    ctx: click.Context,
    app: App,
    scope: asked.Scope,
    reason: str,
    by: str,
    wait: float | None,
    hung: bool,
    yes: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Let no new order out, and take the working ones out.

    Everywhere, or for one account, strategy, symbol or venue. Then waits until the broker has said
    of each order that it is out, and prints what is not yet confirmed and why. Exit code 0 when all
    are out, 4 when some are not confirmed in time. The scope stays shut, and what is confirmed
    later shows under `fix-oms sessions`, until `fix-oms resume` with the same scope.

    With --hung the engine that does not answer is killed (SIGKILL), which loses nothing. This
    command takes its place: it replays the journal, logs on, takes the orders out, and stops. The
    next `fix-oms run` starts with the scope still shut.

    \b
      fix-oms kill --reason "the model is wrong"
      fix-oms kill --strategy pairs --reason "loses money" --wait 30
      fix-oms kill --venue ALPHA --symbol AAPL --reason "their book is crossed"
      fix-oms kill --hung --reason "no answer since 14:02"
    """
    if (yes or force) and not hung:
        raise BadInput("--yes and --force belong to --hung: nothing was done")
    command = Kill(by=by, reason=reason, **scope)
    if hung:
        wait_s = HUNG_WAIT_S if wait is None else wait
        ctx.exit(_hung(app, command, wait_s, is_sure=yes, force=force, as_json=as_json))
    ctx.exit(_killed(app, command, scope, WAIT_S if wait is None else wait, as_json=as_json))


def _killed(app: App, command: Kill, scope: asked.Scope, wait_s: float, *, as_json: bool) -> Exit:
    """By the running engine."""
    with app.client() as client:
        outcome = client.outcome(command)
        said = outcome.answer
        report.alerts(report.news(outcome))
        if isinstance(said, Refused):
            return report.refused(said, as_json=as_json)
        if not as_json:
            click.echo(report.accepted_words(said))
        try:
            found = _confirmed(client, scope, wait_s, is_quiet=as_json)
        except ClientError as error:
            raise Unanswered(f"the kill was taken, but not seen confirmed: {error}") from error
    if as_json:
        print_json({"accepted": True, **plain(said), "kill": plain(found)})
        return _code(found)
    return _told(found, wait_s, "look again with: fix-oms sessions")


def _confirmed(
    client: Client, scope: asked.Scope, wait_s: float, *, is_quiet: bool
) -> HaltView | None:
    """The kill of this scope once nothing of it is unconfirmed, or as it stands after ``wait_s``.

    None where it is no longer in force.
    """
    deadline = time.monotonic() + wait_s
    told: tuple[str, ...] = ()
    next_s = 0.0
    while True:
        found = _in_force(client, scope)
        now = time.monotonic()
        if found is None or not found.unconfirmed or now >= deadline:
            return found
        if not is_quiet and found.unconfirmed != told and now >= next_s:
            click.echo("\n".join(unconfirmed_lines(found)))
            told, next_s = found.unconfirmed, now + _TELL_S
        time.sleep(min(_PAUSE_S, max(0.0, deadline - now)))


def _in_force(client: Client, scope: asked.Scope) -> HaltView | None:
    for halt in client.halts():
        if halt.kill and all(getattr(halt, key) == held for key, held in scope.items()):
            return halt
    return None


def _code(found: HaltView | None) -> Exit:
    if found is None:
        return Exit.REFUSED
    return Exit.NO_ANSWER if found.unconfirmed else Exit.DONE


def _told(found: HaltView | None, wait_s: float, then: str) -> Exit:
    """Say how it stands; ``then`` is what to do where some are not confirmed."""
    if found is None:
        click.echo("the kill is no longer in force: somebody has lifted it meanwhile", err=True)
    elif found.unconfirmed:
        lines = unconfirmed_lines(found, most=len(found.unconfirmed))
        click.echo("\n".join([f"after {wait_s:g} s:", *lines]), err=True)
        click.echo(f"the kill stays in force; {then}", err=True)
    else:
        click.echo("all out: the broker has confirmed each order")
    return _code(found)


# -- an engine that does not answer ----------------------------------------------------------------


def _hung(
    app: App, command: Kill, wait_s: float, *, is_sure: bool, force: bool, as_json: bool
) -> Exit:
    """By this process, in the place of one that is killed."""
    import structlog  # this and QuickFIX, which the engine brings, are needed here alone

    from fix_oms.server.config_file import load
    from fix_oms.server.hung import kill_hung

    loaded = load(app.config_path())
    if not is_sure:
        _confirm(loaded.journal, scope_words(_view(command)))
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    scope = {name: getattr(command, name) for name in ("account", "strategy", "symbol", "venue")}
    done = kill_hung(
        loaded,
        by=command.by,
        reason=command.reason,
        scope=scope,
        timeout_s=wait_s,
        tell=lambda line: click.echo(line, err=as_json),
        force=force,
    )
    if as_json:
        print_json({"ended": done.ended, "run": done.run, "unconfirmed": list(done.unconfirmed)})
        return Exit.NO_ANSWER if done.unconfirmed else Exit.DONE
    if done.unconfirmed:
        then = "the next `fix-oms run` starts with it and asks again"
        return _told(_view(command, done.unconfirmed), wait_s, then)
    click.echo("the next `fix-oms run` starts with the kill in force, until `fix-oms resume`")
    return Exit.DONE


def _view(command: Kill, unconfirmed: tuple[str, ...] = ()) -> HaltView:
    return HaltView(
        by=command.by,
        reason=command.reason,
        venue=command.venue,
        symbol=command.symbol,
        account=command.account,
        strategy=command.strategy,
        kill=True,
        unconfirmed=unconfirmed,
    )


def _confirm(journal: Path, scope: str) -> None:
    """Say what will be done to which process, and have it typed. Raises a bad-input failure."""
    from fix_oms.server import holder

    pid = holder.writer(journal)
    who = f"process {pid}, which writes {journal}," if pid else f"whoever writes {journal}"
    orders = "all orders" if scope == "everything" else f"the orders of {scope}"
    click.echo(f"{who} will be killed (SIGKILL), and {orders} taken out.", err=True)
    try:
        typed = click.prompt(f"Type {TYPED} to go on", err=True, default="", show_default=False)
    except click.Abort:
        click.echo(err=True)
        typed = ""
    if typed.strip() != TYPED:
        raise BadInput("that was not typed: nothing was done")
