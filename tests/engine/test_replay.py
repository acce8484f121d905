"""The same inputs give the same state, hash for hash, and the same outputs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fix_oms.engine import Engine
from fix_oms.model import inputs
from fix_oms.model.fix import OrdType, Side
from fix_oms.model.outputs import Output
from fix_oms.model.units import SCALE
from tests.engine.desk import Desk, plain_settings

ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["buy", "cancel", "replace", "ack", "fill", "end", "reject", "cut", "wait"]
        ),
        st.integers(0, 5),
    ),
    max_size=40,
)


def lived(acts: list[tuple[str, int]]) -> Desk:
    """A desk after a random life of orders."""
    desk = Desk()
    names: list[str] = []
    for act, n in acts:
        name = names[n % len(names)] if names else ""
        if act == "buy":
            answer = desk.ask_new(qty=100)
            names += [getattr(answer, "order", "")] if getattr(answer, "order", "") else []
        elif act == "wait":
            desk.wait(4 * n)
        elif act == "cut":
            desk.down("ALPHA")
            desk.ready("ALPHA")
        elif name:
            broker_acts(desk, act, name, n)
        desk.check()
    return desk


def broker_acts(desk: Desk, act: str, name: str, n: int) -> None:
    view = desk.order(name)
    if act == "cancel":
        desk.cancel(name)
    elif act == "replace":
        desk.replace(name, order_qty=(100 + 10 * n) * SCALE)
    elif act == "ack":
        desk.report(name, "0", "0", leaves=100)
    elif act == "fill":
        cum = view.cum_qty // SCALE + 10
        desk.report(name, "F", "1", last=10, cum=cum, leaves=max(0, 100 - cum))
    elif act == "end":
        cum = view.cum_qty // SCALE
        desk.report(view.requests[-1].cl_ord_id, "4", "4", cum=cum)
    elif act == "reject":
        desk.cancel_reject(view.requests[-1].cl_ord_id, name, "0")


@given(ACTS)
def test_a_replay_ends_in_the_same_state_by_the_same_outputs(acts: list[tuple[str, int]]) -> None:
    desk = lived(acts)
    first, second = Engine(), Engine()
    outputs: list[list[Output]] = [[], []]
    for now, value in desk.log:
        outputs[0] += first.step(now, value)
        outputs[1] += second.step(now, inputs.decode(inputs.encode(value)))
    assert first.shown(desk.now).hash() == second.shown(desk.now).hash() == desk.shown.hash()
    assert outputs[0] == outputs[1]


@given(ACTS)
def test_positions_are_the_sums_of_effective_executions(acts: list[tuple[str, int]]) -> None:
    desk = lived(acts)
    executed = sum(
        f.last_qty for f in desk.shown.fill_views(None, 10_000, 0) if f.state == "effective"
    )
    assert desk.position() * SCALE == executed


@given(ACTS)
def test_open_quantity_is_the_sum_over_the_open_orders(acts: list[tuple[str, int]]) -> None:
    desk = lived(acts)
    reserved = sum(p.open_buy for p in desk.shown.position_views())
    assert reserved == sum(o.open_qty for o in desk.engine.state.book.orders)


def test_a_command_in_enumerations_replays_as_the_same_in_text() -> None:
    limit = {"control": "duplicate_order", "limit": "1"}
    live = Desk(plain_settings(limits=[limit]))
    live.ask_new(Side.BUY, 100, None, ord_type=OrdType.MARKET)
    live.ask_new(Side.BUY, 100, "10", ord_type=OrdType.LIMIT)
    again = Engine()
    for now, value in live.log:
        again.step(now, inputs.decode(inputs.encode(value)))
    assert again.shown(live.now).hash() == live.shown.hash()
