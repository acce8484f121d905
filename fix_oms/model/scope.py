"""Where an order belongs: the five names by which limits, sums and kills choose orders.

One tuple serves as the order's address and as a key: of a limit's bucket, of a sum of positions, of
a halt. A key has None where a dimension does not matter, so ``(None, None, "AAPL", None, None)`` is
all of AAPL and :data:`FIRM` is everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple, TypeAlias


class Scope(NamedTuple):
    """An order's own: every dimension is given, ``strategy`` may be empty."""

    account: str
    strategy: str
    symbol: str
    venue: str
    session: str


Key: TypeAlias = tuple[str | None, str | None, str | None, str | None, str | None]
"""A scope with None for "any", in the same order."""

PLACES: Final[dict[str, int]] = {name: n for n, name in enumerate(Scope._fields)}
FIRM: Final[Key] = (None, None, None, None, None)


def key_of(
    *,
    account: str | None = None,
    strategy: str | None = None,
    symbol: str | None = None,
    venue: str | None = None,
    session: str | None = None,
) -> Key:
    """The key of what is given."""
    return (account, strategy, symbol, venue, session)


def restricted(scope: Scope, dimensions: Iterable[str]) -> Key:
    """The key that keeps these dimensions of an order's scope."""
    kept = {PLACES[name] for name in dimensions}
    found = [value if n in kept else None for n, value in enumerate(scope)]
    return (found[0], found[1], found[2], found[3], found[4])


def matches(key: Key, scope: Scope) -> bool:
    """Whether an order of that scope is one that the key means."""
    return all(k is None or k == s for k, s in zip(key, scope, strict=True))


def key_text(key: Key) -> str:
    """``account DESK, symbol AAPL``, or ``everything``."""
    named = [f"{name} {key[n]}" for name, n in PLACES.items() if key[n] is not None]
    return ", ".join(named) or "everything"
