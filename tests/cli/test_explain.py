"""``explain``: the story of an order as a trader reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fix_oms.cli.main import main
from fix_oms.model import inputs
from tests.journal.stories import Day, cancelled_in_doubt, replaced_filled_and_busted

IN_FLIGHT = """\
Order 1-1 (OrderID(37) O-1-3)
2023-11-14 (UTC)
22:13:21.000    tom asks for Buy 100 AAPL Limit @ 10 Day
                = PendingNew 0/100, 100 left; new 1-1 awaits its answer
22:13:21.000 -> we send NewOrderSingle 1-1 to ALPHA: MsgSeqNum(34) 1, 0.00 ms after its cause
22:13:22.000 <- ALPHA acknowledges the order as OrderID(37) O-1-1
                = New 0/100, 100 left (was PendingNew 0/100)
22:13:23.000    tom asks for replace 1-2: OrderQty(38) 150, Price(44) 10.02
                = New 0/100, 100 left; replace 1-2 awaits its answer
22:13:23.000 -> we send OrderCancelReplaceRequest 1-2 to ALPHA: MsgSeqNum(34) 2, 0.00 ms after its
                cause
22:13:24.000    tom asks for replace 1-3: Price(44) 10.03
                = New 0/100, 100 left; replace 1-2 awaits its answer; replace 1-3 awaits its answer
22:13:24.000 -> we send OrderCancelReplaceRequest 1-3 to ALPHA: MsgSeqNum(34) 3, 0.00 ms after its
                cause
22:13:25.000 <- ALPHA accepts replace 1-2: OrderQty(38) 100 -> 150, Price(44) 10 -> 10.02
                = New 0/150, 150 left (was New 0/100); replace 1-3 awaits its answer
22:13:26.000 <- ALPHA reports fill F1: 40 @ 10.01: under the old ClOrdID(11) 1-1, so executed before
                replace 1-2 was worked
                = PartiallyFilled 40/150 @ 10.01, 110 left (was New 0/150); replace 1-3 awaits its
                answer
22:13:27.000 <- ALPHA accepts replace 1-3: Price(44) 10.02 -> 10.03
                = PartiallyFilled 40/150 @ 10.01, 110 left
22:13:28.000 <- ALPHA reports fill F2: 110 @ 10.03
                = Filled 150/150 @ 10.02466667 (was PartiallyFilled 40/150)
22:13:29.000 <- ALPHA busts fill F1 (40 @ 10.01): its 40 no longer count; the order is open again,
                with 40 left
                = PartiallyFilled 110/150 @ 10.03, 40 left (was Filled 150/150)
Now: PartiallyFilled 110/150 @ 10.03 Buy AAPL on ALPHA
"""

IN_DOUBT = """\
Order 1-1 (OrderID(37) O-1-3)
2023-11-14 (UTC)
22:13:21.000    tom asks for Buy 100 AAPL Limit @ 10 Day
                = PendingNew 0/100, 100 left; new 1-1 awaits its answer
22:13:21.000 -> we send NewOrderSingle 1-1 to ALPHA: MsgSeqNum(34) 1, 0.00 ms after its cause
22:13:22.000 <- ALPHA acknowledges the order as OrderID(37) O-1-1
                = New 0/100, 100 left (was PendingNew 0/100)
22:13:23.000    tom asks for cancel 1-2
                = New 0/100, 100 left; cancel 1-2 awaits its answer
22:13:23.000 -> we send OrderCancelRequest 1-2 to ALPHA: MsgSeqNum(34) 2, 0.00 ms after its cause
22:13:34.000    cancel 1-2 is in doubt: no answer in time
                = New 0/100, 100 left; cancel 1-2 awaits its answer and is in doubt
22:13:34.000 -> we ask ALPHA about the order: OrderStatusRequest, MsgSeqNum(34) 3, 0.00 ms after its
                cause
22:13:35.000    session ALPHA goes down: connection reset
22:13:57.000    session ALPHA is ready again
22:13:57.000 -> we ask ALPHA about all its orders: OrderMassStatusRequest, MsgSeqNum(34) 4, 0.00 ms
                after its cause
22:13:58.000 <- ALPHA tells the status: OrdStatus(39) New, CumQty(14) 0, LeavesQty(151) 100: as we
                knew it
22:13:59.000    ann decides that cancel 1-2 is refused: Kim at ALPHA: no cancel seen
                = New 0/100, 100 left
