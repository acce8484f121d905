"""What a live drop copy finds, as breaks of the ledger: the classes and keys of a broker's file."""

from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fix_oms.cli.main import main
from fix_oms.followers.break_ledger import BreakLedger, Run
from fix_oms.followers.comparing import Asked, compare_csv
from fix_oms.followers.files import load_mapping
from fix_oms.followers.live import Live, live_of
from fix_oms.reconcile.breaks import BreakClass
from fix_oms.reconcile.broker import Clock
from tests.engine.desk import Desk
from tests.engine.test_drop_copy import GRACE, bust, correct, fill, settings
from tests.reconcile.day import MAPPING, journaled

CLOCK = Clock(zone=UTC)


@pytest.fixture
def desk() -> Desk:
    return Desk(settings())


def live(desk: Desk) -> Live:
    [found] = live_of(desk.engine.state, CLOCK)
    return found


def told(desk: Desk) -> list[tuple[str, bool, bool, int]]:
    """Class, whether either side is there and counts, and what their word changes of the cash."""
    return [
        (
            one.kind,
            one.ours is not None and not one.ours.gone,
            one.theirs is not None and not one.theirs.gone,
            one.money // 10**16,
        )
        for one in live(desk).breaks
    ]


def test_while_both_agree_there_is_nothing(desk: Desk) -> None:
    order = desk.buy(1000)
    fill(desk, order, "E1")
    fill(desk, order, "E1", session="COPY")
    found = live(desk)
    assert (found.breaks, found.waiting, len(found.agreed)) == ([], 0, 1)


def test_what_waits_within_the_grace_neither_agrees_nor_breaks(desk: Desk) -> None:
    fill(desk, desk.buy(1000), "E1")
    found = live(desk)
    assert (found.breaks, found.waiting, len(found.agreed)) == ([], 1, 0)


def both_at_other_prices(desk: Desk, order: str) -> None:
    fill(desk, order, "E2")
    fill(desk, order, "E2", session="COPY", px="11")


CASES: dict[str, tuple[Any, list[tuple[str, bool, bool, int]]]] = {
    "theirs alone": (
        lambda desk, order: fill(desk, order, "E2", session="COPY"),
        [("missing_here", False, True, -1000)],
    ),
    "ours alone": (
        lambda desk, order: fill(desk, order, "E2"),
        [("missing_there", True, False, 1000)],
    ),
    "another price": (
        both_at_other_prices,
        [("price", True, True, -100)],
    ),
    "busted there": (
        lambda desk, order: bust(desk, order, "B1", "E1", "COPY"),
        [("missing_there", True, False, 1000)],
    ),
    "busted here": (
        lambda desk, order: bust(desk, order, "B1", "E1", "ALPHA"),
        [("missing_here", False, True, -1000)],
    ),
    "corrected there": (
        lambda desk, order: correct(desk, order, "COPY", last=90, px="10"),
        [("quantity", True, True, 100)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_break_has_both_sides_and_what_it_comes_to(desk: Desk, name: str) -> None:
    act, expected = CASES[name]
    order = desk.buy(1000)
    fill(desk, order, "E1")
    fill(desk, order, "E1", session="COPY")
    act(desk, order)
    desk.wait(GRACE)
    assert told(desk) == expected


def test_a_file_of_the_day_finds_the_same_break_under_the_same_key(
    desk: Desk, tmp_path: Path
) -> None:
    fill(desk, desk.buy(1000), "E1")
    desk.wait(GRACE)
    (tmp_path / "m.toml").write_text(MAPPING.replace("America/New_York", "UTC"))
    (tmp_path / "f.csv").write_text("exec,ref,order,cl,acct,sym,side,qty,px,date,time,type\n")
    broker, zone = load_mapping(tmp_path / "m.toml")
    asked = Asked(day=20231114, allow_empty=True)
    day = compare_csv(desk.engine.state, broker, zone, tmp_path / "f.csv", None, asked)
    assert [one.key for one in day.breaks] == [one.key for one in live(desk).breaks]


def test_a_copy_that_agrees_does_not_settle_what_a_file_has_found(
    desk: Desk, tmp_path: Path
) -> None:
    order = desk.buy(1000)
    fill(desk, order, "E1", session="COPY")
    desk.wait(GRACE)
    broken = live(desk).breaks
    with BreakLedger(tmp_path / "l") as ledger:
        of_file = Run(counterparty="ALPHA", source="f.csv", day=1, by="a", at_ns=1)
        of_copy = Run(counterparty="ALPHA", source="drop copy COPY", day=1, by="a", at_ns=2)
        ledger.record(of_file, broken, (), whole=tuple(BreakClass))
        ledger.record(of_copy, [], {one.key for one in broken}, own_only=True)
        assert [entry.state for entry in ledger.entries()] == ["open"]


def test_the_command_puts_them_into_the_ledger_and_takes_them_out_again(
    desk: Desk, tmp_path: Path
) -> None:
    def run(name: str) -> tuple[int, dict[str, Any]]:
        journal = journaled(desk, tmp_path / name)
        words = ["reconcile", "live", "--json", "--journal", str(journal)]
        done = CliRunner().invoke(main, [*words, "--ledger", str(tmp_path / "ledger")])
        return done.exit_code, json.loads(done.stdout)

    order = desk.buy(1000)
    fill(desk, order, "E1", session="COPY")
    desk.wait(GRACE)
    code, found = run("first")
    assert (code, [entry["break"]["class"] for entry in found["open"]]) == (1, ["missing_here"])
    fill(desk, order, "E1")
    code, found = run("second")
    assert (code, found["open"]) == (0, [])


def test_without_a_drop_copy_the_command_says_so(tmp_path: Path) -> None:
    journal = journaled(Desk(), tmp_path / "journal")
    done = CliRunner().invoke(main, ["reconcile", "live", "--journal", str(journal)])
    assert (done.exit_code, "no session is a drop copy" in done.stderr) == (2, True)
