"""A text that is read by its shape is read as it would be without, whatever its values."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fix_oms.model.errors import BadValue, FieldError, MessageError
from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import ExecutionReport
from fix_oms.wire import PLAIN, SOH, Codec, Dialect, dialect_from
from fix_oms.wire.shapes import LEARNED_IN, MOST_FIELDS, PER_LENGTH
from fix_oms.wire.text import LONGEST
from tests.wire.strategies import messages
from tests.wire.test_garbage import noise, tags, values
from tests.wire.texts import ALL, FILL, ORDER, VERSIONS, changed, soh

FIX44: Final = FixVersion.FIX44
EXAMPLES: Final = settings().max_examples
WHY: Final = {"reason": "rules of engagement 4.2"}
OVERLAY: Final = dialect_from(
    {
        "name": "Example",
        "code": [
            {"tag": 59, "ours": "3", "theirs": "I", **WHY},
            {"tag": 39, "ours": "C", "theirs": "X", "messages": ["8"], **WHY},
            {"tag": 380, "ours": "1", "theirs": "U", **WHY},
        ],
        "drop": [
            {"messages": ["D", "8"], "tag": 453, **WHY},
            {"messages": ["8", "9"], "tag": 58, **WHY},
        ],
    },
    "x.toml",
)
DIALECTS: Final = (PLAIN, OVERLAY)
UNSHAPED: Final = {"V", "W", "X", "AN", "AO", "AP"}
"""Made of groups whose number changes with every message, or too rare to be worth it."""
CASES: Final = [
    (version, kind, dialect)
    for version in VERSIONS
    for kind in messages(version)
    for dialect in DIALECTS
    if dialect is PLAIN or kind in "89Dj"  # what the overlay speaks of
]
PARTIES: Final = "453=2|448=A|452=1|802=1|523=B|803=2|448=C|452=3|"


def codec(version: FixVersion = FIX44, dialect: Dialect = PLAIN) -> Codec:
    return Codec(version, ALL, dialect)


def outcome(reader: Codec, text: str) -> object:
    """The message, or the error in words."""
    try:
        return reader.decode(text)
    except (FieldError, MessageError) as error:
        return f"{type(error).__name__}: {error}"


def taught(text: str, version: FixVersion = FIX44, dialect: Dialect = PLAIN) -> Codec:
    """A codec that has seen ``text`` so often that it knows its shape, if it ever will."""
    reader = codec(version, dialect)
    for _ in range(LEARNED_IN):
        outcome(reader, text)
    return reader


@st.composite
def said(draw: st.DrawFn, version: FixVersion, kind: str, dialect: Dialect) -> str:
    """A message as its sender's session writes it, in ASCII."""
    body = codec(version, dialect).encode(draw(messages(version)[kind]))
    if draw(st.booleans()):
        kind_field, rest = body.split(SOH, 1)
        head = f"8={version.begin_string}|9=1|{kind_field}|34=7|49=A|50=x|52=20260102-14:30:00.5|"
        dup = draw(st.sampled_from(["", "43=Y|122=20260102-14:30:00|", "43=N|97=Y|"]))
        body = soh(f"{head.replace('.5', '.500')}56=B|{dup}") + rest.removeprefix(soh("97=Y|"))
        body += soh("10=000|")
    return body.encode("ascii", "replace").decode()


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """``text`` after something was done to one of its fields, or to its characters."""
    found = text.split(SOH)[:-1]
    place = draw(st.integers(0, len(found) - 1))
    tag = found[place].partition("=")[0]
    other = draw(st.integers(0, len(found) - 1))
    match draw(st.sampled_from(["value", "empty", "less", "twice", "more", "swap", "tag", "cut"])):
        case "value":
            found[place] = f"{tag}={draw(values)}"
        case "empty":
            found[place] = f"{tag}="
        case "less":
            del found[place]
        case "twice":
            found.insert(other, found[place])
        case "more":
            found.insert(place, f"{draw(tags)}={draw(values)}")
        case "swap":
            found[place], found[other] = found[other], found[place]
        case "tag":
            found[place] = f"{draw(tags)}={found[place].partition('=')[2]}"
        case _:
            end = draw(st.integers(0, len(text)))
            return text[:end] + draw(noise) + text[end + draw(st.integers(0, 5)) :]
    return "".join(f"{field}{SOH}" for field in found)


