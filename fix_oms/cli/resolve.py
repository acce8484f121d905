"""``resolve``: a named person decides what became of a request, or of an order, in doubt."""

from __future__ import annotations

from typing import Any, Final

import click

from fix_oms.cli import complete, parse, report
from fix_oms.cli.app import App, json_option, login, pass_app
from fix_oms.cli.exits import BadInput
from fix_oms.model.inputs import Resolve

OUTCOMES: Final = {
    "accepted": "The request in doubt has been accepted.",
    "refused": "The request in doubt never arrived, or was refused.",
    "canceled": "The order has ended: Canceled.",
    "expired": "The order has ended: Expired.",
    "rejected": "The order has ended: Rejected.",
}


def _outcomes(command: Any) -> Any:
    """One flag for each outcome, given to the command as ``outcomes`` by name."""
    for name, help_text in reversed(OUTCOMES.items()):
        command = click.option(f"--{name}", is_flag=True, help=help_text)(command)
    return command


@click.command()
@click.argument("order", shell_complete=complete.orders)
@_outcomes
@click.option("--reason", required=True, help="Why, for the record: who said so, and where.")
@click.option(
    "--request", metavar="CLORDID", help="Which request, where several of the order are in doubt."
)
@click.option("--by", metavar="NAME", help="Who decides.  [default: your login name]")
@json_option
@pass_app
@click.pass_context
def resolve(
    ctx: click.Context,
    app: App,
    /,
    order: str,
    reason: str,
    request: str | None,
    by: str | None,
    as_json: bool,
    **outcomes: bool,
) -> None:
    """Decide, with a reason, what the broker leaves in doubt.

    What has no answer is in doubt: it keeps its exposure, and the broker is asked about it. Where
    no answer comes, telephone the broker, and say here what you were told. The decision stands in
    the journal with your name and the reason, and no message leaves.

    It is evidence like the broker's own: what a later report says against it shows as a break, and
    an execution counts all the same.

    ORDER is any of its names, as for `fix-oms cancel`.

    \b
      fix-oms resolve 1-12 --canceled --reason "Kim at ALPHA, by telephone: out at 16:02"
      fix-oms resolve 1-12 --refused --reason "ALPHA has no such cancel" --request 1-15
    """
    chosen = [name for name, is_given in outcomes.items() if is_given]
    if len(chosen) != 1:
        flags = ", ".join(f"--{name}" for name in OUTCOMES)
        raise BadInput(f"give one of {flags}: nothing was done")
    command = Resolve(
        by=login() if by is None else parse.text_field(0, by, "--by"),
        order=parse.text_field(0, order, "ORDER"),
        outcome=chosen[0],
        reason=parse.text_field(0, reason, "--reason"),
        request=None if request is None else parse.name_field(parse.CL_ORD_ID, request),
    )
    with app.client() as client:
        ctx.exit(report.do(client, command, report.Waiting(wait_s=report.WAIT_S, as_json=as_json)))
