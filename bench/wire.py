"""FIX text to message and back, beside a general FIX parser on the same text.

The report is a partial fill of 25 fields, header and trailer included, with one field that we do
not know. Each text is read once: prices come from a narrow range, as they do in a market, but
quantities, identifiers and times are new each time, so that no reading is remembered that a real
session would not remember. ``python -m bench.wire`` prints these rows alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

import simplefix
from rich.console import Console

from bench.table import Row, Table
from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import NewOrderSingle, Terms
from fix_oms.wire import SOH, Codec
from fix_oms.wire.text import plain_body

SPLIT: Final = "decode, 25 fields to a dict"
REPORT: Final = "decode, 25 fields to an ExecutionReport"
CAREFUL: Final = "decode, the same with a repeating group"
ORDER: Final = "encode, NewOrderSingle"
GENERAL: Final = "decode, 25 fields, simplefix"
_BATCH: Final = 50
_BATCHES: Final = 600

_T = TypeVar("_T")


def fill(number: int) -> str:
    """The ``number``-th fill of a day: 25 fields."""
    price, second = (15_000 + number % 97) / 100, number % 60
    return (
        f"8=FIX.4.4|9=250|35=8|34={number}|49=BROKER|52=20260102-14:30:{second:02d}.123|56=DESK|"
        f"6={price}|11=7-{number}|14={number}|17=E{number}|31={price}|32=100|37=O{number}|"
        f"38=100000|39=1|40=2|54=1|55=AAPL|60=20260102-14:30:{second:02d}.122|150=F|"
        f"151={100_000 - number}|58=partly filled|9001=EQ7|10=123|"
    ).replace("|", SOH)


def grouped_fill(number: int) -> str:
    """The same fill with one party."""
    return fill(number).replace(f"{SOH}58=", f"{SOH}453=1{SOH}448=X{SOH}452=1{SOH}58=")


def raw_fill(number: int) -> bytes:
    """The same fill as simplefix takes it."""
    return fill(number).encode()


def order(number: int) -> NewOrderSingle:
    """The ``number``-th limit order of a day."""
    terms = Terms(
        symbol="AAPL",
        side="1",
        order_qty=(100 + number % 13) * 10**8,
        ord_type="2",
        price=15_000_000_000 + number % 97 * 10**6,
        account="DESK",
    )
    at = 1_767_364_200_000_000_000 + number * 1_000_003
    return NewOrderSingle(cl_ord_id=f"7-{number}", terms=terms, transact_time=at)


def best_us(work: Callable[[_T], object], make: Callable[[int], _T], batches: int) -> float:
    """Microseconds per value in the quietest of ``batches``, each of new values."""
    best = float("inf")
    for batch in range(batches):
        values = [make(batch * _BATCH + number) for number in range(1, _BATCH + 1)]
        start = time.perf_counter_ns()
        for value in values:
            work(value)
        best = min(best, (time.perf_counter_ns() - start) / _BATCH / 1000)
    return best


def general(raw: bytes) -> Any:
    """simplefix's reading, to its own kind of dict."""
    parser = simplefix.FixParser()
    parser.append_buffer(raw)
    return parser.get_message()


def add_rows(table: Table, scale: float) -> None:
    """Measure and add the rows of this file."""
    batches = max(3, int(_BATCHES * scale))
    codec = Codec(FixVersion.FIX44)
    for work, value, target in (
        (SPLIT, best_us(plain_body, fill, batches), 2.5),
        (REPORT, best_us(codec.decode, fill, batches), 5.0),
        (CAREFUL, best_us(codec.decode, grouped_fill, batches), None),
        (ORDER, best_us(codec.encode, order, batches), None),
        (GENERAL, best_us(general, raw_fill, batches), None),
    ):
        table.add(Row(work=work, value=value, unit="us", target=target))


def main() -> None:
    """Print the rows of this file alone."""
    table = Table()
    add_rows(table, 1.0)
    table.show(Console())


if __name__ == "__main__":
    main()
