"""Many orders from a file or a pipe: JSON lines, or one JSON array.

The keys are those of the command line (``side qty cash symbol price stop tif venue account strategy
parent reduce_only ref text``); of ``qty`` and ``cash`` each order has one.
Numbers are never read as floats: ``150.25`` is taken as the text that stands there. Every order is
read before the first is sent, and every error is reported with the line or place it stands at.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from fix_oms.cli import parse
from fix_oms.cli.exits import BadInput, Failure
from fix_oms.model.errors import FieldError
from fix_oms.model.inputs import NewOrder
from fix_oms.model.settings_text import nearest

REQUIRED: Final = ("side", "qty", "symbol")
OPTIONAL: Final = ("cash", "price", "stop", "tif", "venue", "account", "strategy", "parent")
FLAGS: Final = ("reduce_only",)
KEYS: Final = (*REQUIRED, *OPTIONAL, *FLAGS, "ref", "text")
SHOWN_ERRORS: Final = 20


class NotAnOrder(ValueError):
    """A JSON value that says no order."""


def read_orders(text: str, by: str) -> list[tuple[str, NewOrder]]:
    """Each order with where it stands (``line 3``, ``order 3``). Raises a bad-input failure."""
    orders: list[tuple[str, NewOrder]] = []
    errors: list[str] = []
    for place, source in _sources(text):
        try:
            value = source if isinstance(source, dict) else _json(source)
            orders.append((place, _order(value, by)))
        except (NotAnOrder, FieldError) as error:
            errors.append(f"{place}: {error}")
    if errors:
        raise _refused(errors)
    if not orders:
        raise BadInput("there is no order in the input: nothing was sent")
    return orders


def _refused(errors: list[str]) -> Failure:
    shown = errors[:SHOWN_ERRORS]
    if len(errors) > len(shown):
        shown.append(f"... and {len(errors) - len(shown)} more")
    return BadInput("\n  ".join([f"nothing was sent, {len(errors)} bad:", *shown]))


def _sources(text: str) -> Iterator[tuple[str, Any]]:
    """Where each order stands, and its JSON: a value of the array, or the text of a line."""
    if not text.lstrip().startswith("["):
        for n, line in enumerate(text.splitlines(), 1):
            if line.strip():
                yield f"line {n}", line
        return
    try:
        values = _json(text)
    except NotAnOrder as error:
        raise BadInput(f"nothing was sent: {error}") from None
    for n, value in enumerate(values, 1):
        yield f"order {n}", value if isinstance(value, dict) else json.dumps(value)


def _json(text: str) -> Any:
    try:
        return json.loads(
            text,
            parse_float=str,
            parse_int=str,
            parse_constant=str,
            object_pairs_hook=_without_duplicates,
        )
    except json.JSONDecodeError as error:
        at = f" (line {error.lineno}, column {error.colno})"
        raise NotAnOrder(f"is not JSON: {error.msg}{at}") from None
    except RecursionError:
        raise NotAnOrder("is not JSON of ours: it is nested too deeply") from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise NotAnOrder(f"{key!r} stands twice")
    return dict(pairs)


def _order(value: Any, by: str) -> NewOrder:
    if not isinstance(value, dict):
        raise NotAnOrder(f"an order is a JSON object with the keys {', '.join(KEYS)}")
    for key, held in value.items():
        if key not in KEYS:
            raise NotAnOrder(f"unknown key {key!r}{nearest(key, list(KEYS))}")
        if key in FLAGS and not isinstance(held, bool | None):
            raise NotAnOrder(f"{key!r} must be true or false")
        if key not in FLAGS and not isinstance(held, str | None):
            raise NotAnOrder(f"{key!r} must be text or a number")
    given = {key: held for key, held in value.items() if held is not None}
    if "qty" in given and "cash" in given:
        raise NotAnOrder("'qty' and 'cash' exclude each other: one of them says how much")
    instead = {"qty"} if "cash" in given else set()
    missing = [key for key in REQUIRED if key not in given and key not in instead]
    if missing:
        raise NotAnOrder(f"{missing[0]!r} is missing")
    given["side"] = parse.side(given["side"])
    given["symbol_text"] = given.pop("symbol")
    return parse.new_order(by=by, **given)
