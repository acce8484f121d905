"""A packed order is the order: nobody can tell, whatever its life and whenever it was packed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fix_oms.engine import Engine
from fix_oms.model.messages import Terms
from fix_oms.model.units import LARGEST
from fix_oms.orders import packed
from fix_oms.orders.aside import Aside
from fix_oms.orders.execution import Execution, Split
from fix_oms.orders.executions import Executions
from fix_oms.orders.lifecycle import Lifecycle
from fix_oms.orders.order import Order
from fix_oms.orders.packed import pack, unpack
from fix_oms.orders.requests import Request
from fix_oms.orders.said import Said
from tests.engine.desk import Desk
from tests.journal.days import a_week
from tests.orders.test_book import an_order
from tests.properties.floor import Floor
from tests.properties.lives import COPIES, DELAYS, STARTS, acts_of, lived, steps, told_again
from tests.properties.model_broker import ModelBroker
from tests.properties.timed_broker import TimedBroker

OURS = (Aside, Execution, Executions, Lifecycle, Order, Request, Said, Split, Terms)
CACHED = {"_reach"}
"""What is worked out again when it is asked for."""


BOTH = pytest.mark.parametrize(
    "make", [lambda: ModelBroker(timed=False), TimedBroker], ids=["without 60", "with 60"]
)


def form(value: Any, seen: dict[int, int] | None = None) -> Any:
    """Every attribute that can be reached, with what is the same object as what."""
    seen = {} if seen is None else seen
    if isinstance(value, OURS):
        if id(value) in seen:
            return seen[id(value)]
        seen[id(value)] = len(seen)
        names = [n for n in attributes(type(value)) if n not in CACHED]
        return (type(value).__name__, *((n, form(getattr(value, n), seen)) for n in names))
    if isinstance(value, dict):
        return tuple((key, form(held, seen)) for key, held in value.items())
    return tuple(form(held, seen) for held in value) if isinstance(value, tuple) else value


def attributes(kind: type) -> tuple[str, ...]:
    if issubclass(kind, msgspec.Struct):
        return kind.__struct_fields__
    names: tuple[str, ...] = getattr(kind, "__slots__", ()) or getattr(kind, "__mypyc_attrs__", ())
    return names


def same(order: Order) -> bool:
    again, ids = unpack(pack(order, ("O1", "O2")))
    return form(again) == form(order) and ids == ("O1", "O2")


@BOTH
@given(data=st.data())
def test_at_every_moment_of_a_life_the_unpacked_order_is_the_packed_one(
    data: st.DataObject, make: Callable[[], ModelBroker]
) -> None:
    broker = make()
    life = lived(data.draw(STARTS), data.draw(steps(acts_of(broker).values())), broker, _unwatched)

    def watch(desk: Desk, name: str) -> None:
        order = desk.engine.state.book.by_cl_ord_id(name)
        assert order is not None
        assert same(order)

    told_again(life, data.draw(DELAYS), data.draw(COPIES), watch)


def _unwatched(_desk: Desk, _name: str) -> None:
    """Nobody looks."""


def replayed(desk: Desk, *, packing: bool) -> tuple[Engine, list[Any]]:
    """The desk's inputs once more; packing all that has closed after each, or never."""
    engine, told = Engine(), []
    for now, value in desk.log:
        told.append(engine.step(now, value))
        if packing:
            engine.pack(now, after_ns=0)
            engine.state.book._check()
    return engine, told


def assert_nobody_can_tell(desk: Desk) -> None:
    plain, told = replayed(desk, packing=False)
    packing, told_packing = replayed(desk, packing=True)
    assert told_packing == told
    one, other = plain.shown(desk.now), packing.shown(desk.now)
    assert other.hash() == one.hash()
    assert other.order_views(False, 10_000, "") == one.order_views(False, 10_000, "")
    assert other.order_views(True, 10_000, "") == one.order_views(True, 10_000, "")
    assert other.fill_views(None, 10_000, 0) == one.fill_views(None, 10_000, 0)
    for order in plain.state.book.orders:
        for name in {order.reference, order.order_id, order.client_ref} - {""}:
            assert other.order_view(name) == one.order_view(name)


@BOTH
@given(data=st.data())
def test_packing_at_every_moment_of_a_life_changes_nothing(
    data: st.DataObject, make: Callable[[], ModelBroker]
) -> None:
    broker = make()
    life = lived(data.draw(STARTS), data.draw(steps(acts_of(broker).values())), broker, _unwatched)
    desk, _ = told_again(life, data.draw(DELAYS), data.draw(COPIES), _unwatched)
    assert_nobody_can_tell(desk)


@given(seed=st.integers(0, 2**32 - 1))
def test_packing_at_every_moment_of_a_desks_day_changes_nothing(seed: int) -> None:
    floor = Floor(seed)
    for _ in range(80):
        floor.acts(beyond=True)
    floor.quiesce()
    assert_nobody_can_tell(floor.desk)


@settings(max_examples=settings().max_examples // 3)
@given(seed=st.integers(0, 2**32 - 1))
def test_packing_changes_nothing_of_what_is_forgotten(seed: int) -> None:
    assert_nobody_can_tell(a_week(seed))


@pytest.mark.parametrize(
    ("kind", "tables", "apart"),
    [
        (
            Order,
            packed.ORDER,
            "aside buys client_ref executions first later lifecycle reference scope session "
            "side symbol terms",
        ),
        (Request, packed.ASKED + packed.ANSWERED, "meant terms"),
        (
            Executions,
            packed.SUMS,
            "_reach busts corrections notional refs splits trades",
        ),
        (Execution, packed.EXECUTION, ""),
        (Split, packed.SPLIT, ""),
        (Lifecycle, packed.LIFE, "ended_last latest special"),
        (Aside, packed.ASIDE, "dk loose order_ids rejections stated unknown_ids"),
        (Said, packed.SAID, ""),
        (Terms, packed.TERMS, ""),
    ],
)
def test_every_attribute_is_packed(kind: type, tables: tuple[str, ...], apart: str) -> None:
    assert sorted((*tables, *apart.split())) == sorted(attributes(kind))


@pytest.mark.parametrize("value", [LARGEST, 1 << 63, -(1 << 63) - 1, 1 << 64, 10**40])
def test_an_integer_of_any_size_comes_back(value: int) -> None:
    order = an_order("1")
    order.unexplained = value
    order.own_executions().notional = value
    assert same(order)


def test_a_row_of_an_older_version_leaves_what_it_lacks_as_a_new_order_has_it() -> None:
    rows = msgspec.msgpack.decode(pack(an_order("1"), ()))
    rows[3] = rows[3][:-2]
    order, _ = unpack(msgspec.msgpack.encode(rows))
    assert form(order) == form(an_order("1"))
