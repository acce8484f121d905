"""A class that cannot be an algo is told by name, before anything runs."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.algos.algo import Algo
from fix_oms.algos.kinds import BUILT_IN, KINDS
from fix_oms.algos.written import wrong_class
from fix_oms.model.units import Fixed


class Good(Algo, kw_only=True):
    qty: Fixed
    venues: tuple[str, ...] = ()
    limits: dict[str, Fixed] | None = None
    note: str | None = None
    seen: int = 0
    REMEMBERS = frozenset({"seen"})
    AMENDABLE = frozenset({"qty"})


class NoDefault(Algo, kw_only=True):
    seen: int
    REMEMBERS = frozenset({"seen"})


class NoField(Algo, kw_only=True):
    REMEMBERS = frozenset({"seen"})


class NoParameter(Algo, kw_only=True):
    AMENDABLE = frozenset({"qty"})


class Floats(Algo, kw_only=True):
    px: tuple[float, ...] = ()


class Objects(Algo, kw_only=True):
    what: object = None


class Anything(Algo, kw_only=True):
    what: tuple[Any, ...] = ()


class Sends(Algo, kw_only=True):
    SENDS_WHILE = frozenset({"asleep"})


ALGO = "is no algo: write `class Name(Algo, kw_only=True)` (fix_oms.algos.algo)"
KEEPS = "is of a type that the journal cannot keep"


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Good, ""),
        (Algo, ALGO),
        (int, ALGO),
        ("Good", ALGO),
        (NoDefault, "seen: is in REMEMBERS and has no default"),
        (NoField, "REMEMBERS names 'seen', which is no field of it"),
        (NoParameter, "AMENDABLE names 'qty', which is no parameter of it"),
        (Floats, "px: is a float, which no price or quantity is: use Fixed"),
        (Objects, f"what: {KEEPS}"),
        (Anything, f"what: {KEEPS}"),
        (Sends, "SENDS_WHILE names 'asleep': there are ended, ending, held, paused"),
    ],
)
def test_what_is_wrong_is_told(found: object, said: str) -> None:
    assert wrong_class(found) == said


@pytest.mark.parametrize("kind", sorted(BUILT_IN))
def test_every_built_in_kind_is_good(kind: str) -> None:
    assert wrong_class(KINDS[kind]) == ""
