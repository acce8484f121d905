"""What a broker has done is done, whatever its words: deviant reports are read, and say so."""

from __future__ import annotations

from typing import Final

import pytest

from fix_oms.model.fix import ExecType, FixVersion, OrdStatus
from fix_oms.wire import SOH
from tests.wire.texts import CODECS, FILL, VERSIONS, changed, fill, report, soh

FIX42, FIX44, FIX50 = VERSIONS
AT: Final = 1767364200 * 10**9

DEVIANT: Final = [
    ("plain", "55=AAPL"),
    ("ExecType of FIX 4.2", "150=1"),
    ("a custom tag", "9001=DESK7"),
    ("a tag of another message", "262=r1"),
    ("empty Text(58)", "58="),
    ("an unknown ExecInst(18)", "18=~"),
    ("no AvgPx(6)", "-6"),
    ("a bad TransactTime(60)", "60=yesterday"),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("what", "change"), DEVIANT)
def test_a_deviant_fill_is_still_that_fill(what: str, change: str, version: FixVersion) -> None:
    told = fill(change, version)
    assert (told.exec_type, told.exec_id, told.last_qty, told.last_px, told.cum_qty) == (
        ExecType.TRADE,
        "E1",
        40 * 10**8,
        1_050_000_000,
        40 * 10**8,
    )


STATUS_UNTOLD: Final = [
    ("150=F", ""),
    ("150=I", ""),
    ("150=D", ""),
    ("150=4|-32|-31", OrdStatus.CANCELED),
    ("150=3|-32|-31", OrdStatus.DONE_FOR_DAY),
]


@pytest.mark.parametrize(("change", "expected"), STATUS_UNTOLD)
def test_an_ord_status_that_is_missing_is_told_by_the_exec_type_or_by_nothing(
    change: str, expected: str
) -> None:
    assert fill(f"-39|{change}", FIX44).ord_status == expected


NOTED: Final = [
    (FIX44, "150=1", "ExecType(150) '1' is not a code of FIX.4.4: read as TRADE (F)"),
    (FIX42, "150=F", "ExecType(150) 'F' is not a code of FIX.4.2: read as TRADE (F)"),
    (FIX44, "150=Z", "ExecType(150) 'Z' is not a code of FIX.4.4: read as ORDER_STATUS (I)"),
    (FIX44, "20=0", "ExecTransType(20) '0' is not a field of FIX.4.4"),
    (FIX42, "-20", "ExecTransType(20) is missing: read as New (0)"),
    (FIX42, "20=7", "ExecTransType(20) '7' is unknown: read as Status (3)"),
    (FIX44, "39=5", "OrdStatus(39) '5': read as PARTIALLY_FILLED (1)"),
    (FIX44, "39=Z", "OrdStatus(39) 'Z': read as PARTIALLY_FILLED (1)"),
    (FIX44, "-39", "OrdStatus(39) is missing"),
    (FIX42, "-39", "OrdStatus(39) is missing"),
    (FIX44, "58=", "Text(58) is empty"),
    (FIX44, "6=", "AvgPx(6) is empty"),
    (FIX42, "32=", "LastShares(32) is empty"),
    (FIX44, "60=20260230-00:00:00", "TransactTime(60) '20260230-00:00:00' is no date of the"),
    (FIX44, "453=2|448=A", "NoPartyIDs(453) says 2 entries, but 1 follow"),
]


@pytest.mark.parametrize(("version", "change", "note"), NOTED)
def test_a_deviation_is_noted_in_words(version: FixVersion, change: str, note: str) -> None:
    (told,) = fill(change, version).tolerated
    assert told.startswith(note)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_report_by_the_book_is_noted_nowhere(version: FixVersion) -> None:
    told = report(FILL[version], version)
    assert (told.tolerated, told.inexact, told.extra) == ((), (), {})


REPLACED: Final = [
    # 38    14     151   OrdStatus(39)=5 means
    ("100", "0", "100", OrdStatus.NEW),
    ("100", "40", "60", OrdStatus.PARTIALLY_FILLED),
    ("100", "100", "0", OrdStatus.FILLED),
    ("40", "40", "0", OrdStatus.FILLED),
    ("100", "", "60", OrdStatus.PARTIALLY_FILLED),
    ("100", "", "100", OrdStatus.NEW),
    ("", "40", "60", OrdStatus.PARTIALLY_FILLED),
    ("", "40", "0", OrdStatus.FILLED),
    ("100", "100", "", OrdStatus.FILLED),
    ("", "", "", OrdStatus.NEW),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("order_qty", "cum_qty", "leaves_qty", "status"), REPLACED)
def test_replaced_as_a_status_is_the_working_status_behind_it(
    order_qty: str, cum_qty: str, leaves_qty: str, status: OrdStatus, version: FixVersion
) -> None:
    change = f"150=5|39=5|32=0|38={order_qty}|14={cum_qty}|151={leaves_qty}"
    told = fill(change, version)
    assert (told.exec_type, told.ord_status) == (ExecType.REPLACED, status)


