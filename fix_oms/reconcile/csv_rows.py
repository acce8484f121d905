"""A broker's CSV text as rows and holdings, by its mapping.

Every line that cannot be read is named with file, line, column and reason, and a file of which one
line cannot be read says nothing: half a file would make breaks of the other half. What must not
make a break is taken out here: digits grouped by thousands, zeros at the end, blanks, a negative
quantity for a sale, an account or symbol by the broker's name.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Final, TypeVar

import attrs

from fix_oms.model.errors import BadFile
from fix_oms.model.settings_text import nearest
from fix_oms.model.units import Fixed, rounded
from fix_oms.reconcile.broker import Clock, Names, number_of, of_day_ns
from fix_oms.reconcile.mapping import KIND_WORDS, SIDES, BrokerFiles, Table
from fix_oms.reconcile.positions import Holding
from fix_oms.reconcile.trades import BUST, KINDS, Row

SHOWN_ERRORS: Final = 20
EARLIEST: Final = 1970
_FRACTION: Final = re.compile(r"(\.\d{6})\d+")
T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Told:
    """What a file of fills says. ``px_places`` is the most decimals that a price in it has."""

    rows: tuple[Row, ...]
    px_places: int


class _Reader:
    """The cells of one line by our words, translated; each getter raises ValueError."""

    def __init__(self, table: Table, clock: Clock, names: Names) -> None:
        self._table: Final = table
        self._clock: Final = clock
        self._names: Final = names
        self._values: Final = {
            name: {their.casefold(): mine for their, mine in words.items()}
            for name, words in table.values.items()
        }
        self.cells: dict[str, str] = {}
        self.places = 0

    def text(self, name: str) -> str:
        told = self.cells.get(name, "") or self._table.constants.get(name, "")
        return self._values.get(name, {}).get(told.casefold(), told)

    def needed(self, name: str) -> str:
        found = self.text(name)
        if not found:
            raise _In(name, "is empty")
        return found

    def number(self, name: str) -> Fixed:
        told = self.needed(name)
        plain, places = plain_number(told, self._table.decimal, self._table.thousands, name)
        if name == "px":
            self.places = max(self.places, places)
        try:
            return rounded(plain)[0]
        except ValueError as error:
            raise _In(name, f"{told!r} {error}") from None

    def account(self) -> str:
        told = self.text("account")
        return self._names.accounts.get(told, told)

    def symbol(self) -> str:
        told = self.needed("symbol")
        return self._names.symbols.get(told, told)

    def side(self, qty: Fixed) -> bool:
        """Whether it buys: by the side's word, or where there is none by the quantity's sign."""
        word = self.text("side")
        if not word and "side" not in self._table.columns:
            return qty > 0
        known = SIDES.get(word.casefold())
        if known is None:
            hint = f"; say which in values.side{nearest(word.casefold(), list(SIDES))}"
            raise _In("side", f"{word!r} is no side{hint}")
        return known

    def kind(self) -> str:
        word = self.text("kind")
        found = word if word in KINDS else KIND_WORDS.get(word.casefold())
        if found is None:
            raise _In("kind", f"{word!r} is no kind of row: say which in values.kind")
        return found

    def exec_id(self, name: str) -> str:
        return self.text(name).removeprefix(self._table.exec_id_prefix)

    def moment(self) -> tuple[int, int]:
        """The time in ns UTC (0: none told) and the trading day (0: none told)."""
        day, clock, table = self.text("date"), self._clock, self._table
        trade_date = _parsed("date", day, table.date_format).date() if day else None
        time = self.text("time")
        if not time:
            return 0, number_of(trade_date) if trade_date else 0
        at = _parsed("time", _FRACTION.sub(r"\1", time), table.time_format)
        if "%d" not in table.time_format and "%j" not in table.time_format:
            if trade_date is None:
                raise _In("time", f"{time!r} has no date, and no column date is named")
            at = at.replace(year=trade_date.year, month=trade_date.month, day=trade_date.day)
            ns = clock.ns(at)
            if clock.day(ns) > number_of(trade_date):  # the evening before, of a day that rolls
                ns -= 86_400_000_000_000
        else:
            ns = clock.ns(at)
        return ns, number_of(trade_date) if trade_date else clock.day(ns)


class _In(ValueError):
    """What is wrong in one column."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.name: Final = name


def plain_number(text: str, decimal: str, thousands: str, name: str = "qty") -> tuple[str, int]:
    """A number in FIX's grammar, and how many decimals it was written with.

    Takes ``1,234.50``, ``(100)`` and ``100-`` for a negative one, and what spreadsheets make of
    long numbers (``1.5E+05``). Raises ValueError.
    """
    bare = text.replace("\u00a0", "").replace("\u202f", "").strip()
    negative = bare.startswith(("-", "(")) or bare.endswith("-")
    digits = bare.strip("()").strip("+-").strip()
    whole, point, places = digits.partition(decimal)
    if thousands and thousands in whole:
        groups = whole.split(thousands)
        if not (1 <= len(groups[0]) <= 3 and all(len(g) == 3 for g in groups[1:])):
            raise _In(name, f"{text!r} is no number: {thousands!r} does not stand at thousands")
        whole = "".join(groups)
    plain = f"{whole}.{places}" if point else whole
    if re.fullmatch(r"[0-9.]+[eE][+-]?[0-9]{1,2}", plain):
        try:
            plain = f"{Decimal(plain):f}"
        except InvalidOperation:
            raise _In(name, f"{text!r} is no number") from None
        places = plain.partition(".")[2]
    if not re.fullmatch(r"[0-9]+\.?[0-9]*|\.[0-9]+", plain, re.ASCII):
        raise _In(name, f"{text!r} is no number with {decimal!r} before its decimals")
    return ("-" if negative else "") + plain, len(places)


