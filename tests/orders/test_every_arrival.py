"""The same evidence in any order, and any part of it again, is the same order.

The reports are made by chance and need not make sense: a broker that contradicts itself must be
read in one way too. Only where the reports leave it open which of two is the newer (``uncertain``)
may the order in which they came decide.
"""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fix_oms.engine.shown import _order_facts
from fix_oms.model.messages import ExecutionReport
from fix_oms.orders.order import Order
from fix_oms.orders.requests import Request
from tests.orders.told import (
    DAY,
    Message,
    X,
    Y,
    Z,
    an_order,
    cancel,
    cancel_reject,
    replace,
    report,
    tell,
)

REQUESTS = (
    (),
    (("cancel", 0),),
    (("replace", 150),),
    (("replace", 150), ("replace", 60)),
    (("replace", 60), ("cancel", 0)),
)
KINDS = [
    "0",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "A",
    "B",
    "C",
    "D",
    "E",
    "F",
    "F",
    "F",
    "F",
    "G",
    "H",
    "I",
    "L",
]
STATUSES = ["0", "1", "2", "3", "4", "6", "7", "8", "9", "A", "B", "C", "E"]
CUMS = (None, 0, 10, 20, 40, 100, 200)


def a_report(**fields: Any) -> ExecutionReport:
    return report(fields.pop("kind"), fields.pop("status"), fields.pop("cum"), **fields)


REPORTS = st.builds(
    a_report,
    kind=st.sampled_from(KINDS),
    status=st.sampled_from(STATUSES),
    cum=st.sampled_from(CUMS),
    leaves=st.sampled_from((None, 0, 60, 100)),
    exec_id=st.sampled_from(("e1", "e2", "e3", None)),
    of=st.sampled_from((X, X, Y, Z, "?")),
    qty=st.sampled_from((None, 0, 60, 100, 150, 200)),
    last=st.sampled_from((None, 0, 10, 20)),
    px=st.sampled_from((10, 11)),
    price=st.sampled_from((None, 10, 11)),
    avg=st.sampled_from((None, 5, 10)),
    time=st.sampled_from((0, 1, 2, 3, DAY + 1, DAY + 2)),
    exec_ref_id=st.sampled_from((None, "e1", "e2", "e3")),
    exec_restatement_reason=st.sampled_from((None, "0", "1", "5")),
    order_id=st.sampled_from((None, "NONE", "O1", "O2")),
    trade_date=st.sampled_from((None, "19700101", "19700102")),
)
EXECUTIONS = st.builds(
    a_report,
    kind=st.sampled_from("FFGHD"),
    status=st.sampled_from("0124"),
    cum=st.sampled_from(CUMS),
    exec_id=st.sampled_from(("e1", "e2", "e3")),
    of=st.sampled_from((X, Y)),
    qty=st.sampled_from((None, 100, 200)),
    last=st.sampled_from((10, 20, 40)),
    px=st.sampled_from((10, 11)),
    time=st.sampled_from((0, 1, 2, 3)),
    exec_ref_id=st.sampled_from(("e1", "e2", "e3")),
)
"""Of these all can be booked, and one may be a bust or correction of another."""
MESSAGES = st.lists(
    REPORTS | EXECUTIONS | st.sampled_from((cancel_reject(Y), cancel_reject(Z))), max_size=6
)


@given(
    st.sampled_from(REQUESTS),
    st.sampled_from("01"),
    st.booleans(),
    MESSAGES,
    st.randoms(use_true_random=False),
)
def test_any_order_with_any_repetition_is_the_same_order(
    asked: tuple[tuple[str, int], ...],
    tif: str,
    is_cash: bool,
    messages: list[Message],
    random: Random,
) -> None:
    again = messages + random.sample(messages, len(messages) // 2)
    random.shuffle(again)
    first, second = told(asked, tif, is_cash, messages), told(asked, tif, is_cash, again)
    if not (first.is_uncertain() or second.is_uncertain()):
        assert _order_facts(first) == _order_facts(second)


def told(
    asked: tuple[tuple[str, int], ...], tif: str, is_cash: bool, messages: list[Message]
) -> Order:
    requests: list[Request] = [
        cancel(name) if kind == "cancel" else replace(name, qty)
        for name, (kind, qty) in zip((Y, Z), asked, strict=False)
    ]
    order = an_order(*requests, tif=tif, qty=0 if is_cash else 100, cash=5 if is_cash else None)
    known = [m for m in messages if order.request(m.cl_ord_id or "") or m.cl_ord_id == "?"]
    return tell(order, *known)