def test_replaced_as_a_status_is_no_deviation_in_fix_42() -> None:
    assert fill("150=5|39=5", FIX42).tolerated == ()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_cl_ord_id_kept_after_a_replace_is_told_as_it_stands(version: FixVersion) -> None:
    told = fill("11=c1|150=5", version)
    assert (told.cl_ord_id, told.orig_cl_ord_id) == ("c1", None)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("tag", "attribute"), [("151", "leaves_qty"), ("6", "avg_px"), ("14", "cum_qty")]
)
def test_a_quantity_that_is_not_stated_stays_unknown(
    tag: str, attribute: str, version: FixVersion
) -> None:
    assert getattr(fill(f"-{tag}", version), attribute) is None


@pytest.mark.parametrize("version", VERSIONS)
def test_foreign_fields_are_kept_as_they_stand(version: FixVersion) -> None:
    told = fill("9001=DESK7|18=~|15=USD", version)
    assert told.extra == {"9001": "DESK7", "18": "~", "15": "USD"}


@pytest.mark.parametrize("tag", ["17", "19"])
def test_an_identity_of_0_is_none(tag: str) -> None:
    told = fill(f"150=I|17=0|19=0|{tag}=0")
    assert (told.exec_id, told.exec_ref_id) == (None, None)


def test_an_order_id_of_none_is_none() -> None:
    assert fill("37=NONE").order_id is None


def test_unknown_codes_that_decide_nothing_are_kept() -> None:
    told = fill("54=Z|40=~|59=Q|103=777|378=88")
    assert (told.side, told.ord_type, told.time_in_force) == ("Z", "~", "Q")
    assert (told.ord_rej_reason, told.exec_restatement_reason) == ("777", "88")


@pytest.mark.parametrize(
    ("change", "attribute", "value", "named"),
    [
        ("6=10.123456785", "avg_px", 1_012_345_678, ("AvgPx",)),
        ("6=10.123456775", "avg_px", 1_012_345_678, ("AvgPx",)),
        ("31=0.1234567891", "last_px", 12_345_679, ("LastPx",)),
        ("6=10.500000000000", "avg_px", 1_050_000_000, ()),
        ("426=1.0000000001|6=2.0000000001", "avg_px", 200_000_000, ("AvgPx", "DayAvgPx")),
    ],
)
def test_numbers_with_more_than_8_places_are_rounded_and_named(
    change: str, attribute: str, value: int, named: tuple[str, ...]
) -> None:
    told = fill(change)
    assert (getattr(told, attribute), told.inexact) == (value, named)


def test_the_header_is_read_where_there_is_one() -> None:
    head = (
        "8=FIX.4.4|9=1|35=8|34=77|43=Y|97=Y|49=A|56=B|52=20260102-14:30:00|122=20260102-14:29:00|"
    )
    told = report(head + FILL[FIX44].removeprefix("35=8|") + "10=000|")
    assert (told.msg_seq_num, told.poss_dup, told.poss_resend) == (77, True, True)
    assert (told.sending_time, told.extra) == (AT, {})


def test_commission_that_is_a_rate_is_kept_as_foreign_fields() -> None:
    told = fill("12=5|13=2")
    assert (told.commission, told.extra) == (None, {"12": "5", "13": "2"})


def test_commission_in_money_is_read() -> None:
    told = fill("12=1.25|13=3")
    assert (told.commission, told.extra) == (125_000_000, {})


@pytest.mark.parametrize("escaped", ["refus\udce9 ici", "refus\xe9 ici"])
def test_text_that_is_not_utf_8_reads_as_latin_1(escaped: str) -> None:
    assert report(changed(FILL[FIX44], f"58={escaped}")).text == "refus\xe9 ici"


def test_a_value_may_hold_equals_signs() -> None:
    assert fill("58=a=b==").text == "a=b=="


def test_a_cancel_reject_of_an_unknown_kind_is_read_and_noted() -> None:
    told = CODECS[FIX44].decode(soh("35=9|11=c2|41=c1|39=1|434=9|"))
    assert getattr(told, "tolerated", None) == ("CxlRejResponseTo(434) '9' is no code of it",)


RAW: Final = [
    (95, 96),
    (90, 91),
    (93, 89),
    (348, 349),
    (350, 351),
    (354, 355),
    (360, 361),
    (364, 365),
]


@pytest.mark.parametrize(("length", "data"), RAW)
def test_raw_data_may_hold_what_looks_like_fields(length: int, data: int) -> None:
    raw = f"x{SOH}32=999999{SOH}14=1{SOH}y"
    told = report(f"{FILL[FIX44]}{length}={len(raw)}|{data}={raw}|")
    assert (told.last_qty, told.cum_qty) == (40 * 10**8, 40 * 10**8)


def test_encoded_text_is_kept_whole() -> None:
    told = report(f"{FILL[FIX44]}354=5|355=a{SOH}b=c|")
    assert told.extra == {"354": "5", "355": f"a{SOH}b=c"}


def test_raw_data_with_a_wrong_length_ends_at_the_next_soh() -> None:
    told = report(f"{FILL[FIX44]}354=3|355=abcdef|58=x|")
    assert (told.extra["355"], told.text) == ("abcdef", "x")


def test_secrets_are_not_kept() -> None:
    assert fill("554=hunter2|95=3|96=abc").extra == {}
