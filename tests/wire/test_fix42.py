"""FIX 4.2 says with ExecTransType(20) and ExecType(150) 1 and 2 what 4.4 says with ExecType."""

from __future__ import annotations

from typing import Final

import pytest

from fix_oms.model.errors import Unsupported, UnsupportedMessage
from fix_oms.model.fix import ExecType, FixVersion, OrdStatus
from fix_oms.model.messages import (
    CollateralReport,
    ExecutionReport,
    Message,
    OrderMassCancelReport,
    OrderMassCancelRequest,
    OrderMassStatusRequest,
    OrderStatusRequest,
    PositionReport,
    RequestForPositions,
    RequestForPositionsAck,
)
from fix_oms.wire import Codec, fields
from tests.wire.texts import CODECS, fill, soh

FIX42: Final = FixVersion.FIX42

READ: Final = [
    # 20   150  39   19     14    our ExecType
    ("0", "0", "0", None, "0", ExecType.NEW),
    ("0", "1", "1", None, "40", ExecType.TRADE),
    ("0", "2", "2", None, "100", ExecType.TRADE),
    ("0", "1", "6", None, "40", ExecType.TRADE),
    ("0", "1", "E", None, "40", ExecType.TRADE),
    ("0", "1", "4", None, "40", ExecType.TRADE),
    ("0", "1", "7", None, "0", ExecType.STOPPED),  # 4.2:D37, a guarantee
    ("0", "1", "7", None, "40", ExecType.TRADE),
    ("0", "7", "7", None, "0", ExecType.STOPPED),
    ("0", "3", "3", None, "40", ExecType.DONE_FOR_DAY),
    ("0", "4", "4", None, "40", ExecType.CANCELED),
    ("0", "5", "0", None, "0", ExecType.REPLACED),
    ("0", "6", "6", None, "40", ExecType.PENDING_CANCEL),
    ("0", "8", "8", None, "0", ExecType.REJECTED),
    ("0", "9", "9", None, "0", ExecType.SUSPENDED),
    ("0", "A", "A", None, "0", ExecType.PENDING_NEW),
    ("0", "B", "B", None, "40", ExecType.CALCULATED),
    ("0", "C", "C", None, "40", ExecType.EXPIRED),
    ("0", "D", "0", None, "0", ExecType.RESTATED),
    ("0", "E", "E", None, "0", ExecType.PENDING_REPLACE),
    ("1", "1", "1", "E0", "40", ExecType.TRADE_CANCEL),
    ("1", "2", "2", "E0", "100", ExecType.TRADE_CANCEL),
    ("1", "0", "0", "E0", "0", ExecType.TRADE_CANCEL),
    ("1", "4", "4", "E0", "0", ExecType.TRADE_CANCEL),
    ("1", "4", "4", None, "0", ExecType.CANCELED),  # some brokers mark an order's cancel so
    ("2", "1", "1", "E0", "40", ExecType.TRADE_CORRECT),
    ("2", "2", "2", "E0", "100", ExecType.TRADE_CORRECT),
    ("3", "0", "0", None, "0", ExecType.ORDER_STATUS),
    ("3", "1", "1", None, "40", ExecType.ORDER_STATUS),
    ("3", "4", "4", None, "40", ExecType.ORDER_STATUS),
]


@pytest.mark.parametrize(("trans", "exec_type", "status", "ref", "cum", "expected"), READ)
def test_a_report_reads_in_the_words_of_44(
    trans: str, exec_type: str, status: str, ref: str | None, cum: str, expected: ExecType
) -> None:
    leaves = str(100 - int(cum))
    change = f"20={trans}|150={exec_type}|39={status}|14={cum}|151={leaves}"
    told = fill(f"{change}|19={ref}" if ref else change, FIX42)
    assert (told.exec_type, told.ord_status, told.exec_ref_id) == (expected, status, ref)


@pytest.mark.parametrize("version", FixVersion)
@pytest.mark.parametrize(
    ("trans", "expected"),
    [("1", ExecType.TRADE_CANCEL), ("2", ExecType.TRADE_CORRECT), ("3", ExecType.ORDER_STATUS)],
)
def test_exec_trans_type_is_obeyed_in_every_version(
    trans: str, expected: ExecType, version: FixVersion
) -> None:
    assert fill(f"20={trans}|19=E0", version).exec_type == expected


@pytest.mark.parametrize("version", FixVersion)
@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ("14=0|151=100", ExecType.STOPPED),
        ("14=40|151=100", ExecType.STOPPED),
        ("14=0|-151", ExecType.STOPPED),
        ("14=0", ExecType.TRADE),
        ("-14|151=100", ExecType.STOPPED),
        ("-14|151=60", ExecType.TRADE),
        ("-14|-151", ExecType.TRADE),
        ("14=40", ExecType.TRADE),
    ],
)
def test_a_fill_of_a_stopped_order_with_nothing_done_is_a_guarantee(
    amounts: str, expected: ExecType, version: FixVersion
) -> None:
    assert fill(f"150=1|39=7|{amounts}", version).exec_type == expected


