"""What a codec says, it understands: for each message of each version, in any values."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import Message
from fix_oms.wire import SOH, Codec, fields
from fix_oms.wire.text import grouped, plain_body
from tests.wire.strategies import messages
from tests.wire.texts import ALL

CODECS: Final = {version: Codec(version, ALL) for version in FixVersion}
MESSAGES: Final = {version: messages(version) for version in FixVersion}
EXAMPLES: Final = settings().max_examples
"""What the profile asks of one property; here it is shared out over the many cases."""
CASES: Final = [(version, kind) for version in FixVersion for kind in MESSAGES[version]]


def with_header(text: str, version: FixVersion) -> str:
    """The text as a whole message, numbered 1 and sent in 1970."""
    kind, body = text.split(SOH, 1)
    head = f"8={version.begin_string}|9=1|{kind}|34=1|49=A|52=19700101-00:00:00|56=B|"
    return f"{head.replace('|', SOH)}{body}10=000{SOH}"


def without_header(message: Message) -> Message:
    """The message with nothing of its header left."""
    for name, value in (("msg_seq_num", 0), ("sending_time", None)):
        if hasattr(message, name):
            setattr(message, name, value)
    return message


@pytest.mark.parametrize(("version", "kind"), CASES)
@settings(max_examples=EXAMPLES // 3)
@given(data=st.data())
def test_every_way_of_reading_gives_back_what_was_encoded(
    version: FixVersion, kind: str, data: st.DataObject
) -> None:
    codec, message = CODECS[version], data.draw(MESSAGES[version][kind])
    text = codec.encode(message)
    walked = f"{text}90=1{SOH}91=x{SOH}"  # raw data is never plain text, and 91 is never kept
    assert codec.decode(text) == message
    assert codec.decode(walked) == message
    assert without_header(codec.decode(with_header(text, version))) == message


@pytest.mark.parametrize(("version", "kind"), CASES)
@settings(max_examples=EXAMPLES // 10)
@given(data=st.data())
def test_encoded_text_starts_with_msg_type_and_leaves_the_header_to_the_session(
    version: FixVersion, kind: str, data: st.DataObject
) -> None:
    found = fields(CODECS[version].encode(data.draw(MESSAGES[version][kind])))
    assert found[0] == (35, kind)
    assert {8, 9, 10, 34, 43, 49, 52, 56} & {tag for tag, _ in found} == set()


@given(st.lists(st.sampled_from(["35", "58", "9001", "=", "=", SOH, SOH, "x", "ü", "\x00"])))
def test_a_plain_reading_is_also_the_careful_one(pieces: list[str]) -> None:
    text = "".join(pieces)
    body = plain_body(text)
    if body is not None and all(tag.isdecimal() for tag in body):
        assert list(body.items()) == [(str(tag), value) for tag, value in fields(text)]


@given(st.dictionaries(st.integers(2000, 99999), st.text("ab =|", min_size=1).map("x".__add__)))
def test_tags_and_values_come_out_as_they_stand(body: dict[int, str]) -> None:
    text = "".join(f"{tag}={value}{SOH}" for tag, value in body.items())
    assert grouped(fields(text)).body == {str(tag): value for tag, value in body.items()}
