"""Which leg of the code runs: the engine as plain Python, or compiled by mypyc.

Both are made of the same files. The compiled leg is a wheel in an environment of its own, because
an extension module that lay beside its source would hide every later change of the source. So
nothing tells the two apart but where a module was loaded from, and that is what is asked here: a
switch could say one thing while the other ran.
"""

from __future__ import annotations

from importlib.machinery import EXTENSION_SUFFIXES
from types import ModuleType
from typing import Final

from fix_oms.engine import core

COMPILED: Final = "compiled"
INTERPRETED: Final = "interpreted"


def leg_of(module: ModuleType) -> str:
    """The leg that the module belongs to, by the file that it was loaded from."""
    extension = (module.__file__ or "").endswith(tuple(EXTENSION_SUFFIXES))
    return COMPILED if extension else INTERPRETED


def leg() -> str:
    """The leg that the engine runs on. The hot modules are compiled all together or not at all."""
    return leg_of(core)
