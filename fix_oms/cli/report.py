"""What became of a command, said to people or programs: the answer, the wait, and the exit code.

After the engine has taken a command the broker's first answer is waited for, because "accepted"
means only that it leaves. The wait is bounded and polls: the order's page costs the engine some
microseconds, and nothing is held meanwhile.
"""

from __future__ import annotations

import functools
import shlex
from collections.abc import Callable, Iterable
from typing import Any, Final

import attrs
import click

from fix_oms.cli.app import json_option, print_json
from fix_oms.cli.as_json import plain
from fix_oms.cli.exits import Exit
from fix_oms.cli.tables import sentence
from fix_oms.client import Accepted, Client, Refused, answered
from fix_oms.model.commands import AnyCommand, CancelOrder, ReplaceOrder, ResumeParent
from fix_oms.model.fix import OrdStatus, OrdType, TimeInForce
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Alert
from fix_oms.model.protocol import Outcome
from fix_oms.model.views import OrderView

WAIT_S: Final = 2.0
MALFORMED: Final = frozenset({"terms", "venue"})
"""Refusals that blame what was typed: a field that makes no sense, a venue that is not there."""
_OF_PARENTS: Final = (CancelOrder, ReplaceOrder, ResumeParent)
"""Commands whose order may be a parent: the answer then names no ClOrdID."""
_CODES: Final = {"accepted": Exit.DONE, "refused": Exit.REFUSED, "unsent": Exit.REFUSED}


@attrs.frozen(kw_only=True)
class Waiting:
    """How a command is to be reported: for how long to wait, and for whom to write."""

    wait_s: float
    as_json: bool


def wait_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--wait``, ``--no-wait`` and ``--json``, given to the command as ``waiting``."""

    @click.option(
        "--wait",
        type=click.FloatRange(min=0.0),
        default=WAIT_S,
        show_default=True,
        metavar="SECONDS",
        help="How long to wait for the broker's first answer.",
    )
    @click.option("--no-wait", is_flag=True, help="Do not wait for the broker.")
    @json_option
    @functools.wraps(command)
    def collected(*args: Any, wait: float, no_wait: bool, as_json: bool, **others: Any) -> Any:
        waiting = Waiting(wait_s=0.0 if no_wait else wait, as_json=as_json)
        return command(*args, waiting=waiting, **others)

    return collected


def do(client: Client, command: AnyCommand, waiting: Waiting, *, to_the_end: bool = False) -> Exit:
    """Submit one command, wait, and say what became of it."""
    outcome = client.outcome(command)
    said = outcome.answer
    alerts(news(outcome))
    if isinstance(said, Refused):
        return refused(said, as_json=waiting.as_json)
    if said.order and isinstance(command, _OF_PARENTS) and not said.cl_ord_id:
        from fix_oms.cli import parent_report  # it reports by this module

        return parent_report.taken(client, command, said, waiting)
    if not waiting.as_json:
        click.echo(accepted_words(said))
    order = None
    if said.order and waiting.wait_s > 0:
        order = client.settled(said.order, said.cl_ord_id, waiting.wait_s, to_the_end=to_the_end)
    code = result(order, said.cl_ord_id)
    if waiting.as_json:
        print_json({"accepted": True, **plain(said), "state": plain(order)})
    elif order is not None:
        click.echo(_state_words(order, said.cl_ord_id, waiting.wait_s))
    return code


def refused(said: Refused, *, as_json: bool, place: str = "") -> Exit:
    """Say a refusal: which control, its limit, what was found."""
    if as_json:
        where = {"place": place} if place else {}
        print_json({**where, "accepted": False, **plain(said)})
    else:
        click.echo(f"{place}: {refused_words(said)}" if place else refused_words(said), err=True)
    return Exit.BAD_INPUT if said.control in MALFORMED else Exit.REFUSED


def refused_words(said: Refused) -> str:
    field = f"{said.field}: " if said.field and said.field not in said.text else ""
    is_told = not said.limit or said.limit in said.text
    limit = "" if is_told else f" (limit {said.limit})"
    line = f"refused: {field}{said.text}{limit} [{_named(said)}]"
    if not said.soft:
        return line
    name = shlex.quote(said.limit_name or said.control)
    return f"{line}\nit is soft: fix-oms limits override {name} --reason TEXT --for 5m --uses 1"


def _named(said: Refused) -> str:
    """The control, and the limit's own name where that is not the control's."""
    if not said.limit_name or said.limit_name == said.control:
        return said.control
    if said.limit_name.startswith((f"{said.control}:", f"{said.control}/")):
        return said.limit_name
    return f"{said.control}, limit {said.limit_name}"


def accepted_words(said: Accepted) -> str:
    """The engine's own words, if they name the order; its reference is there to copy from."""
    if not said.order or said.order in said.text:
        return said.text or "done"
    to = f" -> {said.session}" if said.session else ""
    return f"{said.order}{to}" + (f" ({said.text})" if said.text else "")


def news(outcome: Outcome) -> Iterable[Alert]:
    """The alerts that tell more than the answer, or an answer with a name and a reason added."""
    said = outcome.answer.text
    return (alert for alert in outcome.alerts if not (said and alert.text.startswith(said)))


def alerts(raised: Iterable[Alert]) -> None:
    for alert in raised:
        click.echo(f"{alert.severity}: {alert.text} [{alert.code}]", err=True)


def result(order: OrderView | None, cl_ord_id: str) -> Exit:
    """The exit code that the request's outcome deserves; DONE when nothing was waited for."""
    if order is None:
        return Exit.DONE
    if not answered(order, cl_ord_id):
        return Exit.NO_ANSWER
    for request in order.requests:
        if request.cl_ord_id == cl_ord_id:
            is_rejected = request.kind == "new" and order.ord_status == OrdStatus.REJECTED
            if request.outcome in _CODES and not is_rejected:
                return _CODES[request.outcome]
            return _of_moot(order, request.kind)
    return Exit.DONE


def _of_moot(order: OrderView, kind: str) -> Exit:
    """The order ended before the answer: a cancel has its way if that end is Canceled."""
    if kind == "cancel":
        return Exit.DONE if order.ord_status == OrdStatus.CANCELED else Exit.REFUSED
    ended_badly = kind == "replace" or order.ord_status == OrdStatus.REJECTED
    return Exit.REFUSED if ended_badly else Exit.DONE


def _state_words(order: OrderView, cl_ord_id: str, wait_s: float) -> str:
    for request in order.requests:
        if request.cl_ord_id != cl_ord_id or request.kind == "new":
            continue
        if request.outcome in ("refused", "unsent", "moot"):
            stands = sentence(order)
            why = f": {request.text}" if request.text and request.text not in stands else ""
            return f"{request.kind} {request.outcome}{why}\n{stands}"
    if not answered(order, cl_ord_id):
        return f"no answer within {wait_s:g} s\n{sentence(order)}"
    return sentence(order)


def cannot_rest(terms: Terms) -> bool:
    """Whether an order of these terms ends at once, so that its end is worth the wait."""
    at_once = (TimeInForce.IOC, TimeInForce.FOK)
    return terms.time_in_force in at_once or terms.ord_type == OrdType.MARKET
