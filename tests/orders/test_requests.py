"""What became of a request: the evidence of its answer, in whatever order it came."""

from __future__ import annotations

import pytest

from fix_oms.orders.requests import Request
from fix_oms.orders.said import statement
from tests.orders.told import Y, replace, report

FLAGS = ("accepted", "meant", "refused", "pending", "unsent")


def request(*evidence: str) -> Request:
    made = replace(Y, 150)
    for flag in evidence:
        setattr(made, flag, statement(report("5", "0"), 0, 1) if flag == "meant" else True)
    return made


@pytest.mark.parametrize(
    ("evidence", "accepted", "answered", "while_open", "at_the_end"),
    [
        ((), False, False, "pending", "moot"),
        (("pending",), False, False, "pending", "moot"),
        (("accepted",), True, True, "accepted", "accepted"),
        (("meant",), True, True, "accepted", "accepted"),
        (("refused",), False, True, "refused", "refused"),
        (("unsent",), False, True, "unsent", "unsent"),
        (("accepted", "refused"), True, True, "accepted", "accepted"),
        (("meant", "refused"), True, True, "accepted", "accepted"),
        (("accepted", "unsent"), True, True, "unsent", "unsent"),
    ],
)
def test_the_outcome_of_a_request_is_told_in_one_word(
    evidence: tuple[str, ...], accepted: bool, answered: bool, while_open: str, at_the_end: str
) -> None:
    one = request(*evidence)
    assert (one.accepted_somehow, one.answered) == (accepted, answered)
    assert (one.outcome(False), one.outcome(True)) == (while_open, at_the_end)


def test_a_new_request_has_no_answer_and_is_not_in_doubt() -> None:
    one = replace(Y, 150)
    assert (one.cl_ord_id, one.kind, one.epoch, one.created_ns) == (Y, "replace", 1, 0)
    assert [getattr(one, flag) for flag in FLAGS] == [False, None, False, False, False]
    assert (one.seq, one.doubt, one.text) == (0, False, "")
