"""Permuted runs: the published ending in every order, days and requests respected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fix_oms.conformance.compare import Judged
from fix_oms.conformance.delivery import Delivery, Repeat, once
from fix_oms.conformance.desk import DAY, OPENING
from fix_oms.conformance.permute import Leg, Permuter, permuted
from fix_oms.scenarios import Run, tell
from tests.scenarios.made import main_run, one, sent, told

NEW = sent("1", "D", "X", 100)
ACK = told("2", "X", "0 0", "100 0 100 0")
FILL = told("3", "X", "F 1", "100 40 60 40", last_px=10)
CANCEL = sent("4", "F", "Y,X", 100)
CANCELED = told("5", "Y,X", "4 4", "100 40 0 0")


def permuter(run: Run, leg: Leg = Leg.TRUE) -> Permuter:
    found = tell(run)
    return Permuter(run, found, list(found.reports.values()), leg)


def test_every_order_of_a_race_ends_as_published(tmp_path: Path) -> None:
    (run,) = one(tmp_path, NEW, ACK, FILL, CANCEL, CANCELED)
    found = permuter(run).run(seed=1)
    assert (found.orders, found.impossible, found.differing) == (6, 0, 0)
    assert found.deliveries > 18


def test_all_three_legs_are_played(tmp_path: Path) -> None:
    (run,) = one(tmp_path, NEW, ACK, FILL)
    told_ = tell(run)
    legs = list(permuted(run, told_, list(told_.reports.values()), 1))
    assert [leg.leg for leg in legs] == list(Leg)


def test_a_run_without_orders_of_ours_is_not_permuted() -> None:
    run = main_run("B.1.f")
    told_ = tell(run)
    assert list(permuted(run, told_, list(told_.reports.values()), 1)) == []


def test_a_wrong_last_row_is_found_in_every_order(tmp_path: Path) -> None:
    wrong = FILL | {"leaves_qty": 50}
    (run,) = one(tmp_path, NEW, ACK, wrong)
    found = permuter(run).run(seed=1)
    assert (found.orders, found.differing) == (2, 2)
    assert found.example is not None
    assert found.example.order == ("2", "3")
    assert [d.field for d in found.example.differences] == ["LeavesQty(151)"]


def test_a_difference_of_sums_is_never_excused_as_uncertain(tmp_path: Path) -> None:
    (run,) = one(tmp_path, NEW, ACK, FILL)
    player = permuter(run)
    assert player.play(once((0, 1))) == []
    assert player.uncertain
    player._desk.faults.append("step failed")
    player._played = 1
    assert [d.field for d in player.play(once((0, 1))) or ()] == ["engine"]
    assert not player.uncertain


def test_requests_leave_before_their_answers_early_or_late(tmp_path: Path) -> None:
    (run,) = one(tmp_path, NEW, ACK, FILL, CANCEL, CANCELED)
    for late in (False, True):
        assert permuter(run).play(once((2, 1, 0)), late=late) == []


def test_an_order_in_which_the_engine_takes_no_request_is_impossible(tmp_path: Path) -> None:
    again = (sent("6", "F", "Z,X", 100), told("7", "Z,X", "6 4", "100 40 0 0"))
    (run,) = one(tmp_path, NEW, ACK, FILL, CANCEL, CANCELED, *again)
    assert permuter(run).play(once((0, 1, 2, 3))) is None


def test_a_report_of_the_second_day_begins_it(tmp_path: Path) -> None:
    (run,) = one(
        tmp_path,
        NEW | {"t": "Day 1,1"},
        ACK | {"t": "Day 1,2"},
        sent("Day 2,1", "F", "Y,X", 100),
        told("Day 2,2", "Y,X", "4 4", "100 0 0 0"),
    )
    player = permuter(run)
    assert player.play(once((1, 0))) == []
    assert player._desk.now >= OPENING + DAY


TEXTS: list[tuple[Leg, list[str]]] = [
    (Leg.ABSENT, []),
    (Leg.TRUE, ["60=20260302-14:31:00.000", "60=20260302-14:32:00.000"]),
    (Leg.SECOND, ["60=20260302-14:30:00.000"] * 2),
]


@pytest.mark.parametrize(("leg", "times"), TEXTS)
def test_each_leg_has_its_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, leg: Leg, times: list[str]
) -> None:
    assert heard(tmp_path, monkeypatch, leg, once((0, 1)), "60=") == times


def test_a_retransmission_keeps_its_number_and_a_resend_has_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = [
        Delivery(0, Repeat.FIRST),
        Delivery(1, Repeat.FIRST),
        Delivery(0, Repeat.POSS_DUP),
        Delivery(1, Repeat.POSS_RESEND),
    ]
    assert heard(tmp_path, monkeypatch, Leg.TRUE, way, "34=") == ["34=1", "34=2", "34=1", "34=3"]
    assert heard(tmp_path, monkeypatch, Leg.TRUE, way, "43=") == ["43=Y"]
    assert heard(tmp_path, monkeypatch, Leg.TRUE, way, "97=") == ["97=Y"]


def heard(
    directory: Path, patch: pytest.MonkeyPatch, leg: Leg, way: list[Delivery], tag: str
) -> list[str]:
    """The fields of that tag in all messages of the broker's, in order of delivery."""
    (run,) = one(directory, NEW, ACK, FILL)
    player = permuter(run, leg)
    player.play(once((0, 1)))  # the first order of delivery takes a fresh desk
    taken: list[Any] = []
    take = player._desk.take

    def listens(value: Any) -> Any:
        taken.append(value)
        return take(value)

    player = permuter(run, leg)
    player._played = 1
    take = player._desk.take
    patch.setattr(player._desk, "take", listens)
    assert player.play(way) == []
    texts = [value.text for value in taken if hasattr(value, "expected")]
    return [field for text in texts for field in text.split("\x01") if field.startswith(tag)]


def test_framing_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (length,) = heard(tmp_path, monkeypatch, Leg.TRUE, once((0, 1)), "9=")[:1]
    assert int(length.removeprefix("9=")) > 100


def test_sums_alone_are_asked_of_a_broker_who_overstates(tmp_path: Path) -> None:
    (run,) = one(tmp_path, NEW, ACK, FILL)
    told_ = tell(run)
    lying = [report.stating("14", "90") for report in told_.reports.values()]
    found = Permuter(run, told_, lying, Leg.TRUE, Judged.SUMS).run(seed=1)
    assert (found.differing, found.orders) == (0, 2)
    found = Permuter(run, told_, lying, Leg.TRUE, Judged.ALL).run(seed=1)
    assert found.differing == 2
