"""What a desk does about risk while the engine runs: limits, overrides, positions, money.

Each is a command with a name and, where it changes what may leave, a reason; it stands in the
journal and holds after a restart. What comes in many rows (a file of limits, of positions) is
checked whole and done whole, or not at all, and the row to blame is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from fix_oms.engine.judging import rule
from fix_oms.engine.state import State
from fix_oms.engine.statements import Statements
from fix_oms.engine.waiting import SECOND
from fix_oms.model import inputs
from fix_oms.model.errors import SettingsError
from fix_oms.model.fix import Side
from fix_oms.model.limits import Limit
from fix_oms.model.outputs import Accepted, Alert, Output, Refused
from fix_oms.model.settings_text import structure
from fix_oms.model.units import text_of
from fix_oms.positions.position import Position
from fix_oms.risk.limits import Override

LONGEST_OVERRIDE_S: Final = 86_400
_SIDES: Final = frozenset(Side)


class DeskActs:
    """The commands, one method each: ``(now, command, out)``."""

    def __init__(self, state: State, statements: Statements) -> None:
        self._state: Final = state
        self._statements: Final = statements

    # -- limits -------------------------------------------------------------------------------

    def set_limits(self, now: int, command: inputs.SetLimits, out: list[Output]) -> None:
        """Change limits: all that is asked for, or nothing."""
        gate = self._state.gate
        if not (command.by.strip() and command.reason.strip()):
            out.append(rule("limits", "a change of limits needs a name and a reason", "reason"))
            return
        try:
            put = self._read(command)
        except SettingsError as error:
            out.append(rule("limits", str(error), error.key))
            return
        held = gate.limits.in_force()
        removed = set(command.remove)
        if command.whole:
            removed |= held.keys() - {limit.name for limit in put}
        wrong = _wrong_change(held, put, command)
        if not (wrong or put or removed):
            wrong = "nothing is to be changed"
        if wrong:
            out.append(rule("limits", wrong, "limits"))
            return
        gate.limits.put(put, command.by, command.reason)
        gate.limits.remove(sorted(removed), command.by, command.reason)
        gate.changed(now, out)
        said = "; ".join([*(_changed(held.get(x.name), x) for x in put), *_gone(removed)])
        text = f"limits changed by {command.by} ({command.reason}): {said}"
        out.append(Alert(severity="warning", code="limits", text=text))
        gate.tell_breaches(now, out)
        out.append(Accepted(text=said))

    def _read(self, command: inputs.SetLimits) -> list[Limit]:
        """The limits of a command, checked against each other and all that they name."""
        found = [
            structure(Limit, plain, "limits", f"limits[{n}]") for n, plain in enumerate(command.put)
        ]
        try:
            attrs.evolve(self._state.settings, limits=tuple(found))
        except ValueError as error:
            key, _, reason = str(error).partition(": ")
            raise SettingsError("limits", key, reason) from None
        return found

    def override(self, now: int, command: inputs.Override, out: list[Output]) -> None:
        """Let the next orders pass a soft limit."""
        gate = self._state.gate
        limit = gate.limits.in_force().get(command.limit)
        wrong = _wrong_override(command, limit) or self._unknown(command)
        if wrong is not None:
            out.append(wrong)
            return
        until = now + command.for_s * SECOND
        mine = (command.limit, command.account, command.symbol)
        gate.limits.overrides = [
            o
            for o in gate.limits.overrides
            if o.until_ns > now and (o.name, o.account, o.symbol) != mine
        ]
        gate.limits.overrides.append(
            Override(
                command.limit,
                command.by,
                command.reason,
                until,
                command.uses,
                command.account,
                command.symbol,
            )
        )
        orders = "order" if command.uses == 1 else f"{command.uses} orders"
        text = f"{command.limit} lets the next {orders} pass for {command.for_s} s"
        alert = f"{text}: by {command.by}, {command.reason}"
        out.append(Alert(severity="warning", code="override", text=alert))
        out.append(Accepted(text=text))

    def _unknown(self, command: inputs.Override) -> Refused | None:
        settings = self._state.settings
        if command.account is not None and command.account not in settings.accounts:
            text = f"no account {command.account!r} is configured"
            return rule("limits", text, "account")
        if command.symbol is not None and command.symbol not in settings.instruments:
            text = f"no instrument {command.symbol!r} is configured"
            return rule("limits", text, "symbol")
        return None

    def rearm(self, now: int, command: inputs.Rearm, out: list[Output]) -> None:
        """Lift what a limit has latched."""
        if command.limit not in self._state.gate.limits.in_force():
            out.append(rule("limits", f"there is no limit {command.limit!r}", "limit"))
            return
        if not (command.by.strip() and command.reason.strip()):
            out.append(rule("limits", "re-arming needs a name and a reason", "reason"))
            return
        lifted = self._state.gate.rearm(command.limit)
        if not lifted:
            out.append(rule("limits", f"{command.limit} has stopped nobody", "limit"))
            return
        text = f"{command.limit} is re-armed for {'; '.join(lifted)}"
        alert = f"{text}: by {command.by}, {command.reason}"
        out.append(Alert(severity="warning", code="rearmed", text=alert))
        out.append(Accepted(text=text))

    # -- positions and money --------------------------------------------------------------------

    def open_positions(self, now: int, command: inputs.OpenPositions, out: list[Output]) -> None:
        """What the day starts with, in place of what was said before."""
        wrong = next(self._wrong_rows(command.rows), None)
        wrong = wrong or next(self._wrong_openings(command.rows), None)
        if wrong is not None:
            out.append(rule("positions", wrong, "rows"))
            return
        state = self._state
        for row in command.rows:
            if self._carried(row) is not None:
                continue  # known from the days before, and it is what is known
            px = row.px or state.ledger.valuation(row.symbol).mark
            change = state.ledger.opened(
                row.account, row.symbol, row.quantity, row.quantity * px, command.source
            )
            feed = state.gate.lanes.feeds.get((row.account, row.symbol))
            if feed is not None and change:
                feed.executed(now, "", change)
            state.gate.lanes.checks_of(row.account, row.symbol)
        state.gate.tell_breaches(now, out)
        text = f"{len(command.rows)} opening positions by {command.source}"
        out.append(Accepted(text=text))

    def _wrong_openings(self, rows: tuple[inputs.Holding, ...]) -> Iterator[str]:
        ledger = self._state.ledger
        for n, row in enumerate(rows, 1):
            held = self._carried(row)
            if held is not None:
                if held.quantity == row.quantity:
                    continue
                yield (
                    f"row {n}: {row.account} {row.symbol} is known from the days before, as "
                    f"{text_of(held.quantity)}: let it be compared (positions tell)"
                )
            if row.quantity and not (row.px or ledger.valuation(row.symbol).mark):
                yield f"row {n}: {row.account} {row.symbol} has no mark: say the price it stands at"

    def _carried(self, row: inputs.Holding) -> Position | None:
        held = self._state.ledger.positions.get((row.account, row.symbol))
        return held if held is not None and held.carried else None

    def tell_positions(self, now: int, command: inputs.TellPositions, out: list[Output]) -> None:
        """What a position feed says, by a file or a person."""
        wrong = next(self._wrong_rows(command.rows), None)
        if wrong is not None:
            out.append(rule("positions", wrong, "rows"))
            return
        told = [self._statements.position(now, row, command.source) for row in command.rows]
        self._state.gate.tell_breaches(now, out)
        text = f"{sum(told)} positions compared with ours"
        if not all(told):
            text += f"; {len(told) - sum(told)} are older than what is known, and left aside"
        out.append(Accepted(text=text))

    def _wrong_rows(self, rows: tuple[inputs.Holding, ...]) -> Iterator[str]:
        settings = self._state.settings
        seen = set()
        if not rows:
            yield "there are no rows"
        for n, row in enumerate(rows, 1):
            if row.account not in settings.accounts:
                yield f"row {n}: no account {row.account!r} is configured"
            if row.symbol not in settings.instruments:
                yield f"row {n}: no instrument {row.symbol!r} is configured"
            if row.px < 0:
                yield f"row {n}: a price is not below 0"
            if (row.account, row.symbol) in seen:
                yield f"row {n}: {row.account} {row.symbol} stands twice"
            seen.add((row.account, row.symbol))

    def set_balance(self, now: int, command: inputs.SetBalance, out: list[Output]) -> None:
        """An account's money as stated."""
        row = inputs.Funds(
            account=command.account,
            currency=command.currency,
            available=command.available,
            total=command.total,
            margin_used=command.margin_used,
        )
        wrong = self._wrong_money(row)
        if wrong is not None:
            out.append(wrong)
            return
        self._state_money(now, (row,), command.source or command.by, out)
        text = f"{row.account} has {text_of(row.available)} {row.currency} available"
        out.append(Accepted(text=text))

    def set_balances(self, now: int, command: inputs.SetBalances, out: list[Output]) -> None:
        """The money of several accounts as stated."""
        seen = set()
        for n, row in enumerate(command.rows, 1):
            wrong = self._wrong_money(row)
            if wrong is None and row.account in seen:
                wrong = rule("balance", f"{row.account} stands twice", "Account(1)")
            if wrong is not None:
                out.append(rule("balance", f"row {n}: {wrong.text}", wrong.field))
                return
            seen.add(row.account)
        if not command.rows:
            out.append(rule("balance", "there are no rows", "rows"))
            return
        self._state_money(now, command.rows, command.source, out)
        out.append(Accepted(text=f"{len(command.rows)} balances by {command.source}"))

    def _wrong_money(self, row: inputs.Funds) -> Refused | None:
        if row.account not in self._state.settings.accounts:
            text = f"no account {row.account!r} is configured"
            return rule("balance", text, "Account(1)")
        if min(row.total, row.margin_used) < 0:
            return rule("balance", "total and margin used are not below 0", "total")
        return None

    def _state_money(
        self, now: int, rows: tuple[inputs.Funds, ...], source: str, out: list[Output]
    ) -> None:
        for row in rows:
            self._statements.balance(now, row, source)
        self._state.gate.tell_breaches(now, out)

    def set_rate(self, now: int, command: inputs.SetRate, out: list[Output]) -> None:
        """What a currency is worth in the base currency."""
        state = self._state
        base = state.settings.engine.base_currency
        if command.rate <= 0:
            out.append(rule("rate", "a rate is above 0", "rate"))
            return
        if command.currency == base:
            out.append(rule("rate", f"{base} is the base currency: its rate is 1", "currency"))
            return
        state.rated(command.currency, command.rate)
        state.gate.tell_breaches(now, out)
        out.append(Accepted(text=f"1 {command.currency} is {text_of(command.rate)} {base}"))


