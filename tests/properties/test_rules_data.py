"""The reader of the published rules finds each kind of lie, and no lie where there is none."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import pytest

from fix_oms.model.messages import ExecutionReport
from tests.properties.model_broker import ModelBroker, Report
from tests.properties.rules_data import INACTIVE, PRECEDENCE, Reading, adds_up
from tests.properties.timed_broker import TimedBroker

ORDER: Final = "35=D|11=c1|55=AAPL|54=1|38=100|40=2|44=10|59=0|".replace("|", "\x01")
REPLACE: Final = "35=G|11=c2|41=c1|55=AAPL|54=1|38=150|40=2|44=11|59=0|".replace("|", "\x01")


def lived() -> list[Report]:
    """Acknowledged, filled in part, asked about, restated, replaced, busted, filled, expired."""
    broker = TimedBroker()
    broker.receive(ORDER)
    broker.accept(0)
    broker.fill(0)
    broker.status(0)
    broker.restate(3)
    broker.receive(REPLACE)
    broker.pend(0)
    broker.grant_replace(0)
    broker.bust(0)
    broker.fill(0)
    broker.expire(0)
    return broker.said


TOLD: Final = ("0/0", "F/1", "I/1", "D/1", "E/E", "5/1", "H/0", "F/1", "C/C")
"""ExecType/OrdStatus of that life, so that the places below mean something."""


def lies_of(said: list[Report]) -> list[str]:
    reading = Reading()
    for message in said:
        reading.read(message)
    return reading.lies


def test_the_life_is_the_one_described() -> None:
    said = [m for m in lived() if isinstance(m, ExecutionReport)]
    assert tuple(f"{m.exec_type}/{m.ord_status}" for m in said) == TOLD


def test_a_true_life_has_no_lie() -> None:
    assert lies_of(lived()) == []


@pytest.mark.parametrize(
    ("place", "rule", "change"),
    [
        (1, "precedence", {"ord_status": "0"}),
        (4, "precedence", {"ord_status": "1"}),
        (5, "precedence", {"ord_status": "E"}),
        (8, "precedence", {"ord_status": "1"}),
        (1, "Q1/Q2", {"leaves_qty": 0}),
        (6, "Q1/Q2", {"leaves_qty": 1}),
        (8, "Q1/Q2", {"leaves_qty": 140}),
        (1, "Q3/Q8", {"cum_qty": 0}),
        (7, "Q3/Q8", {"last_qty": 20}),
        (6, "Q7", {"order_qty": 100}),
        (5, "Q5", {"order_qty": 1, "leaves_qty": 0}),
        (3, "X5", {"exec_restatement_reason": None}),
        (0, "X6", {"ord_status": "A"}),
        (2, "D6", {"exec_id": "X9"}),
        (7, "D6", {"exec_id": "X1"}),
        (6, "names no execution", {"exec_ref_id": "X99"}),
    ],
)
def test_each_kind_of_lie_is_found(place: int, rule: str, change: dict[str, Any]) -> None:
    said = lived()
    said[place] = msgspec.structs.replace(said[place], **change)
    assert [lie for lie in lies_of(said) if rule in lie] != []


def test_the_precedence_is_the_published_one_with_its_tie_put_in_order() -> None:
    assert "".join(PRECEDENCE) == "6E3B2794C180AD"


def test_the_text_of_rule_q2_names_the_inactive_statuses() -> None:
    assert frozenset("43CB8") == INACTIVE


@pytest.mark.parametrize(("good_till", "sound"), [(False, True), (True, False)])
def test_a_gt_order_done_for_day_keeps_its_leaves(good_till: bool, sound: bool) -> None:
    assert adds_up(100, 40, 0, {"3"}, good_till=good_till) is sound


def test_an_order_that_only_arrived_is_pending_new() -> None:
    broker = ModelBroker()
    broker.receive(ORDER)
    assert (broker.ord_status, Reading().ord_status) == ("A", "A")
