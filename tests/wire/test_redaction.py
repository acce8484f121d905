"""Secrets never reach a journal, a log or a screen; everything else does, unchanged."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.wire import SOH, fields, redacted, shown
from tests.wire.texts import FILL, VERSIONS, soh

SECRET: Final = [
    ("35=A|553=me|554=hunter2|98=0|", "35=A|553=me|554=***|98=0|"),
    ("554=hunter2|", "554=***|"),
    ("35=A|925=hunter3|554=hunter2|", "35=A|925=***|554=***|"),
    ("35=A|95=7|96=hunter2|108=30|", "35=A|95=7|96=***|108=30|"),
    ("35=A|95=9|96=hunt|er2x|108=30|", "35=A|95=9|96=***|108=30|"),
    ("35=A|95=9|108=30|96=hunt|er2x|10=1|", "35=A|95=9|108=30|96=***|10=1|"),
    ("35=A|95=99|96=hunt|er2|108=30|", "35=A|95=99|96=***|"),
    ("35=A|95=x|96=hunter2|108=30|", "35=A|95=x|96=***|"),
    ("35=A|0554=hunter2|", "35=A|0554=***|"),
    ("35=A|554=hunter2", "35=A|554=***"),
    ("35=A|554=|", "35=A|554=***|"),
    ("35=A|96=hunter2|95=7|", "35=A|96=***|95=7|"),
    ("35=A|196=plain|5541=plain|", "35=A|196=plain|5541=plain|"),
]


@pytest.mark.parametrize(("text", "expected"), SECRET)
def test_a_secret_is_replaced_whole(text: str, expected: str) -> None:
    assert shown(soh(text)) == expected


@pytest.mark.parametrize("version", VERSIONS)
def test_text_without_secrets_stays_as_it_is(version: object) -> None:
    assert all(redacted(soh(text)) == soh(text) for text in FILL.values())


@given(
    secret=st.text(st.characters(exclude_characters="\x00\x01", codec="utf-8"), min_size=8),
    tag=st.sampled_from([554, 925, 96]),
)
def test_no_secret_is_shown(secret: str, tag: int) -> None:
    text = soh(f"35=A|49=A|{tag}=") + secret + soh("|56=B|")
    expected = soh(f"35=A|49=A|{tag}=***|56=B|")
    assert redacted(text) == expected


@given(raw=st.binary(min_size=4))
def test_no_byte_of_secret_raw_data_is_shown(raw: bytes) -> None:
    text = soh(f"35=A|95={len(raw)}|96=") + raw.decode("utf-8", "surrogateescape") + soh("|56=B|")
    assert redacted(text) == soh(f"35=A|95={len(raw)}|96=***|56=B|")


def test_redacted_text_is_still_fix_text() -> None:
    text = soh("35=A|95=9|96=hunt|er2x|108=30|554=x|")
    assert [tag for tag, _ in fields(redacted(text))] == [35, 95, 96, 108, 554]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\x1b[2Jb", r"a\x1b[2Jb"),
        ("a\nb", r"a\nb"),
        ("a\u202eb", r"a\u202eb"),
        ("a\udce9b", r"a\udce9b"),
        ("größe", "größe"),
    ],
)
def test_what_is_not_printable_is_shown_escaped(value: str, expected: str) -> None:
    assert shown(f"58={value}{SOH}") == f"58={expected}|"
