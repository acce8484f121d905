"""The list of what may depend on the order of delivery."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from fix_oms.conformance import Options, check
from fix_oms.conformance import exceptions as listed
from fix_oms.conformance.compare import Difference
from fix_oms.conformance.exceptions import Allowed
from fix_oms.conformance.permute import Example, Leg, Permuted
from fix_oms.conformance.verdicts import _judged
from fix_oms.model.errors import SettingsError
from fix_oms.scenarios import load
from tests.scenarios.made import SPEC, made, main_run, sent, told

ENTRY = "{scenario: H.1.b, leg: absent, why: two truths}"
BAD: list[tuple[str, str]] = [
    ("{", "is not YAML"),
    ("5", "exceptions: must be a list, which may be empty"),
    ("exceptions: 5", "exceptions: must be a list"),
    (f"exceptions: [{', '.join([ENTRY] * 7)}]", "exceptions: are 7; at most 6 may be"),
    ("exceptions: [5]", "exception 1: must be a mapping"),
    ("exceptions: [{scenario: A, leg: absent}]", "exception 1, why: is missing"),
    ("exceptions: [{leg: absent, why: x}]", "exception 1, scenario: is missing"),
    ("exceptions: [{scenario: A, leg: true, why: x}]", "exception 1, leg: 'True' is none of"),
    ("exceptions: [{scenario: A, leg: equal, why: x, size: 3}]", "exception 1, size: is none of"),
]


@pytest.mark.parametrize(("text", "reason"), BAD)
def test_a_bad_list_is_named_with_its_place(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / listed.FILE
    path.write_text(text)
    with pytest.raises(SettingsError) as error:
        listed.load(path)
    assert f"{path}: {reason}" in str(error.value)


def test_a_list_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        listed.load(tmp_path / "none.yaml")


def test_an_entry_may_be_of_one_version_and_branch(tmp_path: Path) -> None:
    path = tmp_path / listed.FILE
    path.write_text("exceptions: [{scenario: A.1.a, leg: equal, why: x, fix: '4.4', branch: main}]")
    (entry,) = listed.load(path)
    assert entry.concerns(main_run("A.1.a"), Leg.SECOND)
    assert not entry.concerns(main_run("A.1.a"), Leg.ABSENT)
    assert not entry.concerns(main_run("A.1.a", "FIX.5.0SP2"), Leg.SECOND)
    assert not entry.concerns(main_run("A.1.b"), Leg.SECOND)


def test_the_list_beside_the_scenarios_goes_before_the_projects_own(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    assert listed.found_beside((file,)) == SPEC.parent / listed.FILE
    (tmp_path / listed.FILE).write_text("exceptions: []")
    assert listed.found_beside((file,)) == tmp_path / listed.FILE


def test_the_projects_own_list_is_sound() -> None:
    assert len(listed.load(SPEC.parent / listed.FILE)) <= listed.MOST


DIFFERING = Permuted(
    leg=Leg.ABSENT,
    orders=6,
    deliveries=20,
    impossible=1,
    differing=2,
    uncertain=True,
    example=Example(order=("3", "2"), differences=(Difference("end", "f", "1", "2"),)),
)
ALLOWED = Allowed(scenario="T.1", leg=Leg.ABSENT, why="two truths")


def test_orders_that_differ_are_counted_and_one_is_shown() -> None:
    assert [str(d) for d in _judged(DIFFERING, None)] == [
        "permuted, TransactTime(60) absent:  orders of delivery  published one ending,"
        " ours 2 of 5 differ",
        "delivered 3 2:  f  published 1, ours 2",
    ]


def test_what_is_listed_and_flagged_may_differ() -> None:
    assert _judged(DIFFERING, ALLOWED) == []


def test_what_is_listed_and_not_flagged_may_not() -> None:
    assert "not all flagged" in _judged(attrs.evolve(DIFFERING, uncertain=False), ALLOWED)[0].ours


def test_what_is_listed_and_never_differs_is_stale() -> None:
    (found,) = _judged(attrs.evolve(DIFFERING, differing=0), ALLOWED)
    assert found.ours == "stale: every order ends as published"


def test_a_run_that_no_order_makes_possible_is_not_green() -> None:
    (found,) = _judged(attrs.evolve(DIFFERING, differing=0, impossible=6), None)
    assert found.ours == "the engine takes none"


def test_the_reason_is_told_with_the_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(tmp_path, sent("1", "D", "X", 100), told("2", "X", "0 0", "100 0 100 0"))
    monkeypatch.setattr("fix_oms.conformance.verdicts.permuted", lambda *_: [DIFFERING])
    options = Options(permute=True, allowed=(ALLOWED,))
    (verdict,) = check(load(path).scenarios, options)
    assert (verdict.ok, verdict.excepted) == (True, ("two truths",))
