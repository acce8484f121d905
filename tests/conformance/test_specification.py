"""Every scenario of spec/, in every version that publishes it: in order, untrue, and permuted.

The bounded permutation here is the quick one; the whole of it is in ``make soak``.
"""

from __future__ import annotations

import pytest

from fix_oms.conformance import Options, check, exceptions
from fix_oms.scenarios import load
from tests.scenarios.made import SPEC

SCENARIOS = load(SPEC).scenarios
ALLOWED = exceptions.load(SPEC.parent / exceptions.FILE)


def differing(options: Options) -> list[str]:
    """Every difference, with the run that shows it."""
    return [
        f"{verdict.run.name} {verdict.run.version.value} {difference}"
        for verdict in check(SCENARIOS, options)
        for difference in verdict.differences
    ]


def test_all_are_played_in_all_versions() -> None:
    verdicts = list(check(SCENARIOS, Options()))
    assert {v.run.scenario.id for v in verdicts} == {s.id for s in SCENARIOS}
    assert {v.run.version.value for v in verdicts} == {"FIX.4.2", "FIX.4.4", "FIX.5.0SP2"}
    assert len(verdicts) == 165


def test_in_published_order_all_are_as_published() -> None:
    assert differing(Options()) == []


def test_a_blind_broker_changes_no_state_and_is_told_of() -> None:
    assert differing(Options(blind=True)) == []


def test_an_overstating_broker_books_nothing() -> None:
    assert differing(Options(overstate=True)) == []


def test_permuted_all_end_as_published() -> None:
    assert differing(Options(permute=True, most=100, allowed=ALLOWED)) == []


@pytest.mark.parametrize("lie", ["blind", "overstate"])
def test_permuted_and_lied_about_all_end_as_they_must(lie: str) -> None:
    blind, overstate = lie == "blind", lie == "overstate"
    options = Options(permute=True, most=20, blind=blind, overstate=overstate)
    assert differing(options) == []


def test_the_misprints_of_the_specification_are_named() -> None:
    named = {m for verdict in check(SCENARIOS, Options()) for m in verdict.misprints}
    assert {name.partition(":")[0] for name in named} == {
        "E.1.a t 2",
        "V7.I.1.b t 6",
        "D.2.b t 7",
        "B.1.d t 4",
    }


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("lie", ["", "blind", "overstate"])
def test_every_order_of_delivery_ends_as_published(lie: str) -> None:
    allowed = () if lie else ALLOWED
    options = Options(
        permute=True, blind=lie == "blind", overstate=lie == "overstate", allowed=allowed
    )
    assert differing(options) == []


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("lie", ["blind", "overstate"])
def test_two_hundred_brokers_who_lie_change_nothing(lie: str) -> None:
    for seed in range(200):
        assert (
            differing(Options(blind=lie == "blind", overstate=lie == "overstate", seed=seed)) == []
        ), seed
