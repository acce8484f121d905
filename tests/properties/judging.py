"""What is held to be true of an order: at every moment, and when everything has arrived."""

from __future__ import annotations

from typing import Any

from fix_oms.model.messages import ExecutionReport
from fix_oms.model.units import average
from tests.engine.desk import Desk
from tests.properties.model_broker import ModelBroker
from tests.properties.rules_data import PRECEDENCE, Reading, adds_up

BUYS = "1"


def sound(desk: Desk, name: str) -> None:
    """What holds at every moment, whatever has arrived and whatever has not."""
    view, fills = desk.order(name), desk.shown.fill_views(name, 10_000, 0)
    assert view.leaves_qty >= 0
    executed = sum(f.last_qty for f in fills if f.state == "effective")
    assert view.cum_qty == executed + view.provisional_qty
    assert view.provisional_qty >= 0
    notional = sum(f.last_qty * f.last_px for f in fills if f.state == "effective")
    held = desk.engine.state.ledger.position(view.account, view.symbol)
    signed = executed if view.side == BUYS else -executed
    assert held.quantity == signed
    one_side = held.bought_notional if view.side == BUYS else held.sold_notional
    assert one_side == notional
    assert min(held.open_buy, held.open_sell) == 0
    assert max(held.open_buy, held.open_sell) >= view.leaves_qty
    desk.check()
    assert [a.text for a in desk.alerts if a.code == "fault"] == []


def facts(desk: Desk, name: str) -> dict[str, Any]:
    """Everything about the order that may not depend on the order of arrival."""
    view = desk.order(name)
    held = desk.engine.state.ledger.position(view.account, view.symbol)
    return {
        "OrdStatus": str(view.ord_status),
        "OrderQty": view.order_qty,
        "Price": view.price,
        "CumQty": view.cum_qty,
        "LeavesQty": view.leaves_qty,
        "AvgPx": view.avg_px,
        "provisional": view.provisional_qty,
        "unexplained": view.unexplained_qty,
        "uncertain": view.uncertain,
        "day": (view.day_order_qty, view.day_cum_qty, view.day_avg_px),
        "breaks": sorted(view.breaks),
        "ClOrdID": view.cl_ord_id,
        "OrderID": view.order_id,
        "requests": [(r.cl_ord_id, r.kind, r.outcome) for r in view.requests],
        "executions": sorted(
            (f.exec_id, f.last_qty, f.last_px, f.state)
            for f in desk.shown.fill_views(name, 10_000, 0)
        ),
        "position": (held.quantity, held.bought_notional, held.sold_notional),
        "open": (held.open_buy, held.open_sell),
    }


def differences(desk: Desk, name: str, broker: ModelBroker) -> list[str]:
    """Where our view of the order, all told, is not the broker's truth."""
    found = facts(desk, name)
    signed = broker.cum_qty if broker.side == BUYS else -broker.cum_qty
    side = (broker.notional, 0) if broker.side == BUYS else (0, broker.notional)
    effective = sorted((f.exec_ids[-1], f.qty, f.px) for f in broker.effective)
    wanted: dict[str, Any] = {
        "OrdStatus": broker.ord_status,
        "OrderQty": broker.order_qty,
        "Price": broker.price,
        "CumQty": broker.cum_qty,
        "LeavesQty": broker.leaves_qty,
        "AvgPx": average(broker.notional, broker.cum_qty),
        "provisional": 0,
        "unexplained": 0,
        "uncertain": False,
        "breaks": [],
        "ClOrdID": broker.current,
        "position": (signed, *side),
    }
    if broker.timed and any(isinstance(m, ExecutionReport) for m in broker.said):
        wanted["day"] = broker.day_sums
    executions = [(e, q, p) for e, q, p, state in found["executions"] if state == "effective"]
    wrong = [
        f"{name}: {found[name]}, not {value}"
        for name, value in wanted.items()
        if found[name] != value
    ]
    if executions != effective:
        wrong.append(f"executions: {executions}, not {effective}")
    return wrong + _wrong_outcomes(found["requests"], broker)


def _wrong_outcomes(requests: list[tuple[str, str, str]], broker: ModelBroker) -> list[str]:
    """A request that the broker answered has its answer; one that it did not has none."""
    words = {True: {"accepted"}, False: {"refused"}, None: {"pending", "moot"}}
    wrong = []
    for cl_ord_id, kind, outcome in requests:
        allowed = set(words[broker.answers.get(cl_ord_id)])
        if kind == "new" and cl_ord_id not in broker.answers:
            allowed.add("accepted")  # a report of another kind may have shown that it was taken
        if outcome not in allowed:
            wrong.append(f"{kind} {cl_ord_id} is {outcome}, not {' or '.join(sorted(allowed))}")
    return wrong


def breaches(desk: Desk, name: str, broker: ModelBroker) -> list[str]:
    """Where the broker's reports, or our final view, break a rule of the published data."""
    reading = Reading()
    for message in broker.said:
        reading.read(message)
    view = desk.order(name)
    wrong = list(reading.lies)
    codes = {str(view.ord_status), *(reading.held & {"3", "4", "8", "C"})}
    good_till = view.time_in_force in ("1", "6")
    if not adds_up(view.order_qty, view.cum_qty, view.leaves_qty, codes, good_till=good_till):
        wrong.append(f"Q1/Q2: {view.order_qty} {view.cum_qty} {view.leaves_qty} {codes}")
    if broker.said and str(view.ord_status) != reading.ord_status:
        wrong.append(f"precedence: {reading.ord_status} holds, ours is {view.ord_status}")
    if view.cum_qty != reading.cum_qty:
        wrong.append(f"executions: {reading.cum_qty} by the reports, ours are {view.cum_qty}")
    if str(view.ord_status) not in PRECEDENCE:
        wrong.append(f"{view.ord_status} is no OrdStatus")
    return wrong
