"""Verdicts do not depend on how many processes come to them."""

from __future__ import annotations

import attrs

from fix_oms.conformance import Options, check
from fix_oms.scenarios import load
from tests.scenarios.made import SPEC


def test_two_processes_come_to_the_verdicts_of_one() -> None:
    scenarios = load(SPEC).scenarios[:3]
    options = Options(permute=True, most=5)
    alone = [verdict.permuted for verdict in check(scenarios, options)]
    shared = [v.permuted for v in check(scenarios, attrs.evolve(options, jobs=2))]
    assert shared == alone
