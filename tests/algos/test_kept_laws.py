"""Laws of bracket, peg and trailing, under whatever the market and the broker do."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fix_oms.engine import Engine
from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted, Acted, Alert, Output
from fix_oms.model.units import SCALE, fixed, text_of
from tests.algos.kept_desk import KeptDesk
from tests.algos.schedule_desk import replayed

CENT = fixed("0.01")
FEW = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))

BIDS = st.integers(min_value=880, max_value=1120)
ACTS = st.one_of(
    st.tuples(st.just("fill"), st.integers(0, 5), st.integers(1, 60)),
    st.tuples(st.just("bust"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("takes"), st.just(0), st.just(0)),
    st.tuples(st.just("ends"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("market"), BIDS, st.integers(1, 5)),
    st.tuples(st.just("restart"), st.just(0), st.just(0)),
    st.tuples(st.just("waits"), st.just(0), st.integers(1, 3)),
)
DAYS = st.lists(ACTS, max_size=25)
Act = tuple[str, int, int]


def happens(desk: KeptDesk, act: Act) -> None:
    what, which, much = act
    orders = desk.live
    if what == "market":
        bid = which * CENT
        desk.market(text_of(bid), text_of(bid + much * CENT))
    elif what == "takes":
        desk.takes()
    elif what == "restart":
        desk.restarts()
    elif what == "waits":
        desk.wait(much)
    elif orders and what in ("fill", "ends"):
        order = orders[which % len(orders)]
        name = order.client_ref.partition(".")[2]
        if what == "fill":
            desk.execute(name, min(much, order.leaves_qty // SCALE))
        elif not order.pending:
            told = {"order_id": f"O-{order.reference}"}
            desk.of(order, "4", "4", cum=order.cum_qty // SCALE, **told)
    elif what == "bust":
        filled = [order for order in desk.all if order.cum_qty and not order.leaves_qty]
        if filled:
            order = filled[which % len(filled)]
            if desk.shown.fill_views(order.reference, 100, 0)[-1].state == "effective":
                desk.busts(order)


def sums(desk: KeptDesk, stem: str) -> tuple[int, int]:
    """What orders of that stem have executed, and could yet."""
    found = [o for o in desk.book_orders() if o.client_ref.startswith(f"A1.{stem}")]
    return sum(o.executions.qty for o in found), sum(o.open_qty for o in found)


@FEW
@given(days=DAYS, stop=st.sampled_from(["venue", "synthetic"]))
def test_no_exit_is_ever_sent_for_more_than_was_entered(days: list[Act], stop: str) -> None:
    desk = KeptDesk()
    desk.begin("bracket", qty="100", tp="11", sl="9", stop=stop)
    most = 0
    for act in days:
        happens(desk, act)
        most = max(most, sums(desk, "p")[0] + sums(desk, "u")[0])
        for stem in ("t", "s", "x"):
            assert sum(sums(desk, stem)) <= most, stem
        desk.check()
    assert replayed(desk).shown(desk.now).hash() == desk.shown.hash()


@FEW
@given(days=DAYS)
def test_a_watched_stop_never_flips_the_position_unless_something_is_taken_back(
    days: list[Act],
) -> None:
    desk = KeptDesk()
    desk.begin("bracket", qty="100", tp="11", sl="9", stop="synthetic")
    for act in days:
        if act[0] != "bust":
            happens(desk, act)
            assert desk.position() >= 0


@FEW
@given(
    days=DAYS,
    to=st.sampled_from(["best", "queue_2", "mid", "opposite"]),
    offset=st.integers(-3, 3),
    side=st.sampled_from(["buy", "sell"]),
)
def test_a_peg_is_never_beyond_its_limit_and_never_crosses(
    days: list[Act], to: str, offset: int, side: str
) -> None:
    desk = KeptDesk()
    desk.begin("peg", qty="100", price="10", side=side, to=to, offset_ticks=offset, every_ms=1)
    seen = len(desk.sent)
    for act in days:
        happens(desk, act)
        for sent in desk.sent[seen:]:
            fields = dict(f.partition("=")[::2] for f in sent.text.split("\x01") if f)
            if fields.get("35") not in ("D", "G"):
                continue
            price = fixed(fields["44"])
            assert price <= fixed("10") if side == "buy" else price >= fixed("10")
            quote = desk.engine.state.quotes.of("ALPHA", "AAPL")
            assert quote is not None
            if to != "opposite" and quote.bid is not None and quote.offer is not None:
                assert price < quote.offer if side == "buy" else price > quote.bid
        seen = len(desk.sent)
        executed, left = sums(desk, "p")
        assert executed + left <= 100 * SCALE
    assert replayed(desk).shown(desk.now).hash() == desk.shown.hash()


@FEW
@given(days=DAYS, side=st.sampled_from(["buy", "sell"]), trail=st.integers(1, 30))
def test_a_trailing_stop_only_ever_moves_the_good_way(
    days: list[Act], side: str, trail: int
) -> None:
    desk = KeptDesk()
    desk.begin("trailing", qty="100", price=None, side=side, trail_ticks=trail)
    before: int | None = None
    for act in days:
        happens(desk, act)
        now = desk.view().progress.get("stop")
        if now is not None and before is not None:
            assert fixed(now) >= before if side == "sell" else fixed(now) <= before
        before = fixed(now) if now is not None else before
        executed, left = sums(desk, "x")
        assert executed + left <= 100 * SCALE
    assert isinstance(desk.amend(trail_ticks=trail + 1), Accepted) or desk.ending[0] == "ended"
    assert replayed(desk).shown(desk.now).hash() == desk.shown.hash()


STORIES: dict[str, dict[str, object]] = {
    "bracket": {"tp": "11", "sl": "9", "stop": "synthetic"},
    "peg": {"price": None},
    "trailing": {"side": "sell", "price": None, "trail_ticks": 5},
}


@pytest.mark.parametrize("kind", STORIES)
def test_a_death_at_any_record_sends_nothing_twice(kind: str) -> None:
    desk = KeptDesk()
    desk.begin(kind, qty="100", **STORIES[kind])
    for act in (
        ("fill", 0, 60),
        ("market", 1005, 2),
        ("takes", 0, 0),
        ("fill", 0, 40),
        ("market", 899, 2),
        ("takes", 0, 0),
        ("waits", 0, 1),
        ("fill", 0, 30),
    ):
        happens(desk, act)
    for cut in range(1, len(desk.log)):
        engine, now = Engine(), 0
        for now, value in desk.log[:cut]:
            engine.step(now, value)
        told = list[Output]()
        start = inputs.Started(run=2, version="test", settings=desk.settings)
        ups = [inputs.SessionUp(session="ALPHA"), inputs.SessionReady(session="ALPHA")]
        for value in (start, *ups, inputs.Tick()):
            waiting: list[inputs.Input] = [value]
            while waiting:
                out = engine.step(now + 1, waiting.pop(0))
                waiting += [inputs.Acted(acts=o.acts) for o in out if isinstance(o, Acted)]
                told += out
        assert not [o for o in told if isinstance(o, Alert) and o.code in ("fault", "algo_held")]
        sent = [o.client_ref for o in engine.state.book.orders if o.client_ref]
        assert len(sent) == len(set(sent))
        executed = sum(o.executions.qty for o in engine.state.book.orders if o.terms.side == "1")
        most = sum(o.open_qty for o in engine.state.book.orders if o.terms.side == "1")
        assert executed + most <= 100 * SCALE
