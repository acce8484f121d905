"""Random trading days, the broker's true rows of them, and breaks put into those rows.

A day is a list of orders with fills. The broker's rows are made from it, so they agree; then each
injection spoils one row that no other has touched, and says which class of break that is. What a
comparison finds must be exactly what was injected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec
from hypothesis import strategies as st

from fix_oms.model.units import SCALE
from fix_oms.reconcile.trades import BUST, CORRECT, Row, Trade

DAY: Final = 20261127
SECOND: Final = 1_000_000_000
OPEN: Final = 1_795_788_000 * SECOND
ACCOUNTS: Final = ("DESK", "HEDGE")
SYMBOLS: Final = ("AAPL", "MSFT", "VOD.L")


class Injected(NamedTuple):
    """What was done to the rows: the class that it must be found as, and in which execution."""

    kind: str
    exec_id: str


def trade(n: int, order: int, draw: Callable[[st.SearchStrategy[int]], int]) -> Trade:
    """Execution ``n`` of a day, of one of its orders. Few sizes and prices, so that many agree."""
    return Trade(
        exec_ids=(f"E{n}",),
        orders=(f"O{order}", f"1-{order}"),
        account=ACCOUNTS[order % 2],
        symbol=SYMBOLS[order % 3],
        buys=order % 5 < 3,
        qty=draw(st.integers(1, 3)) * 100 * SCALE,
        px=draw(st.integers(1, 4)) * SCALE // 4 + 150 * SCALE,
        time_ns=OPEN + draw(st.integers(0, 20)) * SECOND,
        day=DAY,
        where=f"order 1-{order}",
    )


@st.composite
def days(draw: st.DrawFn, most: int = 12) -> list[Trade]:
    """Executions of a day, of up to four orders; some are busted, some corrected."""
    found = []
    for n in range(draw(st.integers(0, most))):
        one = trade(n, draw(st.integers(1, 4)), draw)
        fate = draw(st.sampled_from(("plain", "plain", "plain", "busted", "corrected")))
        if fate == "busted":
            one = msgspec.structs.replace(one, gone=f"busted by B{n}")
        elif fate == "corrected":
            one = msgspec.structs.replace(one, exec_ids=(*one.exec_ids, f"C{n}"))
        found.append(one)
    return found


def rows_of(day: list[Trade]) -> list[Row]:
    """What a broker that agrees with all of it writes, trades with their busts and corrections."""
    rows = []
    for n, one in enumerate(day):
        row = Row(
            exec_id=one.exec_ids[0],
            orders=one.orders[:1],
            account=one.account,
            symbol=one.symbol,
            buys=one.buys,
            qty=one.qty,
            px=one.px,
            time_ns=one.time_ns,
            day=one.day,
            where=f"line {n}",
        )
        if len(one.exec_ids) > 1:
            was = {"qty": row.qty + 7 * SCALE, "px": row.px + SCALE}
            rows.append(msgspec.structs.replace(row, **was))
            amended = {"kind": CORRECT, "exec_id": one.exec_ids[1], "ref": row.exec_id}
            rows.append(msgspec.structs.replace(row, **amended))
        else:
            rows.append(row)
        if one.gone:
            bust = {"kind": BUST, "exec_id": f"B{n}", "ref": row.exec_id}
            rows.append(msgspec.structs.replace(row, **bust))
    return rows


# -- injections: each takes the row to spoil and its place, and returns what stands there instead --


def _missing_there(row: Row, n: int) -> list[Row]:
    return []


def _missing_here(row: Row, n: int) -> list[Row]:
    other = {"exec_id": f"X{n}", "orders": (f"away {n}",)}
    return [row, msgspec.structs.replace(row, **other)]


def _busted_there(row: Row, n: int) -> list[Row]:
    bust = {"kind": BUST, "exec_id": f"XB{n}", "ref": row.exec_id}
    return [row, msgspec.structs.replace(row, **bust)]


def _duplicate(row: Row, n: int) -> list[Row]:
    return [row, row]


def _quantity(row: Row, n: int) -> list[Row]:
    return [msgspec.structs.replace(row, qty=row.qty + SCALE)]


def _price(row: Row, n: int) -> list[Row]:
    return [msgspec.structs.replace(row, px=row.px + 1)]


def _account(row: Row, n: int) -> list[Row]:
    return [msgspec.structs.replace(row, account="NOBODY")]


def _side(row: Row, n: int) -> list[Row]:
    return [msgspec.structs.replace(row, buys=not row.buys)]


def _symbol(row: Row, n: int) -> list[Row]:
    return [msgspec.structs.replace(row, symbol="GOOG")]


def _quantity_and_price(row: Row, n: int) -> list[Row]:
    return [msgspec.structs.replace(row, qty=row.qty + SCALE, px=row.px + 1)]


INJECTIONS: Final[dict[str, tuple[str, Callable[[Row, int], list[Row]]]]] = {
    "missing there": ("missing_there", _missing_there),
    "missing here": ("missing_here", _missing_here),
    "busted there": ("missing_there", _busted_there),
    "duplicate": ("duplicate", _duplicate),
    "quantity": ("quantity", _quantity),
    "price": ("price", _price),
    "account": ("account", _account),
    "side": ("side", _side),
    "symbol": ("symbol", _symbol),
    "quantity and price": ("quantity", _quantity_and_price),
}
UNTOUCHED: Final = "untouched"


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[list[Trade], list[Row], Counter[Injected]]:
    """A day, the rows of a broker that is wrong in some of them, and what was done."""
    day = draw(days())
    spoilable = {one.exec_ids[0] for one in day if not one.gone and len(one.exec_ids) == 1}
    rows: list[Row] = []
    injected: Counter[Injected] = Counter()
    for n, row in enumerate(rows_of(day)):
        if row.exec_id not in spoilable:
            rows.append(row)
            continue
        name = draw(st.sampled_from((UNTOUCHED, *INJECTIONS)))
        if name == UNTOUCHED:
            rows.append(row)
            continue
        kind, spoil = INJECTIONS[name]
        rows += spoil(row, n)
        injected[Injected(kind, f"X{n}" if name == "missing here" else row.exec_id)] += 1
    return day, draw(st.permutations(rows)), injected
