"""Brokers whose sums are wrong: what is said instead, and what must follow."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest

from fix_oms.conformance import Options, check, lies
from fix_oms.conformance.play import Player
from fix_oms.model.outputs import Alert
from fix_oms.model.units import SCALE, fixed
from fix_oms.scenarios import Report, Run, load, runs, tell
from tests.scenarios.made import SPEC, main_run, published

SEEDS = range(1, 21)
LYING = ("14", "151", "6", "39")


def every_run() -> Iterator[Run]:
    for scenario in load(SPEC).scenarios:
        yield from runs(scenario)


def test_a_blind_broker_lies_on_fills_alone() -> None:
    for run in every_run():
        told = tell(run)
        changed = lies.blind(run, told, 1).reports
        for place, report in told.reports.items():
            assert report.is_fill or changed[place] == report


def changes(seed: int) -> Iterator[tuple[Report, Report]]:
    run = main_run("D.1.a")
    told = tell(run)
    lied = lies.blind(run, told, seed)
    yield from ((report, lied.reports[place]) for place, report in told.reports.items())


def test_what_is_falsified_is_always_less_and_named() -> None:
    run = main_run("D.1.a")
    told = tell(run)
    seen = set()
    for seed in SEEDS:
        lied = lies.blind(run, told, seed)
        for place, report in told.reports.items():
            for tag in LYING:
                was, now = report.stated(tag), lied.reports[place].stated(tag)
                named = [name for name in lied.labels.get(place, ()) if name.endswith(f"({tag})")]
                assert len(named) == (now is not None and now != was)
                assert now is None or was is None or fixed_or_code(now) <= fixed_or_code(was)
                seen.add((tag, "removed" if now is None else "kept" if now == was else "lower"))
    assert seen == {(tag, how) for tag in LYING for how in ("removed", "kept", "lower")}


def fixed_or_code(text: str) -> int:
    return 0 if text == "E" else fixed(text)


def test_lastqty_and_lastpx_are_never_touched() -> None:
    for seed in SEEDS:
        for was, now in changes(seed):
            assert [was.stated(tag) for tag in ("32", "31", "17", "38")] == [
                now.stated(tag) for tag in ("32", "31", "17", "38")
            ]


def test_a_status_that_only_the_fill_tells_of_stays_and_so_does_what_it_leaves() -> None:
    run = next(r for r in runs(published("V7.I.1.b")) if not r.branch)
    told = tell(run)
    bundled = max(told.reports)
    for seed in SEEDS:
        report = lies.blind(run, told, seed).reports[bundled]
        assert (report.stated("39"), report.stated("151")) == ("4", "9000")


def test_a_status_that_was_told_before_may_go() -> None:
    run = main_run("L.1.a")
    told = tell(run)
    fill = max(told.reports)
    found = {lies.blind(run, told, seed).reports[fill].stated("39") for seed in SEEDS}
    assert found == {"7", None}


def test_a_seed_gives_the_same_lies() -> None:
    run = main_run("D.1.a")
    assert lies.blind(run, tell(run), 3) == lies.blind(run, tell(run), 3)
    assert lies.blind(run, tell(run), 3) != lies.blind(run, tell(run), 4)


def test_an_overstating_broker_raises_cumqty_and_nothing_else() -> None:
    raised = 0
    for run in every_run():
        told = tell(run)
        lied = lies.overstated(run, told, 1)
        for place, report in told.reports.items():
            other = lied.reports[place]
            if place in lied.labels:
                raised += 1
                assert fixed(other.stated("14") or "") > fixed(report.stated("14") or "")
                other = other.stating("14", report.stated("14"))
            assert other == report
    assert raised > 100


def test_no_report_before_a_split_or_before_the_last_request_is_raised() -> None:
    for scenario_id, first in (("H.1.b", 5), ("D.1.a", 9)):
        run = main_run(scenario_id)
        raised = {p for seed in SEEDS for p in lies.overstated(run, tell(run), seed).labels}
        assert min(raised) >= first


ANOMALIES: list[tuple[list[str], list[str]]] = [
    ([], ["anomalies of CumQty(14)", "anomalies of AvgPx(6)"]),
    (["AvgPx(6) 3 is not what the executions cost"], ["anomalies of CumQty(14)"]),
    (["order 1: CumQty(14) 3 is none", "AvgPx(6) 1 against CumQty(14)"], []),
    (["CumQty(14) 3", "CumQty(14) 3", "AvgPx(6)"], ["anomalies of CumQty(14)"]),
]


@pytest.mark.parametrize(("texts", "fields"), ANOMALIES)
def test_each_field_that_lies_makes_exactly_one_anomaly(
    texts: list[str], fields: list[str]
) -> None:
    out = [Alert(severity="warning", code="anomaly", text=text) for text in texts]
    out.append(Alert(severity="warning", code="break", text="CumQty(14) told"))
    found = lies.anomaly_differences("3", ("CumQty(14)", "AvgPx(6)"), out)
    assert [d.field for d in found] == fields


def test_a_claim_that_becomes_an_execution_is_found() -> None:
    run = main_run("A.1.a")
    player = Player(run, tell(run))
    assert list(player.play()) == []
    view = player.client.view("X")
    found = lies.claim_differences("3", view, player.desk, Fraction(9_000), Fraction(9_000))
    assert [d.field for d in found] == ["CumQty(14) less the excess", "position"]


def test_a_claim_that_nothing_flags_is_found() -> None:
    run = main_run("A.1.a")
    player = Player(run, tell(run))
    assert list(player.play()) == []
    view = player.client.view("X")
    assert view is not None
    claimed = 10_001 * SCALE
    assert len(lies.flag_differences(view, claimed, Fraction(10_000))) == 1
    assert lies.flag_differences(view, 10_000 * SCALE, Fraction(10_000)) == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_overstating_broker_books_nothing_and_stays_flagged(seed: int) -> None:
    scenarios = [published(scenario_id) for scenario_id in ("A.1.a", "B.1.b", "C.1.b", "E.1.a")]
    options = Options(overstate=True, seed=seed)
    assert [str(d) for v in check(scenarios, options) for d in v.differences] == []


def test_the_true_status_at_the_end_states_what_the_order_came_to() -> None:
    run = main_run("4.2:D13", "FIX.4.2")
    told = tell(run)
    (ending,) = told.endings
    text = lies.true_status(run, ending, told.reports[max(told.reports)])
    found = dict(field.split("=") for field in text.split("\x01") if field)
    assert {tag: found[tag] for tag in ("20", "150", "39", "38", "14", "151", "17")} == {
        "20": "3",
        "150": "2",
        "39": "2",
        "38": "6000",
        "14": "6000",
        "151": "0",
        "17": "0",
    }
