"""The kinds of algo for people: what each is for, its parameters, and what they are by default."""

from __future__ import annotations

import inspect
import sys
from typing import Any, Final, get_type_hints

import msgspec
from rich.console import Group, RenderableType
from rich.text import Text

from fix_oms.algos.algo import Algo
from fix_oms.algos.kinds import BUILT_IN, KINDS, is_amount, parameters
from fix_oms.cli import tables
from fix_oms.cli.app import App
from fix_oms.cli.exits import BadInput
from fix_oms.model.units import text_of

_TYPES: Final = {"int": "whole number", "str": "text", "bool": "true or false"}


def known_kinds(app: App) -> dict[str, type[Algo]]:
    """The built-in ones, and those of the configuration where there is one."""
    known = {name: KINDS[name] for name in sorted(BUILT_IN)}
    try:
        path = app.config_path()
    except BadInput:
        return known
    from fix_oms.server.config_file import load

    own = load(path).settings.algos
    return known | {name: KINDS[name] for name in own}


def table_of(kind: type[Algo]) -> list[dict[str, Any]]:
    """Each parameter: name, type in words, default (None: it must be given), if it is amended."""
    hints = get_type_hints(kind, include_extras=True)
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    return [
        {
            "name": name,
            "type": _type(hints[name]),
            "required": fields[name].required,
            "default": None if fields[name].required else _default(hints[name], fields[name]),
            "amendable": name in kind.AMENDABLE,
        }
        for name in parameters(kind)
    ]


def one_kind(name: str, kind: type[Algo], *, whole: bool) -> RenderableType:
    """A kind with its parameters; ``whole``: with all that its module says of it."""
    said = inspect.getdoc(sys.modules[kind.__module__]) or ""
    text = said if whole else said.partition("\n\n")[0].replace("\n", " ")
    parts: list[RenderableType] = [Text(f"\n{name}", style="bold"), Text(text)]
    table = tables.plain_table("Parameter", "Type", "Default", "Amendable")
    for row in table_of(kind):
        default = "must be given" if row["required"] else row["default"]
        table.add_row(row["name"], row["type"], default, "yes" if row["amendable"] else "")
    return Group(*parts, table)


def _type(hint: Any) -> str:
    if is_amount(hint):
        return "number"
    name = getattr(hint, "__name__", str(hint))
    return _TYPES.get(name, str(hint).replace("typing.", ""))


def _default(hint: Any, field: msgspec.structs.FieldInfo) -> str:
    value = field.default
    if value is msgspec.NODEFAULT:
        value = field.default_factory()
    if value is None or value == "":
        return "none"
    if is_amount(hint):
        return text_of(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
