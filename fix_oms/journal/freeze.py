"""An engine's live state as bytes, and back: all but the orders that are packed already.

The state is a graph of our own objects, some of which hold each other. Pickle writes and reads such
a graph in C, and is used here with three rules of our own:

- *Data alone.* An object is its class and the values of its attributes, never a function to call.
  What a file may name is a class of the core or one of a few containers; the core does no I/O, so
  there is nothing that a file could make happen. Anything else that it names is refused.
- *Attributes by position.* Which attributes each class has stands once (``layouts``), so that a
  later version reads what an earlier one wrote: an attribute that it has no more is left aside, one
  that it has gained takes its value from :data:`ADDED`, a setting its own default. One that is in
  neither is an error.
- *One stand-in is one stand-in.* The empty objects that stand for "none yet" are compared by
  identity, so they are named and not copied.

Codecs, contracts and screens are worked out from settings and checks, and are not written.

The compiled engine can do neither: an object of a class that mypyc has compiled comes into being
only by its ``__init__``, with what that asks for. It replays its whole journal.
"""

from __future__ import annotations

import copyreg
import pickle
from collections.abc import Callable, Mapping, Set
from enum import Enum
from importlib import import_module
from io import BytesIO
from types import FunctionType, MethodType
from typing import Any, Final

import attrs
import msgspec

from fix_oms.algos.carried import CarriedBalances
from fix_oms.algos.running import RunningAlgo, RunningAlgos
from fix_oms.engine.client_state import Clients
from fix_oms.engine.leg import COMPILED, leg
from fix_oms.engine.state import State
from fix_oms.journal.uncollected import uncollected
from fix_oms.market.ladder import Ladder
from fix_oms.market.quotes import Quotes
from fix_oms.market.states import NO_SEQ
from fix_oms.market.volumes import Volumes
from fix_oms.model.errors import FixOmsError
from fix_oms.orders.aside import EMPTY
from fix_oms.orders.executions import NOTHING
from fix_oms.orders.kept import Kept
from fix_oms.orders.lifecycle import BLANK
from fix_oms.risk.lanes import Lane
from fix_oms.routing.parents import RoutedParents
from fix_oms.routing.scorecard import Scorecards

Layouts = dict[str, list[str]]
"""The attributes of each class that was written, by the class's name, in the order written."""

ADDED: Final[Mapping[str, Mapping[str, Callable[[], Any]]]] = {
    "fix_oms.algos.running.RunningAlgo": {"legs": dict, "uncovered": int, "waits": bool},
    "fix_oms.algos.running.RunningAlgos": {
        "carried": CarriedBalances,
        "hedging": set,
        "sends_hedge": bool,
    },
    "fix_oms.engine.state.State": {
        "clients": Clients,
        "algos": RunningAlgos,
        "market_asked": dict,
        "routed": RoutedParents,
        "scores": Scorecards,
    },
    "fix_oms.engine.waiting.Inquiry": {"standing": dict},
    "fix_oms.model.counterparty.Supports": {"market_depth": lambda: 1},
    "fix_oms.market.quotes.Quote": {"gap_ns": int, "parts": list, "seq": lambda: NO_SEQ},
    "fix_oms.market.quotes.Quotes": {
        "begun": list,
        "books": dict,
        "gaps": dict,
        "volumes": Volumes,
    },
    "fix_oms.risk.lanes.Lane": {"shared": tuple},
    "fix_oms.risk.pace.MessageRate": {"free": int, "others": dict},
    "fix_oms.risk.parents.Parent": {
        "children": dict,
        "executed": int,
        "notional": int,
        "working": dict,
    },
    "fix_oms.routing.parents.ParentOrder": {"at_once": int},
    "fix_oms.routing.links.Link": {"gap": lambda: (0, 0)},
}
"""What classes have gained since the first snapshot of format 1, and what makes the value that it
has in a state that is older."""


def _ladder(name: str, held: Any) -> Any:
    """A side of a book, of which older versions held only the prices, by the entries' names."""
    if not isinstance(held, dict):
        return held
    side = Ladder(name == "bids")
    for key, price in held.items():
        side.put(key, price, None)
    return side


