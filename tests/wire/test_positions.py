"""Positions are asked for and told: a holding is summed once, and never guessed."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import pytest

from fix_oms.model.errors import BadValue, FieldError, MissingField, UnknownCode
from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import PositionReport, RequestForPositions, RequestForPositionsAck
from fix_oms.wire import Codec, Dialect, dialect_from, shown
from tests.wire.texts import ALL, CODECS, soh

FIX44, FIX50 = FixVersion.FIX44, FixVersion.FIX50SP2
LATER: Final = (FIX44, FIX50)
AT: Final = 1_767_364_200_123_456_789
ASKED: Final = RequestForPositions(
    pos_req_id="p1",
    account="DESK",
    clearing_business_date="20260102",
    transact_time=AT,
    subscription_request_type="1",
)
ANSWER: Final = RequestForPositionsAck(
    pos_req_id="p1", pos_req_result="0", pos_req_status="0", pos_maint_rpt_id="r1", account="DESK"
)
HELD: Final = PositionReport(
    account="DESK",
    symbol="AAPL",
    long_qty=300 * 10**8,
    short_qty=0,
    pos_req_id="p1",
    pos_maint_rpt_id="r1",
    clearing_business_date="20260102",
    settl_price=15_025_000_000,
)
PARTY: Final = "453=1|448=DESK|447=D|452=38|1=DESK|"
SAID: Final = [
    (
        FIX44,
        ASKED,
        f"35=AN|710=p1|724=0|263=1|{PARTY}715=20260102|60=20260102-14:30:00.123|581=1|",
    ),
    (FIX50, ASKED, f"35=AN|710=p1|724=0|263=1|{PARTY}715=20260102|60=20260102-14:30:00.123456|"),
    (FIX44, ANSWER, f"35=AO|721=r1|710=p1|728=0|729=0|{PARTY}581=1|"),
    (FIX50, ANSWER, f"35=AO|721=r1|710=p1|728=0|729=0|{PARTY}"),
    (
        FIX44,
        HELD,
        f"35=AP|721=r1|710=p1|728=0|715=20260102|{PARTY}55=AAPL|730=150.25|"
        "702=1|703=TQ|704=300|705=0|581=1|731=2|734=0|",
    ),
    (
        FIX50,
        HELD,
        f"35=AP|721=r1|710=p1|728=0|715=20260102|{PARTY}55=AAPL|730=150.25|"
        "702=1|703=TQ|704=300|705=0|",
    ),
]


def but(message: Any, **changes: object) -> Any:
    return msgspec.structs.replace(message, **changes)


def told(text: str) -> PositionReport:
    message = CODECS[FIX44].decode(soh(f"35=AP|721=r1|1=DESK|55=AAPL|{text}"))
    assert isinstance(message, PositionReport)
    return message


@pytest.mark.parametrize(("version", "message", "text"), SAID)
def test_a_message_is_said_in_one_way(version: FixVersion, message: Any, text: str) -> None:
    assert shown(CODECS[version].encode(message)) == text


ROWS: Final = [
    # rows of NoPositions(702)                            type   long short
    ("702=1|703=TQ|704=300|705=0|", "TQ", 300, 0),
    ("702=1|703=TQ|704=300|", "TQ", 300, 0),
    ("702=1|703=TQ|705=300|", "TQ", 0, 300),
    ("702=1|704=300|705=20|", None, 300, 20),
    ("702=2|703=TQ|704=300|703=TQ|705=20|", "TQ", 300, 20),
    ("702=2|703=SOD|704=100|703=TQ|704=300|", "TQ", 300, 0),
    ("702=2|703=FIN|704=100|703=TOT|704=300|", "TOT", 300, 0),
    ("702=2|703=SOD|704=100|703=FIN|704=300|", "FIN", 300, 0),
    ("702=1|703=NET|705=7|", "NET", 0, 7),
    ("702=2|703=PIT|704=5|703=SOD|704=100|", "SOD", 100, 0),
    ("702=2|703=TQ|704=5|706=2|703=SOD|704=100|", "SOD", 100, 0),
    ("702=1|703=TQ|704=5|539=1|524=P|538=1|", "TQ", 5, 0),
]


@pytest.mark.parametrize(("rows", "pos_type", "long_qty", "short_qty"), ROWS)
def test_the_rows_of_one_type_are_the_holding(
    rows: str, pos_type: str | None, long_qty: int, short_qty: int
) -> None:
    report = told(rows)
    assert (report.pos_type, report.long_qty, report.short_qty) == (
        pos_type,
        long_qty * 10**8,
        short_qty * 10**8,
    )


@pytest.mark.parametrize("rows", ["", "702=0|", "702=1|703=PIT|704=5|", "702=1|703=TQ|", "58=x|"])
def test_what_states_no_holding_has_no_quantity(rows: str) -> None:
    report = told(rows)
    assert (report.pos_type, report.quantity) == (None, None)


@pytest.mark.parametrize(
    ("long_qty", "short_qty", "expected"),
    [(5, 2, 3), (2, 5, -3), (5, None, 5), (None, 2, -2), (None, None, None)],
)
def test_the_quantity_is_long_less_short(
    long_qty: int | None, short_qty: int | None, expected: int | None
) -> None:
    assert but(HELD, long_qty=long_qty, short_qty=short_qty).quantity == expected


NOTED: Final = [
    ("702=2|703=SOD|704=100|703=TQ|704=300|", ("PosType(703) 'SOD' is left aside",)),
    ("702=1|703=PIT|704=5|", ("PosType(703) 'PIT' is left aside",)),
    (
        "702=1|703=TQ|704=5|706=2|",
        ("PosType(703) 'TQ': PosQtyStatus(706) says that it is rejected",),
    ),
    ("724=1|702=1|703=TQ|704=5|", ("PosReqType(724) '1': a report of no position",)),
    ("702=1|704=1.123456789|", ("LongQty(704) '1.123456789' is rounded to 8 places",)),
    ("730=x|", ("SettlPrice(730) 'x' is not a FIX number",)),
    ("727=x|", ("TotalNumPosReports(727) 'x' is not a whole number",)),
    ("60=x|", ("TransactTime(60) 'x' is not a UTCTimestamp (YYYYMMDD-HH:MM:SS.sss)",)),
    ("58=|", ("Text(58) is empty",)),
]


@pytest.mark.parametrize(("text", "notes"), NOTED)
def test_what_was_tolerated_is_noted_in_words(text: str, notes: tuple[str, ...]) -> None:
    assert told(text).tolerated == notes


@pytest.mark.parametrize("wrong", ["730=x", "727=x", "60=x", "715=today", "581=~", "706=9"])
def test_a_wrong_field_beside_it_never_loses_a_position(wrong: str) -> None:
    assert told(f"{wrong}|702=1|703=TQ|704=300|705=0|").quantity == 300 * 10**8


def test_a_report_of_trades_has_the_rows_of_a_position_and_is_none() -> None:
    assert told("724=1|702=1|703=TQ|704=300|").quantity is None


@pytest.mark.parametrize("version", LATER)
def test_the_least_that_a_broker_says_is_read(version: FixVersion) -> None:
    text = soh("35=AP|55=41|710=p1|721=7|727=1|728=0|730=1.5|702=1|704=0|705=30000|")
    report = CODECS[version].decode(text)
    assert isinstance(report, PositionReport)
    assert (report.symbol, report.quantity, report.account) == ("41", -30000 * 10**8, None)


def test_a_report_that_there_is_no_position_needs_no_symbol() -> None:
    report = CODECS[FIX44].decode(soh("35=AP|710=p1|727=0|728=2|"))
    assert isinstance(report, PositionReport)
    assert (report.pos_req_result, report.symbol, report.quantity) == ("2", None, None)


def test_the_header_is_read_where_there_is_one() -> None:
    head = "8=FIX.4.4|9=1|35=AP|34=7|43=Y|49=A|52=20260102-14:30:00|56=B|"
    report = CODECS[FIX44].decode(soh(f"{head}55=A|17=E9|10=000|"))
    assert isinstance(report, PositionReport)
    assert (report.msg_seq_num, report.poss_dup, report.sending_time, report.last_exec_id) == (
        7,
        True,
        AT // 10**9 * 10**9,
        "E9",
    )


def test_an_account_may_be_said_as_a_party() -> None:
    asked = CODECS[FIX50].decode(
        soh("35=AN|710=p1|724=0|60=20260102-14:30:00|453=2|448=F|452=1|448=DESK|452=38|")
    )
    assert isinstance(asked, RequestForPositions)
    assert (asked.account, asked.extra["453"]) == ("DESK", "2")


def test_parties_of_the_callers_own_leave_instead_of_ours() -> None:
    parties = {"453": "1", "453.1.448": "FIRM", "453.1.452": "1"}
    text = shown(CODECS[FIX50].encode(but(ASKED, extra=parties)))
    assert text.endswith("|453=1|448=FIRM|452=1|")
    assert text.count("|453=") == 1


def overlay(**tables: object) -> Dialect:
    return dialect_from({"name": "Example", **tables}, "x.toml")


def test_an_overlay_that_drops_the_parties_drops_each_of_their_fields() -> None:
    drop = {"messages": ["AN"], "tag": 453, "reason": "rules of engagement 7"}
    text = shown(Codec(FIX50, ALL, dialect=overlay(drop=[drop])).encode(ASKED))
    assert text == "35=AN|710=p1|724=0|263=1|1=DESK|715=20260102|60=20260102-14:30:00.123456|"


def test_an_overlay_says_another_account_type() -> None:
    extra = {"messages": ["AN"], "tag": 581, "value": "3", "reason": "a house account"}
    assert "|581=3|" in shown(Codec(FIX44, ALL, dialect=overlay(extra=[extra])).encode(ASKED))


def test_a_result_in_the_brokers_own_code_is_ours() -> None:
    code = {"tag": 728, "ours": "2", "theirs": "N", "reason": "rules of engagement 7"}
    codec = Codec(FIX44, ALL, dialect=overlay(code=[code]))
    answer = codec.decode(soh("35=AO|710=p1|728=N|"))
    assert getattr(answer, "pos_req_result", None) == "2"


WRONG: Final = [
    (but(ASKED, pos_req_id=None), MissingField, "PosReqID(710): is needed in RequestForPositions"),
    (but(ASKED, account=None), MissingField, "Account(1): is needed in RequestForPositions"),
    (but(ASKED, pos_req_type="9"), UnknownCode, "PosReqType(724) '9': is no code that fix_oms"),
    (
        but(ASKED, subscription_request_type="7"),
        UnknownCode,
        "SubscriptionRequestType(263) '7': is no code that fix_oms sends",
    ),
    (
        but(ASKED, clearing_business_date="2026-01-02"),
        BadValue,
        "ClearingBusinessDate(715) '2026-01-02': is not a day (YYYYMMDD)",
    ),
    (but(ASKED, transact_time=1.5), BadValue, "TransactTime(60) '1.5': is not an int of nano"),
    (but(ANSWER, pos_req_result="7"), UnknownCode, "PosReqResult(728) '7': is no code that"),
    (but(ANSWER, pos_req_status="7"), UnknownCode, "PosReqStatus(729) '7': is no code that"),
    (but(ANSWER, total_num_pos_reports=-1), BadValue, "TotalNumPosReports(727) '-1': is not in"),
    (but(HELD, pos_type="PIT"), UnknownCode, "PosType(703) 'PIT': is no PosType of a holding"),
    (but(HELD, long_qty=-1), BadValue, "LongQty(704) '-1': is negative"),
    (but(HELD, short_qty=1.5), BadValue, "ShortQty(705) '1.5': is not an int of units of 10^-8"),
    (but(HELD, symbol=None), MissingField, "Symbol(55): is needed where there is a position"),
    (
        but(HELD, long_qty=None, short_qty=None),
        MissingField,
        "NoPositions(702): is needed in PositionReport",
    ),
    (but(HELD, settl_price=None), MissingField, "SettlPrice(730): is needed in PositionReport"),
    (but(HELD, text="x\x0138=9"), BadValue, "Text(58) 'x\\x0138=9': holds SOH, which would begin"),
]


@pytest.mark.parametrize(("message", "error", "text"), WRONG)
def test_what_cannot_be_said_names_the_field(
    message: Any, error: type[FieldError], text: str
) -> None:
    with pytest.raises(error) as found:
        CODECS[FIX44].encode(message)
    assert str(found.value).startswith(text)


def test_an_id_longer_than_the_session_allows_is_refused() -> None:
    with pytest.raises(BadValue, match=r"PosReqID\(710\) 'p1': is longer than the 1 characters"):
        Codec(FIX44, ALL, cl_ord_id_length=1).encode(ASKED)


def test_a_time_is_not_said_where_the_version_has_none() -> None:
    report = but(HELD, transact_time=AT)
    said = {v: "|60=" in shown(CODECS[v].encode(report)) for v in LATER}
    assert said == {FIX44: False, FIX50: True}
