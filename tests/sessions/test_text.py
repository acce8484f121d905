"""Text at the border to QuickFIX."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.errors import SessionError
from fix_oms.model.fix import FixVersion
from fix_oms.sessions import text
from fix_oms.sessions.dictionaries import derived
from tests.sessions.peers import soh

BODIES = [
    "35=D|11=a|55=AAPL|",
    "35=D|11=a|453=2|448=A|447=D|452=1|448=B|447=D|452=3|",
    "35=D|11=a|453=1|448=A|447=D|452=1|802=2|523=x|803=1|523=y|803=2|",
    "35=V|146=2|55=AAPL|55=MSFT|262=r|263=1|264=1|267=2|269=0|269=1|",
    "35=W|55=AAPL|262=r|268=2|269=0|270=1|271=5|269=1|270=2|271=6|",
    "35=X|262=r|268=2|279=0|269=0|55=AAPL|270=1|279=2|269=1|55=AAPL|270=2|",
    "35=X|262=r|268=2|279=0|269=0|55=AAPL|270=1|83=7|279=2|269=1|55=AAPL|270=2|83=8|",
]


@pytest.mark.parametrize("version", [FixVersion.FIX44, FixVersion.FIX50SP2])
@pytest.mark.parametrize("body", BODIES)
def test_a_body_crosses_the_border_with_its_groups_whole(
    dictionaries_dir: Path, version: FixVersion, body: str
) -> None:
    message = text.builder(derived(version, None, dictionaries_dir))(soh(body))
    crossed = text.application(message).split("\x01", 1)[1]
    without_checksum = crossed[: crossed.index("\x0110=") + 1]
    assert without_checksum.replace("\x01", "|") == body


@pytest.mark.parametrize(
    "body", ["", "35=D", soh("11=a|35=D|"), soh("35=D|58=a\0b|"), soh("35=D|oops|")]
)
def test_what_is_no_body_does_not_cross(dictionaries_dir: Path, body: str) -> None:
    with pytest.raises(SessionError):
        text.builder(derived(FixVersion.FIX44, None, dictionaries_dir))(body)


class Borrowed:
    def __init__(self, shown: str) -> None:
        self._text = soh(shown)

    def toString(self) -> str:  # noqa: N802 - QuickFIX's name
        return self._text


def test_secrets_of_an_application_message_are_masked_and_nothing_else() -> None:
    message = Borrowed("8=FIX.4.4|35=8|95=99|96=secret|150=F|554=secret|925=secret|10=0|")
    expected = soh("8=FIX.4.4|35=8|95=99|96=***|150=F|554=***|925=***|10=0|")
    assert text.application(message) == expected


def test_secrets_of_a_logon_are_masked() -> None:
    assert "secret" not in text.administrative(Borrowed("8=FIX.4.4|35=A|553=u|554=secret|"))


@given(st.binary(max_size=40))
def test_readable_text_can_always_be_written_again(raw: bytes) -> None:
    assert isinstance(text.readable(raw.decode(errors="surrogateescape")).encode(), bytes)


@given(st.text(max_size=40))
def test_text_that_is_readable_stays_as_it_is(value: str) -> None:
    assert text.readable(value) == value


@pytest.mark.parametrize(
    ("tag", "expected"),
    [(35, "8"), (58, ""), (5, None), (34, "12"), (10, "000")],
)
def test_a_field_is_found_by_its_whole_tag(tag: int, expected: str | None) -> None:
    assert text.field(soh("8=FIX.4.4|35=8|34=12|58=|10=000|"), tag) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("12", 12), ("", None), ("x", None), ("-1", None), ("\u0661", None)]
)
def test_a_number_is_digits_or_none(value: str, expected: int | None) -> None:
    assert text.number(soh(f"8=FIX.4.4|34={value}|"), 34) == expected