RESHAPED: Final[Mapping[str, Callable[[str, Any], Any]]] = {
    "fix_oms.market.quotes.Quote": _ladder,
}
"""What makes the present value of an attribute that an older state holds in another form."""

_LEFT_OUT: Final[Mapping[type, frozenset[str]]] = {
    State: frozenset({"codecs", "contracts"}),
    Quotes: frozenset({"places"}),
    Lane: frozenset({"screen"}),
    RunningAlgo: frozenset({"algo"}),
    Kept: frozenset({"shelf", "marks"}),
}
_STAND_INS: Final[dict[int, str]] = {id(EMPTY): "EMPTY", id(BLANK): "BLANK", id(NOTHING): "NOTHING"}
_CORE: Final = tuple(
    f"fix_oms.{layer}."
    for layer in ("algos", "engine", "market", "model", "orders", "positions", "risk", "routing")
)
_CONTAINERS: Final = frozenset(
    {
        ("array", "_array_reconstructor"),
        ("array", "array"),
        ("builtins", "bytearray"),
        ("builtins", "frozenset"),
        ("builtins", "set"),
        ("collections", "Counter"),
        ("collections", "OrderedDict"),
        ("collections", "defaultdict"),
        ("collections", "deque"),
        ("msgspec._utils", "rebuild"),
        ("sortedcontainers.sorteddict", "SortedDict"),
    }
)


WHOLE_JOURNAL: Final = (
    "the compiled engine reads and writes no snapshots: it always replays the whole journal"
)


class Unfrozen(FixOmsError):
    """Bytes that cannot be made a state by this version; ``str()`` is the reason."""


def freeze(state: State) -> tuple[Layouts, bytes]:
    """All of the state but its shelf."""
    file = BytesIO()
    freezer = _Freezer(file)
    freezer.dump(state)
    return {_name(kind): list(names) for kind, names in freezer.layouts.items()}, file.getvalue()


def thaw(layouts: Layouts, data: bytes) -> State:
    """The state, without its shelf, codecs and screens. Raises Unfrozen."""
    if leg() == COMPILED:
        raise Unfrozen(WHOLE_JOURNAL)
    thawer = _Thawer(BytesIO(data), layouts)
    try:
        with uncollected():
            state = thawer.load()
    except Unfrozen:
        raise
    except Exception as error:  # whatever a damaged or a strange file may raise
        raise Unfrozen(f"it cannot be read: {type(error).__name__}: {error}") from error
    if not isinstance(state, State):
        raise Unfrozen(f"it holds a {type(state).__name__}, not an engine's state")
    _require_all(state, layouts)
    return state


def _require_all(state: State, layouts: Layouts) -> None:
    """Raises Unfrozen where a new state has attributes that this one lacks: of classes whose
    attributes only their objects can tell."""
    fresh = _Freezer(BytesIO())
    fresh.dump(State(state.settings, state.dialects, 0))
    for kind, names in fresh.layouts.items():
        if kind.__dictoffset__:
            _require(kind, {*names}, layouts.get(_name(kind), [*names]))


def _require(kind: type, now: Set[str], written: list[str]) -> None:
    lacking = now - {*written, *_gained(kind)}
    if lacking:
        listed = ", ".join(sorted(lacking))
        raise Unfrozen(f"it is from a version whose {_name(kind)} has no {listed}")


def _gained(kind: type) -> dict[str, Callable[[], Any]]:
    """What makes the value of an attribute that an older state has not."""
    defaults = {
        field.name: _maker(field.default)
        for field in (attrs.fields(kind) if attrs.has(kind) else ())
        if field.default is not attrs.NOTHING
    }
    return {**defaults, **ADDED.get(_name(kind), {})}


def _maker(default: Any) -> Callable[[], Any]:
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # to mypy it is a function
        made: Callable[[], Any] = default.factory
        return made
    return lambda: default


_newobj: Final = vars(copyreg)["__newobj__"]
"""What pickle writes as one opcode: an object of that class, nothing called."""
_set: Final = object.__setattr__
"""As ``setattr``, also of what is frozen."""


