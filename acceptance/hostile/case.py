"""A case as data: one entry of ``cases/*.yaml``, read and checked.

What is wrong with an entry is told with the file, the case and the key.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs
import yaml

from fix_oms.model.fix import FixVersion

CASES: Final = Path(__file__).resolve().parent / "cases"
KEYS: Final = {
    *("name", "what", "standard", "ours", "or", "why", "versions", "slow", "alone"),
    "steps",
}
NEEDED: Final = ("name", "what", "standard", "ours", "steps")
ALL: Final = ("FIX.4.2", "FIX.4.4", "FIX.5.0SP2")


class BadCase(ValueError):
    """An entry that cannot be used."""


@attrs.frozen(kw_only=True)
class Case:
    """``ours`` is the engine's reaction on the wire, in the words of ``words.reaction``.

    ``or_`` is another that is right as well, where it depends on who is faster; ``why`` is said
    where it is not what the standard asks. A case that is ``slow`` is begun first; one that is
    ``alone`` weighs so much that no other runs beside it.
    """

    group: str
    name: str
    what: str
    standard: str
    ours: str
    or_: str = ""
    why: str = ""
    versions: tuple[FixVersion, ...] = (FixVersion.FIX44,)
    slow: bool = False
    alone: bool = False
    steps: tuple[str, ...]


def load(folder: Path = CASES) -> list[Case]:
    """All cases, in the order of their files. Raises BadCase."""
    cases = [case for path in sorted(folder.glob("*.yaml")) for case in _read(path)]
    names = [case.name for case in cases]
    for name in names:
        if names.count(name) > 1:
            raise BadCase(f"{folder}: the case {name!r} stands twice")
    return cases


def _read(path: Path) -> Iterator[Case]:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    for entry in data["cases"]:
        yield _case(path.name, data["group"], entry)


def _case(file: str, group: str, entry: dict[str, Any]) -> Case:
    name = entry.get("name", "a case without a name")
    for key in NEEDED:
        if not entry.get(key):
            raise BadCase(f"{file}: {name}: {key}: is missing")
    for key in entry.keys() - KEYS:
        raise BadCase(f"{file}: {name}: {key}: is no key of a case: {', '.join(sorted(KEYS))}")
    versions = entry.get("versions", "FIX.4.4").split()
    for version in versions:
        if version not in ALL and version != "all":
            raise BadCase(f"{file}: {name}: versions: {version!r} is none of {', '.join(ALL)}")
    return Case(
        group=group,
        name=name,
        what=_line(entry["what"]),
        standard=_line(entry["standard"]),
        ours=_line(entry["ours"]),
        or_=_line(entry.get("or", "")),
        why=_line(entry.get("why", "")),
        versions=tuple(map(FixVersion, ALL if versions == ["all"] else versions)),
        slow=entry.get("slow", False),
        alone=entry.get("alone", False),
        steps=tuple(map(str, entry["steps"])),
    )


def _line(text: str) -> str:
    return " ".join(text.split())
