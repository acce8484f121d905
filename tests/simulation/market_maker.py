"""A market maker of the well-known sample kind, with what is known to go wrong with it.

On each cycle it wants so many price levels on both sides of a reference, compares them with its
*own view* of what is open, and amends, cancels or places the difference. Its position is the last
one that a position message told it: it counts no fill itself. A side is no longer quoted once that
position has reached ``most``, the most that it is meant to hold.

What makes such a bot run past its limit is all here, and none of it is a mistake that it could see:

- the position message is late, lost or repeated, and it goes on quoting by the old one;
- a cancel that was taken is out of its view at once, while the order still stands and may fill;
- an order of which nothing was heard for ``patience`` is held for lost, and placed again;
- what it is told of its orders is as late and as lossy as the channel that tells it.

Pure: events in, commands out, in whole lots, ticks and ns; nothing here knows of the world around.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import attrs


class Place(NamedTuple):
    """A new order. ``ref`` is the bot's own name for it."""

    ref: str
    venue: str
    buys: bool
    lots: int
    ticks: int


class Amend(NamedTuple):
    """New total quantity and price of an order; ``more`` is what its view says that this adds."""

    ref: str
    buys: bool
    lots: int
    ticks: int
    more: int


class Cancel(NamedTuple):
    """Take one order out."""

    ref: str


class CancelAll(NamedTuple):
    """Take everything out: the sweep by which such bots clear up after themselves."""


Command = Place | Amend | Cancel | CancelAll


class PositionSaid(NamedTuple):
    """A position message arrived."""

    lots: int


class OrderSaid(NamedTuple):
    """How one order stands, by the channel that tells of orders."""

    ref: str
    cum: int
    leaves: int


class Answered(NamedTuple):
    """A command was taken; or refused, and why not is not asked. ``gone``: as nothing is open."""

    command: Command
    taken: bool
    gone: bool = False


class Cycle(NamedTuple):
    """It is time to look again; ``ticks`` is the reference price."""

    ticks: int


Event = PositionSaid | OrderSaid | Answered | Cycle


@attrs.frozen(kw_only=True)
class Habits:
    """``levels`` of ``lots`` each on both sides at each venue, from ``spread`` ticks off the
    reference on. ``most`` is the position at which a side is no longer quoted. ``amends`` False: it
    cancels and places instead. ``sweep`` cycles lie between two cancels of everything, 0: never."""

    venues: tuple[str, ...]
    most: int
    levels: int = 3
    lots: int = 2
    spread: int = 3
    patience_ns: int = 2_000_000_000
    amends: bool = True
    sweep: int = 0

    @property
    def side_lots(self) -> int:
        """What it quotes on one side of all venues."""
        return self.levels * self.lots * len(self.venues)


@attrs.define
class Seen:
    """An order as the bot believes it to be."""

    ref: str
    venue: str
    buys: bool
    ticks: int
    leaves: int
    placed_ns: int
    cum: int = 0
    heard: bool = False


class MarketMaker:
    """One bot. ``view`` is what it believes to be open, ``position`` what it was last told."""

    def __init__(self, habits: Habits) -> None:
        self.habits: Final = habits
        self.position = 0
        self.view: dict[str, Seen] = {}
        self._placed = 0
        self._cycles = 0
        self._last_ticks = 0

    def hear(self, now: int, event: Event) -> list[Command]:
        """Take one event in; what is to be done about it, in order."""
        match event:
            case PositionSaid():
                self.position = event.lots
            case OrderSaid():
                self._order_said(event)
            case Answered():
                self._answered(now, event)
            case Cycle():
                return self._cycle(now, event.ticks)
        return []

    def open_lots(self, buys: bool) -> int:
        """What is open on one side, by its own view."""
        return sum(seen.leaves for seen in self.view.values() if seen.buys == buys)

    # -- what it is told ----------------------------------------------------------------------

    def _order_said(self, said: OrderSaid) -> None:
        """An order that is not in view any more is not looked at again."""
        seen = self.view.get(said.ref)
        if seen is None:
            return
        seen.heard, seen.cum, seen.leaves = True, said.cum, said.leaves
        if not said.leaves:
            del self.view[said.ref]

    def _answered(self, now: int, answer: Answered) -> None:
        command = answer.command
        if isinstance(command, Place) and answer.taken:
            self.view[command.ref] = Seen(
                command.ref, command.venue, command.buys, command.ticks, command.lots, now
            )
        elif isinstance(command, Amend) and answer.taken and command.ref in self.view:
            seen = self.view[command.ref]
            seen.ticks, seen.leaves = command.ticks, command.lots - seen.cum
        elif isinstance(command, CancelAll):
            self.view.clear()
        elif isinstance(command, Amend | Cancel) and (
            answer.gone or (isinstance(command, Cancel) and answer.taken)
        ):
            self.view.pop(command.ref, None)

    # -- what it wants ------------------------------------------------------------------------

    def _cycle(self, now: int, ticks: int) -> list[Command]:
        habits = self.habits
        self._cycles += 1
        for seen in list(self.view.values()):
            if not seen.heard and now - seen.placed_ns > habits.patience_ns:
                del self.view[seen.ref]
        if habits.sweep and self._cycles % habits.sweep == 0:
            return [CancelAll()]
        # The side that moves away goes first, so that it does not trade with itself.
        sides = (False, True) if ticks > self._last_ticks else (True, False)
        self._last_ticks = ticks
        commands: list[Command] = []
        for venue in habits.venues:
            for buys in sides:
                self._converge(venue, buys, ticks, commands)
        return commands

    def _converge(self, venue: str, buys: bool, ticks: int, commands: list[Command]) -> None:
        """One side at one venue: pair what is open with what is wanted, best price first."""
        habits, away = self.habits, -1 if buys else 1
        full = self.position >= habits.most if buys else self.position <= -habits.most
        wanted = [] if full else [ticks + away * (habits.spread + n) for n in range(habits.levels)]
        held = [s for s in self.view.values() if s.venue == venue and s.buys == buys]
        held.sort(key=lambda seen: away * seen.ticks)
        for n, seen in enumerate(held):
            if n >= len(wanted):
                commands.append(Cancel(seen.ref))
            elif (seen.ticks, seen.leaves) == (wanted[n], habits.lots):
                continue
            elif habits.amends:
                more = max(0, habits.lots - seen.leaves)
                total = seen.cum + habits.lots
                commands.append(Amend(seen.ref, buys, total, wanted[n], more))
            else:
                commands += [Cancel(seen.ref), self._place(venue, buys, wanted[n])]
        commands += [self._place(venue, buys, at) for at in wanted[len(held) :]]

    def _place(self, venue: str, buys: bool, ticks: int) -> Place:
        self._placed += 1
        return Place(f"mm-{self._placed}", venue, buys, self.habits.lots, ticks)
