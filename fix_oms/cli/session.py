"""``sessions`` and ``session``: the FIX connections, and the support desk's hand on them."""

from __future__ import annotations

from typing import Final

import click

from fix_oms.cli import complete, parse, report, tables
from fix_oms.cli.app import App, console, json_option, login, pass_app, print_json
from fix_oms.cli.as_json import plain
from fix_oms.cli.exits import BadInput
from fix_oms.model.inputs import SessionCommand

ACTIONS: Final = ("logon", "logout", "disable", "enable", "reset", "set-next")


@click.command()
@json_option
@pass_app
def sessions(app: App, as_json: bool) -> None:
    """List the FIX sessions, and the halts and kills.

    State: disabled (by hand), down, up (logged on), ready (a TestRequest came back: orders may
    leave). In and Out are the next MsgSeqNum(34) of each direction; Epoch counts their resets.
    Under a kill stand the orders that the broker has not confirmed out, each with why.

    \b
      fix-oms sessions
      fix-oms sessions --json
    """
    with app.client() as client:
        found, halted = client.sessions(), client.halts()
    if as_json:
        print_json({"sessions": plain(found), "halts": plain(halted)})
        return
    screen = console()
    screen.print(tables.sessions_table(found, screen.width))
    if halted:
        screen.print()
        screen.print(tables.halts_table(halted))


@click.command()
@click.argument("name", shell_complete=complete.sessions)
@click.argument("action", type=click.Choice(ACTIONS))
@click.option("--in", "next_in", type=click.IntRange(min=1), help="set-next: MsgSeqNum(34) due in.")
@click.option("--out", "next_out", type=click.IntRange(min=1), help="set-next: the next to go out.")
@click.option("--reason", required=True, help="Why, for the record.")
@json_option
@pass_app
@click.pass_context
def session(
    ctx: click.Context,
    app: App,
    name: str,
    action: str,
    next_in: int | None,
    next_out: int | None,
    reason: str,
    as_json: bool,
) -> None:
    """Log a FIX session on or off, or set its numbers.

    \b
      logon      log on now, if the schedule is closed too
      logout     log out; the schedule brings it back at its next opening
      disable    log out and stay out, until enable
      enable     undo disable
      reset      both directions start again at 1 (agree on it with the broker first)
      set-next   set the next number of one or both directions

    Everything is recorded in the journal with your name and the reason.

    \b
      fix-oms session ALPHA logout --reason "broker maintenance"
      fix-oms session ALPHA set-next --in 120 --reason "agreed with their desk"
      fix-oms session ALPHA set-next --in 120 --out 95 --reason "agreed with their desk"
    """
    has_numbers = next_in is not None or next_out is not None
    if action == "set-next" and not has_numbers:
        raise BadInput("set-next needs --in N, --out N or both: nothing was done")
    if action != "set-next" and has_numbers:
        raise BadInput(f"--in and --out belong to set-next, not to {action}: nothing was done")
    command = SessionCommand(
        by=login(),
        session=parse.name_field(0, name, "NAME"),
        action=action,
        reason=parse.text_field(0, reason, "--reason"),
        next_in=next_in,
        next_out=next_out,
    )
    with app.client() as client:
        ctx.exit(report.do(client, command, report.Waiting(wait_s=0.0, as_json=as_json)))