def _wrong_override(command: inputs.Override, limit: Limit | None) -> Refused | None:
    if limit is None:
        return rule("limits", f"there is no limit {command.limit!r}", "limit")
    if not limit.soft:
        text = f"{command.limit} is a hard limit: it can be changed, not overridden"
        return rule("limits", text, "limit")
    if not command.reason.strip() or not command.by.strip():
        return rule("limits", "an override needs a name and a reason", "reason")
    if command.uses < 1:
        return rule("limits", "an override is for 1 order or more", "uses")
    if not 1 <= command.for_s <= LONGEST_OVERRIDE_S:
        text = f"an override lasts 1 to {LONGEST_OVERRIDE_S} s"
        return rule("limits", text, "for_s")
    return None


def _wrong_change(held: dict[str, Limit], put: list[Limit], command: inputs.SetLimits) -> str:
    """What keeps a change from being done; empty for nothing."""
    for name in command.remove:
        if name not in held:
            return f"there is no limit {name!r}"
        if any(limit.name == name for limit in put):
            return f"{name!r} is to be put and to be removed"
    for limit in put:
        before = held.get(limit.name)
        if before is not None and before.control != limit.control and not command.whole:
            return f"{limit.name!r} is the name of a limit of {before.control}: give another id"
    return ""


def _changed(before: Limit | None, after: Limit) -> str:
    if before is None:
        return f"{after.name} is new: {after.text}".rstrip(": ")
    return f"{after.name} from {before.text} to {after.text}".replace("  ", " ")


def _gone(names: set[str]) -> list[str]:
    return [f"{name} is removed" for name in sorted(names)]
