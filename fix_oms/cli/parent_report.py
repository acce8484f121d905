"""What became of a command to a parent: the answer, the parent as it goes on, and the exit code.

A parent is looked at again and again, as an order is (see ``report``), and each time that it stands
otherwise it is told in one line.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import attrs
import click

from fix_oms.cli import report
from fix_oms.cli.app import print_json
from fix_oms.cli.as_json import plain
from fix_oms.cli.exits import Exit
from fix_oms.cli.parent_tables import is_stuck, parent_sentence
from fix_oms.cli.words import clock
from fix_oms.client import Accepted, Client, Refused
from fix_oms.model.commands import AnyCommand, CancelOrder, NewParent, ReplaceOrder
from fix_oms.model.fix import OrdStatus, TimeInForce
from fix_oms.model.protocol import ParentFound
from fix_oms.model.views import OrderView, ParentView

_ENDED: Final = frozenset(
    {OrdStatus.FILLED, OrdStatus.CANCELED, OrdStatus.EXPIRED, OrdStatus.REJECTED}
)
_AT_ONCE: Final = frozenset({TimeInForce.IOC, TimeInForce.FOK})
_FIRST_PAUSE_S: Final = 0.002
_LONGEST_PAUSE_S: Final = 0.1


@attrs.frozen(kw_only=True)
class Watching:
    """How a parent is looked at: for how long (None: the usual), and for whom it is written.

    ``to_the_end``: also while it only rests.
    """

    wait_s: float | None
    as_json: bool
    to_the_end: bool


def send(client: Client, command: NewParent, watching: Watching) -> Exit:
    """Submit a routed parent, look on, and say what became of it."""
    outcome = client.outcome(command)
    said = outcome.answer
    report.alerts(report.news(outcome))
    if isinstance(said, Refused):
        return report.refused(said, as_json=watching.as_json)
    is_over = _is_over if watching.to_the_end else _is_quiet
    wait_s = report.WAIT_S if watching.wait_s is None else watching.wait_s
    found = _watched(client, command.ref, said, is_over, wait_s, as_json=watching.as_json)
    return _sent(found) if wait_s else Exit.DONE


def taken(client: Client, command: AnyCommand, said: Accepted, waiting: report.Waiting) -> Exit:
    """A parent has taken a cancel, a replace or a resume: wait until that is through, and say."""
    if isinstance(command, CancelOrder):
        is_over = _is_over
    elif isinstance(command, ReplaceOrder):
        is_over = _is_settled
    else:
        is_over = _is_quiet
    found = _watched(client, said.order, said, is_over, waiting.wait_s, as_json=waiting.as_json)
    if not waiting.wait_s or found.parent is None:
        return Exit.DONE
    if isinstance(command, CancelOrder):
        return _cancelled(found.parent)
    if isinstance(command, ReplaceOrder):
        return _replaced(found.parent, command)
    return _sent(found)


def _watched(
    client: Client,
    ref: str,
    said: Accepted,
    is_over: Callable[[ParentFound], bool],
    wait_s: float,
    *,
    as_json: bool,
) -> ParentFound:
    """Tell the answer, then the parent each time that it stands otherwise, until it is over."""
    if not as_json:
        click.echo(report.accepted_words(said))
    deadline, pause, told = time.monotonic() + wait_s, _FIRST_PAUSE_S, ""
    while True:
        found = client.parent(ref) if wait_s > 0 else ParentFound(parent=None)
        left = deadline - time.monotonic()
        line = parent_sentence(found.parent) if found.parent is not None else ""
        if line != told and not as_json and found.parent is not None:
            click.echo(f"{clock(found.parent.updated_ns)} {line}")
            told, pause = line, _FIRST_PAUSE_S
        if found.parent is None or left <= 0 or is_over(found):
            break
        time.sleep(min(pause, left))
        pause = min(2 * pause, _LONGEST_PAUSE_S)
    if as_json:
        children = plain(found.children)
        state = {**plain(found.parent), "children": children} if found.parent else None
        print_json({"accepted": True, **plain(said), "state": state})
    return found


# -- when there is nothing more to wait for --------------------------------------------------------


def _is_over(found: ParentFound) -> bool:
    """It is at its end, or will not go on without a person."""
    parent = found.parent
    return parent is None or parent.ord_status in _ENDED or is_stuck(parent)


def _is_settled(found: ParentFound) -> bool:
    """Nothing is asked of it any more."""
    return _is_over(found) or (found.parent is not None and not found.parent.pending)


def _is_quiet(found: ParentFound) -> bool:
    """Nothing of it is on its way: what is open rests, what is not sent waits."""
    return _is_over(found) or (
        _is_settled(found) and not any(_is_on_its_way(child) for child in found.children)
    )


def _is_on_its_way(child: OrderView) -> bool:
    at_once = child.time_in_force in _AT_ONCE
    return bool(child.pending) or (at_once and child.leaves_qty > 0)


# -- exit codes ------------------------------------------------------------------------------------


def _sent(found: ParentFound) -> Exit:
    parent = found.parent
    if parent is None:
        return Exit.DONE
    if parent.ord_status == OrdStatus.REJECTED or is_stuck(parent):
        return Exit.REFUSED
    if parent.ord_status in _ENDED or _is_quiet(found):
        return Exit.DONE
    return Exit.NO_ANSWER


def _cancelled(parent: ParentView) -> Exit:
    if parent.ord_status not in _ENDED:
        return Exit.NO_ANSWER
    return Exit.DONE if parent.ord_status == OrdStatus.CANCELED else Exit.REFUSED


def _replaced(parent: ParentView, command: ReplaceOrder) -> Exit:
    if parent.pending:
        return Exit.NO_ANSWER
    as_asked = command.order_qty in (None, parent.order_qty) and command.price in (
        None,
        parent.price,
    )
    return Exit.DONE if as_asked else Exit.REFUSED
