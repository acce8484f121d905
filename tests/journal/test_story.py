"""The story of an order says who did what, what changed, and why."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from fix_oms.journal.story import story
from fix_oms.model.messages import BusinessMessageReject
from fix_oms.model.units import SCALE, fixed
from tests.journal.stories import (
    CANCELED,
    FILLED,
    NEW,
    PART,
    Day,
    at_its_end,
    cancelled_in_doubt,
    last,
    partly_filled,
    replaced_filled_and_busted,
)

FILL = (
    "35=8\x01{}37=O-1-1\x0111=1-1\x0117=F1\x01150=F\x0139=1\x0155=AAPL\x0154=1\x01"
    "32={}\x0131=10\x01151=60\x0114=40\x016=10\x01"
)
"""Fill F1 as text: what stands in the header, and LastQty(32)."""


# -- what the broker says --------------------------------------------------------------------------

SAYS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("A", "A", "ALPHA has received the order and not accepted it yet", {}),
    ("0", NEW, "ALPHA acknowledges the order as OrderID(37) O-1-1", {}),
    ("3", "3", "ALPHA is done with the order for the day", {}),
    ("4", "4", "ALPHA cancels the order, which we had not asked for", {}),
    ("7", "7", "ALPHA stops the order: an execution is guaranteed", {}),
    ("9", "9", "ALPHA suspends the order", {}),
    ("B", "B", "ALPHA has calculated the order for the day", {}),
    ("C", "C", "ALPHA ends the order: it has expired", {}),
    ("8", "8", "ALPHA rejects the order (UnknownSymbol)", {"ord_rej_reason": "1"}),
    ("8", "8", 'ALPHA rejects the order "no"', {"text": "no"}),
    ("F", PART, "ALPHA reports fill E1: 40 @ 10", {"cum": 40, "leaves": 60, "last": 40}),
    (
        "D",
        NEW,
        "ALPHA restates the order (VerbalChange): OrderQty(38) 100 -> 80",
        {"leaves": 80, "order_qty": 80 * SCALE, "exec_restatement_reason": "2"},
    ),
    (
        "I",
        NEW,
        "ALPHA tells the status: OrdStatus(39) New, CumQty(14) 0, LeavesQty(151) 100",
        {"leaves": 100},
    ),
]


@pytest.mark.parametrize(("exec_type", "status", "words", "more"), SAYS)
def test_a_report_is_told_in_plain_words(
    tmp_path: Path, exec_type: str, status: str, words: str, more: dict[str, Any]
) -> None:
    day = Day().told("1-1", exec_type, status, **more)
    assert last(day, tmp_path).words == words


def test_a_fill_under_an_older_id_was_executed_before_the_replace(tmp_path: Path) -> None:
    day = Day().acked()
    day.replaced(price=fixed("10.02"))
    day.told("1-1", "F", PART, cum=40, leaves=60, last=40, exec_id="F1")
    assert last(day, tmp_path).words == (
        "ALPHA reports fill F1: 40 @ 10: under ClOrdID(11) 1-1, so executed before replace 1-2 was"
        " worked"
    )


def test_a_fill_after_the_end_counts_and_reopens_nothing(tmp_path: Path) -> None:
    day = at_its_end().told_late("1-1", "F", cum=40, last=40, px="10", exec_id="F1")
    assert last(day, tmp_path).words == (
        "ALPHA reports fill F1: 40 @ 10: late, the order is Canceled: it counts all the same, and"
        " reopens nothing"
    )


def test_a_fill_that_was_told_before_it_came_proves_what_was_told(tmp_path: Path) -> None:
    day = Day().acked().told("1-1", "I", PART, cum=40, leaves=60, exec_id="0")
    day.told("1-1", "F", PART, cum=40, leaves=60, last=40, exec_id="F1")
    event = last(day, tmp_path)
    assert event.words.endswith("it proves 40 that CumQty(14) had told before")
    assert event.notes == ("break closed: CumQty(14) told exceeds the executions received",)


def test_a_fill_told_again_counts_once(tmp_path: Path) -> None:
    day = partly_filled()
    day.desk.hear_text("ALPHA", FILL.format("43=Y\x01", 40))
    event = last(day, tmp_path)
    expected = "ALPHA (PossDup) reports fill F1: 40 @ 10: told before, so it counts once"
    assert (event.words, event.after) == (expected, None)


def test_two_executions_under_one_exec_id_both_count(tmp_path: Path) -> None:
    day = partly_filled()
    day.told("1-1", "F", PART, cum=90, leaves=10, last=50, exec_id="F1")
    event = last(day, tmp_path)
    assert event.words.endswith("one ExecID(17) for two executions that differ: both count")
    assert event.notes == ("break: one ExecID(17) used for different executions",)


def test_an_order_that_we_did_not_send_has_a_story(tmp_path: Path) -> None:
    day = Day()
    day.told("theirs", "F", PART, cum=40, leaves=60, last=40, exec_id="F1", order_id="T-1")
    found = story(day.written(tmp_path), "T-1")
    assert found is not None
    assert [(e.words, e.notes) for e in found.events] == [
        (
            "ALPHA reports fill F1: 40 @ 10",
            ("ALPHA reports ALPHA/T-1, which we did not send",),
        )
    ]


def test_a_bust_takes_back_and_may_open_the_order_again(tmp_path: Path) -> None:
    day = Day().acked().told("1-1", "F", FILLED, cum=100, last=100, exec_id="F1")
    day.told("1-1", "H", NEW, leaves=100, exec_id="B1", exec_ref_id="F1")
    assert last(day, tmp_path).words == (
        "ALPHA busts fill F1 (100 @ 10): its 100 no longer count; the order is open again, with 100"
        " left"
    )


def test_a_bust_after_the_end_opens_nothing(tmp_path: Path) -> None:
    day = partly_filled()
    day.told(day.cancelled(), "4", CANCELED, cum=40, orig_cl_ord_id="1-1")
    day.told("1-1", "H", CANCELED, exec_id="B1", exec_ref_id="F1")
    expected = "ALPHA busts fill F1 (40 @ 10): its 40 no longer count; the order stays Canceled"
    assert last(day, tmp_path).words == expected


def test_a_second_bust_of_a_fill_takes_nothing_more(tmp_path: Path) -> None:
    day = partly_filled()
    for bust in ("B1", "B2"):
        day.told("1-1", "H", NEW, leaves=100, exec_id=bust, exec_ref_id="F1")
    assert last(day, tmp_path).words.endswith("it is busted already: nothing of it counts")


def test_a_bust_of_what_has_not_come_waits_for_it(tmp_path: Path) -> None:
    day = Day().acked().told("1-1", "H", NEW, leaves=100, exec_id="B1", exec_ref_id="F1")
    event = last(day, tmp_path)
    assert event.words == "ALPHA busts fill F1: fill F1 has not come yet; it waits for it"
    assert event.notes == ("break: bust or correction of an unknown execution: B1",)


def test_a_fill_whose_bust_came_first_does_not_count(tmp_path: Path) -> None:
    day = Day().acked().told("1-1", "H", NEW, leaves=100, exec_id="B1", exec_ref_id="F1")
    day.told_late("1-1", "F", cum=40, last=40, px="10", exec_id="F1")
    expected = "ALPHA reports fill F1: 40 @ 10: bust B1 has come before it: it does not count"
    assert last(day, tmp_path).words == expected


def test_a_correction_says_from_what_to_what(tmp_path: Path) -> None:
    day = partly_filled()
    day.told("1-1", "G", PART, cum=30, leaves=70, last=30, exec_id="C1", exec_ref_id="F1")
    expected = "ALPHA corrects fill F1 from 40 @ 10 to 30 @ 10: 10 no longer count"
    assert last(day, tmp_path).words == expected


def test_a_correction_upwards_counts_more(tmp_path: Path) -> None:
    day = partly_filled()
    day.told("1-1", "G", PART, cum=50, leaves=50, last=50, exec_id="C1", exec_ref_id="F1")
    assert last(day, tmp_path).words.endswith("from 40 @ 10 to 50 @ 10: 10 more count")


def test_a_fill_whose_correction_came_first_counts_as_corrected(tmp_path: Path) -> None:
    day = Day().acked()
    day.told("1-1", "G", PART, cum=30, leaves=70, last=30, exec_id="C1", exec_ref_id="F1")
    day.told_late("1-1", "F", cum=40, last=40, px="10", exec_id="F1")
    assert "correction C1 has come before it: it counts as 30 @ 10" in last(day, tmp_path).words


def test_an_accepted_replace_says_which_terms_changed(tmp_path: Path) -> None:
    day = Day().acked()
    asked = day.replaced(order_qty=150 * SCALE, price=fixed("10.02"), time_in_force="1")
    day.told(asked, "5", NEW, leaves=150, orig_cl_ord_id="1-1")
    assert last(day, tmp_path).words == (
        "ALPHA accepts replace 1-2: OrderQty(38) 100 -> 150, Price(44) 10 -> 10.02,"
        " TimeInForce(59) Day -> GTC"
    )


def test_a_replaced_report_under_the_orders_own_id_replaces_the_order(tmp_path: Path) -> None:
    day = Day().acked().told("1-1", "5", NEW, leaves=80, order_qty=80 * SCALE)
    assert last(day, tmp_path).words == "ALPHA replaces the order: OrderQty(38) 100 -> 80"


def test_a_request_that_is_pending_at_the_broker_is_in_hand(tmp_path: Path) -> None:
    day = Day().acked()
    day.told(day.cancelled(), "6", "6", leaves=100, orig_cl_ord_id="1-1")
    assert last(day, tmp_path).words == "ALPHA has cancel 1-2 in hand, and has not answered it yet"


def test_a_rejection_of_a_request_names_it(tmp_path: Path) -> None:
    day = Day().acked()
    day.told(day.cancelled(), "8", NEW, leaves=100, orig_cl_ord_id="1-1")
    assert last(day, tmp_path).words == "ALPHA rejects cancel 1-2"


def test_a_refused_cancel_says_why(tmp_path: Path) -> None:
    day = Day().acked()
    day.desk.cancel_reject(day.cancelled(), "1-1", NEW, cxl_rej_reason="0", text="trading")
    assert last(day, tmp_path).words == 'ALPHA refuses cancel 1-2 (TooLate) "trading"'


def test_a_refusal_told_again_says_that_it_was_answered(tmp_path: Path) -> None:
    day = Day().acked()
    asked = day.cancelled()
    for _ in range(2):
        day.desk.cancel_reject(asked, "1-1", NEW, cxl_rej_reason="0")
    assert last(day, tmp_path).words == (
        "ALPHA refuses cancel 1-2 (TooLate): answered already, nothing new"
    )


def test_a_reject_of_a_message_names_the_request_that_it_refuses(tmp_path: Path) -> None:
    day = Day()
    reject = BusinessMessageReject(
        ref_msg_type="D", business_reject_reason="0", ref_seq_num=1, text="no"
    )
    day.desk.hear("ALPHA", reject)
    assert last(day, tmp_path).words == 'ALPHA rejects new 1-1 (MsgSeqNum(34) 1) "no"'


def test_an_order_that_the_broker_does_not_know_never_arrived(tmp_path: Path) -> None:
    day = Day().waited(11)
    day.told("1-1", "I", "8", order_id="NONE", ord_rej_reason="5")
    assert last(day, tmp_path).words == "ALPHA does not know the order: it never arrived"


def test_a_status_that_says_nothing_new_is_told_so(tmp_path: Path) -> None:
    day = Day().acked().told("1-1", "I", NEW, leaves=100, exec_id="0")
    assert last(day, tmp_path).words.endswith("LeavesQty(151) 100: as we knew it")


def test_an_old_status_changes_nothing(tmp_path: Path) -> None:
    day = Day().acked()
    day.told("1-1", "F", PART, cum=40, leaves=60, last=40, exec_id="F1")
    day.told_late("1-1", "I", cum=0, last=0, px="10", exec_id=None)
    assert last(day, tmp_path).words.endswith("not as we know it, and it changes nothing")


def test_an_acknowledgement_that_a_fill_has_overtaken_is_late(tmp_path: Path) -> None:
    day = Day().told("1-1", "F", PART, cum=40, leaves=60, last=40, exec_id="F1")
    day.told("1-1", "A", "A", leaves=100)
    assert last(day, tmp_path).words.endswith("not accepted it yet: late, and nothing new")


def test_a_report_that_cannot_be_read_is_told_as_such(tmp_path: Path) -> None:
    day = Day().acked()
    day.desk.hear_text("ALPHA", FILL.format("", "x"))
    event = last(day, tmp_path)
    assert event.words.startswith("ALPHA sends what cannot be read: LastQty(32) 'x'")


# -- the story as a whole --------------------------------------------------------------------------


def test_an_event_holds_the_order_before_and_after_it(tmp_path: Path) -> None:
    event = last(partly_filled(), tmp_path)
    assert event.was is not None
    assert event.after is not None
    assert (event.was.cum_qty, event.after.cum_qty) == (0, 40 * SCALE)


@pytest.mark.parametrize("lived", [replaced_filled_and_busted, cancelled_in_doubt])
def test_every_event_says_something(tmp_path: Path, lived: Any) -> None:
    events = lived().story(tmp_path).events
    assert [e for e in events if not e.words] == []


@pytest.mark.parametrize("lived", [replaced_filled_and_busted, cancelled_in_doubt])
def test_each_state_goes_on_from_the_one_before(tmp_path: Path, lived: Any) -> None:
    changes = [e for e in lived().story(tmp_path).events if e.after is not None]
    broken = [
        new.words
        for old, new in pairwise(changes)
        if old.after is None or new.was is None or old.after.cum_qty != new.was.cum_qty
    ]
    assert (len(changes) > 5, broken) == (True, [])


def test_an_order_that_the_journal_does_not_know_has_no_story(tmp_path: Path) -> None:
    assert story(Day().written(tmp_path), "9-9") is None
