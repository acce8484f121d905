"""Every control lets pass what is just inside, refuses what is one unit beyond, says why, and
decides the same when its journal is replayed."""

from __future__ import annotations

import pytest

from fix_oms.engine import Engine
from fix_oms.model.controls import CONTROLS
from fix_oms.model.inputs import NewOrder, decode, encode
from fix_oms.model.outputs import Accepted, Output, Refused
from tests.risk.acts import Case
from tests.risk.cases import CASES

by_control = pytest.mark.parametrize("case", CASES, ids=lambda case: case.control)


def refusal(case: Case) -> Refused:
    answer = case.beyond(case.desk())
    assert isinstance(answer, Refused), answer
    return answer


def test_no_control_lacks_its_case() -> None:
    assert {case.control for case in CASES} == CONTROLS.keys()


@by_control
def test_what_is_just_inside_passes(case: Case) -> None:
    assert isinstance(case.inside(case.desk()), Accepted)


@by_control
def test_one_unit_beyond_is_refused_by_that_control(case: Case) -> None:
    assert refusal(case).control == case.control


@by_control
def test_the_refusal_says_why_in_words(case: Case) -> None:
    assert case.says in refusal(case).text


@by_control
def test_the_refusal_names_limit_and_value_for_programs(case: Case) -> None:
    refused = refusal(case)
    assert (refused.limit, refused.value) == (case.limit, case.value)


@by_control
def test_a_refused_order_does_not_leave(case: Case) -> None:
    desk = case.desk()
    case.beyond(desk)
    asked = [value for _, value in desk.log if isinstance(value, NewOrder)]
    left = [message for message in desk.sent if message.text.startswith("35=D\x01")]
    assert len(left) == len(asked) - 1


@by_control
@pytest.mark.parametrize("which", ["inside", "beyond"])
def test_the_journal_replays_to_the_same_decisions(case: Case, which: str) -> None:
    desk = case.desk()
    getattr(case, which)(desk)
    again = Engine()
    told: list[Output] = []
    for now, value in desk.log:
        told += again.step(now, decode(encode(value)))
    assert [o for o in told if isinstance(o, Accepted | Refused)] == desk.said


@by_control
@pytest.mark.parametrize("which", ["inside", "beyond"])
def test_the_journal_replays_to_the_same_state(case: Case, which: str) -> None:
    desk = case.desk()
    getattr(case, which)(desk)
    again = Engine()
    for now, value in desk.log:
        again.step(now, decode(encode(value)))
    assert again.shown(desk.now).hash() == desk.shown.hash()
