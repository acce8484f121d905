"""Halts and kills in force: what lets no new order out, and for how long.

A halt blocks new orders of its scope and leaves the working ones. A kill blocks and takes the
working ones out; it lasts until the broker's own reports say of each that it is out, and after that
it still blocks. Both are lifted by a person who names exactly their scope.
"""

from __future__ import annotations

from typing import Final, final

from fix_oms.model.fix import OrdRejReason
from fix_oms.model.outputs import Refused
from fix_oms.model.scope import Key, matches
from fix_oms.risk.check import Candidate


@final
class Halt:
    """One in force. ``asked`` says of a kill's orders when each was last asked out, in ns."""

    __slots__ = ("asked", "by", "key", "kills", "reason", "since_ns")

    def __init__(self, key: Key, by: str, reason: str, kills: bool, since_ns: int) -> None:
        self.key: Final = key
        self.by: Final = by
        self.reason: Final = reason
        self.kills: Final = kills
        self.since_ns: Final = since_ns
        self.asked: dict[str, int] = {}

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        scope = tuple(name or "" for name in self.key)
        return (*scope, self.by, self.kills, *sorted(self.asked.items()))


class Halts:
    """All in force, by scope. One scope has one: a kill takes the place of a halt, and a halt of
    what is killed changes nothing."""

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held: dict[Key, Halt] = {}

    def add(self, halt: Halt) -> Halt:
        """Put it in force; returns the one that is."""
        held = self.held.get(halt.key)
        if held is not None and held.kills:
            return held
        self.held[halt.key] = halt
        return halt

    def lift(self, key: Key) -> Halt | None:
        """Lift the one of exactly this scope."""
        return self.held.pop(key, None)

    def kills(self) -> list[Halt]:
        """The kills in force."""
        return [halt for halt in self.held.values() if halt.kills]

    def refuse(self, order: Candidate) -> Refused | None:
        """A halt lets a replace pass by which only the quantity falls; a kill lets nothing pass."""
        for halt in self.held.values():
            if not matches(halt.key, order.scope) or (order.only_less and not halt.kills):
                continue
            did = "killed" if halt.kills else "halted"
            return Refused(
                control="kill" if halt.kills else "halt",
                text=f"{did} by {halt.by}: {halt.reason}",
                ord_rej_reason=OrdRejReason.BROKER,
            )
        return None