def _parsed(name: str, text: str, form: str) -> datetime:
    try:
        found = datetime.strptime(text, form)  # noqa: DTZ007 - its zone is the mapping's
    except ValueError:
        raise _In(name, f"{text!r} is not of the form {form}") from None
    if found.year < EARLIEST and ("%Y" in form or "%y" in form):
        raise _In(name, f"{text!r} is before {EARLIEST}")
    return found


# -- a whole file ----------------------------------------------------------------------------------


def read_fills(
    lines: Iterable[str], broker: BrokerFiles, zone: tzinfo, names: Names, file: str
) -> Told:
    """The rows of a file of fills. Raises BadFile."""
    table = broker.fills
    if table is None:
        raise BadFile(f"{file}: the mapping says nothing of fills")
    reader = _Reader(table, Clock(zone=zone, rolls_ns=of_day_ns(broker.day_rolls)), names)
    rows = _read(lines, table, file, reader, lambda where: _fill(reader, where))
    return Told(rows=rows, px_places=reader.places)


def read_holdings(
    lines: Iterable[str], broker: BrokerFiles, zone: tzinfo, names: Names, file: str
) -> tuple[Holding, ...]:
    """The rows of a file of positions. Raises BadFile."""
    table = broker.positions
    if table is None:
        raise BadFile(f"{file}: the mapping says nothing of positions")
    reader = _Reader(table, Clock(zone=zone), names)
    return _read(lines, table, file, reader, lambda where: _holding(reader, where))


def _fill(reader: _Reader, where: str) -> Row:
    kind, named = reader.kind(), reader.text("trade_ref")
    exec_id, ref = reader.exec_id("exec_id"), reader.exec_id("ref")
    # A bust that names its trade needs to say no more of it.
    is_bare = kind == BUST and bool(exec_id or ref)
    qty = 0 if is_bare and not reader.text("qty") else reader.number("qty")
    if not qty and not is_bare:
        raise _In("qty", "is 0")
    time_ns, day = reader.moment()
    return Row(
        kind=kind,
        exec_id=exec_id,
        ref=ref,
        orders=tuple(n for n in map(reader.text, ("order_id", "cl_ord_id")) if n),
        account=reader.account(),
        symbol="" if is_bare and not reader.text("symbol") else reader.symbol(),
        buys=True if is_bare and not reader.text("side") else reader.side(qty),
        qty=abs(qty),
        px=0 if is_bare and not reader.text("px") else reader.number("px"),
        time_ns=time_ns,
        day=day,
        where=f"{where} ({named})" if named else where,
    )


def _holding(reader: _Reader, where: str) -> Holding:
    qty = reader.number("qty")
    if reader.text("side"):
        qty = abs(qty) if reader.side(qty) else -abs(qty)
    return Holding(account=reader.account(), symbol=reader.symbol(), qty=qty, where=where)


def _read(
    lines: Iterable[str], table: Table, file: str, reader: _Reader, made: Callable[[str], T]
) -> tuple[T, ...]:
    found: list[T] = []
    errors: list[str] = []
    promised = None
    places: dict[str, int] | None = None
    if not table.header:
        places = {name: int(column) - 1 for name, column in table.columns.items()}
    for number, cells in _cells(lines, table, file):
        line = table.delimiter.join(cells)
        counted = re.search(table.count, line) if table.count is not None else None
        if counted is not None:
            promised = int(counted[1])
        elif places is None:
            places = _places(cells, table, f"{file}: line {number}")
        elif not any(re.search(pattern, line) for pattern in table.ignore):
            try:
                reader.cells = _named(cells, places)
                found.append(made(f"line {number}"))
            except _In as error:
                column = table.columns.get(error.name, "no column")
                errors.append(f"line {number}, {error.name} ({column}): {error}")
            except ValueError as error:
                errors.append(f"line {number}: {error}")
    if places is None:
        raise BadFile(f"{file}: has no heading")
    if promised is not None and not errors and promised != len(found):
        errors.append(f"its trailer says {promised} rows and it has {len(found)}: it is not whole")
    if errors:
        shown = errors[:SHOWN_ERRORS]
        shown += [f"... and {len(errors) - len(shown)} more"] if len(errors) > len(shown) else []
        raise BadFile("\n  ".join([f"{file}: nothing was compared, {len(errors)} bad:", *shown]))
    return tuple(found)


def _cells(lines: Iterable[str], table: Table, file: str) -> Iterator[tuple[int, list[str]]]:
    """Each line that is not empty, with its number."""
    reader = csv.reader(lines, delimiter=table.delimiter)
    try:
        for cells in reader:
            if reader.line_num > table.skip_lines and any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise BadFile(f"{file}: line {reader.line_num}: is not CSV: {error}") from None


def _places(heading: list[str], table: Table, at: str) -> dict[str, int]:
    found = {}
    for name, column in table.columns.items():
        if column not in heading:
            hint = nearest(column, heading)
            has = ", ".join(cell for cell in heading if cell)
            raise BadFile(f"{at}: there is no column {column!r} for {name}{hint} (it has: {has})")
        if heading.count(column) > 1:
            raise BadFile(f"{at}: the column {column!r} for {name} stands there twice")
        found[name] = heading.index(column)
    return found


def _named(cells: list[str], places: Mapping[str, int]) -> dict[str, str]:
    furthest = max(places.values())
    if furthest >= len(cells):
        have = "1 column" if len(cells) == 1 else f"{len(cells)} columns"
        raise ValueError(
            f"has {have}, {furthest + 1} are needed (a trailer is named in ignore): {cells[0]!r}"
        )
    return {name: cells[place] for name, place in places.items()}
