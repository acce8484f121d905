"""What a program holds is the engine's state, whatever was cut and whenever."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from fix_oms.client.handlers import Crew
from fix_oms.client.local import Local
from fix_oms.client.schema import ZERO, Order, Status
from fix_oms.client.translate import (
    balance_of,
    newest,
    order_of,
    parent_of,
    position_of,
    trade_of,
)
from fix_oms.engine.shown import Shown
from fix_oms.model.stream import Pages
from fix_oms.model.units import SCALE
from tests.engine.test_parent_laws import ACTS as LIVES
from tests.engine.test_parent_laws import Lived
from tests.followers.held import Held
from tests.followers.subscriber import Beside, Peer
from tests.journal.days import Log, a_day

Facts = dict[str, dict[Any, Any]]


class LocalHeld(Held):
    """What the API holds, fed by a subscriber."""

    def __init__(self) -> None:
        super().__init__()
        self.local = Local(Crew())

    def take(self, pages: Pages) -> None:
        super().take(pages)
        self.local.apply(pages)  # type: ignore[arg-type]  # a Snapshot or a Delta

    def facts_held(self) -> Facts:
        local = self.local
        return {
            "orders": dict(local.orders),
            "trades": dict(local.trades),
            "positions": {
                key: msgspec.structs.replace(held, delta=ZERO)
                for key, held in local.positions.items()
                if held.bought or held.sold or held.open_buy or held.open_sell
            },
            "balances": dict(local.balances),
            "algos": dict(local.algos),
        }


def truth(shown: Shown) -> Facts:
    """The same out of the engine, by its own views."""
    views = shown.order_views(False, 1 << 60, "")
    names = {view.reference: view.client_ref or view.reference for view in views}
    fills = shown.fill_views(None, 1 << 60, 0)
    orders = {}
    for view in views:
        mine = [fill for fill in fills if fill.order == view.reference]
        orders[names[view.reference]] = order_of(view, newest(mine))
    for parent in shown.routing.parents(False, 1 << 60, ""):
        orders[parent.ref] = parent_of(parent)
    trades = [trade_of(fill, names[fill.order]) for fill in fills]
    positions = [position_of(view, None, SCALE) for view in shown.position_views()]
    return {
        "orders": orders,
        "trades": {trade.key: trade for trade in trades},
        "positions": {
            (p.account, p.symbol): msgspec.structs.replace(p, delta=ZERO)
            for p in positions
            if p.bought or p.sold or p.open_buy or p.open_sell
        },
        "balances": {view.account: balance_of(view) for view in shown.balance_views()},
        "algos": {view.ref: view for view in shown.algos.algos(False, 1 << 60, "")},
    }


ACTS = st.lists(
    st.sampled_from(("write", "write", "write", "turn", "read", "cut", "mirror", "forget")),
    min_size=5,
    max_size=40,
)


def lived(log: Log, acts: list[str], steps: int) -> tuple[Facts, Facts]:
    """What is held after all of it, and the truth."""
    with tempfile.TemporaryDirectory() as directory:
        beside = Beside(Path(directory), log, most_recent=5_000)
        held = LocalHeld()
        peer = Peer(beside, held)
        peer.subscribe(history=-1)
        for act in [*acts, "rest"]:
            if act == "write":
                beside.write(steps)
            elif act == "turn":
                beside.turns(1)
            elif act == "read":
                peer.read()
            elif act == "rest":
                beside.write(len(log))
            else:
                peer.cut()
                held.local.down()
                held.complete = held.complete and act != "forget"  # a snapshot will come
                if act == "mirror":
                    beside.again()
                peer = Peer(beside, held)
                peer.subscribe(history=-1)
        peer.up_to_date()
        found = held.facts_held(), truth(beside.shown())
        beside.close()
    return found


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32), acts=ACTS, steps=st.integers(1, 30))
def test_after_any_disconnects_what_is_held_is_the_engines_state(
    seed: int, acts: list[str], steps: int
) -> None:
    held, engines = lived(a_day(seed, 50).log, acts, steps)
    assert held == engines


@settings(max_examples=10)
@given(steps=LIVES, acts=ACTS)
def test_so_it_is_with_parents_that_are_routed(
    steps: list[tuple[str, int, int]], acts: list[str]
) -> None:
    desk = Lived()
    for step in steps:
        desk.do(*step)
    held, engines = lived(desk.log, acts, 5)
    assert held == engines


# -- what is being sent ----------------------------------------------------------------------------


def pending(name: str) -> Order:
    return Order(
        name=name,
        symbol="AAPL",
        side="BUY",
        order_qty=ZERO + 1,
        status=Status.PENDING,
        ord_type="LIMIT",
        tif="DAY",
        account="DESK",
        client_ref=name,
    )


def test_a_snapshot_does_not_forget_what_is_being_sent_or_was_refused(tmp_path: Path) -> None:
    log = a_day(7, 40).log
    beside, held = Beside(tmp_path, log), LocalHeld()
    for name in ("sent", "refused"):
        held.local.sent(pending(name))
    held.local.refused("refused", "too much")
    beside.write(len(log))
    peer = Peer(beside, held)
    peer.subscribe()
    peer.up_to_date()
    beside.close()
    states = {name: held.local.orders[name].status for name in ("sent", "refused")}
    assert states == {"sent": Status.PENDING, "refused": Status.REJECTED}
    assert [order.name for order in held.local.sending] == ["sent"]


def test_of_orders_that_were_refused_the_newest_are_kept() -> None:
    local = Local(Crew())
    for n in range(1_005):
        local.sent(pending(f"n{n}"))
        local.refused(f"n{n}", "no")
    assert (len(local.orders), "n4" in local.orders, "n5" in local.orders) == (1_000, False, True)
