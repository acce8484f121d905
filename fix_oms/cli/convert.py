"""``fix-oms convert``: a journal, written anew from another one."""

from __future__ import annotations

import time
from pathlib import Path

import click

from fix_oms.cli.app import json_option, print_json
from fix_oms.cli.exits import BadInput, Failure


@click.command()
@click.argument("old", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--until-damage",
    is_flag=True,
    help="Take over what is whole before the damage, and leave out the rest.",
)
@json_option
def convert(old: Path, new: Path, until_damage: bool, as_json: bool) -> None:
    """Write a journal anew: what is whole of a damaged one.

    OLD, which no engine may be writing, is only read; NEW must not exist. Record for record NEW is
    OLD, so it replays to the same state; its chain is its own, and its first header names OLD's
    head. Where OLD is damaged that takes --until-damage, and what is left out is listed: those
    orders and fills are known at the brokers only, who are asked at the next start.

    \b
    Examples:
      fix-oms convert var/journal var/journal.new
      fix-oms convert var/journal var/journal.new --until-damage
    """
    from fix_oms.journal.convert import converted
    from fix_oms.model.errors import JournalCorrupt
    from fix_oms.server.holder import is_held

    if new.exists():
        raise BadInput(f"{new}: is there already")
    if is_held(old):
        raise BadInput(f"{old}: an engine is writing it: stop it first")
    try:
        done = converted(old, new.absolute(), now_ns=time.time_ns(), until_damage=until_damage)
    except JournalCorrupt as error:
        raise Failure(f"{error} (nothing was written; see --until-damage)") from None
    if as_json:
        print_json(done._asdict())
        return
    for text in done.left_out:
        click.echo(f"left out: {text}")
    click.echo(f"{new}: {done.records} records, chain head {done.head}")
    click.echo(f"made from {old} with chain head {done.origin}")
