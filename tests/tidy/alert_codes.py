"""Every alert in the sources bears a code of the catalogue, in a severity that it comes in.

An alert is made by one of :data:`MAKERS`, and its code stands there as text, so that whoever reads
a page of alerts can find where each comes from. The makers' own bodies hand on what they are given.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from fix_oms.model.alert_codes import BREACHES, CODES
from fix_oms.model.severities import SEVERITIES
from tests.tidy.source import Source

MAKERS: Final[dict[str, tuple[int | None, int]]] = {
    "Alert": (None, -1),
    "AlertView": (None, -1),
    "about": (0, 1),
    "_alert": (0, 1),
    "_condition": (0, 1),
    "holds": (None, 0),
    "_hold": (0, 1),
}
"""Who makes alerts, and the places of severity and code among its arguments."""


def wrong_codes(source: Source) -> Iterator[str]:
    """Alerts whose code is not in the catalogue, or not in that severity, or cannot be read."""
    for call, (severity, code) in _alerts(source):
        at = f"{source.name}:{call.lineno}"
        found = [] if code is None else _texts(code)
        if not found:
            yield f"{at}: the code of an alert must stand there as text"
        for text in found:
            if text not in CODES:
                yield f"{at}: {text!r} is no code of fix_oms/model/alert_codes.py"
            elif severity is not None:
                for said in _texts(severity):
                    if said in SEVERITIES and said not in CODES[text].severities:
                        yield f"{at}: {text!r} does not come as {said}"


def raised(source: Source) -> set[str]:
    """The codes that a source raises."""
    found = {text for _, (_, code) in _alerts(source) if code is not None for text in _texts(code)}
    return found | (set(BREACHES.values()) if "BREACHES" in source.text else set())


Arguments = tuple[ast.expr | None, ast.expr | None]


def _alerts(source: Source) -> Iterator[tuple[ast.Call, Arguments]]:
    """Each alert that is made, with the expressions of its severity and code."""
    if not source.name.startswith("fix_oms/"):
        return
    own = {
        id(inner)
        for maker in ast.walk(source.tree)
        if isinstance(maker, ast.FunctionDef) and maker.name in MAKERS
        for inner in ast.walk(maker)
    }
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and id(node) not in own:
            called = node.func
            name = getattr(called, "id", "")
            if isinstance(called, ast.Attribute) and not called.attr.startswith("_"):
                name = called.attr  # a method that starts with _ is none of the functions above
            if name in MAKERS:
                places = MAKERS[name]
                yield node, (_given(node, "severity", places[0]), _given(node, "code", places[1]))


def _given(call: ast.Call, name: str, place: int | None) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if place is None or not 0 <= place < len(call.args):
        return None
    return call.args[place]


def _texts(expression: ast.expr) -> list[str]:
    return [
        node.value
        for node in ast.walk(expression)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
