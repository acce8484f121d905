"""What a broker's files say and how: one TOML file for each broker.

A mapping gives each of our words (``exec_id``, ``qty`` …) a column of theirs, and says how numbers,
dates and times are written. A value of theirs is looked up in ``values`` (in any case), so that
``"BOT"`` is a buy and ``"VOD LN"`` is ``VOD.L``; the usual words for sides and kinds are known.
Where a table may be read in more than one way (a decimal comma, a local time) nothing is guessed:
it is stated here, or the row is an error.
"""

from __future__ import annotations

import re
from typing import Any, Final

import attrs

from fix_oms.model.units import Fixed
from fix_oms.model.validators import is_time_of_day, not_empty, not_negative
from fix_oms.reconcile.trades import BUST, CORRECT, TRADE

FILL_COLUMNS: Final = (
    "exec_id",
    "ref",
    "order_id",
    "cl_ord_id",
    "account",
    "symbol",
    "side",
    "qty",
    "px",
    "date",
    "time",
    "kind",
    "trade_ref",
)
POSITION_COLUMNS: Final = ("account", "symbol", "side", "qty")
ORDERS: Final = "orders"

SIDES: Final[dict[str, bool]] = {
    **dict.fromkeys(("1", "b", "buy", "bot", "bought", "bc", "btc", "buy to cover", "cover"), True),
    **dict.fromkeys(("3", "buy minus", "l", "long"), True),
    **dict.fromkeys(("2", "s", "sell", "sld", "sold", "4", "5", "6", "ss", "sse", "short"), False),
    **dict.fromkeys(
        ("sell short", "short sell", "sell plus", "short sale", "sell short exempt"), False
    ),
}
"""Words for a side, in lower case, and whether it buys. The digits are Side(54)'s."""
KIND_WORDS: Final[dict[str, str]] = {
    **dict.fromkeys(("", "trade", "new", "n", "t", "fill", "f", "0", "exec", "execution"), TRADE),
    **dict.fromkeys(("cancel", "canceled", "cancelled", "cxl", "bust", "busted", "x", "h"), BUST),
    **dict.fromkeys(
        ("correct", "corrected", "correction", "cor", "amend", "amended", "g"), CORRECT
    ),
}
"""Words for what a row is, in lower case; G and H are ExecType(150)'s."""


def _one_character(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if len(value) != 1:
        raise ValueError(f"{attribute.name}: must be one character")


def _patterns(_: object, attribute: attrs.Attribute[Any], value: tuple[str, ...]) -> None:
    for n, text in enumerate(value):
        try:
            re.compile(text)
        except re.error as error:
            raise ValueError(f"{attribute.name}[{n}]: is no regular expression: {error}") from None


@attrs.frozen(kw_only=True)
class Table:
    """How one kind of file is written.

    ``columns`` names the file's heading for each of our words; without a ``header`` its number,
    from 1. ``values`` translates, ``constants`` states what no column says. ``skip_lines`` stand
    above the heading; a line that one of ``ignore`` (regular expressions) fits is no row. ``count``
    is one whose group is the number of rows that a trailer promises. ``exec_id_prefix`` is what
    they put before our ExecID(17). ``sums``: each line is the sum of an order's fills.
    """

    columns: dict[str, str]
    values: dict[str, dict[str, str]] = attrs.field(factory=dict)
    constants: dict[str, str] = attrs.field(factory=dict)
    encoding: str = "utf-8"
    delimiter: str = attrs.field(default=",", validator=_one_character)
    header: bool = True
    skip_lines: int = attrs.field(default=0, validator=not_negative)
    ignore: tuple[str, ...] = attrs.field(default=(), validator=_patterns)
    count: str | None = None
    date_format: str = "%Y-%m-%d"
    time_format: str = "%H:%M:%S"
    decimal: str = attrs.field(default=".", validator=_one_character)
    thousands: str = ","
    exec_id_prefix: str = ""
    sums: bool = False

    def __attrs_post_init__(self) -> None:
        if self.decimal == self.thousands:
            raise ValueError("thousands: is the same as decimal")
        for name, column in self.columns.items():
            if not self.header and not (column.isdecimal() and int(column) > 0):
                raise ValueError(f"columns.{name}: without a header it is a number, from 1")
        if self.count is not None:
            try:
                groups = re.compile(self.count).groups
            except re.error as error:
                raise ValueError(f"count: is no regular expression: {error}") from None
            if groups != 1:
                raise ValueError("count: needs one group (...), the number of rows")

    def missing(self, needed: tuple[str, ...]) -> str:
        """The first of ``needed`` that neither a column nor a constant gives; empty if none."""
        return next((n for n in needed if n not in self.columns and n not in self.constants), "")


@attrs.frozen(kw_only=True)
class Tolerance:
    """What may differ and be the same: prices beyond the file's own decimals by ``px``, times by
    ``time_s`` seconds."""

    px: Fixed = attrs.field(default=0, validator=not_negative)
    time_s: int = attrs.field(default=2, validator=not_negative)


@attrs.frozen(kw_only=True)
class BrokerFiles:
    """One broker's files. ``sessions`` are those whose executions they hold.

    Times are in ``timezone``; a trade at or after ``day_rolls`` there is of the next day. What was
    executed after ``cut_off`` is not expected in the file of its day.
    """

    sessions: tuple[str, ...] = attrs.field(validator=not_empty)
    timezone: str = "UTC"
    cut_off: str | None = attrs.field(default=None, validator=is_time_of_day)
    day_rolls: str | None = attrs.field(default=None, validator=is_time_of_day)
    tolerance: Tolerance = Tolerance()
    fills: Table | None = None
    positions: Table | None = None

    def __attrs_post_init__(self) -> None:
        if self.fills is None and self.positions is None:
            raise ValueError("fills: give a table for fills, for positions, or both")
        for table, where, known, needed in (
            (self.fills, "fills", FILL_COLUMNS, ("symbol", "qty", "px")),
            (self.positions, "positions", POSITION_COLUMNS, ("symbol", "qty")),
        ):
            if table is None:
                continue
            for part in ("columns", "constants", "values"):
                for name in getattr(table, part):
                    if name not in known:
                        words = ", ".join(known)
                        raise ValueError(f"{where}.{part}.{name}: is none of {words}")
            if missing := table.missing(needed):
                raise ValueError(f"{where}.columns.{missing}: is missing")
