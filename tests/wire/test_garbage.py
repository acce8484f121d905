"""Whatever comes in is a message or a typed error that names what is wrong, and nothing else."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fix_oms.model.errors import (
    BadValue,
    DuplicateField,
    FieldError,
    Garbled,
    MessageError,
    MissingField,
    UnknownCode,
    UnsupportedMessage,
)
from fix_oms.model.fix import FixVersion
from fix_oms.wire import SOH, Codec, fields, redacted, shown
from fix_oms.wire.forms import FORMS
from fix_oms.wire.groups import tag_set
from tests.wire.texts import CODECS, FILL, ORDER, VERSIONS, changed, soh

FIX44: Final = FixVersion.FIX44

WRONG_FILLS: Final = [
    ("-150", MissingField, "ExecType(150): is needed in ExecutionReport"),
    ("150=", MissingField, "ExecType(150): is needed in ExecutionReport"),
    ("32=forty", BadValue, "LastQty(32) 'forty': is not a FIX number"),
    ("32=1e3", BadValue, "LastQty(32) '1e3': is not a FIX number"),
    ("32=\u0664", BadValue, "LastQty(32) '\u0664': is not a FIX number"),
    ("32= 40", BadValue, "LastQty(32) ' 40': is not a FIX number"),
    ("32=-40", BadValue, "LastQty(32) '-40': is negative"),
    ("14=-1", BadValue, "CumQty(14) '-1': is negative"),
    ("151=4\x000", BadValue, "LeavesQty(151) '4\\x000': holds a NUL"),
    ("31=nan", BadValue, "LastPx(31) 'nan': is not a FIX number"),
    ("31=" + "9" * 70, BadValue, f"LastPx(31) '{'9' * 64}': is not a FIX number"),
    ("31=9999999999999", BadValue, "LastPx(31) '9999999999999': is larger than 9 x 10^10"),
    ("34=1x", BadValue, "MsgSeqNum(34) '1x': is not a whole number"),
    ("43=y", BadValue, "PossDupFlag(43) 'y': is neither Y nor N"),
    ("911=-1", BadValue, "TotNumReports(911) '-1': is not a whole number"),
    ("39=Z|-14|-151", UnknownCode, "OrdStatus(39) 'Z': is no OrdStatus of any FIX version"),
    ("39=Z|151=0", UnknownCode, "OrdStatus(39) 'Z': is no OrdStatus of any FIX version"),
]


@pytest.mark.parametrize(("change", "error", "text"), WRONG_FILLS)
def test_a_fill_that_cannot_be_read_names_the_field(
    change: str, error: type[FieldError], text: str
) -> None:
    with pytest.raises(error) as found:
        CODECS[FIX44].decode(changed(FILL[FIX44], change))
    assert str(found.value) == text


@pytest.mark.parametrize(
    ("version", "name"),
    [(FixVersion.FIX42, "LastShares(32)"), (FIX44, "LastQty(32)")],
)
def test_a_field_has_the_name_of_its_version(version: FixVersion, name: str) -> None:
    with pytest.raises(BadValue) as found:
        CODECS[version].decode(changed(FILL[version], "32=x"))
    assert found.value.label == name


@pytest.mark.parametrize("tag", ["11", "32", "35", "9001"])
def test_a_tag_that_stands_twice_is_a_duplicate(tag: str) -> None:
    with pytest.raises(DuplicateField) as found:
        CODECS[FIX44].decode(soh(f"{FILL[FIX44]}9001=a|{tag}=1|"))
    assert (found.value.tag, found.value.reason) == (int(tag), "stands twice")


@pytest.mark.parametrize("tag", ["11", "55", "54", "38", "40", "44", "60"])
def test_an_order_without_a_needed_field_names_it(tag: str) -> None:
    with pytest.raises(MissingField) as found:
        CODECS[FIX44].decode(changed(ORDER, f"-{tag}"))
    assert found.value.tag == int(tag)


WRONG_ORDERS: Final = [
    ("60=20260230-00:00:00", BadValue, "TransactTime(60)"),
    ("38=-1", BadValue, "OrderQty(38)"),
    ("38=1.123456789|44=x", BadValue, "Price(44)"),
    ("40=3", MissingField, "StopPx(99)"),
    ("40=4", MissingField, "StopPx(99)"),
    ("59=6", MissingField, "ExpireTime(126)"),
    ("59=6|126=x", BadValue, "ExpireTime(126)"),
]


@pytest.mark.parametrize(("change", "error", "name"), WRONG_ORDERS)
def test_an_order_that_cannot_be_read_names_the_field(
    change: str, error: type[FieldError], name: str
) -> None:
    with pytest.raises(error) as found:
        CODECS[FIX44].decode(changed(ORDER, change))
    assert found.value.label == name


WRONG_REQUESTS: Final = [
    ("35=q|11=c|530=3|60=20260102-00:00:00|", UnknownCode, "MassCancelRequestType(530)"),
    ("35=q|11=c|530=1|60=20260102-00:00:00|", MissingField, "Symbol(55)"),
    ("35=AF|584=s|585=8|", UnknownCode, "MassStatusReqType(585)"),
    ("35=AF|584=s|585=1|", MissingField, "Symbol(55)"),
    ("35=9|41=c1|39=0|", MissingField, "ClOrdID(11)"),
    ("35=r|11=c|", MissingField, "MassCancelResponse(531)"),
    ("35=j|372=D|", MissingField, "BusinessRejectReason(380)"),
    ("35=j|380=0|45=x|", BadValue, "RefSeqNum(45)"),
    ("35=3|371=11|", MissingField, "RefSeqNum(45)"),
    ("35=3|45=1|371=x|", BadValue, "RefTagID(371)"),
    ("35=W|268=0|", MissingField, "Symbol(55)"),
    ("35=X|262=r|", MissingField, "NoMDEntries(268)"),
    ("35=Y|58=x|", MissingField, "MDReqID(262)"),
    ("35=V|262=r|263=1|264=1|", MissingField, "NoRelatedSym(146)"),
    ("35=AN|724=0|60=20260102-00:00:00|", MissingField, "PosReqID(710)"),
    ("35=AN|710=p|60=20260102-00:00:00|", MissingField, "PosReqType(724)"),
    ("35=AN|710=p|724=0|60=x|", BadValue, "TransactTime(60)"),
    ("35=AO|710=p|", MissingField, "PosReqResult(728)"),
    ("35=AP|702=1|703=TQ|704=1|", MissingField, "Symbol(55)"),
    ("35=AP|55=A|702=2|703=TQ|704=1|", BadValue, "NoPositions(702)"),
    ("35=AP|55=A|702=x|703=TQ|704=1|", BadValue, "NoPositions(702)"),
    ("35=AP|55=A|702=1|703=TQ|704=x|", BadValue, "LongQty(704)"),
    ("35=AP|55=A|702=1|703=TQ|705=-1|", BadValue, "ShortQty(705)"),
    ("35=AP|55=A|34=x|", BadValue, "MsgSeqNum(34)"),
    ("35=e|55=A|263=1|", MissingField, "SecurityStatusReqID(324)"),
    ("35=f|326=2|", MissingField, "Symbol(55)"),
]


@pytest.mark.parametrize(("text", "error", "name"), WRONG_REQUESTS)
def test_other_messages_name_the_field_too(text: str, error: type[FieldError], name: str) -> None:
    with pytest.raises(error) as found:
        CODECS[FIX44].decode(soh(text))
    assert found.value.label == name


GARBLED: Final = [
    ("", "there is no MsgType(35)"),
    ("|", "field 1 ('') has no '='"),
    ("hello", "field 1 ('hello') has no '='"),
    ("11=c1|", "there is no MsgType(35)"),
    ("35=|11=c1|", "there is no MsgType(35)"),
    ("35=8|11", "field 2 ('11') has no '='"),
    ("35=8|11=c1", "ClOrdID(11) does not end with SOH: the message is cut off"),
    ("35=8||11=c1|", "field 2 ('') has no '='"),
    ("35=8|=c1|", "field 2 has the tag '', which is no number"),
    ("35=8|x=c1|", "field 2 has the tag 'x', which is no number"),
    ("35=8|-11=c1|", "field 2 has the tag '-11', which is no number"),
    ("35=8|011=c1|", "field 2 has the tag '011', which is no number"),
    ("35=8|1 =c1|", "field 2 has the tag '1 ', which is no number"),
    ("35=8|9999999999=c1|", "field 2 has the tag '9999999999', which is no number"),
    ("35=8|\u0661=c1|", "field 2 has the tag '\u0661', which is no number"),
    ("8=FIX.4.4|9=5|35=8|150=0|39=0|", "there is no CheckSum(10): the message is cut off"),
    ("8=FIX.4.4|9=5|35=8|49=A|56=B|150=0|39=0|", "there is no CheckSum(10): the message is"),
]


@pytest.mark.parametrize(("text", "reason"), GARBLED)
def test_text_that_is_not_framed_as_fix_is_garbled(text: str, reason: str) -> None:
    with pytest.raises(Garbled) as found:
        CODECS[FIX44].decode(soh(text))
    assert str(found.value).startswith(reason)


@pytest.mark.parametrize("kind", ["A", "0", "E", "BZ", "~", "8 "])
def test_a_message_of_another_type_is_unsupported(kind: str) -> None:
    with pytest.raises(UnsupportedMessage):
        CODECS[FIX44].decode(soh(f"35={kind}|"))


def test_an_endless_value_is_refused_by_name() -> None:
    with pytest.raises(BadValue, match=r"Text\(58\) .* is longer than 65,536 characters"):
        CODECS[FIX44].decode(changed(FILL[FIX44], "58=" + "x" * 70_000))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("text", [*FILL.values(), ORDER])
def test_a_message_cut_anywhere_is_never_misread_as_another_error(
    text: str, version: FixVersion
) -> None:
    whole = soh(f"8=FIX.4.4|9=1|{text}10=000|")
    for end in range(len(whole)):
        with pytest.raises((FieldError, MessageError)):
            CODECS[version].decode(whole[:end])


noise: Final = st.text(st.sampled_from(f"{SOH}=0123456789.-:8DFGHXWVqr\x00|é\udce9 "), max_size=60)
tags: Final = st.sampled_from(
    sorted(
        tag_set(
            "6 8-14 17 19-21 31 32 34 35 37-41 43-45 52 54 55 58-60 75 78 90 91 95-97 99 126 136"
            " 146 150 151 262-265 267-271 278 279 290 354 355 371-373 378-380 382 424 430 434 447"
            " 448 452 453 523 530 531 539 554 555 584 585 604 605 790 802-804 911 912 1369 9001"
            " 137-139 231 324 326 327 423 702-706 710 715 721 724 727-730 753 891 899-901 908 910"
        )
    )
)
values: Final = st.one_of(
    st.sampled_from([*"0123578YNAFI", "-1", "0.5", "1e5", "40", "20260102-14:30:00", "NONE"]),
    st.text(max_size=8),
    noise,
)
kinds: Final = st.sampled_from([*FORMS, "A", "zz"])
soup: Final = st.builds(
    lambda kind, pairs: f"35={kind}{SOH}" + "".join(f"{t}={v}{SOH}" for t, v in pairs),
    kinds,
    st.lists(st.tuples(tags, values), max_size=25),
)


@given(text=st.one_of(noise, soup, st.text(max_size=40)), version=st.sampled_from(VERSIONS))
def test_any_text_is_a_message_or_a_typed_error(text: str, version: FixVersion) -> None:
    try:
        CODECS[version].decode(text)
    except (FieldError, MessageError) as error:
        assert str(error) != ""  # noqa: PT017 - either outcome is right; an error has to say why


def outcome(text: str, version: FixVersion) -> object:
    """The message, or the error in words."""
    try:
        return CODECS[version].decode(text)
    except (FieldError, MessageError) as error:
        return f"{type(error).__name__}: {error}"


@given(text=soup, version=st.sampled_from(VERSIONS))
def test_the_plain_and_the_careful_reading_come_to_the_same(text: str, version: FixVersion) -> None:
    walked = f"{text}90=1{SOH}91=x{SOH}"  # raw data is never plain text, and 91 is never kept
    assume(not {"90", "91"} & {field.partition("=")[0] for field in text.split(SOH)})
    assert outcome(text, version) == outcome(walked, version)


@given(
    version=st.sampled_from(VERSIONS),
    cut=st.integers(0, 200),
    length=st.integers(0, 6),
    put=st.one_of(noise, st.text(max_size=5)),
)
def test_a_damaged_fill_is_a_message_or_a_typed_error(
    version: FixVersion, cut: int, length: int, put: str
) -> None:
    text = soh(FILL[version])
    try:
        CODECS[version].decode(text[:cut] + put + text[cut + length :])
    except (FieldError, MessageError) as error:
        assert str(error) != ""  # noqa: PT017 - either outcome is right; an error has to say why


@given(st.one_of(noise, soup, st.text(max_size=40)))
def test_any_text_can_be_shown_and_redacted(text: str) -> None:
    assert shown(text).isprintable()
    assert isinstance(redacted(text), str)


@given(st.one_of(noise, soup))
def test_fields_are_read_or_the_text_is_garbled(text: str) -> None:
    try:
        found = fields(text)
    except Garbled:
        return
    assert all(tag > 0 for tag, _ in found)


def test_decoding_is_the_same_for_two_codecs_of_one_kind() -> None:
    text = soh(FILL[FIX44])
    assert Codec(FIX44).decode(text) == Codec(FIX44).decode(text)