22:14:00.000    tom asks for cancel 1-3
                = New 0/100, 100 left; cancel 1-3 awaits its answer
22:14:00.000 -> we send OrderCancelRequest 1-3 to ALPHA: MsgSeqNum(34) 5, 0.00 ms after its cause
22:14:01.000 <- ALPHA confirms cancel 1-3
                ! break: CumQty(14) told exceeds the executions received
                = Canceled 30/100 @ 10 (was New 0/100); 30 of it not yet proven by an execution
22:14:02.000 <- ALPHA reports fill F1: 30 @ 9.99: late, the order is Canceled: it counts all the
                same, and reopens nothing; it proves 30 that CumQty(14) had told before
                ! break closed: CumQty(14) told exceeds the executions received
                = Canceled 30/100 @ 9.99
Now: Canceled 30/100 @ 9.99 Buy AAPL on ALPHA
"""


def explained(day: Day, directory: Path, *words: str, columns: int = 100) -> Result:
    journal = day.written(directory / "journal")
    command = ["explain", day.order, "--journal", str(journal), *words]
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(main, command, prog_name="fix-oms")


def test_a_fill_in_flight_and_a_bust_are_explained(tmp_path: Path) -> None:
    done = explained(replaced_filled_and_busted(), tmp_path, "--no-raw")
    assert done.output == IN_FLIGHT


def test_a_doubt_and_its_decision_are_explained(tmp_path: Path) -> None:
    done = explained(cancelled_in_doubt(), tmp_path, "--no-raw")
    assert done.output == IN_DOUBT


def test_each_message_stands_under_its_words(tmp_path: Path) -> None:
    lines = explained(Day().acked(), tmp_path).output.splitlines()
    sent = next(n for n, line in enumerate(lines) if "we send NewOrderSingle" in line)
    assert lines[sent + 1].startswith(" " * 16 + "35=D|11=1-1|")


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_no_line_of_words_is_longer_than_the_screen(tmp_path: Path, columns: int) -> None:
    done = explained(cancelled_in_doubt(), tmp_path, "--no-raw", columns=columns)
    assert max(len(line) for line in done.output.splitlines()) <= columns


def test_each_day_is_named_once(tmp_path: Path) -> None:
    day = Day(time_in_force="1").acked().waited(86_400)
    day.told("1-1", "F", "1", cum=40, leaves=60, last=40)
    lines = explained(day, tmp_path, "--no-raw").output.splitlines()
    assert [line for line in lines if line.endswith("(UTC)")] == [
        "2023-11-14 (UTC)",
        "2023-11-15 (UTC)",
    ]


def test_what_is_not_settled_stands_with_the_state(tmp_path: Path) -> None:
    day = Day().acked().told("1-1", "I", "1", cum=40, leaves=60, exec_id="0")
    output = explained(day, tmp_path, "--no-raw").output
    assert (
        "= PartiallyFilled 40/100 @ 10, 60 left (was New 0/100); 40 of it not yet proven" in output
    )


def test_json_has_the_words_the_notes_and_the_state(tmp_path: Path) -> None:
    day = Day().acked().told("1-1", "I", "1", cum=40, leaves=60, exec_id="0")
    event = json.loads(explained(day, tmp_path, "--json").output)["events"][-1]
    found = (event["way"], event["notes"], event["after"]["provisional_qty"])
    assert found == ("in", ["break: CumQty(14) told exceeds the executions received"], "40")


def test_the_orders_names_stand_in_the_heading(tmp_path: Path) -> None:
    day = Day(client_ref="mine").acked()
    heading = explained(day, tmp_path).output.splitlines()[0]
    assert heading == "Order 1-1 (ref mine, OrderID(37) O-1-1)"


def test_an_unknown_order_is_named_and_ends_with_2(tmp_path: Path) -> None:
    day = Day()
    day.order = "9-9"  # type: ignore[misc]  # a name that the desk never gave
    done = explained(day, tmp_path)
    assert (done.exit_code, "no order, no parent and no algo is known as '9-9'" in done.stderr) == (
        2,
        True,
    )


def test_a_refused_command_is_explained(tmp_path: Path) -> None:
    day = Day().acked().asked(inputs.DontKnow(by="ann", order="1-1", exec_id="X", dk_reason="C"))
    assert "refused: 1-1 has no execution 'X'" in explained(day, tmp_path).output