class _Freezer(pickle.Pickler):
    def __init__(self, file: BytesIO) -> None:
        super().__init__(file, protocol=5)
        self.layouts: Final[dict[type, tuple[str, ...]]] = {}

    def reducer_override(self, value: object) -> Any:
        """How one object is written: pickle's own way, unless it is one of ours."""
        ours = isinstance(value, FunctionType) and value.__module__.startswith("fix_oms.")
        if isinstance(value, MethodType) or (ours and value is not _fill):
            raise FixOmsError(f"the state holds a function, {value!r}, which no snapshot can hold")
        kind = type(value)
        if not _is_ours(kind):
            return NotImplemented
        stand_in = _STAND_INS.get(id(value))
        if stand_in is not None:
            return stand_in
        names = self.layouts.get(kind)
        if names is None:
            names = self.layouts[kind] = _written(kind, value)
        values = tuple([getattr(value, name) for name in names])
        return _newobj, (kind,), values, None, None, _fill


class _Thawer(pickle.Unpickler):
    def __init__(self, file: BytesIO, layouts: Layouts) -> None:
        super().__init__(file)
        self._layouts: Final = layouts
        self._plans: Final[dict[type, _Plan]] = {}

    def find_class(self, module: str, name: str) -> Any:
        """What the bytes may name."""
        if (module, name) == (_fill.__module__, _fill.__name__):
            return self._fill
        found = None
        if (module, name) in _CONTAINERS or module.startswith(_CORE):
            found = getattr(import_module(module), name, None)
            if found is None:
                raise Unfrozen(f"this version has no {module}.{name} any more")
        if isinstance(found, type) or id(found) in _STAND_INS or (module, name) in _CONTAINERS:
            return found
        raise Unfrozen(f"it names {module}.{name}, which is no part of a state")

    def _fill(self, value: object, values: tuple[Any, ...]) -> None:
        kind = type(value)
        plan = self._plans.get(kind)
        if plan is None:
            plan = self._plans[kind] = _Plan(kind, self._layouts.get(_name(kind)))
        plan.fill(value, values)


class _Plan:
    """How the attributes of one class are set from what an older or the same version wrote."""

    def __init__(self, kind: type, written: list[str] | None) -> None:
        if written is None:
            raise Unfrozen(f"it does not say which attributes a {_name(kind)} has")
        now = _attributes(kind)
        gained = _gained(kind)
        self._names: Final = written
        self._dropped: Final = frozenset() if kind.__dictoffset__ else frozenset(written) - now
        self._reshaped: Final = RESHAPED.get(_name(kind))
        self._added: Final = [(name, gained[name]) for name in gained if name not in written]
        _require(kind, now - _LEFT_OUT.get(kind, frozenset()), written)

    def fill(self, value: object, values: tuple[Any, ...]) -> None:
        dropped, reshaped = self._dropped, self._reshaped
        for name, held in zip(self._names, values, strict=True):
            if name not in dropped:
                _set(value, name, reshaped(name, held) if reshaped is not None else held)
        for name, make in self._added:
            _set(value, name, make())


def _fill(value: object, values: tuple[Any, ...]) -> None:
    """Stands in the bytes for the reader's own."""
    raise AssertionError("only a reader that knows the layouts can fill an object")


def _is_ours(kind: type) -> bool:
    """Whether it is a class whose objects are written by their attributes."""
    known = _OURS.get(kind)
    if known is None:
        plain = issubclass(kind, Enum | msgspec.Struct | tuple | type)
        known = _OURS[kind] = kind.__module__.startswith(_CORE) and not plain
    return known


_OURS: Final[dict[type, bool]] = {}


def _attributes(kind: type) -> frozenset[str]:
    """The attributes that all its objects have; some may have more, of which only they can tell."""
    slots = {name for k in kind.__mro__ for name in vars(k).get("__slots__", ())}
    return frozenset(slots - {"__weakref__"})


def _written(kind: type, value: object) -> tuple[str, ...]:
    names = _attributes(kind).union(vars(value) if kind.__dictoffset__ else ())
    return tuple(sorted(names - _LEFT_OUT.get(kind, frozenset())))


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
