"""Hard examples that only TransactTime(60) puts in order: restatements, halts, guarantees, days.

Written as those of ``hard_examples``, and judged with them.
"""

from __future__ import annotations

from typing import Final

from tests.properties.hard_examples import ACK, FORTY, PART, Row

TIMED_ROWS: Final = (
    Row(
        "two unsolicited restatements around a fill (E.1.c)",
        (),
        (ACK, "c1 D/0 110:0:110 a2", "c1 F/1 110:10:100 e1 10@10", "c1 D/1 120:10:110 a3"),
        "3 2 1 0",
        "1 120:10:110 10@10",
    ),
    Row(
        "a partial decline, then filled (E.1.d)",
        (),
        (ACK, "c1 D/0 90:0:90 a2", "c1 F/2 90:90:0 e1 90@10"),
        "2 0 1",
        "2 90:90:0 90@10",
    ),
    Row(
        "done for day overtaken by next morning's restatement (H.1.a)",
        (),
        (
            FORTY,
            "c1 3/3 100:40:60 a2",
            "c1 D/1 100:40:60 a3 day 2",
            "c1 F/1 100:50:50 e2 10@10 day 2",
        ),
        "2 3 1 0",
        "1 100:50:50 50@10",
        time_in_force="1",
    ),
    Row(
        "corrections on the second day of fills on both (J.1.c)",
        (),
        (
            FORTY,
            "c1 3/3 100:40:60 a2",
            "c1 F/1 100:50:50 e2 10@10 day 2",
            "c1 G/1 100:45:55 e3 35@10 of e1 day 2",
            "c1 G/1 100:40:60 e4 5@10 of e2 day 2",
        ),
        "4 3 2 1 0",
        PART,
        time_in_force="1",
    ),
    Row(
        "done for day, then a correction and its bust (J.1.d)",
        (),
        (
            "c1 F/1 100:50:50 e1 50@10",
            "c1 3/3 100:50:0 a2",
            "c1 G/3 100:40:0 e2 40@10 of e1",
            "c1 H/3 100:0:0 e3 of e2",
        ),
        "3 1 0 2",
        "3 100:0:0 0@0",
    ),
    Row(
        "a guarantee is no fill (L.1.a)",
        (),
        (ACK, "c1 7/7 100:0:100 a2 10@10", "c1 F/7 100:10:90 e1 10@9.9"),
        "2 1 0",
        "7 100:10:90 10@9.9",
    ),
    Row(
        "Filled outranks the guarantee",
        (),
        ("c1 7/7 100:0:100 a1 100@10", "c1 F/2 100:100:0 e1 100@10"),
        "1 0",
        "2 100:100:0 100@10",
    ),
    Row(
        "a halt whose end arrives first",
        (),
        (FORTY, "c1 9/9 100:40:60 a2", "c1 D/1 100:40:60 a3"),
        "2 1 0",
        PART,
    ),
    Row(
        "a halt that Filled and a pending cancel have hidden",
        ("cancel",),
        (
            FORTY,
            "c1 9/9 100:40:60 a2",
            "c1 G/2 100:100:0 e2 100@10 of e1",
            "c2 6/6 100:100:0 a3",
            "c1 H/6 100:0:100 e3 of e2",
            "9 c2 9",
        ),
        "5 4 3 2 1 0",
        "9 100:0:100 0@0",
    ),
    Row(
        "done for day while a replace was pending, which is then refused",
        ("replace 150",),
        (FORTY, "c2 E/E 100:40:60 a2", "c1 3/E 100:40:60 a3", "9 c2 3"),
        "3 0 2 1",
        "3 100:40:60 40@10",
        time_in_force="1",
    ),
)
