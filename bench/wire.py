"""FIX text to message and back, beside a general FIX parser on the same text.

The report is a partial fill of 25 fields, header and trailer included, with one field that we do
not know. Each text is read once: prices come from a narrow range, as they do in a market, but
quantities, identifiers and times are new each time, so that no reading is remembered that a real
session would not remember. The shapes of the texts are known, as they are after the first minute
of a day; one row is of texts of which no two have the same. ``python -m bench.wire`` prints these
rows alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

import simplefix
from rich.console import Console

from bench.table import Row, Table
from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import ExecutionReport, NewOrderSingle, Terms
from fix_oms.wire import SOH, Codec
from fix_oms.wire.shapes import LEARNED_IN, Kind, Shapes
from fix_oms.wire.text import plain_body
from fix_oms.wire.versions import FIX44

FIELDS: Final = "decode, 25 fields to a dict"
SPLIT: Final = "decode, the same where no shape is known"
REPORT: Final = "decode, 25 fields to an ExecutionReport"
GROUPED: Final = "decode, the same with a repeating group"
UNALIKE: Final = "decode, the same where no two have one shape"
ACK: Final = "decode, acknowledgement of 21 fields"
REJECT: Final = "decode, OrderCancelReject"
TAKEN: Final = "decode, NewOrderSingle"
ORDER: Final = "encode, NewOrderSingle"
SAID: Final = "encode, ExecutionReport"
GENERAL: Final = "decode, 25 fields, simplefix"
_BATCH: Final = 50
_BATCHES: Final = 600
_SENDER: Final = Codec(FixVersion.FIX44)

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


def unalike_fill(number: int) -> str:
    """The same fill with a field that no other has."""
    return fill(number).replace(f"{SOH}9001=", f"{SOH}{5000 + number}=")


def acknowledgement(number: int) -> str:
    """The ``number``-th order of a day is New."""
    second = number % 60
    return (
        f"8=FIX.4.4|9=190|35=8|34={number}|49=BROKER|52=20260102-14:30:{second:02d}.123|56=DESK|"
        f"6=0|11=7-{number}|14=0|17=E{number}|37=O{number}|38=100|39=0|54=1|55=AAPL|"
        f"60=20260102-14:30:{second:02d}.122|150=0|151=100|44=150.25|10=123|"
    ).replace("|", SOH)


def cancel_reject(number: int) -> str:
    """The ``number``-th message of a day refuses a cancel."""
    return (
        f"8=FIX.4.4|9=150|35=9|34={number}|49=BROKER|52=20260102-14:30:00.123|56=DESK|"
        f"11=7-{number}|37=O{number}|39=2|41=6-{number}|58=too late|102=0|434=1|10=123|"
    ).replace("|", SOH)


def report(number: int) -> ExecutionReport:
    """The ``number``-th fill of a day as a value."""
    message = _SENDER.decode(fill(number))
    assert isinstance(message, ExecutionReport)
    return message


def to_dict() -> Callable[[str], object]:
    """From the text of a fill to its 25 fields by tag, by its shape."""
    none: frozenset[str] = frozenset()
    everything = Kind("any", _as_it_is, {}, dropped=none, constants={}, unread=none)
    shapes = Shapes({"8": everything}, FIX44)
    for number in range(LEARNED_IN):
        shapes.learn("8", fill(number))
    found: object = shapes.read(fill(9))
    assert found == plain_body(fill(9))
    return shapes.read


def _as_it_is(body: dict[str, str], version: object) -> Any:
    return body


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


def taken(number: int) -> str:
    """The text of the same order, as its taker reads it, without a header."""
    return _SENDER.encode(order(number))


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
        (FIELDS, best_us(to_dict(), fill, batches), 2.5),
        (SPLIT, best_us(plain_body, fill, batches), None),
        (REPORT, best_us(codec.decode, fill, batches), 2.5),
        (GROUPED, best_us(codec.decode, grouped_fill, batches), None),
        (UNALIKE, best_us(codec.decode, unalike_fill, batches), None),
        (ACK, best_us(codec.decode, acknowledgement, batches), None),
        (REJECT, best_us(codec.decode, cancel_reject, batches), None),
        (TAKEN, best_us(codec.decode, taken, batches), None),
        (ORDER, best_us(codec.encode, order, batches), None),
        (SAID, best_us(codec.encode, report, batches), None),
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
