"""``explain`` of a parent: what the router saw, decided, and what came of it, as a page."""

from __future__ import annotations

import json
import re

import msgspec
import pytest

from fix_oms.cli.words import fee_words, span
from fix_oms.model.protocol import ParentFound
from fix_oms.model.units import SCALE, fixed
from tests.cli.conftest import Shell
from tests.cli.parents_shown import parent_view, seen, swept

PAGE = """\
Parent P1: Buy 1000 AAPL @ 150.1 Day, policy sweep
account DESK; came 2025-11-21T09:00:00Z; arrival price 150; the average is 4.00 bp worse
2025-11-21 (UTC)
1  09:00:00.000  it came: 1000 to place within 150.1
  Venue  Offers to take             Bids to join             Age  Take fee  Post fee
  ──────────────────────────────────────────────────────────────────────────────────
  ALPHA  300@150.05, 500@150.1      300@149.95, 500@149.9  12 ms  0.003     -0.002
  BETA   300@150.06                 1000@149.94            12 ms  1 bp      0
  GAMMA  shut: its session is down                                0         0
  Decided: takes all within the limit, posts the rest; costs 120,052.50 by these books, fees
  included; no cheaper way was left untried
  -> take 500 @ 150.1 at ALPHA: 2 levels
     = 7-1 Filled 500/500 @ 150.06, last heard of after 2.3 ms
  -> take 300 @ 150.06 at BETA
     = 7-2 Filled 300/300 @ 150.06, last heard of after 2.3 ms
  -> rest 200 @ 149.94 at BETA: queue
     = not sent: message_rate: too fast
"""


@pytest.fixture
def explained(shell: Shell) -> Shell:
    shell.engine.routing.found["P1"] = swept()
    return shell


def lines(shell: Shell, *words: str, columns: int = 100) -> list[str]:
    done = shell.run("explain", "P1", *words, columns=columns)
    assert done.exit_code == 0, done.output
    return [line.rstrip() for line in done.output.splitlines()]


def test_a_decision_reads_top_down(explained: Shell) -> None:
    expected = PAGE.splitlines()
    assert lines(explained)[: len(expected)] == expected


def test_a_leg_that_did_not_leave_says_what_the_gate_said(explained: Shell) -> None:
    assert "     = not sent: message_rate: too fast" in lines(explained)


def test_the_venues_are_summed(explained: Shell) -> None:
    rows = [line.split() for line in lines(explained)]
    assert ["ALPHA", "2", "700", "500", "150.06", "200"] in rows
    assert ["BETA", "1", "300", "300", "150.06"] in rows


def test_the_last_line_says_how_it_stands(explained: Shell) -> None:
    expected = "Now: PartiallyFilled 800/1000 @ 150.06 Buy AAPL by sweep, 3 children, 200 open"
    assert lines(explained)[-1] == expected


@pytest.mark.parametrize("columns", [60, 80, 100, 140])
def test_nothing_is_cut_whatever_the_screen(explained: Shell, columns: int) -> None:
    shown = lines(explained, columns=columns)
    assert max(len(line) for line in shown) <= columns
    assert "…" not in "".join(shown)


def test_a_wide_screen_shows_the_venues_record(explained: Shell) -> None:
    assert "100 % / 50 %" in "\n".join(lines(explained, columns=140))


def test_the_newest_decisions_are_shown_and_the_others_counted(explained: Shell) -> None:
    shown = lines(explained, "--last", "1")
    assert "1 earlier decision: --all shows all" in shown
    assert not any(line.startswith("1  ") for line in shown)


def test_all_are_shown_when_asked_for(explained: Shell) -> None:
    shown = lines(explained, "--all", "--last", "1")
    assert [line[:3] for line in shown if line[:3] in ("1  ", "2  ")] == ["1  ", "2  "]


def test_nothing_sent_is_a_decision_too(shell: Shell) -> None:
    first = swept().decisions[0]
    plan = msgspec.structs.replace(first.plan, legs=(), why="nothing within the limit", cost=0)
    decision = msgspec.structs.replace(first, plan=plan)
    shell.engine.routing.found["P1"] = ParentFound(
        parent=parent_view(children=(), decisions=1), decisions=(decision,)
    )
    assert "  Decided: nothing within the limit" in lines(shell)


