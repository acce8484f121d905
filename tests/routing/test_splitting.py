"""The split is the optimum of Cont and Kukanov's model, and moves as their paper says."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from fix_oms.routing.splitting import Queue, placed


class Market(NamedTuple):
    """The model's numbers: S, h, f, lambda_u, lambda_o, and per venue r_k, Q_k and samples x_k."""

    size: int
    half_spread: int
    fee: int
    under: int
    over: int
    venues: tuple[tuple[int, int, tuple[int, ...]], ...]

    def placed(self) -> tuple[int, list[int]]:
        """M and the L_k that the product chooses."""
        now = [(self.under - self.half_spread - self.fee, self.size)]
        return placed(
            self.size,
            now,
            [Queue(q, x, self.under + self.half_spread + r) for r, q, x in self.venues],
        )

    def cost(self, market: int, waiting: tuple[int, ...]) -> Fraction:
        """The paper's expected cost, over every combination of the venues' samples."""
        scenarios = list(product(*(samples for _, _, samples in self.venues)))
        total = sum(self._cost(market, waiting, traded) for traded in scenarios)
        return Fraction(total, len(scenarios))

    def _cost(self, market: int, waiting: tuple[int, ...], traded: tuple[int, ...]) -> int:
        cost, had = (self.half_spread + self.fee) * market, market
        for (rebate, queue, _), order, outflow in zip(self.venues, waiting, traded, strict=True):
            filled = min(max(outflow - queue, 0), order)
            cost -= (self.half_spread + rebate) * filled
            had += filled
        return cost + self.under * max(self.size - had, 0) + self.over * max(had - self.size, 0)

    def least_cost(self) -> Fraction:
        """Of all M and L that send no more than S."""
        sizes = range(self.size + 1)
        return min(
            self.cost(market, waiting)
            for market, *rest in product(sizes, repeat=1 + len(self.venues))
            if market + sum(waiting := tuple(rest)) <= self.size
        )


COSTS = st.integers(0, 12)


@st.composite
def markets(draw: st.DrawFn, venues: int = 2) -> Market:
    """A small market; waiting is worth something at each venue."""
    half = draw(COSTS)
    count = draw(st.integers(1, venues))
    samples = st.lists(st.integers(0, 12), min_size=1, max_size=4).map(tuple)
    return Market(
        size=draw(st.integers(0, 6)),
        half_spread=half,
        fee=draw(st.integers(-half, 6)),
        under=draw(st.integers(0, 40)),
        over=draw(st.integers(0, 40)),
        venues=tuple(
            (draw(st.integers(-half, 12)), draw(st.integers(0, 8)), draw(samples))
            for _ in range(count)
        ),
    )


@given(markets())
def test_no_choice_that_conserves_the_quantity_costs_less(market: Market) -> None:
    now, waiting = market.placed()
    assert market.cost(now, tuple(waiting)) == market.least_cost()


@given(markets(venues=1))
def test_for_one_venue_it_is_the_papers_closed_form(market: Market) -> None:
    (rebate, queue, samples), s = market.venues[0], market.size
    waits_for = market.under + market.half_spread + rebate
    crosses_for = 2 * market.half_spread + market.fee + rebate
    quantile = next(
        (
            x
            for n, x in enumerate(sorted(samples), start=1)
            if n * waits_for >= crosses_for * len(samples)
        ),
        queue + s,
    )
    length = min(max(quantile - queue, 0), s)
    taken = s - length if market.under > market.half_spread + market.fee else 0
    now, waiting = market.placed()
    assert market.cost(now, tuple(waiting)) == market.cost(taken, (length,))


@given(markets(venues=3), st.integers(1, 20))
def test_a_dearer_shortfall_takes_no_less_at_once(market: Market, more: int) -> None:
    assert market._replace(under=market.under + more).placed()[0] >= market.placed()[0]


@given(markets(venues=3), st.integers(1, 9))
def test_a_longer_queue_is_not_joined_with_more(market: Market, more: int) -> None:
    (rebate, queue, samples), *others = market.venues
    longer = market._replace(venues=((rebate, queue + more, samples), *others))
    assert longer.placed()[1][0] <= market.placed()[1][0]


@given(markets(venues=3), st.integers(1, 9))
def test_a_higher_rebate_is_not_joined_with_less(market: Market, more: int) -> None:
    (rebate, queue, samples), *others = market.venues
    higher = market._replace(venues=((rebate + more, queue, samples), *others))
    assert higher.placed()[1][0] >= market.placed()[1][0]


@given(markets(venues=3))
def test_never_more_than_the_size_is_placed(market: Market) -> None:
    now, waiting = market.placed()
    assert now + sum(waiting) <= market.size


@given(markets(venues=3))
def test_the_price_of_too_much_changes_nothing(market: Market) -> None:
    now, waiting = market.placed()
    dear = market._replace(over=market.over + 1_000)
    assert dear.cost(now, tuple(waiting)) == market.cost(now, tuple(waiting))