def test_a_status_has_no_execution_identity() -> None:
    assert fill("20=3|17=0", FIX42).exec_id is None


WRITTEN: Final = [
    # our ExecType            39   38   14     20   150
    (ExecType.NEW, "0", 100, 0, "0", "0"),
    (ExecType.TRADE, "1", 100, 40, "0", "1"),
    (ExecType.TRADE, "2", 100, 100, "0", "2"),
    (ExecType.TRADE, "6", 100, 40, "0", "1"),
    (ExecType.TRADE, "6", 100, 100, "0", "2"),
    (ExecType.TRADE_CANCEL, "1", 100, 40, "1", "1"),
    (ExecType.TRADE_CORRECT, "2", 100, 100, "2", "2"),
    (ExecType.ORDER_STATUS, "0", 100, 0, "3", "0"),
    (ExecType.ORDER_STATUS, "4", 100, 40, "3", "4"),
    (ExecType.RESTATED, "0", 100, 0, "0", "D"),
]


@pytest.mark.parametrize(("exec_type", "status", "total", "done", "trans", "code"), WRITTEN)
def test_a_report_leaves_in_the_words_of_42(
    exec_type: ExecType, status: str, total: int, done: int, trans: str, code: str
) -> None:
    said = dict(fields(CODECS[FIX42].encode(some_report(exec_type, status, total, done))))
    assert (said[20], said[150]) == (trans, code)


@pytest.mark.parametrize("version", [FixVersion.FIX42, FixVersion.FIX44])
def test_an_exec_type_that_the_version_lacks_is_refused(version: FixVersion) -> None:
    with pytest.raises(Unsupported, match=r"has no ExecType\(150\)=L"):
        CODECS[version].encode(some_report(ExecType.TRIGGERED, OrdStatus.NEW, 100, 0))


def some_report(exec_type: str, status: str, total: int, done: int) -> ExecutionReport:
    return ExecutionReport(
        cl_ord_id="c1",
        order_id="O1",
        exec_id="E1",
        exec_type=exec_type,
        ord_status=status,
        symbol="AAPL",
        side="1",
        order_qty=total * 10**8,
        cum_qty=done * 10**8,
        leaves_qty=(total - done) * 10**8,
        avg_px=0,
    )


NOT_IN_42: Final[list[tuple[Message, str]]] = [
    (OrderMassCancelRequest(cl_ord_id="c1", transact_time=0), "OrderMassCancelRequest(35=q)"),
    (OrderMassStatusRequest(mass_status_req_id="s1"), "OrderMassStatusRequest(35=AF)"),
    (
        OrderMassCancelReport(
            cl_ord_id="c1", order_id="O", mass_cancel_request_type="7", mass_cancel_response="7"
        ),
        "OrderMassCancelReport(35=r)",
    ),
    (
        RequestForPositions(
            pos_req_id="p", account="A", clearing_business_date="20260102", transact_time=0
        ),
        "RequestForPositions(35=AN)",
    ),
    (
        RequestForPositionsAck(pos_req_id="p", pos_req_result="2"),
        "RequestForPositionsAck(35=AO)",
    ),
    (
        PositionReport(account="A", symbol="X", long_qty=0, short_qty=0),
        "PositionReport(35=AP)",
    ),
    (CollateralReport(account="A"), "CollateralReport(35=BA)"),
]


@pytest.mark.parametrize(("message", "name"), NOT_IN_42)
def test_a_message_that_42_lacks_is_refused_by_name(message: Message, name: str) -> None:
    with pytest.raises(Unsupported) as refused:
        Codec(FIX42).encode(message)
    assert str(refused.value) == f"FIX.4.2 has no {name}"


@pytest.mark.parametrize("kind", ["q", "r", "AF", "AN", "AO", "AP", "BA"])
def test_a_message_that_42_lacks_is_not_read(kind: str) -> None:
    with pytest.raises(UnsupportedMessage, match=rf"FIX\.4\.2 has no .*\(35={kind}\)"):
        Codec(FIX42).decode(soh(f"35={kind}|11=c1|584=s1|585=7|530=7|531=7|60=20260102-00:00:00|"))


@pytest.mark.parametrize(
    ("version", "expected"), [(FIX42, None), (FixVersion.FIX44, "r1"), (FixVersion.FIX50SP2, "r1")]
)
def test_ord_status_req_id_leaves_only_where_the_version_has_it(
    version: FixVersion, expected: str | None
) -> None:
    asked = OrderStatusRequest(
        cl_ord_id="c1", order_id=None, symbol="AAPL", side="1", ord_status_req_id="r1"
    )
    assert dict(fields(CODECS[version].encode(asked))).get(790) == expected
