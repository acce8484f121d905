"""A cash order says how much money, and leaves the quantity to the broker."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import pytest

from fix_oms.model.errors import BadValue, MissingField
from fix_oms.model.messages import (
    ExecutionReport,
    NewOrderSingle,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    Terms,
)
from fix_oms.wire import shown
from tests.wire.texts import CODECS, VERSIONS, changed, fill

FIX42, FIX44, FIX50 = VERSIONS
TERMS: Final = Terms(
    symbol="AAPL", side="1", order_qty=0, ord_type="1", cash_order_qty=100_050 * 10**6
)
ORDER: Final = NewOrderSingle(cl_ord_id="c1", terms=TERMS, transact_time=0)
CANCEL: Final = OrderCancelRequest(
    cl_ord_id="c2",
    orig_cl_ord_id="c1",
    order_id=None,
    terms=msgspec.structs.replace(TERMS, ord_type=""),
    transact_time=0,
)
REPLACE: Final = OrderCancelReplaceRequest(
    cl_ord_id="c2", orig_cl_ord_id="c1", order_id=None, terms=TERMS, transact_time=0
)
CASH: Final = "35=D|11=c1|55=AAPL|54=1|152=1000.5|40=1|59=0|60=19700101-00:00:00|"


def test_a_cash_order_leaves_with_its_amount_and_no_quantity() -> None:
    assert shown(CODECS[FIX44].encode(ORDER)) == (
        "35=D|11=c1|55=AAPL|54=1|152=1000.5|40=1|59=0|60=19700101-00:00:00.000|"
    )


def test_the_quantity_that_a_broker_derived_is_not_said_to_it() -> None:
    terms = msgspec.structs.replace(TERMS, order_qty=7 * 10**8)
    assert "|38=" not in shown(CODECS[FIX44].encode(msgspec.structs.replace(ORDER, terms=terms)))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("message", [ORDER, CANCEL, REPLACE], ids=["D", "F", "G"])
def test_a_cash_order_reads_back(version: Any, message: Any) -> None:
    assert CODECS[version].decode(CODECS[version].encode(message)) == message


@pytest.mark.parametrize("amount", [0, -1, 1.5, "1", True])
def test_an_amount_that_is_none_is_refused(amount: Any) -> None:
    terms = msgspec.structs.replace(TERMS, cash_order_qty=amount)
    with pytest.raises(BadValue, match="is not greater than 0") as found:
        CODECS[FIX44].encode(msgspec.structs.replace(ORDER, terms=terms))
    assert found.value.tag == 152


def test_an_order_of_no_quantity_and_no_amount_is_refused() -> None:
    with pytest.raises(MissingField, match=r"OrderQty\(38\): is needed, or CashOrderQty\(152\)"):
        CODECS[FIX44].decode(changed(CASH, "-152"))


@pytest.mark.parametrize("amount", ["x", "-1"])
def test_an_amount_that_cannot_be_read_is_named(amount: str) -> None:
    with pytest.raises(BadValue) as found:
        CODECS[FIX44].decode(changed(CASH, f"152={amount}"))
    assert found.value.tag == 152


@pytest.mark.parametrize("version", VERSIONS)
def test_a_report_may_state_the_amount(version: Any) -> None:
    told = fill("152=1000.5", version)
    again = CODECS[version].decode(CODECS[version].encode(told))
    assert isinstance(again, ExecutionReport)
    assert (told.cash_order_qty, again.cash_order_qty) == (100_050 * 10**6,) * 2


@pytest.mark.parametrize("version", VERSIONS)
def test_a_report_may_state_the_day(version: Any) -> None:
    told = fill("424=60|425=40|426=10.5", version)
    again = CODECS[version].decode(CODECS[version].encode(told))
    assert isinstance(again, ExecutionReport)
    days = (again.day_order_qty, again.day_cum_qty, again.day_avg_px)
    assert days == (60 * 10**8, 40 * 10**8, 105 * 10**7)


def test_an_amount_finer_than_ours_is_rounded_and_said_to_be_inexact() -> None:
    told = fill("152=1000.500000001")
    assert (told.cash_order_qty, len(told.inexact)) == (100_050 * 10**6, 1)
