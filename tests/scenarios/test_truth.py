"""The arithmetic that the tables leave blank: sums, busts, corrections, splits, averages."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from fix_oms.model.errors import SettingsError
from fix_oms.scenarios import Ending, Run, tell
from tests.scenarios.made import main_run, one, sent, told

NEW = sent("1", "D", "X", 100)
FILL = told("2", "X", "F 1", "100 40 60 40", exec_id="A", last_px=10)


def ending(run: Run) -> Ending:
    (found,) = tell(run).endings
    return found


def executed(run: Run) -> list[tuple[str, int, Fraction]]:
    return sorted((exec_id, int(qty), px) for exec_id, qty, px in ending(run).told)


def test_busts_and_corrections_leave_what_the_specification_prints() -> None:
    told_ = tell(main_run("J.1.a"))
    assert [int(r.avg_px) for r in told_.reports.values()] == [
        0,
        100,
        109,
        110,
        100,
        102,
        120,
        120,
        120,
        120,
    ]  # fmt: skip - one figure a line would hide the row
    assert executed(main_run("J.1.a")) == [("G", 1000, Fraction(120)), ("K", 9500, Fraction(120))]


def test_a_correction_of_a_correction_names_the_latest_or_the_first(tmp_path: Path) -> None:
    first = told("3", "X", "G 1", "100 30 70 30", exec_id="B", exec_ref_id="A")
    second = told("4", "X", "G 1", "100 20 80 20", exec_id="C", exec_ref_id="A")
    assert executed(one(tmp_path, NEW, FILL, first, second)[0]) == [("C", 20, Fraction(10))]


def test_a_bust_ends_the_chain_that_it_names_any_member_of(tmp_path: Path) -> None:
    corrected = told("3", "X", "G 1", "100 30 70 30", exec_id="B", exec_ref_id="A")
    bust = told("4", "X", "H 0", "100 0 100 0", exec_id="C", exec_ref_id="A")
    assert executed(one(tmp_path, NEW, FILL, corrected, bust)[0]) == []


def test_a_bust_without_a_reference_is_of_the_latest_execution(tmp_path: Path) -> None:
    later = told("3", "X", "F 1", "100 60 40 20", exec_id="B", last_px=11)
    bust = told("4", "X", "H 1", "100 40 60 0", exec_id="C")
    assert executed(one(tmp_path, NEW, FILL, later, bust)[0]) == [("A", 40, Fraction(10))]


@pytest.mark.parametrize("codes", ["G 1", "H 0"])
def test_a_reference_to_nothing_that_stands_is_nonsense(tmp_path: Path, codes: str) -> None:
    odd = told("3", "X", codes, "100 40 60 40", exec_ref_id="Q")
    (run,) = one(tmp_path, NEW, FILL, odd)
    with pytest.raises(SettingsError, match=r"T\.1, step t 3, exec_ref_id: 'Q' names no execution"):
        tell(run)


def test_a_split_rescales_what_executed_before_it() -> None:
    found = ending(main_run("H.1.b"))
    assert found.position == 20_000
    assert ("e2", Fraction(4000), Fraction(25)) in found.rescaled
    assert ("e2", Fraction(2000), Fraction(50)) in found.told


def test_a_restatement_that_leaves_cumqty_alone_is_no_split() -> None:
    found = ending(main_run("E.1.c"))
    assert found.told == found.rescaled


def test_a_blank_lastqty_is_what_cumqty_grew_by(tmp_path: Path) -> None:
    blank = told("2", "X", "F 1", "100 40 60", exec_id="A", last_px=10)
    assert executed(one(tmp_path, NEW, blank)[0]) == [("A", 40, Fraction(10))]


def test_a_guarantee_to_a_stopped_order_is_no_execution(tmp_path: Path) -> None:
    guarantee = told("2", "X", "0 1 7", "100 0 100 40", last_px=10)
    fill = told("3", "X", "0 1 7", "100 40 60 40", exec_id="A", last_px=9)
    (run,) = one(tmp_path, NEW, guarantee, fill, fix_versions=["4.2"])
    assert executed(run) == [("A", 40, Fraction(9))]


def test_blank_prices_are_chosen_apart_and_under_the_limit() -> None:
    found = tell(main_run("A.1.a"))
    prices = sorted(px for _, _, px in found.endings[0].told)
    assert len(set(prices)) == 3
    assert prices[-1] < found.limit


def test_the_limit_is_beyond_every_published_price() -> None:
    assert tell(main_run("J.1.a")).limit == 120


def test_the_ending_is_the_last_row_as_it_should_read() -> None:
    found = [e for e in tell(main_run("V7.I.1.b", "FIX.5.0SP2")).endings if e.order == "Y"]
    assert [(e.ord_status, e.leaves_qty, e.leaves_after_end) for e in found] == [
        ("4", Decimal(0), True)
    ]


def test_a_cancel_reject_as_last_row_gives_the_status_and_the_report_before_it_the_rest() -> None:
    found = ending(main_run("B.1.c"))
    assert (found.ord_status, found.cum_qty, found.leaves_qty) == (
        "2",
        Decimal(10_000),
        Decimal(0),
    )
