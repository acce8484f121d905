"""The ledger of breaks: one number from day to day, an owner, an end, and back when it returns."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from fix_oms.followers.break_ledger import BreakLedger, Run
from fix_oms.model.errors import LedgerError
from fix_oms.model.units import SCALE
from fix_oms.reconcile.breaks import Break, BreakClass
from tests.reconcile.days import DAY, SECOND

ALL = tuple(BreakClass)
PRICE = Break(
    kind=BreakClass.PRICE,
    key="exec E1",
    day=DAY,
    account="DESK",
    symbol="AAPL",
    money=-(10**25),
)
OTHER = msgspec.structs.replace(PRICE, key="exec E2")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[BreakLedger]:
    with BreakLedger(tmp_path / "breaks.sqlite") as opened:
        yield opened


def run(n: int, *, counterparty: str = "ALPHA", day: int = DAY) -> Run:
    return Run(counterparty=counterparty, source=f"file {n}", day=day, by="ann", at_ns=n * SECOND)


def whats(ledger: BreakLedger, number: int) -> list[str]:
    return [event.what for event in ledger.history(number)]


def test_a_break_keeps_its_number_and_its_age_while_it_is_found(ledger: BreakLedger) -> None:
    ledger.record(run(1), [PRICE], ())
    ledger.record(run(9, day=DAY + 1), [PRICE], ())
    [entry] = ledger.entries()
    assert (entry.id, entry.first_ns, entry.last_ns) == (1, SECOND, 9 * SECOND)


def test_what_was_found_is_kept_exactly(ledger: BreakLedger) -> None:
    ledger.record(run(1), [PRICE], ())
    assert ledger.entry(1).found == PRICE


def test_a_break_keeps_its_number_when_its_class_changes(ledger: BreakLedger) -> None:
    missing = msgspec.structs.replace(PRICE, kind=BreakClass.MISSING_THERE)
    ledger.record(run(1), [missing], ())
    ledger.record(run(2), [PRICE], ())
    assert [(e.id, e.found.kind) for e in ledger.entries()] == [(1, "price")]
    assert ledger.history(1)[-1].text == "missing_there is now price"


def test_what_agrees_is_settled_by_the_comparison_that_says_so(ledger: BreakLedger) -> None:
    ledger.record(run(1), [PRICE, OTHER], ())
    ledger.record(run(2, day=DAY + 1), [], {PRICE.key})
    assert [e.found.key for e in ledger.entries()] == [OTHER.key]
    assert ledger.entry(1).resolution == "ann: file 2 agrees"


def test_what_a_whole_file_of_the_day_no_longer_shows_is_settled(ledger: BreakLedger) -> None:
    ledger.record(run(1), [PRICE], ())
    ledger.record(run(2), [], (), whole=ALL)
    assert ledger.entries() == []


@pytest.mark.parametrize(
    ("later", "whole"),
    [
        (run(2), ()),
        (run(2), (BreakClass.POSITION,)),
        (run(2, day=DAY + 1), ALL),
        (run(2, counterparty="BETA"), ALL),
    ],
    ids=["a part of a file", "positions alone", "another day", "another broker"],
)
def test_what_a_comparison_did_not_look_at_stays_open(
    ledger: BreakLedger, later: Run, whole: tuple[BreakClass, ...]
) -> None:
    ledger.record(run(1), [PRICE], ())
    ledger.record(later, [], (), whole=whole)
    assert [e.id for e in ledger.entries()] == [1]


def test_a_break_that_returns_is_open_again_under_its_number(ledger: BreakLedger) -> None:
    ledger.record(run(1), [PRICE], ())
    ledger.resolve(1, "broker has mended it", "ann", 2 * SECOND, accept=False)
    ledger.record(run(3), [PRICE], ())
    assert ledger.entry(1).state == "open"
    assert whats(ledger, 1) == ["found", "resolved", "reopened"]


def test_an_accepted_break_stays_settled_while_it_is_as_it_was(ledger: BreakLedger) -> None:
    ledger.record(run(1), [PRICE], ())
    ledger.resolve(1, "a cent", "ann", 2 * SECOND, accept=True)
    ledger.record(run(3), [msgspec.structs.replace(PRICE, note="said otherwise")], ())
    assert ledger.entry(1).state == "accepted"


def test_an_accepted_break_that_has_changed_is_open_again(ledger: BreakLedger) -> None:
    ledger.record(run(1), [PRICE], ())
    ledger.resolve(1, "a cent", "ann", 2 * SECOND, accept=True)
    ledger.record(run(3), [msgspec.structs.replace(PRICE, money=-2 * SCALE)], ())
    assert ledger.entry(1).state == "open"


def test_owner_notes_and_resolution_are_said_with_who_and_when(ledger: BreakLedger) -> None:
    ledger.record(run(1), [PRICE], ())
    ledger.assign(1, "bob", "ann", 2 * SECOND)
    ledger.note(1, "ticket 4711", "bob", 3 * SECOND)
    entry = ledger.resolve(1, "booked", "bob", 4 * SECOND, accept=False)
    assert (entry.owner, entry.state, entry.resolution) == ("bob", "resolved", "bob: booked")
    assert [(e.at_ns // SECOND, e.by, e.what, e.text) for e in ledger.history(1)] == [
        (1, "ann", "found", "file 1"),
        (2, "ann", "assigned", "bob"),
        (3, "bob", "note", "ticket 4711"),
        (4, "bob", "resolved", "booked"),
    ]


def test_a_settled_break_is_not_settled_twice(ledger: BreakLedger) -> None:
    ledger.record(run(1), [PRICE], ())
    ledger.resolve(1, "booked", "ann", 2 * SECOND, accept=False)
    with pytest.raises(LedgerError, match="break 1 is settled already"):
        ledger.resolve(1, "again", "bob", 3 * SECOND, accept=False)


def test_a_break_that_is_not_there_is_named(ledger: BreakLedger) -> None:
    with pytest.raises(LedgerError, match="there is no break 7"):
        ledger.assign(7, "bob", "ann", SECOND)


def test_the_ledger_outlives_the_process(tmp_path: Path) -> None:
    with BreakLedger(tmp_path / "l") as ledger:
        ledger.record(run(1), [PRICE], ())
    with BreakLedger(tmp_path / "l") as again:
        assert [e.found for e in again.entries()] == [PRICE]


def test_many_who_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "l"
    with BreakLedger(path) as ledger:
        ledger.record(run(1), [PRICE], ())

    def work(name: str) -> None:
        with BreakLedger(path) as mine:
            for n in range(20):
                mine.note(1, f"{name} {n}", name, n)

    people = [threading.Thread(target=work, args=(f"p{n}",)) for n in range(4)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    with BreakLedger(path) as ledger:
        assert len(ledger.history(1)) == 1 + 4 * 20


def test_a_ledger_of_a_newer_format_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "l"
    BreakLedger(path).__exit__(None, None, None)
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(LedgerError, match="is of format 99; this version knows 1"):
        BreakLedger(path)


def test_a_file_that_is_no_ledger_is_named(tmp_path: Path) -> None:
    path = tmp_path / "l"
    path.write_text("no database at all, but long enough to be looked at")
    with pytest.raises(LedgerError, match="file is not a database"):
        BreakLedger(path)


def test_only_its_owner_can_read_the_ledger(tmp_path: Path) -> None:
    BreakLedger(tmp_path / "l").__exit__(None, None, None)
    assert (tmp_path / "l").stat().st_mode & 0o077 == 0
