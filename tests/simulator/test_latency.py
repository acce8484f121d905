"""Latency: how long requests, reports and market data are on their way, in virtual time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fix_oms.simulator.lags import Lags
from fix_oms.simulator.settings import Latency
from tests.simulator.world import World, cancel, new, watch

MS = Latency(us=1000)


def test_a_request_is_looked_at_after_its_latency() -> None:
    world = World(request_latency=MS)
    assert world.send(new("X", "buy 5 AAPL @ 9")) == []
    assert world.wait(1) == ["X NEW/NEW 5 0 5"]


def test_a_requests_latency_adds_to_the_delay_of_looking() -> None:
    world = World(request_latency=MS, ack_delay_ms=2)
    world.send(new("X", "buy 5 AAPL @ 9"))
    assert world.wait(2) == []
    assert world.wait(1) == ["X NEW/NEW 5 0 5"]


def test_a_report_is_on_its_way_while_the_order_trades() -> None:
    world = World(report_latency=MS)
    world.send(new("X", "buy 5 AAPL @ 9"))
    assert world.venue.floor.books["AAPL"].levels(buy=True) != []
    assert world.wait(1) == ["X NEW/NEW 5 0 5"]


def test_market_data_is_as_old_as_its_latency() -> None:
    world = World(asks=["7 @ 10"], data_latency=MS)
    world.send(watch("M", "1", "AAPL"))
    assert len(world.send(new("X", "buy 7 AAPL @ 10"))) == 2
    assert world.wait(1) == ["W o7@10", "X Nt7@10 Do7@10"]


def test_a_quote_may_be_gone_before_an_order_for_it_arrives() -> None:
    world = World(asks=["7 @ 10"], request_latency=MS)
    world.send(new("X", "buy 7 AAPL @ 10"), session="FAST")
    said = world.send(new("Y", "buy 7 AAPL @ 10", time_in_force="3"))
    said += world.wait(1)
    assert said[-1] == "Y CANCELED/CANCELED 7 0 0"


def test_what_was_told_before_the_latency_went_is_not_overtaken() -> None:
    world = World(report_latency=MS)
    world.send(new("X", "buy 5 AAPL @ 9"))
    world.set(**{"report_latency.us": 0})
    assert world.send(cancel("Y", "X")) == []
    assert [text.split()[1] for text in world.wait(1)] == ["NEW/NEW", "CANCELED/CANCELED"]


@given(st.lists(st.integers(0, 3_000_000), min_size=2, max_size=20), st.integers(0, 2000))
def test_nothing_overtakes_on_a_line(waits: list[int], jitter_us: int) -> None:
    lags, now, arrivals = Lags("seed"), 0, []
    for wait in waits:
        now += wait
        arrivals.append(lags.arrival(now, ("reports", "C"), Latency(us=500, jitter_us=jitter_us)))
    assert arrivals == sorted(arrivals)


def test_the_same_seed_gives_the_same_jitter() -> None:
    one, other, latency = Lags("seed"), Lags("seed"), Latency(us=500, jitter_us=300)
    drawn = [one.arrival(0, ("reports", str(n)), latency) for n in range(9)]
    assert [other.arrival(0, ("reports", str(n)), latency) for n in range(9)] == drawn


def test_the_jitter_has_the_mean_that_it_is_given() -> None:
    lags, latency = Lags("seed"), Latency(us=500, jitter_us=300)
    total = sum(lags.arrival(0, ("reports", str(n)), latency) for n in range(20_000))
    assert abs(total / 20_000 - 800_000) < 10_000
