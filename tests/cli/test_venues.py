"""``fix-oms venues``: the scorecards for people and programs, of an engine or of a journal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from fix_oms.cli.venue_tables import venues_table
from fix_oms.cli.words import percent
from fix_oms.model.units import SCALE, fixed
from fix_oms.model.views import VenueView
from tests.cli.conftest import Shell
from tests.engine.desk import Desk
from tests.journal.days import journaled

BUSY = VenueView(
    venue="ALPHA",
    session="ALPHA",
    shut="",
    orders=1250,
    rejected=5,
    take_sent=100_000 * SCALE,
    took=97_500 * SCALE,
    post_sent=60_000 * SCALE,
    posted=24_000 * SCALE,
    ack_p50_ns=1_254_000,
    ack_p99_ns=8_700_000,
    fill_p50_ns=1_300_000,
    fill_p99_ns=95_000_000,
    wait_p50_ns=4_200_000_000,
    wait_p99_ns=310_000_000_000,
    improvement=fixed("1234.5678"),
    fees=fixed("-87.654"),
    currency="USD",
)
IDLE = VenueView(
    venue="BETA",
    session="BETA",
    shut="session BETA is down: the connection was lost",
    orders=0,
    rejected=0,
    take_sent=0,
    took=0,
    post_sent=0,
    posted=0,
    ack_p50_ns=0,
    ack_p99_ns=0,
    fill_p50_ns=0,
    fill_p99_ns=0,
    improvement=0,
    fees=0,
    currency="USD",
)

NARROW = """\
Venue   Orders  Rejected    Took  Posted     Ack    Fill    Better    Fees
──────────────────────────────────────────────────────────────────────────
ALPHA     1250     0.4 %  97.5 %  40.0 %  1.3 ms  1.3 ms  1,234.57  -87.65
BETA !       0
Ack, Fill: half of the orders are faster (p50)
money in USD: Better than the book showed, Fees by the tariff (- is a rebate)
! BETA: session BETA is down: the connection was lost
"""


def printed(width: int) -> str:
    console = Console(width=width, highlight=False, color_system=None)
    with console.capture() as captured:
        console.print(venues_table([BUSY, IDLE], width))
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def test_each_venue_is_one_line() -> None:
    assert printed(80) == NARROW


@pytest.mark.parametrize("width", [60, 80, 120, 150, 200])
def test_no_line_is_longer_than_the_screen_and_no_figure_is_cut(width: int) -> None:
    shown = printed(width)
    assert max(map(len, shown.splitlines())) <= width
    assert "…" not in shown


@pytest.mark.parametrize(
    ("width", "figures"),
    [(120, ("8.7 ms", "95 ms", "4.2 s")), (150, ("100000", "60000", "310 s"))],
)
def test_where_there_is_room_more_is_told(width: int, figures: tuple[str, ...]) -> None:
    assert [figure for figure in figures if figure not in printed(width)] == []


def test_programs_get_exact_figures_and_times_as_lengths(shell: Shell) -> None:
    shell.engine.routing.scores = [BUSY]
    (found,) = json.loads(shell.run("venues", "--json").output)
    exact = ("improvement", "fees", "took", "ack_p50_ns", "wait_p99_ns", "orders")
    assert [found[name] for name in exact] == [
        "1234.5678",
        "-87.654",
        "97500",
        1_254_000,
        310_000_000_000,
        1250,
    ]
    assert "ack_p50" not in found


def test_a_journal_tells_without_an_engine(nobody: Shell, tmp_path: Path) -> None:
    desk = Desk()
    desk.report(desk.buy(100, time_in_force="3"), "F", "2", last=100, cum=100)
    journal = tmp_path / "journal"
    journal.mkdir()
    journaled(journal, desk.log)
    done = nobody.run("venues", "--journal", str(journal), "--json")
    found = json.loads(done.output)
    assert [(v["venue"], v["orders"], v["took"]) for v in found] == [
        ("ALPHA", 1, "100"),
        ("BETA", 0, "0"),
    ]


def test_an_empty_journal_tells_nothing(nobody: Shell, tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    done = nobody.run("venues", "--journal", str(tmp_path / "journal"))
    assert (done.exit_code, "holds no records" in done.stderr) == (1, True)


def test_without_an_engine_it_says_so(nobody: Shell) -> None:
    assert nobody.run("venues").exit_code == 3


def test_the_sum_of_a_view_crosses_the_socket_whole(shell: Shell) -> None:
    shell.engine.routing.scores = [BUSY, IDLE]
    found = json.loads(shell.run("venues", "--json").output)
    assert [set(row) for row in found] == [set(VenueView.__struct_fields__)] * 2


PERCENTS = [
    (0, 0, ""),
    (0, 5, "0 %"),
    (5, 5, "100 %"),
    (6, 5, "100 %"),
    (1, 10_000, "0.1 %"),
    (9_999, 10_000, "99.9 %"),
    (1, 3, "33.3 %"),
]


@pytest.mark.parametrize(("part", "whole", "text"), PERCENTS)
def test_only_all_is_all_and_only_nothing_nothing(part: int, whole: int, text: str) -> None:
    assert percent(part, whole) == text
