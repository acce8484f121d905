"""The soak's verdict, and a run of some seconds (ten minutes are ``python -m bench.soak``)."""

from __future__ import annotations

import pytest

from bench.soak import KEPT, NOISE, STEADY_S, WHOLE, Outcome, Sample, soak

LONG_S = 3 * STEADY_S


def sample(at_s: float, answered: int, rss: int) -> Sample:
    return Sample(at_s=at_s, taken=answered, answered=answered, rss=rss)


def outcome(*samples: Sample, drained_s: float = 1.0, logged: int = 3) -> Outcome:
    return Outcome(
        rate=1000,
        samples=samples,
        drained_s=drained_s,
        odd_said=3,
        odd_journaled=3,
        odd_logged=logged,
    )


ORDERS = 1_000_000
BEGUN = sample(1, 0, 0)
STEADY = sample(STEADY_S, ORDERS, WHOLE * ORDERS)


@pytest.mark.parametrize(
    ("found", "begins"),
    [
        (outcome(BEGUN, sample(60, ORDERS, WHOLE * ORDERS)), []),
        (outcome(BEGUN, sample(60, ORDERS, WHOLE * ORDERS + NOISE + 1)), ["memory grows"]),
        (outcome(BEGUN, STEADY, sample(LONG_S, 2 * ORDERS, (WHOLE + KEPT) * ORDERS)), []),
        (outcome(BEGUN, STEADY, sample(LONG_S, 2 * ORDERS, 2 * WHOLE * ORDERS)), ["memory grows"]),
        (outcome(BEGUN, sample(60, ORDERS, 0), drained_s=-1), ["the backlog did"]),
        (outcome(BEGUN, sample(60, ORDERS, 0), logged=2), ["alerts: 3 causes"]),
    ],
)
def test_the_verdict_names_what_is_not_right(found: Outcome, begins: list[str]) -> None:
    assert [
        text[: len(start)] for text, start in zip(found.findings, begins, strict=True)
    ] == begins


def test_a_few_seconds_of_more_than_is_answered_drain_and_lose_no_alert() -> None:
    assert soak(4, rate=400, window=500).findings == []
