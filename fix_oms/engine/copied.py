"""What the engine holds of a live drop copy: what one side has told and the other not yet.

Executions are kept by (order, what they are, ExecID(17)) in the order in which they came, so the
ones that have waited longest stand first. Each collection has a bound: what is beyond it is counted
in ``uncompared`` and said, so that neither a broker nor a copy that is dead can fill the memory.
"""

from __future__ import annotations

from typing import Final, TypeVar, final

from fix_oms.model.units import Fixed

T = TypeVar("T")
Key = tuple[str, str, str]
"""The order's reference (or what the copy calls it), trade/correct/bust, ExecID(17)."""
TRADE: Final = "trade"
CORRECT: Final = "correct"
BUST: Final = "bust"
MOST_WAITING: Final = 100_000
"""So many executions of one session wait for the other side, at most."""
MOST_BREAKS: Final = 10_000


@final
class Copied:
    """One execution as the drop copy tells it. ``orders`` are the names of its order there."""

    __slots__ = (
        "account",
        "buys",
        "day",
        "orders",
        "px",
        "qty",
        "ref",
        "since_ns",
        "symbol",
        "time_ns",
    )

    def __init__(
        self,
        orders: tuple[str, ...],
        ref: str,
        account: str,
        symbol: str,
        buys: bool,
        qty: Fixed,
        px: Fixed,
        time_ns: int,
        day: int,
        since_ns: int,
    ) -> None:
        self.orders: Final = orders
        self.ref: Final = ref
        self.account: Final = account
        self.symbol: Final = symbol
        self.buys: Final = buys
        self.qty: Final = qty
        self.px: Final = px
        self.time_ns: Final = time_ns
        self.day: Final = day
        self.since_ns: Final = since_ns

    def facts(self) -> tuple[object, ...]:
        """What must be the same in two engines of one hash."""
        terms = (self.account, self.symbol, self.buys, self.qty, self.px, self.time_ns, self.day)
        return (*self.orders, self.ref, *terms, self.since_ns)


@final
class Difference:
    """A break: its class (``reconcile.breaks``), all fields that differ, and since when.

    ``copied`` is what the copy tells, None where it tells nothing; ``place`` the account and symbol
    whose position it concerns; ``settled`` the person by whose word it is no open break any more.
    """

    __slots__ = ("copied", "days", "fields", "kind", "place", "settled", "since_ns")

    def __init__(
        self,
        kind: str,
        fields: tuple[str, ...],
        copied: Copied | None,
        place: tuple[str, str],
        since_ns: int,
    ) -> None:
        self.kind: Final = kind
        self.place: Final = place
        self.fields: Final = fields
        self.copied: Final = copied
        self.since_ns: Final = since_ns
        self.days = 0
        self.settled = ""

    def facts(self) -> tuple[object, ...]:
        """As of :class:`Copied`."""
        told = self.copied.facts() if self.copied is not None else ()
        return (self.kind, *self.fields, *self.place, *told, self.since_ns, self.days, self.settled)


@final
class Copies:
    """One session's executions beside those of ``copy``, the session that repeats them.

    ``unseen`` are ours that the copy has not shown, with the time since when; ``untold`` the
    copy's that we do not have.
    """

    __slots__ = ("breaks", "copy", "uncompared", "unseen", "untold")

    def __init__(self, copy: str) -> None:
        self.copy = copy
        self.unseen: dict[Key, int] = {}
        self.untold: dict[Key, Copied] = {}
        self.breaks: dict[Key, Difference] = {}
        self.uncompared = 0

    def facts(self) -> tuple[object, ...]:
        """As of :class:`Copied`."""
        return (
            self.copy,
            self.uncompared,
            *sorted((*key, since) for key, since in self.unseen.items()),
            *sorted((*key, *told.facts()) for key, told in self.untold.items()),
            *sorted((*key, *one.facts()) for key, one in self.breaks.items()),
        )

    def await_copy(self, key: Key, now: int) -> None:
        """Ours, which the copy has still to show."""
        if key not in self.unseen:
            self._make_room(self.unseen)
            self.unseen[key] = now

    def await_ours(self, key: Key, copied: Copied) -> None:
        """The copy's, which we have still to hear."""
        if key not in self.untold:
            self._make_room(self.untold)
            self.untold[key] = copied

    def _make_room(self, waiting: dict[Key, T]) -> None:
        """Where too many wait, the oldest is given up."""
        if len(waiting) >= MOST_WAITING:
            del waiting[next(iter(waiting))]
            self.uncompared += 1

    def open_breaks(self) -> dict[Key, Difference]:
        """The breaks that nobody has settled."""
        return {key: one for key, one in self.breaks.items() if not one.settled}

    def aged(self, most_days: int) -> list[Key]:
        """A day has begun: drops the breaks that are older than that, and says which they were."""
        for one in self.breaks.values():
            one.days += 1
        old = [key for key, one in self.breaks.items() if one.days > most_days]
        for key in old:
            del self.breaks[key]
        return old