def test_a_parent_of_children_sent_by_hand_has_no_decisions(shell: Shell) -> None:
    view = parent_view(policy="", time_in_force="", price=None, children=(), decisions=0)
    shell.engine.routing.found["P1"] = ParentFound(parent=view)
    assert "its children are sent by hand: the router decides nothing of it" in lines(shell)


def test_a_dark_venue_shows_what_was_learned_of_it(shell: Shell) -> None:
    found = swept()
    dark = seen("POOL", is_dark=True, dark=(900_000, 455_000), age_ns=-1)
    view = msgspec.structs.replace(found.decisions[0].view, venues=(dark,))
    decision = msgspec.structs.replace(found.decisions[0], view=view)
    shell.engine.routing.found["P1"] = ParentFound(
        parent=found.parent, children=found.children, decisions=(decision,)
    )
    text = "\n".join(lines(shell, columns=140))
    assert ("POOL (dark)" in text, "units fill: 90 %, 46 %" in text) == (True, True)


@pytest.mark.parametrize(
    ("book", "expected"),
    [
        ({"join": ((SCALE, SCALE),)}, "none"),
        ({}, "an empty book"),
        ({"book": "stale"}, "its book is stale"),
        ({"age_ns": -1}, "no book"),
        ({"age_ns": -1, "is_dark": True}, "shows nothing"),
    ],
    ids=["nothing within the limit", "an empty one", "a stale one", "never told", "dark"],
)
def test_a_venue_with_nothing_to_take_says_why(
    shell: Shell, book: dict[str, object], expected: str
) -> None:
    found = swept()
    view = msgspec.structs.replace(found.decisions[0].view, venues=(seen("ALPHA", **book),))
    decision = msgspec.structs.replace(found.decisions[0], view=view)
    shell.engine.routing.found["P1"] = ParentFound(
        parent=found.parent, children=found.children, decisions=(decision,)
    )
    row = next(line for line in lines(shell) if line.startswith("  ALPHA"))
    assert re.split(r"\s{2,}", row.strip())[1] == expected


def test_json_has_exact_levels_and_each_legs_child(explained: Shell) -> None:
    found = json.loads(explained.run("explain", "P1", "--json").output)
    first = found["decisions"][0]
    legs = [(leg["venue"], leg["qty"], leg["child"]) for leg in first["plan"]["legs"]]
    assert legs == [("ALPHA", "500", "7-1"), ("BETA", "300", "7-2"), ("BETA", "200", None)]
    assert first["view"]["venues"][0]["take"] == [["150.05", "300"], ["150.1", "500"]]
    assert first["plan"]["cost"] == "120052.5"


def test_a_replaced_child_is_still_its_legs(shell: Shell) -> None:
    found = swept()
    assert found.parent is not None
    resting = msgspec.structs.replace(found.children[2], order_qty=150 * SCALE)
    shell.engine.routing.found["P1"] = ParentFound(
        parent=found.parent, children=(*found.children[:2], resting), decisions=found.decisions
    )
    assert "     = 7-3 New 0/150, last heard of after 9.0 ms" in lines(shell)


@pytest.mark.parametrize(
    ("ns", "expected"),
    [(850_000, "850 us"), (2_340_000, "2.3 ms"), (41_400_000, "41 ms"), (3_200_000_000, "3.2 s")],
)
def test_a_span_reads_at_a_glance(ns: int, expected: str) -> None:
    assert span(ns) == expected


@pytest.mark.parametrize(
    ("unit", "bps", "expected"),
    [("0", "0", "0"), ("-0.002", "0", "-0.002"), ("0.003", "1.5", "0.003 + 1.5 bp")],
)
def test_fees_are_said_as_the_tariff_has_them(unit: str, bps: str, expected: str) -> None:
    assert fee_words(fixed(unit), fixed(bps)) == expected
