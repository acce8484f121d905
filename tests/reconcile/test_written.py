"""However a broker writes its day, what is read is the same, and what it spoils is found."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.units import text_of
from fix_oms.reconcile.broker import Names
from fix_oms.reconcile.csv_rows import read_fills
from fix_oms.reconcile.mapping import FILL_COLUMNS, BrokerFiles, Table
from fix_oms.reconcile.matching import compare
from fix_oms.reconcile.trades import Row, Trade, folded
from tests.reconcile.days import SECOND, Injected, days, rows_of, spoiled
from tests.reconcile.test_matching import TERMS, injected_as

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SIDES: Final = (("B", "S"), ("BOT", "SLD"), ("buy", "Sell Short"), ("1", "2"))
NUMBERS: Final = ((".", ","), (",", "."), (".", ""))
DATES: Final = ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%y", "%Y%m%d")
ZONES: Final = ("UTC", "America/New_York", "Asia/Tokyo")


class Hand(NamedTuple):
    """How one broker writes."""

    side: tuple[str, str]
    signs: tuple[str, str]
    zeros: int
    date: str
    zone: str
    prefix: str
    delimiter: str
    header: bool
    title: int


HANDS = st.builds(
    Hand,
    st.sampled_from(SIDES),
    st.sampled_from(NUMBERS),
    st.integers(0, 4),
    st.sampled_from(DATES),
    st.sampled_from(ZONES),
    st.sampled_from(("", "AX-")),
    st.sampled_from((";", "\t", "|")),
    st.booleans(),
    st.integers(0, 2),
)
ACCOUNTS: Final = {"DESK": "U-1", "HEDGE": "U-2"}


def number(value: int, hand: Hand) -> str:
    """Grouped by thousands, with zeros at the end."""
    whole, _, places = text_of(value).partition(".")
    point, comma = hand.signs
    grouped = f"{int(whole):,}".replace(",", comma)
    places += "0" * hand.zeros
    return f"{grouped}{point}{places}" if places else grouped


def written(rows: Sequence[Row], hand: Hand) -> list[str]:
    """The rows as this broker writes them: lines of a file."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=hand.delimiter)
    file.write("a title\n" * hand.title)
    if hand.header:
        writer.writerow(FILL_COLUMNS)
    for row in rows:
        at = (EPOCH + timedelta(seconds=row.time_ns // SECOND)).astimezone(ZoneInfo(hand.zone))
        cells = {
            "exec_id": hand.prefix + row.exec_id,
            "ref": hand.prefix + row.ref if row.ref else "",
            "order_id": row.orders[0],
            "account": ACCOUNTS.get(row.account, row.account),
            "symbol": row.symbol,
            "side": hand.side[not row.buys],
            "qty": number(row.qty, hand),
            "px": number(row.px, hand),
            "date": at.strftime(hand.date),
            "time": at.strftime("%H:%M:%S"),
            "kind": row.kind,
        }
        writer.writerow([cells.get(name, "") for name in FILL_COLUMNS])
    return file.getvalue().splitlines(keepends=True)


def read(lines: Sequence[str], hand: Hand) -> list[Trade]:
    columns = {name: name if hand.header else str(n) for n, name in enumerate(FILL_COLUMNS, 1)}
    table = Table(
        columns=columns,
        delimiter=hand.delimiter,
        header=hand.header,
        skip_lines=hand.title,
        date_format=hand.date,
        decimal=hand.signs[0],
        thousands=hand.signs[1],
        exec_id_prefix=hand.prefix,
    )
    broker = BrokerFiles(sessions=("ALPHA",), timezone=hand.zone, fills=table)
    names = Names(accounts={theirs: ours for ours, theirs in ACCOUNTS.items()})
    return folded(read_fills(lines, broker, ZoneInfo(hand.zone), names, "f.csv").rows)


@given(days(), HANDS)
def test_a_day_that_agrees_has_no_break_in_any_hand(day: list[Trade], hand: Hand) -> None:
    assert compare(day, read(written(rows_of(day), hand), hand), TERMS).breaks == []


@given(spoiled(), HANDS)
def test_what_is_injected_is_found_in_any_hand(
    case: tuple[list[Trade], list[Row], Counter[Injected]], hand: Hand
) -> None:
    day, rows, injected = case
    found = compare(day, read(written(rows, hand), hand), TERMS).breaks
    assert Counter(map(injected_as, found)) == injected
