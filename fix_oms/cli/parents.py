"""``parents``: what the engine knows of parent orders, and the way on for one that is suspended.

Lifting a suspension stands here and not beside ``resume``: that one lifts a halt of a whole scope,
this one is about one parent, as ``limits rearm`` is about one limit.
"""

from __future__ import annotations

from collections import deque

import click

from fix_oms.cli import asked, complete, parse, report
from fix_oms.cli.app import App, console, json_option, pass_app, print_json_list
from fix_oms.cli.as_json import plain
from fix_oms.cli.exits import BadInput
from fix_oms.model.inputs import ResumeParent
from fix_oms.model.views import ParentView


@click.group(invoke_without_command=True)
@click.option("--open", "open_only", is_flag=True, help="Only those that have not ended.")
@click.option("--symbol", help="Only this symbol's.", shell_complete=complete.symbols)
@click.option(
    "--last",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    metavar="N",
    help="The newest N; 0 for all. With --json all, unless it is given.",
)
@json_option
@pass_app
@click.pass_context
def parents(
    ctx: click.Context, app: App, open_only: bool, symbol: str | None, last: int, as_json: bool
) -> None:
    """List parent orders; let a suspended one go on.

    Open is what their children could still fill, Unsent what no child holds; under the table stands
    why that is not sent. `fix-oms show REF` lists the children of one, `fix-oms explain REF` what
    the router saw and decided; `cancel` and `replace` take a parent's ref, too.

    \b
      fix-oms parents
      fix-oms parents --open
      fix-oms parents --json | jq '.[] | select(.unrouted != "0")'
      fix-oms parents resume my-1 --reason "the limit is raised"
    """
    source = ctx.get_parameter_source("last")
    is_given = source is not click.core.ParameterSource.DEFAULT
    if ctx.invoked_subcommand is not None:
        if open_only or symbol is not None or as_json or is_given:
            raise BadInput(f"options belong behind {ctx.invoked_subcommand}: nothing was done")
        return
    keep = (last or None) if is_given or not as_json else None

    def wanted(parent: ParentView) -> bool:
        return symbol in (None, parent.symbol)

    with app.client() as client:
        shown = deque(filter(wanted, client.parents(open_only=open_only)), maxlen=keep)
    if as_json:
        print_json_list(plain(parent) for parent in shown)
    elif not shown:
        click.echo("no open parents" if open_only else "no parents")
    else:
        from fix_oms.cli.parent_tables import parents_table  # rich: not needed to complete a word

        screen = console()
        screen.print(parents_table(shown, screen.width))


@parents.command()
@click.argument("ref", shell_complete=complete.parents)
@asked.reason_option
@asked.by_option
@report.wait_options
@pass_app
@click.pass_context
def resume(
    ctx: click.Context, app: App, ref: str, reason: str, by: str, waiting: report.Waiting
) -> None:
    """Let a suspended parent go on.

    A parent is suspended when the gate refused a child for what it is, when it was routed again and
    again without any execution, or when a bust took back what had filled it. Its working children
    go on working; nothing more is sent until a person says so, or cancels it.

    \b
      fix-oms parents resume my-1 --reason "the limit is raised"
    """
    command = ResumeParent(by=by, ref=parse.parent_ref(ref), reason=reason)
    with app.client() as client:
        ctx.exit(report.do(client, command, waiting))
