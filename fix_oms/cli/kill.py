"""``kill``: nothing new goes out and what works is taken out, until the broker has confirmed it.

The engine shuts the scope and asks for each cancel in one step; what takes time is the broker's
word on each order. That is waited for here, by asking the engine what is not yet confirmed, so that
whoever pulls the switch knows when everything is out, and of what is not, why.

``--hung`` is for an engine that answers nobody: it can take nothing out, so its process is ended.
"""

from __future__ import annotations

import time
from typing import Final

import click

from fix_oms.cli import asked, report
from fix_oms.cli.app import App, json_option, pass_app, print_json
from fix_oms.cli.as_json import plain
from fix_oms.cli.exits import Exit, Unanswered
from fix_oms.cli.tables import unconfirmed_lines
from fix_oms.client import Client, ClientError, Refused
from fix_oms.model.inputs import Kill
from fix_oms.model.views import HaltView

WAIT_S: Final = 10.0
_PAUSE_S: Final = 0.05
_TELL_S: Final = 1.0
"""What is not yet confirmed is told at most so often."""


@click.command()
@asked.scope_options
@click.option("--reason", callback=asked.reason_of, help="Why, for the record.  [required]")
@asked.by_option
@click.option(
    "--wait",
    type=click.FloatRange(min=0.0),
    default=WAIT_S,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for the broker's word on each order.",
)
@json_option
@pass_app
@click.pass_context
def kill(
    ctx: click.Context,
    app: App,
    scope: asked.Scope,
    reason: str | None,
    by: str,
    wait: float,
    as_json: bool,
) -> None:
    """Let no new order out, and take the working ones out.

    Everywhere, or for one account, strategy, symbol or venue. Then waits until the broker has said
    of each order that it is out, and prints what is not yet confirmed and why. Exit code 0 when all
    are out, 4 when some are not confirmed in time. The scope stays shut, and what is confirmed
    later shows under `fix-oms sessions`, until `fix-oms resume` with the same scope.

    \b
      fix-oms kill --reason "the model is wrong"
      fix-oms kill --strategy pairs --reason "loses money" --wait 30
      fix-oms kill --venue ALPHA --symbol AAPL --reason "their book is crossed"
    """
    if reason is None:
        raise click.MissingParameter(ctx=ctx, param_hint="'--reason'", param_type="option")
    command = Kill(by=by, reason=reason, **scope)
    with app.client() as client:
        outcome = client.outcome(command)
        said = outcome.answer
        report.alerts(alert for alert in outcome.alerts if alert.text != said.text)
        if isinstance(said, Refused):
            ctx.exit(report.refused(said, as_json=as_json))
        if not as_json:
            click.echo(report.accepted_words(said))
        try:
            found = _confirmed(client, scope, wait, is_quiet=as_json)
        except ClientError as error:
            raise Unanswered(f"the kill was taken, but not seen confirmed: {error}") from error
    if as_json:
        print_json({"accepted": True, **plain(said), "kill": plain(found)})
        ctx.exit(_code(found))
    ctx.exit(_told(found, wait))


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


def _told(found: HaltView | None, wait_s: float) -> Exit:
    if found is None:
        click.echo("the kill is no longer in force: somebody has lifted it meanwhile", err=True)
    elif found.unconfirmed:
        lines = unconfirmed_lines(found, most=len(found.unconfirmed))
        click.echo("\n".join([f"after {wait_s:g} s:", *lines]), err=True)
        click.echo("the kill stays in force; look again with: fix-oms sessions", err=True)
    else:
        click.echo("all out: the broker has confirmed each order")
    return _code(found)
