"""The list of what may depend on the order of delivery: ``spec/permutation_exceptions.yaml``.

Some reports could mean two truths of a broker's, and nothing but the order in which the session
brought them says which (DESIGN D2, third tier). Such a run may end otherwise than published in the
legs without distinct times, if its state says that it is uncertain. There are at most six of them,
each with the two truths in words; one that never differs is stale and has to go.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import yaml

import fix_oms
from fix_oms.conformance.permute import Leg
from fix_oms.model.errors import SettingsError
from fix_oms.scenarios import Run

FILE: Final = "permutation_exceptions.yaml"
MOST: Final = 6
LEGS: Final = {"absent": Leg.ABSENT, "equal": Leg.SECOND}
"""The legs that may be excepted: with true, distinct times nothing is tied."""
_KEYS: Final = frozenset({"scenario", "leg", "why", "fix", "branch"})


@attrs.frozen(kw_only=True)
class Allowed:
    """One entry. ``fix`` and ``branch`` None stand for every version, every branch."""

    scenario: str
    leg: Leg
    why: str
    fix: str | None = None
    branch: str | None = None

    def concerns(self, run: Run, leg: Leg) -> bool:
        return (
            (self.scenario, self.leg) == (run.scenario.id, leg)
            and self.fix in (None, run.version.value)
            and self.branch in (None, run.branch or "main")
        )


def found_beside(files: tuple[Path, ...]) -> Path | None:
    """The list next to a scenario file, else that of the project's own ``spec``."""
    project = Path(fix_oms.__file__).resolve().parents[1] / "spec"
    places = [*(file.parent for file in files), project]
    return next((place / FILE for place in places if (place / FILE).is_file()), None)


def load(path: Path) -> tuple[Allowed, ...]:
    """The entries of the list. Raises SettingsError naming file, entry, key and reason."""
    file = str(path)
    try:
        read = yaml.safe_load(path.read_bytes())
    except OSError as error:
        raise SettingsError(file, "", f"cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(file, "", f"is not YAML: {' '.join(str(error).split())}") from None
    listed = read.get("exceptions") if isinstance(read, Mapping) else None
    if not isinstance(listed, list):
        raise SettingsError(file, "exceptions", "must be a list, which may be empty")
    if len(listed) > MOST:
        raise SettingsError(file, "exceptions", f"are {len(listed)}; at most {MOST} may be")
    return tuple(_entry(file, n, entry) for n, entry in enumerate(listed, 1))


def _entry(file: str, n: int, entry: Any) -> Allowed:
    where = f"exception {n}"
    if not isinstance(entry, Mapping):
        raise SettingsError(file, where, "must be a mapping")
    for key in entry:
        if key not in _KEYS:
            raise SettingsError(file, f"{where}, {key}", f"is none of {', '.join(sorted(_KEYS))}")
    values = {key: str(value).strip() for key, value in entry.items()}
    for key in ("scenario", "leg", "why"):
        if not values.get(key):
            raise SettingsError(file, f"{where}, {key}", "is missing")
    leg = LEGS.get(values["leg"])
    if leg is None:
        raise SettingsError(file, f"{where}, leg", f"{values['leg']!r} is none of absent, equal")
    fix = values.get("fix")
    return Allowed(
        scenario=values["scenario"],
        leg=leg,
        why=values["why"],
        fix=None if fix is None else f"FIX.{fix.removeprefix('FIX.')}",
        branch=values.get("branch"),
    )
