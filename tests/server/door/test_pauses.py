"""How long an address waits that has failed, and what is told of it."""

from __future__ import annotations

from fix_oms.server.door.pauses import MOST, Pauses
from fix_oms.server.door.refusals import Refusals
from fix_oms.server.door.words import Refused


def test_the_pause_doubles_from_the_third_failure_up_to_a_minute() -> None:
    pauses = Pauses()
    found = [pauses.failed("10.0.0.7", 0.0) for _ in range(11)]
    assert found == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_failure_holds_up_its_own_address_alone() -> None:
    pauses = Pauses()
    for _ in range(4):
        pauses.failed("10.0.0.7", 100.0)
    assert (pauses.until("10.0.0.7"), pauses.until("10.0.0.8")) == (102.0, 0.0)


def test_who_is_let_in_and_who_keeps_quiet_is_forgiven() -> None:
    pauses = Pauses()
    for address in ("10.0.0.7", "10.0.0.8"):
        for _ in range(5):
            pauses.failed(address, 0.0)
    pauses.forgive("10.0.0.7")
    assert (pauses.failed("10.0.0.7", 1.0), pauses.failed("10.0.0.8", 601.0)) == (0.0, 0.0)


def test_no_more_addresses_are_remembered_than_there_is_room_for() -> None:
    pauses = Pauses()
    for number in range(MOST + 10):
        pauses.failed(str(number), 0.0)
    assert len(pauses._failed) == MOST


def test_an_attempt_is_told_once_and_then_added_up() -> None:
    refusals = Refusals()
    told = [
        refusals.add("10.0.0.7", "", "no Logon", severe=False, now_s=float(at)) for at in range(5)
    ]
    first = Refused(address="10.0.0.7", client="", reason="no Logon", times=1, severe=False)
    more = Refused(address="10.0.0.7", client="", reason="no Logon", times=4, severe=False)
    assert (told, refusals.due(59.0), refusals.due(60.0), refusals.due(200.0)) == (
        [first, None, None, None, None],
        [],
        [more],
        [],
    )


def test_more_kinds_than_there_is_room_for_are_counted_together() -> None:
    refusals = Refusals()
    for number in range(1000):
        refusals.add(f"10.0.{number}", "", "no Logon", severe=False, now_s=0.0)
    due = refusals.due(60.0)
    assert [(told.address, told.times) for told in due] == [("others", 743)]
