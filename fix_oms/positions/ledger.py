"""All positions, and every sum over them that anybody asks for.

The unit is the *line*: one account, strategy, symbol, venue and session. A line's position is what
its own orders have come to. Everything wider is a sum over lines that is kept in step with them: an
account's position in a symbol, which is *the* position; a strategy's; the firm's. A sum that is
first asked for today is added up from the lines and is then told every change like the others, so
limits may come and go while the engine runs.

A line knows all sums that it belongs to, so an order or an execution changes all of them in one
step: no control ever sees one without the other. The only line of an account and symbol needs no
position of its own: it is the account's. It gets one when a second line appears.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias, final

from fix_oms.model.scope import Key, Scope, key_of, matches
from fix_oms.model.units import Fixed, Notional
from fix_oms.positions.line import Line
from fix_oms.positions.position import Portfolio, Position, Valuation

Unheard: TypeAlias = tuple[Scope, bool, Fixed, Fixed, Fixed, Fixed]
"""Of an order: its scope, whether it buys, quantity and price by which it is open, and by which it
is as far as somebody knows."""


@final
class Frozen:
    """A scope's positions of one moment. Their quantities stand; their worth moves with the marks
    and rates, until :meth:`thaw`."""

    __slots__ = ("_lines", "portfolio")

    def __init__(self, key: Key, lines: Iterable[Line]) -> None:
        self.portfolio: Final = Portfolio(key)
        self._lines: Final = list(lines)
        for line in self._lines:
            position = line.position
            position.join(self.portfolio)
            position.valuation.positions.append(position)
            position.valuation.lines.append(line)

    def thaw(self) -> None:
        """It is not needed any more."""
        for line in self._lines:
            line.position.valuation.positions.remove(line.position)
            line.position.valuation.lines.remove(line)


class Ledger:
    """Lines by scope, sums by key (``positions`` are those of an account and symbol)."""

    __slots__ = ("lines", "portfolios", "positions", "sums", "valuations")

    def __init__(self) -> None:
        self.lines: dict[Scope, Line] = {}
        self.positions: dict[tuple[str, str], Position] = {}
        self.sums: dict[Key, Position] = {}
        self.portfolios: dict[Key, Portfolio] = {}
        self.valuations: dict[str, Valuation] = {}

    def valuation(self, symbol: str) -> Valuation:
        """What the instrument is worth, by what is known of it."""
        found = self.valuations.get(symbol)
        if found is None:
            found = self.valuations[symbol] = Valuation(symbol)
        return found

    def line(self, scope: Scope) -> Line:
        """The line of that scope; a new one begins flat and belongs to every sum that means it."""
        found = self.lines.get(scope)
        if found is None:
            found = Line(scope, self.position(scope.account, scope.symbol))
            found.position.valuation.lines.append(found)
            self._tell_apart(found)
            self.lines[scope] = found
            others = [s for k, s in self.sums.items() if matches(k, scope)]
            found.sums = (*found.sums, *others)
            for key, portfolio in self.portfolios.items():
                if matches(key, scope):
                    self._join(portfolio, scope.symbol)
        return found

    def _tell_apart(self, new: Line) -> None:
        """Where there is another line of the account and symbol, each has a position of its own."""
        others = [line for line in self.lines.values() if line.position is new.position]
        if not others:
            return
        for line in others:
            if line.own is line.position:
                own = self._made(line.scope, line.scope.symbol)
                own.add(line.position)
                line.split(own)
        new.split(self._made(new.scope, new.scope.symbol))

    def position(self, account: str, symbol: str) -> Position:
        """The position of the account in the symbol, flat if there was none."""
        found = self.positions.get((account, symbol))
        if found is None:
            key = key_of(account=account, symbol=symbol)
            found = self.positions[account, symbol] = self._made(key, symbol)
        return found

    def sum(self, key: Key, symbol: str) -> Position:
        """The sum of that symbol over the key's scope."""
        account = key[0]
        if account is not None and key == key_of(account=account, symbol=symbol):
            return self.position(account, symbol)
        found = self.sums.get(key)
        if found is None:
            found = self.sums[key] = self._made(key, symbol)
            for line in self.lines.values():
                if matches(key, line.scope):
                    found.add(line.own)
                    line.sums = (*line.sums, found)
            self._add_openings(found)
        return found

    def portfolio(self, key: Key) -> Portfolio:
        """The sums over all instruments of the key's scope."""
        found = self.portfolios.get(key)
        if found is None:
            found = self.portfolios[key] = Portfolio(key)
            for scope in list(self.lines):
                if matches(key, scope):
                    self._join(found, scope.symbol)
            for (account, symbol), position in list(self.positions.items()):
                if position.opening and _holds_opening(key, account, symbol):
                    self._join(found, symbol)
        return found

    def _join(self, portfolio: Portfolio, symbol: str) -> None:
        """Let the symbol's sum over the portfolio's scope count in it."""
        account, strategy, _, venue, session = portfolio.key
        self.sum((account, strategy, symbol, venue, session), symbol).join(portfolio)

    def opened(
        self, account: str, symbol: str, quantity: Fixed, notional: Notional, source: str
    ) -> Fixed:
        """What the day started with, in place of what was said before. Returns the change."""
        position = self.position(account, symbol)
        change = quantity - position.opening
        cost = notional - position.opening_notional
        position.opened(change, cost)
        position.opening_source = source
        for key, other in self.sums.items():
            if _holds_opening(key, account, symbol):
                other.opened(change, cost)
        for key, portfolio in self.portfolios.items():
            if _holds_opening(key, account, symbol):
                self._join(portfolio, symbol)
        return change

    def scratch(self, key: Key) -> list[Position]:
        """The positions of a scope, one for each symbol, added up for once and kept nowhere."""
        found: dict[str, Position] = {}
        account, strategy, _, venue, session = key

        def of(symbol: str) -> Position:
            if symbol not in found:
                its = (account, strategy, symbol, venue, session)
                found[symbol] = Position(its, self.valuation(symbol))
            return found[symbol]

        for scope, line in self.lines.items():
            if matches(key, scope):
                of(scope.symbol).add(line.own)
        for (its_account, symbol), position in self.positions.items():
            if position.opening and _holds_opening(key, its_account, symbol):
                of(symbol).opened(
                    position.opening, position.opening_notional, position.opening_base
                )
        return list(found.values())

    def freeze(self, key: Key, unheard: Iterable[Unheard]) -> Frozen:
        """The scope as it is now, with these as they are known, to be valued at the marks and rates
        of later."""
        lines = {
            p.valuation.symbol: Line(Scope("", "", p.valuation.symbol, "", ""), p)
            for p in self.scratch(key)
        }
        for scope, line in self.lines.items():
            if matches(key, scope):
                lines[scope.symbol].take(line)
        for scope, buys, qty0, px0, qty, px in unheard:
            if matches(key, scope):
                lines[scope.symbol].reserved(buys, qty0, px0, qty, px)
        return Frozen(key, lines.values())

    def new_day(self) -> None:
        """Every profit counts from here."""
        for valuation in self.valuations.values():
            for position in valuation.positions:
                position.new_day()

    def facts(self) -> tuple[object, ...]:
        """What the day began with, for the replay's state hash: nothing of what is flat, which a
        question may have made."""
        held = [
            (*key, p.carried, p.opening_base)
            for key, p in sorted(self.positions.items())
            if p.carried or p.opening_base
        ]
        own = [
            (*scope, line.own.day_base, line.own.day_fees)
            for scope, line in sorted(self.lines.items())
            if line.own.day_base or line.own.day_fees
        ]
        return (held, own)

    def _add_openings(self, new: Position) -> None:
        """An opening position is an account's: no strategy's, no venue's."""
        for (account, symbol), position in self.positions.items():
            if position.opening and _holds_opening(new.key, account, symbol):
                new.opened(position.opening, position.opening_notional, position.opening_base)

    def _made(self, key: Key, symbol: str) -> Position:
        valuation = self.valuation(symbol)
        position = Position(key, valuation)
        valuation.positions.append(position)
        return position

    def _check(self) -> None:
        """Assert that every sum is the sum of its lines."""
        for position in (*self.sums.values(), *self.positions.values()):
            position._check()
            lines = [x for x in self.lines.values() if matches(position.key, x.scope)]
            for name in ("bought", "sold", "open_buy", "open_sell", "open_buy_value", "fees"):
                parts = sum(getattr(x.own, name) for x in lines)
                assert getattr(position, name) == parts, f"{position.key}: {name}"
        for line in self.lines.values():
            line._check()
        for portfolio in self.portfolios.values():
            inside = [
                position
                for position in (*self.sums.values(), *self.positions.values())
                if portfolio in position.portfolios
            ]
            assert portfolio.gross == sum(position.gross for position in inside)
            assert portfolio.long == sum(position.long for position in inside)
            assert portfolio.short == sum(position.short for position in inside)
            assert portfolio.profit == sum(position.profit for position in inside)


def _holds_opening(key: Key, account: str, symbol: str) -> bool:
    of_account, strategy, of_symbol, venue, session = key
    return (
        of_account in (None, account)
        and of_symbol in (None, symbol)
        and strategy is None
        and venue is None
        and session is None
    )
