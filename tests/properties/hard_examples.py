"""Hard examples, one row each: what was asked, what the broker said and when, and what is true.

The reports stand in the order in which the broker wrote them, a moment apart; ``arrives`` is the
order in which they reach us. All requests have left before the first report arrives, so that every
order of arrival is a possible one.

A report is one line of a small notation::

    c1 F/1 100:40:60 e1 40@10      ClOrdID ExecType/OrdStatus OrderQty:CumQty:LeavesQty
                                   ExecID LastQty@LastPx, of REF for ExecRefID, day 2
    9 c2 1                         35=9: ClOrdID and OrdStatus
    j c2                           35=j that names it

``c1`` is the new order (Buy 100 AAPL @ 10), ``c2`` and on are what was asked of it since.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Row(NamedTuple):
    """``ends`` is OrdStatus OrderQty:CumQty:LeavesQty, then what has executed, with its AvgPx;
    ``breaks`` are words of the breaks that must stand open, and no others may."""

    title: str
    asked: tuple[str, ...]
    said: tuple[str, ...]
    arrives: str
    ends: str
    breaks: tuple[str, ...] = ()
    time_in_force: str = "0"


ACK: Final = "c1 0/0 100:0:100 a1"
FORTY: Final = "c1 F/1 100:40:60 e1 40@10"
PART: Final = "1 100:40:60 40@10"
THIRTY: Final = "c1 G/1 100:30:70 e2 30@11 of e1"
BUSTED: Final = (ACK, FORTY, THIRTY, "c1 H/0 100:0:100 e3 of e2")

ROWS: Final = (
    # -- executions ---------------------------------------------------------------------------
    Row("a fill before the acknowledgement", (), (ACK, FORTY), "1 0", PART),
    Row(
        "a stale partial fill after a newer one",
        (),
        (FORTY, "c1 F/1 100:70:30 e2 30@12"),
        "1 0",
        "1 100:70:30 70@10.85714286",
    ),
    Row(
        "a correction before the fill that it corrects",
        (),
        (ACK, FORTY, THIRTY),
        "2 1 0",
        "1 100:30:70 30@11",
    ),
    Row(
        "a bust of a correction",
        (),
        BUSTED,
        "0 1 2 3",
        "0 100:0:100 0@0",
    ),
    Row(
        "a bust before the correction that it names, and both before the fill",
        (),
        BUSTED,
        "3 2 1 0",
        "0 100:0:100 0@0",
    ),
    Row(
        "a bust that names the fill, of which a correction is in force",
        (),
        (ACK, FORTY, THIRTY, "c1 H/0 100:0:100 e3 of e1"),
        "3 0 2 1",
        "0 100:0:100 0@0",
    ),
    Row(
        "a bust that bears the ExecID of its fill",
        (),
        (ACK, FORTY, "c1 H/0 100:0:100 e1 of e1"),
        "2 1 0",
        "0 100:0:100 0@0",
    ),
    Row(
        "a busted execution that is established anew",
        (),
        (FORTY, "c1 H/0 100:0:100 e2 of e1", "c1 F/1 100:40:60 e3 40@10.5"),
        "2 0 1",
        "1 100:40:60 40@10.5",
    ),
    Row(
        "two corrections of one fill: the later counts",
        (),
        (FORTY, "c1 G/1 100:50:50 e2 50@10 of e1", "c1 G/1 100:20:80 e3 20@10 of e1"),
        "2 1 0",
        "1 100:20:80 20@10",
    ),
    Row(
        "a correction of the fill after a correction of its correction",
        (),
        (
            FORTY,
            "c1 G/1 100:50:50 e2 50@10 of e1",
            "c1 G/1 100:60:40 e3 60@10 of e2",
            "c1 G/1 100:20:80 e4 20@10 of e1",
        ),
        "3 1 2 0",
        "1 100:20:80 20@10",
    ),
    Row("one execution told three times", (), (FORTY,) * 3, "0 1 2", PART),
    Row(
        "one ExecID with two prices: both count, and it is said",
        (),
        (FORTY, "c1 F/1 100:40:60 e1 40@11"),
        "1 0",
        "1 100:80:20 80@10.5",
        ("ExecID(17)", "CumQty(14)"),
    ),
    Row(
        "an overfill keeps every execution",
        (),
        ("c1 F/1 100:60:40 e1 60@10", "c1 F/2 100:120:0 e2 60@10"),
        "1 0",
        "2 100:120:0 120@10",
        ("overfill",),
    ),
    # -- races with a cancel --------------------------------------------------------------------
    Row(
        "executed in full while the cancel is pending (B.1.c)",
        ("cancel",),
        (ACK, "c2 6/6 100:0:100 a2", "c1 F/6 100:100:0 e1 100@10"),
        "2 1 0",
        "6 100:100:0 100@10",
    ),
    Row(
        "the reject of the cancel reveals Filled (B.1.c)",
        ("cancel",),
        (ACK, "c2 6/6 100:0:100 a2", "c1 F/6 100:100:0 e1 100@10", "9 c2 2"),
        "3 2 1 0",
        "2 100:100:0 100@10",
    ),
    Row(
        "canceled without ever being acknowledged (B.1.d)",
        ("cancel",),
        ("c2 6/6 100:0:100 a1", "c2 4/4 100:0:0 a2"),
        "1 0",
        "4 100:0:0 0@0",
    ),
    Row(
        "a pending cancel is no acknowledgement of the order (B.1.d)",
        ("cancel",),
        ("c2 6/6 100:0:100 a1", "9 c2 A"),
        "1 0",
        "A 100:0:100 0@0",
    ),
    Row(
        "a fill that the cancel overtook",
        ("cancel",),
        (ACK, FORTY, "c2 4/4 100:40:0 a2"),
        "2 1 0",
        "4 100:40:0 40@10",
    ),
    Row(
        "a late fill after the cancel",
        ("cancel",),
        (ACK, "c2 4/4 100:0:0 a2", "c1 F/4 100:40:0 e1 40@10"),
        "1 2 0",
        "4 100:40:0 40@10",
    ),
    Row(
        "a late fill after the cancel that completes the order",
        ("cancel",),
        (FORTY, "c2 4/4 100:40:0 a2", "c1 F/2 100:100:0 e2 60@10"),
        "1 2 0",
        "2 100:100:0 100@10",
    ),
    Row(
        "a bust after the cancel does not reopen",
        ("cancel",),
        (FORTY, "c2 4/4 100:40:0 a2", "c2 H/4 100:0:0 e2 of e1"),
        "2 1 0",
        "4 100:0:0 0@0",
    ),
    Row(
        "a late fill after the expiry",
        (),
        (ACK, "c1 C/C 100:0:0 a2", "c1 F/C 100:40:0 e1 40@10"),
        "2 1 0",
        "C 100:40:0 40@10",
    ),
    Row(
        "a correction after the expiry",
        (),
        (FORTY, "c1 C/C 100:40:0 a2", "c1 G/C 100:30:0 e2 30@10 of e1"),
        "2 1 0",
        "C 100:30:0 30@10",
    ),
    Row(
        "a fill of an order that was rejected counts, and it is said",
        (),
        ("c1 8/8 100:0:0 a1", FORTY),
        "1 0",
        "8 100:40:0 40@10",
        ("reject", "final report", "LeavesQty(151)"),
    ),
    Row(
        "rejected after the acknowledgement, which comes later",
        (),
        (ACK, "c1 8/8 100:0:0 a2"),
        "1 0",
        "8 100:0:0 0@0",
    ),
    Row(
        "a reject of a duplicate request leaves the order as it is (F.1.a)",
        (),
        (ACK, FORTY, "c1 8/1 100:40:60 a2"),
        "2 0 1",
        "1 100:40:60 40@10",
    ),
    # -- chains -------------------------------------------------------------------------------
    Row(
        "a chain of three replaces, the middle one refused",
        ("replace 120", "replace 130", "replace 150"),
        (ACK, "c2 5/0 120:0:120 a2", "9 c3 0", "c4 5/0 150:0:150 a3"),
        "3 2 1 0",
        "0 150:0:150 0@0",
    ),
    Row(
        "a fill under the old ClOrdID after the replace was accepted",
        ("replace 150",),
        (ACK, FORTY, "c2 5/1 150:40:110 a2"),
        "2 0 1",
        "1 150:40:110 40@10",
    ),
    Row(
        "a replace refused by a business reject",
        ("replace 150",),
        (ACK, "j c2", FORTY),
        "1 2 0",
        "1 100:40:60 40@10",
    ),
    Row(
        "two replaces pending, the first accepted (D.2.b)",
        ("replace 80", "replace 70"),
        (ACK, "c2 E/E 100:0:100 a2", "c3 E/E 100:0:100 a3", "c2 5/E 80:0:80 a4"),
        "3 2 1 0",
        "E 80:0:80 0@0",
    ),
    Row(
        "two replaces, both refused (D.2.c)",
        ("replace 80", "replace 70"),
        (FORTY, "c2 E/E 100:40:60 a2", "9 c2 1", "c3 E/E 100:40:60 a3", "9 c3 1"),
        "4 3 2 1 0",
        "1 100:40:60 40@10",
    ),
    Row(
        "the cancel is refused while the replace is pending",
        ("cancel", "replace 150"),
        (ACK, "c2 6/6 100:0:100 a2", "c3 E/6 100:0:100 a3", "9 c2 E"),
        "3 0 2 1",
        "E 100:0:100 0@0",
    ),
    Row(
        "a cancel and a replace pending at once",
        ("cancel", "replace 150"),
        (ACK, "c2 6/6 100:0:100 a2", "c3 E/6 100:0:100 a3"),
        "2 1 0",
        "6 100:0:100 0@0",
    ),
    Row(
        "a replace below CumQty is accepted at CumQty (C.3.c)",
        ("replace 70",),
        (ACK, "c1 F/1 100:80:20 e1 80@10", "c2 5/2 80:80:0 a2"),
        "2 1 0",
        "2 80:80:0 80@10",
    ),
    Row(
        "a bust after that reopens what was accepted",
        ("replace 70",),
        ("c1 F/1 100:80:20 e1 80@10", "c2 5/2 80:80:0 a2", "c2 H/0 80:0:80 e2 of e1"),
        "2 1 0",
        "0 80:0:80 0@0",
    ),
    Row(
        "a replace reopens a filled order (G.1.c)",
        ("replace 120",),
        ("c1 F/2 100:100:0 e1 100@10", "c2 E/E 100:100:0 a2", "c2 5/1 120:100:20 a3"),
        "2 1 0",
        "1 120:100:20 100@10",
    ),
    Row(
        "rejected by the venue after a replace was accepted",
        ("replace 120",),
        (ACK, "c2 5/0 120:0:120 a2", "c2 8/8 120:0:0 a3"),
        "2 0 1",
        "8 120:0:0 0@0",
    ),
    Row(
        "an unsolicited cancel while our replace is on its way",
        ("replace 150",),
        (FORTY, "c1 4/4 100:40:0 a2", "9 c2 4"),
        "2 1 0",
        "4 100:40:0 40@10",
    ),
    # -- what is told, what is proven ----------------------------------------------------------
    Row(
        "a status answer proves no execution",
        (),
        ("c1 I/1 100:40:60",),
        "0",
        "1 100:40:60 0@0",
        ("CumQty(14)",),
    ),
    Row("a status answer overtakes the fill", (), (FORTY, "c1 I/1 100:40:60"), "1 0", PART),
    Row(
        "an old status answer comes last",
        (),
        (ACK, "c1 I/0 100:0:100", "c1 F/2 100:100:0 e1 100@10"),
        "0 2 1",
        "2 100:100:0 100@10",
    ),
)
