"""``halt`` and ``resume``: the switch that lets no new risk out, and its lifting."""

from __future__ import annotations

import click

from fix_oms.cli import asked, report
from fix_oms.cli.app import App, json_option, pass_app
from fix_oms.model.inputs import Halt, Resume


@click.command()
@asked.scope_options
@asked.reason_option
@asked.by_option
@json_option
@pass_app
@click.pass_context
def halt(
    ctx: click.Context, app: App, scope: asked.Scope, reason: str, by: str, as_json: bool
) -> None:
    """Let no new risk out.

    The halt holds everywhere, or for one account, strategy, symbol or venue, until `fix-oms
    resume`. Working orders stay in the market and cancels still leave; take them out with
    `fix-oms mass-cancel`, or do both at once with `fix-oms kill`. The halts in force stand under
    `fix-oms sessions`.

    \b
      fix-oms halt --reason "prices look wrong"
      fix-oms halt --venue ALPHA --reason "their feed is stale"
    """
    command = Halt(by=by, reason=reason, **scope)
    with app.client() as client:
        ctx.exit(report.do(client, command, report.Waiting(wait_s=0.0, as_json=as_json)))


@click.command()
@asked.scope_options
@asked.reason_option
@asked.by_option
@json_option
@pass_app
@click.pass_context
def resume(
    ctx: click.Context, app: App, scope: asked.Scope, reason: str, by: str, as_json: bool
) -> None:
    """Lift a halt or a kill.

    The scope must be the one that was halted or killed.

    \b
      fix-oms resume --reason "prices are right again"
      fix-oms resume --venue ALPHA --reason "their feed is back"
    """
    command = Resume(by=by, reason=reason, **scope)
    with app.client() as client:
        ctx.exit(report.do(client, command, report.Waiting(wait_s=0.0, as_json=as_json)))
