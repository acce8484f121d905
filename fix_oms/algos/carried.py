"""Balances that are carried: what algos owe in an instrument and is too little to be sent.

A hedge is sent in whole lots. What is left is kept by account, venue, instrument and side, and is
shared by all algos that hedge there: two that each owe half a lot owe a lot together, and the next
of them sends it. Below 0 more was sent than was owed.

Beside each balance stands what each algo has put into it (below 0: has taken out), so that of every
algo it can be said what of its quantity is carried; the balance is their sum.
"""

from __future__ import annotations

from typing import Final, NamedTuple, final

from fix_oms.model.units import Fixed

FORGOTTEN: Final = ""
"""Whose part is that of algos that are not known any more."""


class CarryKey(NamedTuple):
    """What a balance is of. ``venue`` is empty where the router chooses."""

    account: str
    venue: str
    symbol: str
    side: str


@final
class CarriedBalances:
    """All of them; ``parts`` are by key and then by the ref of the algo."""

    __slots__ = ("parts", "totals")

    def __init__(self) -> None:
        self.totals: dict[CarryKey, Fixed] = {}
        self.parts: dict[CarryKey, dict[str, Fixed]] = {}

    def add(self, key: CarryKey, ref: str, qty: Fixed) -> None:
        """The algo owes so much more there, or less."""
        self.totals[key] = self.totals.get(key, 0) + qty
        parts = self.parts.setdefault(key, {})
        parts[ref] = parts.get(ref, 0) + qty

    def total(self, key: CarryKey) -> Fixed:
        """The balance."""
        return self.totals.get(key, 0)

    def part(self, key: CarryKey, ref: str) -> Fixed:
        """What of it is the algo's."""
        return self.parts.get(key, {}).get(ref, 0)

    def forget(self, ref: str) -> None:
        """The algo is not known any more; what it owed is owed all the same."""
        for parts in self.parts.values():
            if ref in parts:
                parts[FORGOTTEN] = parts.get(FORGOTTEN, 0) + parts.pop(ref)

    def facts(self) -> tuple[object, ...]:
        """For the replay's state hash."""
        return tuple(
            (*key, self.totals[key], tuple(sorted(parts.items())))
            for key, parts in sorted(self.parts.items())
        )

    def _check(self) -> None:
        for key, total in self.totals.items():
            assert total == sum(self.parts[key].values()), key
