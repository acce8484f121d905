"""``dk``: Don't Know Trade (35=Q), our answer to an execution that we do not accept."""

from __future__ import annotations

from typing import Final

import click

from fix_oms.cli import complete, parse, report
from fix_oms.cli.app import App, json_option, login, pass_app
from fix_oms.model.fix import DKReason
from fix_oms.model.inputs import DontKnow

_REASONS: Final = ", ".join(f"{r.value} or {r.name.lower()}" for r in DKReason)


@click.command()
@click.argument("order", shell_complete=complete.orders)
@click.argument("exec_id", metavar="EXECID")
@click.option("--reason", required=True, metavar="CODE", help=f"DKReason(127): {_REASONS}.")
@click.option("--text", help="Text(58), sent along to the broker.")
@json_option
@pass_app
@click.pass_context
def dk(
    ctx: click.Context,
    app: App,
    order: str,
    exec_id: str,
    reason: str,
    text: str | None,
    as_json: bool,
) -> None:
    """Tell the broker that an execution is not accepted.

    A DontKnowTrade(35=Q) leaves for the execution EXECID, as `fix-oms fills ORDER` shows it. The
    execution counts all the same, as a break, until the broker busts it: the position is what the
    broker holds for you.

    ORDER is any of its names, as for `fix-oms cancel`.

    \b
      fix-oms dk 1-12 E-778 --reason C
      fix-oms dk 1-12 E-778 --reason price_exceeds_limit --text "limit was 150.25"
    """
    command = DontKnow(
        by=login(),
        order=parse.text_field(0, order, "ORDER"),
        exec_id=parse.text_field(parse.EXEC_ID, exec_id),
        dk_reason=parse.dk_reason(reason),
        text="" if text is None else parse.text_field(parse.TEXT, text),
    )
    with app.client() as client:
        ctx.exit(report.do(client, command, report.Waiting(wait_s=report.WAIT_S, as_json=as_json)))
