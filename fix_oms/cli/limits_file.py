"""Limits as somebody wants them: a file of ``[[limits]]``, or the words of a command line.

A file is read whole: every entry that is wrong is named with file and key, and nothing is done.
What a change comes to is told limit by limit, each key with what it is and what it would be, so
that a person sees the difference before it is in force.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from fix_oms.cli.risk_tables import limit_of
from fix_oms.model.errors import SettingsError
from fix_oms.model.inputs import SetLimits
from fix_oms.model.limits import Limit
from fix_oms.model.settings_text import from_plain, nearest, plain_limit, structure
from fix_oms.model.units import text_of
from fix_oms.model.views import LimitView
from fix_oms.server.config_file import read_toml

KEY: Final = "limits"


@attrs.frozen(kw_only=True)
class Difference:
    """One line of a difference: ``what`` is added, removed or changed, ``text`` says it."""

    what: str
    name: str
    text: str

    @property
    def line(self) -> str:
        return f"{_SIGNS[self.what]} {self.name}: {self.text}"


_SIGNS: Final = {"added": "+", "removed": "-", "changed": "~"}


def read_limits(path: Path) -> tuple[dict[str, Any], ...]:
    """The limits of a file, as plain data. Raises SettingsError, which names all that is wrong."""
    shown = str(path)
    tables = read_toml(path, shown)
    found = [
        SettingsError(shown, key, f"unknown key{nearest(key, [KEY])}: a file of limits has none")
        for key in tables
        if key != KEY
    ]
    rows: Any = tables.get(KEY)
    if rows is None:
        found.append(SettingsError(shown, KEY, "is missing: write [[limits]] before each"))
    elif not isinstance(rows, list):
        found.append(SettingsError(shown, KEY, "must be a list: write [[limits]] before each"))
        rows = []
    elif not rows:
        found.append(SettingsError(shown, KEY, "are none: limits in force are removed by name"))
    limits: list[Limit] = []
    seen: dict[str, int] = {}
    for n, row in enumerate(rows or ()):
        try:
            limit = structure(Limit, row, shown, f"{KEY}[{n}]")
        except SettingsError as error:
            found += [error, *error.others]
            continue
        if limit.name in seen:
            reason = f"is called {limit.name!r} like {KEY}[{seen[limit.name]}]: give one an id"
            found.append(SettingsError(shown, f"{KEY}[{n}]", reason))
        seen.setdefault(limit.name, n)
        limits.append(limit)
    if found:
        raise _all_of(found)
    return tuple(plain_limit(limit) for limit in limits)


def _all_of(found: Sequence[SettingsError]) -> SettingsError:
    first, *others = (SettingsError(e.file, e.key, e.reason) for e in found)
    return SettingsError(first.file, first.key, first.reason, tuple(others))


def check_names(asked: SetLimits, config: Path, source: str) -> None:
    """Whether all that the limits name is defined in the configuration at ``config``.

    Raises SettingsError, which names the key in ``source``. The engine, which may have been started
    before the file was last edited, has the last word when the limits are put in force.
    """
    settings = from_plain(read_toml(config, str(config)), str(config))
    wanted = tuple(structure(Limit, plain, KEY) for plain in asked.put)
    try:
        attrs.evolve(settings, limits=wanted)
    except ValueError as error:
        key, _, reason = str(error).partition(": ")
        raise SettingsError(source or str(config), key, reason) from None


def differences(in_force: Sequence[LimitView], asked: SetLimits) -> list[Difference]:
    """What would be different, in the order of the limits in force and then of the new ones."""
    before = {view.name: limit_of(view) for view in in_force}
    wanted = [structure(Limit, plain, KEY) for plain in asked.put]
    after = {limit.name: limit for limit in wanted}
    found = []
    for name, old in before.items():
        if name in after:
            found += [
                Difference(what="changed", name=name, text=t) for t in _differs(old, after[name])
            ]
        elif asked.whole or name in asked.remove:
            found.append(Difference(what="removed", name=name, text=_said(old)))
    found += [
        Difference(what="added", name=name, text=_said(limit))
        for name, limit in after.items()
        if name not in before
    ]
    return found


def _differs(old: Limit, new: Limit) -> list[str]:
    """``limit 10000 shares -> 5000 shares``, a text for each key that is not the same."""
    found = []
    for field in attrs.fields(Limit):
        was, now = getattr(old, field.name), getattr(new, field.name)
        if was != now:
            found.append(f"{field.name} {_shown(old, field.name)} -> {_shown(new, field.name)}")
    return found


def _shown(limit: Limit, key: str) -> str:
    held = getattr(limit, key)
    match held:
        case bool():
            return str(held).lower()
        case None | "" | ():
            return "(none)"
        case tuple():
            return "[" + ", ".join(held) + "]"
    return text_of(held) if key == "limit" else str(held)


def _said(limit: Limit) -> str:
    """``500 messages in 1 s, soft``."""
    parts = [limit.text] if limit.text else []
    parts += [f"{key} {value}" for key, value in limit.scope.items()]
    return ", ".join(parts + (["soft"] if limit.soft else [])) or "everything"
