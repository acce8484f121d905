"""Balances and trading halts, as each version says them."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import pytest

from fix_oms.model.errors import BadValue, FieldError, MissingField, UnknownCode
from fix_oms.model.fix import FixVersion, HaltReason, SecurityTradingStatus
from fix_oms.model.messages import CollateralReport, SecurityStatus, SecurityStatusRequest
from fix_oms.wire import Codec, dialect_from, fields, shown
from tests.wire.texts import CODECS, VERSIONS, soh

FIX42, FIX44, FIX50 = VERSIONS
AT: Final = 1_767_364_200 * 10**9
MONEY: Final = CollateralReport(
    account="DESK",
    currency="USD",
    margin_excess=10_270_61000000,
    total_net_value=12_000 * 10**8,
    cash_outstanding=-5 * 10**8,
    coll_rpt_id="b1",
    coll_status="3",
)
HALT: Final = SecurityStatus(
    symbol="AAPL", security_trading_status="2", halt_reason="P", transact_time=AT, last_px=10**10
)
ASKED: Final = SecurityStatusRequest(security_status_req_id="s1", symbol="AAPL")
SAID: Final = [
    (FIX44, MONEY, "35=BA|908=b1|910=3|1=DESK|15=USD|899=10270.61|900=12000|901=-5|"),
    (FIX50, MONEY, "35=BA|908=b1|910=3|1=DESK|15=USD|899=10270.61|900=12000|901=-5|"),
    *((version, ASKED, "35=e|324=s1|55=AAPL|263=1|") for version in VERSIONS),
    (FIX42, HALT, "35=f|55=AAPL|326=2|327=P|31=100|60=20260102-14:30:00.000|"),
    (FIX44, HALT, "35=f|55=AAPL|326=2|327=P|31=100|60=20260102-14:30:00.000|"),
    (FIX50, HALT, "35=f|55=AAPL|326=2|327=4|31=100|60=20260102-14:30:00.000000|"),
]


def but(message: Any, **changes: object) -> Any:
    return msgspec.structs.replace(message, **changes)


def status(text: str, version: FixVersion = FIX44) -> SecurityStatus:
    message = CODECS[version].decode(soh(f"35=f|55=AAPL|{text}"))
    assert isinstance(message, SecurityStatus)
    return message


def money(text: str) -> CollateralReport:
    message = CODECS[FIX44].decode(soh(f"35=BA|{text}"))
    assert isinstance(message, CollateralReport)
    return message


@pytest.mark.parametrize(("version", "message", "text"), SAID)
def test_a_message_is_said_in_one_way(version: FixVersion, message: Any, text: str) -> None:
    assert shown(CODECS[version].encode(message)) == text


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("code", SecurityTradingStatus)
def test_each_status_reads_as_it_stands(code: str, version: FixVersion) -> None:
    assert status(f"326={code}|", version).security_trading_status == code


@pytest.mark.parametrize(("code", "said"), [("21", "18"), ("22", "18"), ("23", "17"), ("2", "2")])
def test_a_later_status_is_said_in_42_as_trading_or_not(code: str, said: str) -> None:
    text = CODECS[FIX42].encode(but(HALT, security_trading_status=code))
    assert dict(fields(text))[326] == said


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("reason", HaltReason)
def test_a_reason_reads_the_same_from_its_letter_or_its_number(
    reason: str, version: FixVersion
) -> None:
    number = str("DEIMPX".index(reason))
    told = {status(f"326=2|327={code}|", version).halt_reason for code in (reason, number)}
    assert told == {reason}


@pytest.mark.parametrize("code", ["24", "99", "H"])
def test_a_status_that_nobody_knows_is_kept(code: str) -> None:
    assert status(f"326={code}|327=Z|").security_trading_status == code


@pytest.mark.parametrize("wrong", ["31=x", "31=1e9", "60=x", "60=20260230-00:00:00", "58="])
def test_a_wrong_field_beside_it_never_loses_a_halt(wrong: str) -> None:
    told = status(f"326=2|{wrong}|")
    assert (told.security_trading_status, len(told.tolerated)) == ("2", 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("899=10270.61|", 1_027_061_000_000),
        ("899=-3|", -3 * 10**8),
        ("901=5|", None),
        ("899=0.123456785|", 12_345_678),
    ],
)
def test_margin_excess_is_what_can_still_be_used(text: str, expected: int | None) -> None:
    assert money(text).margin_excess == expected


def test_a_wrong_amount_leaves_the_others() -> None:
    told = money("1=A|899=x|900=5|901=99999999999999|")
    assert (told.margin_excess, told.total_net_value, told.cash_outstanding) == (
        None,
        5 * 10**8,
        None,
    )
    assert told.tolerated == (
        "MarginExcess(899) 'x' is not a FIX number",
        "CashOutstanding(901) '99999999999999' is larger than 9 x 10^10",
    )


def test_executions_that_a_balance_names_stay_apart_from_it() -> None:
    told = money("908=b1|910=3|124=2|17=E1|17=E2|899=1|")
    assert told.extra == {"124": "2", "124.1.17": "E1", "124.2.17": "E2"}


def test_a_status_in_the_brokers_own_code_is_ours() -> None:
    code = {"tag": 326, "ours": "2", "theirs": "HLT", "reason": "rules of engagement 9"}
    codec = Codec(FIX44, dialect=dialect_from({"name": "Example", "code": [code]}, "x.toml"))
    assert codec.decode(codec.encode(HALT)) == HALT
    assert "|326=HLT|" in shown(codec.encode(HALT))


WRONG: Final = [
    (but(MONEY, coll_rpt_id=None), MissingField, "CollRptID(908): is needed in CollateralReport"),
    (but(MONEY, coll_status=None), MissingField, "CollStatus(910): is needed in CollateralReport"),
    (but(MONEY, margin_excess=0.5), BadValue, "MarginExcess(899) '0.5': is not an int of units"),
    (but(HALT, symbol=None), MissingField, "Symbol(55): is needed in SecurityStatus"),
    (but(HALT, security_trading_status="99"), UnknownCode, "SecurityTradingStatus(326) '99': is"),
    (but(HALT, last_px="1"), BadValue, "LastPx(31) \"'1'\": is not an int of units of 10^-8"),
    (
        but(ASKED, subscription_request_type="9"),
        UnknownCode,
        "SubscriptionRequestType(263) '9': is no code that fix_oms sends",
    ),
]


@pytest.mark.parametrize(("message", "error", "text"), WRONG)
def test_what_cannot_be_said_names_the_field(
    message: Any, error: type[FieldError], text: str
) -> None:
    with pytest.raises(error) as found:
        CODECS[FIX44].encode(message)
    assert str(found.value).startswith(text)


@pytest.mark.parametrize(("version", "said"), [(FIX42, False), (FIX44, True), (FIX50, True)])
def test_the_text_of_a_halt_leaves_where_the_version_has_it(
    version: FixVersion, said: bool
) -> None:
    assert ("|58=news|" in shown(CODECS[version].encode(but(HALT, text="news")))) is said
