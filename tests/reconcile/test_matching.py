"""Two sides of a day: what is put wrong is found, under its class, and nothing else is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.units import SCALE, average, fixed
from fix_oms.reconcile.breaks import Break
from fix_oms.reconcile.matching import Compared, Terms, compare
from fix_oms.reconcile.trades import Row, Trade, folded
from tests.reconcile.days import DAY, OPEN, SECOND, Injected, days, rows_of, spoiled

TERMS = Terms(day=DAY, time_tolerance_ns=2 * SECOND)


def told(ours: Sequence[Trade], rows: Sequence[Row], terms: Terms = TERMS) -> Compared:
    return compare(ours, folded(rows), terms)


def injected_as(one: Break) -> Injected:
    named = one.ours or one.theirs
    assert named is not None
    return Injected(one.kind, named.exec_ids[0])


@given(spoiled())
def test_what_is_injected_is_found_with_its_class_and_nothing_else(
    case: tuple[list[Trade], list[Row], Counter[Injected]],
) -> None:
    day, rows, injected = case
    assert Counter(map(injected_as, told(day, rows).breaks)) == injected


@given(spoiled())
def test_the_money_and_quantity_of_the_breaks_are_the_whole_difference_of_the_two_sides(
    case: tuple[list[Trade], list[Row], Counter[Injected]],
) -> None:
    day, rows, _ = case
    theirs = [t for t in folded(rows) if not t.gone]
    ours = [t for t in day if not t.gone]
    found = compare(day, folded(rows), TERMS).breaks
    assert (sum(b.money for b in found), sum(b.qty for b in found)) == (
        sum(t.cash for t in theirs) - sum(t.cash for t in ours),
        sum(t.signed for t in theirs) - sum(t.signed for t in ours),
    )


@given(spoiled())
def test_each_break_has_a_key_of_its_own_that_does_not_hang_on_the_order_of_the_rows(
    case: tuple[list[Trade], list[Row], Counter[Injected]],
) -> None:
    day, rows, _ = case
    keys = [one.key for one in told(day, rows).breaks]
    assert sorted(keys) == sorted({one.key for one in told(day, rows[::-1]).breaks})


@given(days(), st.randoms(use_true_random=False))
def test_a_file_without_exec_ids_that_agrees_has_no_break(day: list[Trade], random: Random) -> None:
    rows = [
        Row(
            orders=one.orders[:1],
            account=one.account,
            symbol=one.symbol,
            buys=one.buys,
            qty=one.qty,
            px=one.px,
            time_ns=one.time_ns + random.choice((-SECOND, 0, SECOND)),
            day=DAY,
        )
        for one in day
        if not one.gone
    ]
    random.shuffle(rows)
    assert (
        told(day, rows, msgspec.structs.replace(TERMS, time_tolerance_ns=25 * SECOND)).breaks == []
    )


@given(days(), st.booleans())
def test_one_averaged_line_for_each_order_has_no_break(day: list[Trade], sums: bool) -> None:
    rows = []
    for order in {one.orders for one in day}:
        mine = [one for one in day if one.orders == order and not one.gone]
        if not mine:
            continue
        qty = sum(one.qty for one in mine)
        price = average(sum(one.qty * one.px for one in mine), qty)
        rows.append(
            Row(
                orders=order[1:],
                account=mine[0].account,
                symbol=mine[0].symbol,
                buys=mine[0].buys,
                qty=qty,
                px=price // 10_000 * 10_000,
                day=DAY,
            )
        )
    terms = Terms(day=DAY, avg_tolerance=fixed("0.0001"), px_tolerance=fixed("0.0001"), sums=sums)
    assert told(day, rows, terms).breaks == []


@given(days())
def test_what_has_agreed_and_what_is_broken_are_apart(day: list[Trade]) -> None:
    found = told(day, rows_of(day)[1:])
    assert found.agreed & {one.key for one in found.breaks} == set()


# -- one case each ------------------------------------------------------------------------------

FILL = Trade(
    exec_ids=("E1",),
    orders=("O1", "1-1"),
    account="DESK",
    symbol="AAPL",
    buys=True,
    qty=100 * SCALE,
    px=10 * SCALE,
    time_ns=OPEN,
    day=DAY,
    where="order 1-1",
)
THEIRS = rows_of([FILL])[0]


def ours(**changes: object) -> Trade:
    return msgspec.structs.replace(FILL, **changes)


def row(**changes: object) -> Row:
    return msgspec.structs.replace(THEIRS, **changes)


NAMELESS = row(exec_id="")
CASES: dict[str, tuple[list[Trade], list[Row], Terms, list[str]]] = {
    "another ExecID for the same terms is a trade booked again": (
        [FILL],
        [row(exec_id="REBOOKED")],
        TERMS,
        [],
    ),
    "another ExecID at another price is another trade": (
        [FILL],
        [row(exec_id="E9", px=11 * SCALE)],
        TERMS,
        ["missing_here", "missing_there"],
    ),
    "without an ExecID what differs in one thing is that break": (
        [FILL],
        [row(exec_id="", px=11 * SCALE)],
        TERMS,
        ["price"],
    ),
    "without ExecIDs the same row again is a duplicate": (
        [FILL],
        [NAMELESS, NAMELESS],
        TERMS,
        ["duplicate"],
    ),
    "what they bust and never had here is nothing": ([], [row(kind="bust", ref="E0")], TERMS, []),
    "a bust under the trade's own ExecID is of that trade": (
        [ours(gone="busted by B1")],
        [THEIRS, row(kind="bust")],
        TERMS,
        [],
    ),
    "a bust alone, of a trade in yesterday's file": (
        [ours(day=DAY - 1)],
        [row(kind="bust", exec_id="B1", ref="E1")],
        TERMS,
        ["missing_there"],
    ),
    "what we hold as busted and they have is missing here": (
        [ours(gone="busted by B1")],
        [THEIRS],
        TERMS,
        ["missing_here"],
    ),
    "a correction that we do not have": (
        [FILL],
        [THEIRS, row(kind="correct", exec_id="C1", ref="E1", qty=90 * SCALE)],
        TERMS,
        ["quantity"],
    ),
    "a correction of a trade that is in no row": (
        [ours(exec_ids=("E1", "C1"))],
        [row(kind="correct", exec_id="C1", ref="E1")],
        TERMS,
        [],
    ),
    "a row dated a day late finds its own": ([ours(day=DAY - 1)], [THEIRS], TERMS, []),
    "another day's execution is not expected": ([ours(day=DAY - 1)], [], TERMS, []),
    "one ExecID in two orders is two executions": (
        [FILL, ours(orders=("O2", "1-2"), symbol="MSFT")],
        [THEIRS, row(orders=("O2",), symbol="MSFT")],
        TERMS,
        [],
    ),
    "one ExecID in two orders of which we lack one": (
        [FILL],
        [row(orders=("O2",)), THEIRS],
        TERMS,
        ["missing_here"],
    ),
    "what we hold twice under one ExecID": (
        [FILL, ours(qty=50 * SCALE)],
        [THEIRS],
        TERMS,
        ["duplicate"],
    ),
    "many lines for one fill": (
        [FILL],
        [row(exec_id="A", qty=60 * SCALE), row(exec_id="B", qty=40 * SCALE)],
        TERMS,
        [],
    ),
    "an order's line that does not add up": (
        [FILL, ours(exec_ids=("E2",))],
        [row(exec_id="", qty=150 * SCALE)],
        msgspec.structs.replace(TERMS, sums=True),
        ["quantity"],
    ),
    "lines that sum fills at one price each": (
        [FILL, ours(exec_ids=("E2",)), ours(exec_ids=("E3",), px=12 * SCALE)],
        [row(exec_id="", qty=200 * SCALE), row(exec_id="", px=12 * SCALE)],
        TERMS,
        [],
    ),
    "an account that they do not tell": ([FILL], [row(account="")], TERMS, []),
    "a price rounded as the file rounds": (
        [ours(px=fixed("10.00004"))],
        [THEIRS],
        msgspec.structs.replace(TERMS, px_tolerance=fixed("0.005")),
        [],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_one_case(name: str) -> None:
    mine, rows, terms, expected = CASES[name]
    assert sorted(one.kind for one in told(mine, rows, terms).breaks) == expected


def test_what_was_executed_after_the_cut_off_is_pending_and_no_break() -> None:
    terms = msgspec.structs.replace(TERMS, cut_off_ns=OPEN - 5 * SECOND)
    found = told([FILL], [], terms)
    assert (found.pending, found.breaks) == ([FILL], [])


def test_a_file_that_is_not_whole_need_not_show_an_execution() -> None:
    found = told([FILL], [], msgspec.structs.replace(TERMS, is_whole=False))
    assert (found.unseen, found.breaks) == (1, [])


def test_a_log_may_repeat_an_execution_but_not_tell_it_differently() -> None:
    again = [THEIRS, THEIRS, row(qty=50 * SCALE)]
    found = compare([FILL], folded(again, repeats=True), TERMS).breaks
    assert [one.kind for one in found] == ["duplicate"]


def test_a_break_says_all_that_differs_and_takes_the_gravest_for_its_class() -> None:
    [one] = told([FILL], [row(px=11 * SCALE, account="HEDGE", qty=50 * SCALE)]).breaks
    assert (one.kind, one.fields) == ("quantity", ("quantity", "price", "account"))


def test_the_money_of_a_break_counts_the_multiplier_of_the_contract() -> None:
    terms = msgspec.structs.replace(TERMS, multipliers={"AAPL": 50 * SCALE})
    [one] = told([FILL], [row(px=11 * SCALE)], terms).breaks
    assert one.money == -100 * 50 * SCALE * SCALE