@pytest.mark.parametrize(("version", "kind", "dialect"), CASES)
@settings(max_examples=EXAMPLES // 10)
@given(data=st.data())
def test_known_or_not_a_shape_makes_no_difference(
    version: FixVersion, kind: str, dialect: Dialect, data: st.DataObject
) -> None:
    text = data.draw(said(version, kind, dialect))
    reader = taught(text, version, dialect)
    for _ in range(4):
        other = data.draw(damaged(text))
        assert outcome(reader, other) == outcome(codec(version, dialect), other)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("dialect", DIALECTS, ids=["plain", "overlay"])
@given(data=st.data())
def test_nor_does_it_in_a_fill_with_any_fields_more(
    version: FixVersion, dialect: Dialect, data: st.DataObject
) -> None:
    more = data.draw(st.lists(st.tuples(tags, values), max_size=6))
    text = soh(FILL[version]) + "".join(f"{tag}={value}{SOH}" for tag, value in more)
    reader = taught(text, version, dialect)
    for other in (text, data.draw(damaged(text)), data.draw(damaged(text))):
        assert outcome(reader, other) == outcome(codec(version, dialect), other)


@pytest.mark.parametrize(("version", "kind", "dialect"), CASES)
@settings(max_examples=EXAMPLES // 20)
@given(data=st.data())
def test_a_text_seen_often_enough_is_read_by_its_shape(
    version: FixVersion, kind: str, dialect: Dialect, data: st.DataObject
) -> None:
    text = data.draw(said(version, kind, dialect))
    expected = None if kind in UNSHAPED else codec(version, dialect).decode(text)
    assert taught(text, version, dialect).shapes.read(text) == expected


@pytest.mark.parametrize("version", VERSIONS)
def test_other_values_of_a_known_shape_are_read_by_it(version: FixVersion) -> None:
    other = changed(FILL[version], "11=c2|32=7|31=10.125|150=4|39=4|60=20260102-14:31:00")
    found = taught(soh(FILL[version]), version).shapes.read(other)
    assert found == codec(version).decode(other)
    assert isinstance(found, ExecutionReport)
    assert (found.cl_ord_id, found.last_qty, found.ord_status) == ("c2", 7 * 10**8, "4")


def test_the_members_of_a_group_have_their_places() -> None:
    text = soh(f"{FILL[FIX44]}{PARTIES}58=x|")
    found = taught(text).shapes.read(text.replace("523=B", "523=Z"))
    assert isinstance(found, ExecutionReport)
    assert (found.extra["453.1.802.1.523"], found.extra["453.2.448"], found.text) == ("Z", "C", "x")


@pytest.mark.parametrize("count", ["0", "1", "3", "02", "x"])
def test_a_group_of_another_number_has_another_shape(count: str) -> None:
    text = soh(f"{FILL[FIX44]}{PARTIES}")
    assert taught(text).shapes.read(text.replace("453=2", f"453={count}")) is None


def test_an_average_of_any_precision_is_read_by_shape() -> None:
    found = taught(soh(FILL[FIX44])).shapes.read(changed(FILL[FIX44], "6=10.1234567891"))
    assert isinstance(found, ExecutionReport)
    assert (found.avg_px, found.inexact) == (1_012_345_679, ("AvgPx",))


def test_a_rate_and_an_amount_of_commission_are_two_shapes() -> None:
    text = soh(f"{FILL[FIX44]}12=1.5|13=3|")
    rate = text.replace(f"{SOH}13=3", f"{SOH}13=1")
    assert taught(text).shapes.read(text) == codec().decode(text)
    assert taught(rate).shapes.read(rate) == codec().decode(rate)
    assert taught(text).shapes.read(rate) is None


@pytest.mark.parametrize("change", ["32=x", "32=-1", "60=x", "34=x", "43=x", "911=x"])
def test_a_value_that_cannot_be_read_is_left_to_the_ordinary_way(change: str) -> None:
    text = changed(FILL[FIX44], "34=1|43=N|911=1")
    reader, other = taught(text), changed(text.replace(SOH, "|"), change)
    assert reader.shapes.read(other) is None
    assert outcome(reader, other) == outcome(codec(), other)


@pytest.mark.parametrize(("seen", "other"), [("1", "2"), ("2", "1"), ("2", "3")])
def test_a_constant_of_the_version_has_a_shape_for_its_value_alone(seen: str, other: str) -> None:
    order = changed(ORDER, f"21={seen}")
    reader = taught(order, FixVersion.FIX42)
    assert reader.shapes.read(order) == codec(FixVersion.FIX42).decode(order)
    assert reader.shapes.read(changed(ORDER, f"21={other}")) is None


def test_an_endless_value_has_no_known_shape() -> None:
    text = changed(FILL[FIX44], "58=x")
    assert taught(text).shapes.read(text.replace("58=x", "58=" + "x" * LONGEST)) is None


def test_a_wrong_rate_is_named_in_a_known_shape_too() -> None:
    reader = taught(soh(f"{FILL[FIX44]}12=1.5|13=1|"))
    with pytest.raises(BadValue, match=r"Commission\(12\) 'x'"):
        reader.decode(soh(f"{FILL[FIX44]}12=x|13=1|"))


UNLEARNED: Final = {
    "garbled": "35=8|150=F|39=1|11",
    "a wrong value": "35=8|150=F|39=1|32=x|",
    "another MsgType": "35=A|98=0|",
    "market data": "35=W|55=A|268=0|",
    "an empty value": "35=8|150=F|39=1|58=|",
    "a wrong counter": "35=8|150=F|39=1|453=2|448=A|",
    "raw data": "35=8|150=F|39=1|95=1|96=x|",
    "a secret": "35=8|150=F|39=1|554=x|",
    "a NUL in raw data": "35=8|150=F|39=1|348=1|349=\x00|",
    "another alphabet": "35=8|150=F|39=1|58=ü|",
    "too many fields": "35=8|150=F|39=1|" + "".join(f"{t}=x|" for t in range(5000, 5100)),
}


@pytest.mark.parametrize("text", UNLEARNED.values(), ids=UNLEARNED)
def test_some_texts_have_no_shape_to_learn(text: str) -> None:
    assert len(taught(soh(text)).shapes) == 0


def test_one_text_in_eight_is_learned_from() -> None:
    reader = codec()
    for tag in range(5000, 5000 + 3 * LEARNED_IN):
        reader.decode(soh(f"{FILL[FIX44]}{tag}=x|"))
    assert (len(reader.shapes), MOST_FIELDS > 25) == (3, True)


def test_a_shape_is_learned_once() -> None:
    reader = taught(soh(FILL[FIX44]))
    for _ in range(3 * LEARNED_IN):
        outcome(reader, changed(FILL[FIX44], "32=1.000000001"))
    assert len(reader.shapes) == 1


def test_of_the_shapes_of_one_number_of_fields_the_oldest_goes_first() -> None:
    reader = codec()
    texts = [soh(f"{FILL[FIX44]}{tag}=x|") for tag in range(5000, 5001 + PER_LENGTH)]
    for text in texts:
        for _ in range(LEARNED_IN):
            reader.decode(text)
    known = [reader.shapes.read(text) is not None for text in texts]
    assert known == [False, *[True] * PER_LENGTH]
