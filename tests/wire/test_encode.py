"""What leaves is money: it is said exactly, in one way, and nothing can be slipped into it."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.counterparty import Supports
from fix_oms.model.errors import BadValue, FieldError, MissingField, UnknownCode, Unsupported
from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import (
    ExecutionReport,
    MarketDataIncremental,
    MarketDataRequest,
    MDEntry,
    Message,
    NewOrderSingle,
    OrderCancelReject,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    OrderMassCancelRequest,
    OrderMassStatusRequest,
    OrderStatusRequest,
    Terms,
)
from fix_oms.wire import SOH, Codec, shown
from tests.wire.texts import CODECS, VERSIONS

FIX42, FIX44, FIX50 = VERSIONS
AT: Final = 1767364200_123456789
TERMS: Final = Terms(
    symbol="AAPL", side="1", order_qty=100 * 10**8, ord_type="2", price=15_025_000_000
)
ORDER: Final = NewOrderSingle(cl_ord_id="7-1", terms=TERMS, transact_time=AT)
CANCEL: Final = OrderCancelRequest(
    cl_ord_id="7-2", orig_cl_ord_id="7-1", order_id="O1", terms=TERMS, transact_time=AT
)
REPLACE: Final = OrderCancelReplaceRequest(
    cl_ord_id="7-3", orig_cl_ord_id="7-1", order_id=None, terms=TERMS, transact_time=AT
)
STATUS: Final = OrderStatusRequest(cl_ord_id="7-1", order_id=None, symbol="AAPL", side="1")
MASS_CANCEL: Final = OrderMassCancelRequest(cl_ord_id="7-4", transact_time=AT)
MASS_STATUS: Final = OrderMassStatusRequest(mass_status_req_id="s1")
SUBSCRIBE: Final = MarketDataRequest(
    md_req_id="r1", subscription_request_type="1", symbols=("AAPL",)
)
FILL: Final = ExecutionReport(
    cl_ord_id="c1",
    order_id="O1",
    exec_id="E1",
    exec_type="F",
    ord_status="1",
    symbol="AAPL",
    side="1",
    cum_qty=0,
    leaves_qty=0,
    avg_px=0,
)


def with_terms(order: Any, **changes: object) -> Any:
    return msgspec.structs.replace(order, terms=msgspec.structs.replace(order.terms, **changes))


def but(message: Any, **changes: object) -> Any:
    return msgspec.structs.replace(message, **changes)


SAID: Final = [
    (
        FIX42,
        ORDER,
        "35=D|11=7-1|55=AAPL|54=1|38=100|40=2|44=150.25|59=0|60=20260102-14:30:00.123|21=1|",
    ),
    (FIX44, ORDER, "35=D|11=7-1|55=AAPL|54=1|38=100|40=2|44=150.25|59=0|60=20260102-14:30:00.123|"),
    (
        FIX50,
        ORDER,
        "35=D|11=7-1|55=AAPL|54=1|38=100|40=2|44=150.25|59=0|60=20260102-14:30:00.123456|",
    ),
    (
        FIX44,
        but(ORDER, poss_resend=True),
        "35=D|97=Y|11=7-1|55=AAPL|54=1|38=100|40=2|44=150.25|59=0|60=20260102-14:30:00.123|",
    ),
    (FIX44, CANCEL, "35=F|11=7-2|41=7-1|37=O1|55=AAPL|54=1|38=100|60=20260102-14:30:00.123|"),
    (
        FIX42,
        REPLACE,
        "35=G|11=7-3|41=7-1|55=AAPL|54=1|38=100|40=2|44=150.25|59=0|60=20260102-14:30:00.123|21=1|",
    ),
    (FIX44, STATUS, "35=H|11=7-1|55=AAPL|54=1|"),
    (FIX44, MASS_CANCEL, "35=q|11=7-4|530=7|60=20260102-14:30:00.123|"),
    (FIX44, but(MASS_CANCEL, symbol="AAPL"), "35=q|11=7-4|530=1|55=AAPL|60=20260102-14:30:00.123|"),
    (FIX44, MASS_STATUS, "35=AF|584=s1|585=7|"),
    (FIX44, but(MASS_STATUS, symbol="AAPL"), "35=AF|584=s1|585=1|55=AAPL|"),
    (FIX44, FILL, "35=8|37=O1|11=c1|17=E1|150=F|39=1|55=AAPL|54=1|151=0|14=0|6=0|"),
    (FIX42, FILL, "35=8|37=O1|11=c1|17=E1|20=0|150=1|39=1|55=AAPL|54=1|151=0|14=0|6=0|"),
    (
        FIX50,
        but(FILL, avg_px=None, order_id=None),
        "35=8|37=NONE|11=c1|17=E1|150=F|39=1|55=AAPL|54=1|151=0|14=0|",
    ),
    (
        FIX44,
        but(FILL, exec_type="I", exec_id=None),
        "35=8|37=O1|11=c1|17=0|150=I|39=1|55=AAPL|54=1|151=0|14=0|6=0|",
    ),
]


@pytest.mark.parametrize(("version", "message", "text"), SAID)
def test_a_message_is_said_in_one_way(version: FixVersion, message: Message, text: str) -> None:
    assert shown(CODECS[version].encode(message)) == text


WRONG: Final = [
    (with_terms(ORDER, order_qty=0), BadValue, "OrderQty(38) '0': is not greater than 0"),
    (with_terms(ORDER, order_qty=-1), BadValue, "OrderQty(38) '-1': is not greater than 0"),
    (with_terms(ORDER, order_qty="100"), BadValue, "OrderQty(38) '100': is not greater than 0"),
    (with_terms(ORDER, order_qty=1e10), BadValue, "OrderQty(38) '10000000000.0': is not greater"),
    (with_terms(ORDER, order_qty=True), BadValue, "OrderQty(38) 'True': is not greater than 0"),
    (with_terms(ORDER, price=1.5), BadValue, "Price(44) '1.5': is not an int of units of 10^-8"),
    (with_terms(ORDER, price=10**21), BadValue, "Price(44) '1000000000000000000000': is larger"),
    (with_terms(ORDER, price=None), MissingField, "Price(44): is needed for a LIMIT order"),
    (with_terms(ORDER, ord_type="1"), BadValue, "Price(44) '15025000000': has no meaning for a M"),
    (with_terms(ORDER, ord_type="4"), MissingField, "StopPx(99): is needed for a STOP_LIMIT order"),
    (with_terms(ORDER, stop_px=1), BadValue, "StopPx(99) '1': has no meaning for a LIMIT order"),
    (with_terms(ORDER, time_in_force="6"), MissingField, "ExpireTime(126): is needed for a GTD"),
    (
        with_terms(ORDER, expire_time=AT),
        BadValue,
        f"ExpireTime(126) '{AT}': has no meaning for a D",
    ),
    (with_terms(ORDER, side="9"), UnknownCode, "Side(54) '9': is no code that fix_oms sends"),
    (with_terms(ORDER, ord_type="P"), UnknownCode, "OrdType(40) 'P': is no code that fix_oms"),
    (with_terms(ORDER, time_in_force=""), UnknownCode, "TimeInForce(59) '': is no code that"),
    (with_terms(ORDER, side=[]), BadValue, "Side(54) '[]': is list, not text"),
    (with_terms(ORDER, symbol=7), BadValue, "Symbol(55) '7': is int, not text"),
    (with_terms(ORDER, symbol=None), MissingField, "Symbol(55): is needed in NewOrderSingle"),
    (with_terms(ORDER, symbol=""), BadValue, "Symbol(55) '': is empty"),
    (but(ORDER, cl_ord_id=""), BadValue, "ClOrdID(11) '': is empty"),
    (but(ORDER, cl_ord_id=None), MissingField, "ClOrdID(11): is needed in NewOrderSingle"),
    (but(ORDER, transact_time=1.5), BadValue, "TransactTime(60) '1.5': is not an int of nano"),
    (but(ORDER, transact_time=None), BadValue, "MsgType(35) 'D': NewOrderSingle is malformed"),
    (but(ORDER, transact_time=10**21), BadValue, "TransactTime(60) '1000000000000000000000': is"),
    (but(ORDER, terms=None), BadValue, "MsgType(35) 'D': NewOrderSingle is malformed"),
    (with_terms(CANCEL, side="B"), UnknownCode, "Side(54) 'B': is no code that fix_oms sends"),
    (with_terms(CANCEL, order_qty=0), BadValue, "OrderQty(38) '0': is not greater than 0"),
    (but(CANCEL, orig_cl_ord_id=None), MissingField, "OrigClOrdID(41): is needed in OrderCancel"),
    (but(SUBSCRIBE, symbols=()), MissingField, "NoRelatedSym(146): needs at least one symbol"),
    (but(SUBSCRIBE, market_depth=-1), BadValue, "MarketDepth(264) '-1': is not in 0 to 10^18"),
    (but(FILL, exec_type="1"), UnknownCode, "ExecType(150) '1': is no ExecType"),
    (but(FILL, ord_status="5"), UnknownCode, "OrdStatus(39) '5': is no OrdStatus that a report"),
    (but(FILL, exec_id=None), MissingField, "ExecID(17): is needed in ExecutionReport"),
    (but(FILL, cum_qty=None), MissingField, "CumQty(14): is needed in ExecutionReport"),
    (but(FILL, last_qty=0.5), BadValue, "LastQty(32) '0.5': is not an int of units of 10^-8"),
    (but(FILL, tot_num_reports="1"), BadValue, "TotNumReports(911) \"'1'\": is not an int"),
    (but(FILL, last_rpt_requested="Y"), BadValue, "LastRptRequested(912) \"'Y'\": is no flag"),
    (but(ORDER, extra={"x": "1"}), BadValue, "MsgType(35) 'x': names an extra field by no tag"),
    (but(ORDER, extra={"11": "c2"}), BadValue, "ClOrdID(11) 'c2': is said already"),
    (but(ORDER, extra={"49": "ME"}), BadValue, "SenderCompID(49) 'ME': is the session's to say"),
    (but(ORDER, extra={"9001": ""}), BadValue, "Tag(9001) '': is empty"),
    (
        MarketDataIncremental(entries=(MDEntry(entry_type="0", price=1, size=1),)),
        MissingField,
        "MDUpdateAction(279): is needed in each entry",
    ),
    (
        OrderCancelReject(
            cl_ord_id="c2",
            orig_cl_ord_id="c1",
            order_id=None,
            ord_status="0",
            cxl_rej_response_to=None,
        ),
        MissingField,
        "CxlRejResponseTo(434): is needed in OrderCancelReject",
    ),
]


@pytest.mark.parametrize(("message", "error", "text"), WRONG)
def test_a_message_that_cannot_be_said_names_the_field(
    message: Message, error: type[FieldError], text: str
) -> None:
    with pytest.raises(error) as found:
        Codec(FIX44, Supports(market_data=True)).encode(message)
    assert str(found.value).startswith(text)


INJECTED: Final = [
    f"x{SOH}38=1000000",
    SOH,
    "x\x00",
    "x\ny",
    "x\r",
    "x\x85y",
    "x\u2028y",
    "x\x1b[2J",
    "x\ud800",
    "x\udce9",
]


@pytest.mark.parametrize("value", INJECTED)
@pytest.mark.parametrize(
    ("message", "field", "name"),
    [
        (ORDER, "cl_ord_id", "ClOrdID(11)"),
        (CANCEL, "orig_cl_ord_id", "OrigClOrdID(41)"),
        (STATUS, "symbol", "Symbol(55)"),
        (FILL, "text", "Text(58)"),
        (MASS_STATUS, "mass_status_req_id", "MassStatusReqID(584)"),
    ],
)
def test_a_value_that_would_inject_is_refused(
    message: Message, field: str, name: str, value: str
) -> None:
    with pytest.raises(BadValue) as found:
        CODECS[FIX44].encode(but(message, **{field: value}))
    assert found.value.label == name


@given(symbol=st.text(), text=st.text())
def test_no_value_can_add_a_field(symbol: str, text: str) -> None:
    order = but(with_terms(ORDER, symbol=symbol, text=text), transact_time=0)
    try:
        said = CODECS[FIX44].encode(order)
    except BadValue:
        return
    assert CODECS[FIX44].decode(said) == order


@given(
    message=st.sampled_from([ORDER, CANCEL, REPLACE, STATUS, MASS_CANCEL, FILL]),
    data=st.data(),
    value=st.sampled_from([None, 1, -1, 1.5, "", "x", b"x", [], {}, object(), True, "\x01"]),
)
def test_a_wrong_type_anywhere_is_a_field_error_or_harmless(
    message: Message, data: st.DataObject, value: object
) -> None:
    names = sorted({*message.__struct_fields__} - {"extra"})
    try:
        CODECS[FIX44].encode(but(message, **{data.draw(st.sampled_from(names)): value}))
    except (FieldError, Unsupported) as error:
        assert str(error) != ""  # noqa: PT017 - either outcome is right; an error has to say why


def test_an_extra_field_leaves_after_the_messages_own() -> None:
    said = shown(CODECS[FIX44].encode(but(STATUS, extra={"9001": "x"})))
    assert said == "35=H|11=7-1|55=AAPL|54=1|9001=x|"


@pytest.mark.parametrize(
    ("message", "name"), [(ORDER, "ClOrdID(11)"), (MASS_STATUS, "MassStatusReqID(584)")]
)
def test_an_id_longer_than_the_session_allows_is_refused(message: Message, name: str) -> None:
    codec = Codec(FIX44, cl_ord_id_length=1)
    with pytest.raises(BadValue, match="is longer than the 1 characters") as found:
        codec.encode(message)
    assert found.value.label == name


MARKET: Final = with_terms(ORDER, ord_type="1", price=None)
STOP: Final = with_terms(ORDER, ord_type="3", price=None, stop_px=1)
STOP_LIMIT: Final = with_terms(REPLACE, ord_type="4", stop_px=1)
REFUSED: Final = [
    (Supports(replace=False), REPLACE, "OrderCancelReplaceRequest(35=G) (supports.replace is"),
    (Supports(status=False), STATUS, "OrderStatusRequest(35=H) (supports.status is false)"),
    (Supports(mass_status=False), MASS_STATUS, "OrderMassStatusRequest(35=AF) (supports.mass_"),
    (Supports(mass_cancel=False), MASS_CANCEL, "OrderMassCancelRequest(35=q) (supports.mass_c"),
    (Supports(), SUBSCRIBE, "MarketDataRequest(35=V) (supports.market_data is false)"),
    (Supports(market_orders=False), MARKET, "market orders, OrdType(40)=1 (supports.market_ord"),
    (Supports(stop_orders=False), STOP, "stop orders, OrdType(40)=3 (supports.stop_orders is"),
    (Supports(stop_orders=False), STOP_LIMIT, "stop orders, OrdType(40)=4 (supports.stop_orders"),
]


@pytest.mark.parametrize(("supports", "message", "text"), REFUSED)
def test_what_the_counterparty_cannot_take_is_refused_by_name(
    supports: Supports, message: Message, text: str
) -> None:
    with pytest.raises(Unsupported) as found:
        Codec(FIX44, supports).encode(message)
    assert str(found.value).startswith(f"the counterparty does not take {text}")


@pytest.mark.parametrize("message", [MARKET, STOP, REPLACE, STATUS, MASS_STATUS, MASS_CANCEL])
def test_what_the_counterparty_can_take_is_said(message: Message) -> None:
    assert CODECS[FIX44].encode(message).startswith("35=")


def test_a_value_that_is_no_message_is_refused() -> None:
    with pytest.raises(Unsupported, match="Terms is no FIX message"):
        CODECS[FIX44].encode(TERMS)  # type: ignore[arg-type]  # what the test is about


@pytest.mark.parametrize(("code", "expected"), [("99", "0"), ("11", "0"), ("13", "0"), ("3", "3")])
def test_a_later_reject_reason_is_said_in_the_codes_of_42(code: str, expected: str) -> None:
    report = but(FILL, exec_type="8", ord_status="8", ord_rej_reason=code)
    told = CODECS[FIX42].decode(CODECS[FIX42].encode(report))
    assert isinstance(told, ExecutionReport)
    assert told.ord_rej_reason == expected
