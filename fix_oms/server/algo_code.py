"""Algos that are not built in: ``[algos.NAME] code = "module:Class"`` becomes a class.

Modules are looked for in the directory of the configuration file, in the current one, and where
Python looks. Nothing of the journal needs them: ``verify``, ``replay`` and every other reader do
what was done (``algos.running``).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import cast

from fix_oms.algos.algo import Algo
from fix_oms.algos.kinds import BUILT_IN, register
from fix_oms.algos.written import wrong_class
from fix_oms.model.errors import FixOmsError
from fix_oms.model.settings import Settings


class BadCode(FixOmsError):
    """A ``module:Class`` that cannot be used; ``str()`` says why."""


def load_code(code: str, places: Iterable[Path]) -> type[Algo]:
    """The class that ``code`` names. Raises BadCode."""
    module, _, name = code.partition(":")
    if not module or not name:
        raise BadCode(f'{code!r}: write it as "module:Class"')
    looked = [str(place) for place in dict.fromkeys(places)]
    for place in reversed(looked):
        if place not in sys.path:
            sys.path.insert(0, place)
    try:
        found = getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        if error.name is not None and not (module + ".").startswith(error.name + "."):
            raise BadCode(f"module {module} needs {error.name}, which is not there") from None
        at = " and ".join(looked)
        raise BadCode(f"there is no module {module} in {at}, nor where Python looks") from None
    except AttributeError:
        if hasattr(sys.modules.get(module), "__file__"):
            raise BadCode(f"module {module} has no class {name}") from None
        raise
    except Exception as error:  # noqa: BLE001 - it is somebody's module: what it raises is told
        raise BadCode(f"module {module} fails: {type(error).__name__}: {error}") from None
    wrong = wrong_class(found)
    if wrong:
        raise BadCode(f"{code} {wrong}")
    return cast(type[Algo], found)


def take_kinds(settings: Settings, directory: Path) -> Iterator[tuple[str, str]]:
    """Make the configuration's kinds known; the keys of those that cannot be, and why."""
    for name, kind in settings.algos.items():
        key = f"algos.{name}.code"
        if name in BUILT_IN:
            yield key, f"{name} is built in: give it another name"
            continue
        try:
            register(name, load_code(kind.code, (directory, Path.cwd())))
        except BadCode as error:
            yield key, str(error)
