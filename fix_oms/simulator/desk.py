"""What the people of the venue do by hand: its desk's acts, carried out on the floor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from fix_oms.model.fix import OrdRejReason, OrdStatus
from fix_oms.simulator import acts
from fix_oms.simulator.floor import ActRefused, Floor
from fix_oms.simulator.order import Order
from fix_oms.simulator.settings import changed


class House(Protocol):
    """What the desk needs of its venue."""

    @property
    def floor(self) -> Floor: ...

    @property
    def ids(self) -> Mapping[tuple[str, str], Order | None]: ...


def find(house: House, name: str) -> Order:
    """The order of an OrderID, a ClOrdID or SESSION/ClOrdID. Raises ActRefused."""
    if name in house.floor.orders:
        return house.floor.orders[name]
    session, slash, cl_ord_id = name.partition("/")
    key = (session, cl_ord_id) if slash else None
    found = {
        order.order_id: order
        for owned, order in house.ids.items()
        if order is not None and (owned == key if key else owned[1] == name)
    }
    if len(found) > 1:
        raise ActRefused(f"{name} is an order of several sessions: say SESSION/{name}")
    if not found:
        raise ActRefused(f"there is no order {name}")
    return next(iter(found.values()))


def perform(house: House, now_ns: int, act: acts.Act) -> None:
    """Do it. Raises ActRefused or SettingsError, and then nothing has changed."""
    floor = house.floor
    match act:
        case acts.Set():
            floor.behaviour = changed(floor.behaviour, act.key, act.value)
        case acts.Fill():
            floor.fill(now_ns, find(house, act.order), act.quantity, act.price)
        case acts.Cancel():
            _end(house, now_ns, act.order, OrdStatus.CANCELED, text=act.text)
        case acts.Refuse():
            reason = OrdRejReason.BROKER
            _end(house, now_ns, act.order, OrdStatus.REJECTED, text=act.text, ord_rej_reason=reason)
        case acts.Expire():
            _end(house, now_ns, act.order, OrdStatus.EXPIRED)
        case acts.Done():
            _end(house, now_ns, act.order, OrdStatus.DONE_FOR_DAY)
        case acts.Bust():
            floor.bust(now_ns, act.exec_id, act.text)
        case acts.Correct():
            floor.correct(now_ns, act.exec_id, act.quantity, act.price, act.text)
        case acts.CloseMarket():
            _close(house, now_ns)
        case acts.OpenMarket():
            _open(house, now_ns)
        case _:
            raise ActRefused(f"{type(act).__name__} is no act of the desk")


def _end(house: House, now_ns: int, name: str, status: OrdStatus, **more: Any) -> None:
    order = find(house, name)
    if not order.accepted or not order.is_open:
        raise ActRefused(f"{name} is not open: OrdStatus(39) is {order.status.name}")
    if status is OrdStatus.DONE_FOR_DAY and order.done_for_day:
        raise ActRefused(f"{name} is done for the day already")
    house.floor.end(now_ns, order, status, **more)


def _close(house: House, now_ns: int) -> None:
    house.floor.is_closed = True
    for order in list(house.floor.orders.values()):
        if order.is_live and not order.is_good_till:
            house.floor.end(now_ns, order, OrdStatus.EXPIRED)
        elif order.status is OrdStatus.FILLED and not order.is_good_till:
            order.ended = OrdStatus.EXPIRED  # what a later bust gives back does not work any more


def _open(house: House, now_ns: int) -> None:
    house.floor.is_closed = False
    house.floor.day += 1
    for order in list(house.floor.orders.values()):
        if order.done_for_day and order.is_open:
            house.floor.reinstate(now_ns, order)
