"""The limits in force: what the configuration states, what people changed, what they override.

A change made while the engine runs is laid over the configuration, limit by limit, and survives a
restart, until the configuration itself says something new about that limit: then the file is the
newer word, and the change is dropped and told.

An override lets the next orders pass one soft limit, so many of them and for so long, in one
person's name and with the reason. A hard limit has none: it can only be changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, final

from fix_oms.model.limits import Limit
from fix_oms.model.scope import Scope


@final
class Change:
    """What one limit was changed to (None: removed), over what the file said (None: nothing)."""

    __slots__ = ("base", "by", "limit", "reason")

    def __init__(self, limit: Limit | None, base: Limit | None, by: str, reason: str) -> None:
        self.limit: Final = limit
        self.base: Final = base
        self.by: Final = by
        self.reason: Final = reason


@final
class Override:
    """Leave for ``uses`` orders to pass the limit of this name until ``until_ns``."""

    __slots__ = ("account", "by", "name", "reason", "symbol", "until_ns", "uses")

    def __init__(
        self,
        name: str,
        by: str,
        reason: str,
        until_ns: int,
        uses: int,
        account: str | None,
        symbol: str | None,
    ) -> None:
        self.name: Final = name
        self.by: Final = by
        self.reason: Final = reason
        self.until_ns: Final = until_ns
        self.account: Final = account
        self.symbol: Final = symbol
        self.uses = uses

    def covers(self, name: str, scope: Scope, now: int) -> bool:
        """Whether it lets an order of that scope pass."""
        return (
            self.name == name
            and self.uses > 0
            and now < self.until_ns
            and self.account in (None, scope.account)
            and self.symbol in (None, scope.symbol)
        )

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        return (self.name, self.by, self.until_ns, self.uses, self.account or "", self.symbol or "")


class LiveLimits:
    """The configuration's limits with the changes laid over them; overrides by age."""

    def __init__(self) -> None:
        self._file: dict[str, Limit] = {}
        self.changes: dict[str, Change] = {}
        self.overrides: list[Override] = []

    def configure(self, limits: Iterable[Limit]) -> list[str]:
        """Take the file of a start. Returns what it drops of earlier changes, in words."""
        self._file = {limit.name: limit for limit in limits}
        dropped = []
        for name, change in list(self.changes.items()):
            if self._file.get(name) != change.base:
                del self.changes[name]
                what = "removal" if change.limit is None else f"change to {change.limit.text}"
                dropped.append(
                    f"limit {name}: the configuration has been changed since, so the {what} by "
                    f"{change.by} ({change.reason}) holds no more"
                )
        self.prune()
        return dropped

    def put(self, limits: Iterable[Limit], by: str, reason: str) -> None:
        """Lay these over the file."""
        for limit in limits:
            base = self._file.get(limit.name)
            if limit == base:
                self.changes.pop(limit.name, None)
            else:
                self.changes[limit.name] = Change(limit, base, by, reason)

    def remove(self, names: Iterable[str], by: str, reason: str) -> None:
        """These hold no more."""
        for name in names:
            base = self._file.get(name)
            if base is None:
                self.changes.pop(name, None)
            else:
                self.changes[name] = Change(None, base, by, reason)

    def prune(self) -> None:
        """An override ends with its limit."""
        held = self.in_force()
        self.overrides = [o for o in self.overrides if o.name in held and held[o.name].soft]

    def in_force(self) -> dict[str, Limit]:
        """The limits by name."""
        found = {n: limit for n, limit in self._file.items() if n not in self.changes}
        found.update({n: c.limit for n, c in self.changes.items() if c.limit is not None})
        return found

    def source(self, name: str) -> str:
        """Where a limit is from, in words."""
        change = self.changes.get(name)
        return "configuration" if change is None else f"{change.by}: {change.reason}"

    def covering(self, name: str, scope: Scope, now: int) -> Override | None:
        """The override by which an order of that scope may pass the limit of that name."""
        for override in self.overrides:
            if override.covers(name, scope, now):
                return override
        return None

    def used(self, name: str, scope: Scope, now: int) -> Override | None:
        """An order has passed by its override: one use less. Returns it."""
        override = self.covering(name, scope, now)
        if override is not None:
            override.uses -= 1
            self.overrides = [o for o in self.overrides if o.uses and now < o.until_ns]
        return override

    def facts(self) -> tuple[object, ...]:
        """For the replay's state hash."""
        changed = [(name, repr(c.limit)) for name, c in sorted(self.changes.items())]
        return (*changed, *(o.facts() for o in self.overrides))
