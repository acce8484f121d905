"""A run in published order: what is right is green, what is wrong is named by row and field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fix_oms.conformance import Difference
from fix_oms.conformance.compare import END
from fix_oms.conformance.play import Player
from fix_oms.scenarios import Run, tell
from tests.scenarios.made import happened, main_run, one, refused, sent, told

NEW = sent("1", "D", "X", 100)
ACK = told("2", "X", "0 0", "100 0 100 0")
FILL = told("3", "X", "F 1", "100 40 60 40", last_px=10)


def played(run: Run) -> list[Difference]:
    return list(Player(run, tell(run)).play())


def differing(directory: Path, *steps: dict[str, Any], **keys: Any) -> list[tuple[str, str]]:
    """(t, field) of each difference of a made scenario."""
    return [(d.t, d.field) for d in played(one(directory, *steps, **keys)[0])]


def test_a_right_scenario_shows_no_difference(tmp_path: Path) -> None:
    assert differing(tmp_path, NEW, ACK, FILL) == []


WRONG: list[tuple[dict[str, Any], str]] = [
    (FILL | {"ord_status_code": "2"}, "OrdStatus(39)"),
    (FILL | {"order_qty": 90}, "OrderQty(38)"),
    (FILL | {"cum_qty": 30}, "CumQty(14)"),
    (FILL | {"leaves_qty": 99}, "LeavesQty(151)"),
    (FILL | {"avg_px": 11}, "AvgPx(6)"),
]


@pytest.mark.parametrize(("row", "field"), WRONG)
def test_a_wrong_cell_is_found_at_its_row_and_at_the_end(
    tmp_path: Path, row: dict[str, Any], field: str
) -> None:
    assert {("3", field), (END, field)} <= set(differing(tmp_path, NEW, ACK, row))


def test_a_difference_says_what_is_published_and_what_is_ours(tmp_path: Path) -> None:
    found = played(one(tmp_path, NEW, ACK | {"leaves_qty": 99})[0])
    assert str(found[0]) == "t 2  LeavesQty(151)  published 99, ours 100"


AVERAGES: list[tuple[object, bool]] = [
    (10, True),
    ("10.0", True),
    ("10.00000000001", True),
    ("9.6", False),
    ("10.06", False),
    ("10.01", False),
]


@pytest.mark.parametrize(("printed", "agrees"), AVERAGES)
def test_an_average_may_be_rounded_to_the_places_it_is_printed_with(
    tmp_path: Path, printed: object, agrees: bool
) -> None:
    found = differing(tmp_path, NEW, ACK, FILL | {"avg_px": printed})
    assert (("3", "AvgPx(6)") not in found) == agrees


def test_a_blank_average_is_held_to_what_the_executions_cost(tmp_path: Path) -> None:
    other = told("4", "X", "F 1", "100 60 40 20", last_px=13)
    (run,) = one(tmp_path, NEW, ACK, FILL, other)
    view = Player(run, tell(run))
    assert list(view.play()) == []
    assert [e.exact_avg_px for e in tell(run).endings] == [11]


def test_blank_cells_are_not_compared(tmp_path: Path) -> None:
    assert differing(tmp_path, NEW, told("2", "X", "0 0")) == []


def test_a_cancel_reject_is_compared_by_status_alone(tmp_path: Path) -> None:
    cancel = sent("4", "F", "Y,X", 100)
    reject = refused("5", "Y,X", "1", order_qty=1, cum_qty=7)
    assert differing(tmp_path, NEW, ACK, FILL, cancel, reject) == []


def test_replaced_as_42_may_print_it_is_any_working_status(tmp_path: Path) -> None:
    new = told("2", "X", "0 0 0", "100 0 100 0")
    replaced = told("4", "Y,X", "0 5 5", "200 0 200 0")
    steps = (NEW, new, sent("3", "G", "Y,X", 200), replaced)
    assert differing(tmp_path, *steps, fix_versions=["4.2"]) == []


def test_a_request_that_leaves_with_another_origclordid_is_named(tmp_path: Path) -> None:
    steps = (sent("3", "G", "Y,X", 200), sent("4", "G", "Z,X", 300))
    assert differing(tmp_path, NEW, ACK, *steps) == [("4", "OrigClOrdID(41)")]


def test_a_request_that_the_engine_refuses_ends_the_run(tmp_path: Path) -> None:
    reject = told("2", "X", "8 8", "100 0 0 0")
    found = played(one(tmp_path, NEW, reject, sent("3", "F", "Y,X", 100), ACK)[0])
    assert [(d.t, d.field) for d in found] == [("3", "request")]
    assert found[0].ours.startswith("refused: ")


def test_a_replace_that_changes_no_quantity_changes_the_price(tmp_path: Path) -> None:
    steps = (
        sent("3", "G", "Y,X", 100),
        told("4", "Y,X", "5 0", "100 0 100 0"),
        sent("5", "G", "Z,Y"),
        told("6", "Z,Y", "5 0", "100 0 100 0"),
    )
    assert differing(tmp_path, NEW, ACK, *steps) == []


def test_a_second_order_of_somebody_else_is_not_sent(tmp_path: Path) -> None:
    again = sent("4", "D", "X", 500)
    reject = told("5", "X", "8 1", "100 40 60 0", ord_rej_reason="duplicate order")
    assert differing(tmp_path, NEW, ACK, FILL, again, reject) == []


def test_an_answer_about_an_unknown_order_changes_none_of_ours() -> None:
    assert played(main_run("G.1.a")) == []


def test_a_run_without_orders_of_ours_has_a_bystander_who_must_not_change() -> None:
    run = main_run("B.1.f")
    player = Player(run, tell(run))
    assert (list(player.play()), player.desk.position()) == ([], 0)


def test_an_answer_that_does_change_an_order_of_ours_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = one(tmp_path, NEW, ACK, refused("3", "Q,P", "8", cxl_rej_reason="unknown order"))
    player = Player(run, tell(run))
    hear = player.desk.hear

    def meddles(kind: str, body: str) -> object:
        out = hear(kind, body)
        if kind == "9":
            player.client.send(run.acts[0])
            player.client.names["X"] = "1-1"
            player.desk.cancel("1-1")
        return out

    monkeypatch.setattr(player.desk, "hear", meddles)
    assert ("3", "order 1-1") in [(d.t, d.field) for d in player.play()]


def test_a_telephoned_order_counts_in_the_position() -> None:
    run = main_run("E.1.a")
    player = Player(run, tell(run))
    assert (list(player.play()), player.desk.position()) == ([], 10_000 * 10**8)


def test_an_execution_that_is_lost_is_found(tmp_path: Path) -> None:
    (run,) = one(tmp_path, NEW, ACK, FILL)
    player = Player(run, tell(run))
    hear = player.desk.hear
    player.desk.hear = lambda kind, body: hear(kind, body.replace("150=F", "150=0"))  # type: ignore[method-assign, assignment, misc]  # a broker that forgets to say Trade
    fields = {d.field for d in player.play()}
    assert {"executions", "position"} <= fields


def test_a_step_of_the_engine_that_fails_is_a_difference(tmp_path: Path) -> None:
    (run,) = one(tmp_path, NEW, ACK)
    player = Player(run, tell(run))
    player.desk.faults.append("step failed on FixIn")
    assert [(d.t, d.field) for d in player.play()] == [(END, "engine")]


def test_events_pass_by(tmp_path: Path) -> None:
    assert differing(tmp_path, NEW, ACK, happened("3", "halt"), FILL | {"t": "4"}) == []


def test_day_quantities_are_compared_where_they_are_printed(tmp_path: Path) -> None:
    steps = (
        NEW | {"t": "Day 1,1"},
        ACK | {"t": "Day 1,2"},
        FILL | {"t": "Day 1,3"},
        told("Day 2,1", "X", "D 1", "100 40 60 0", day_order_qty=60, day_cum_qty=0),
        told("Day 2,2", "X", "F 1", "100 50 50 10", last_px=9, day_order_qty=61, day_cum_qty=10),
    )
    assert differing(tmp_path, *steps) == [("Day 2,2", "DayOrderQty(424)")]
