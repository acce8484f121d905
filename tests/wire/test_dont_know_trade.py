"""DontKnowTrade, 35=Q: we say which execution we do not accept, and why."""

from __future__ import annotations

from typing import Final

import msgspec
import pytest

from fix_oms.model.errors import BadValue, MissingField, UnknownCode
from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import DontKnowTrade
from fix_oms.wire import shown
from tests.wire.texts import CODECS, VERSIONS, changed

FIX42, FIX44, FIX50 = VERSIONS
REFUSAL: Final = DontKnowTrade(
    order_id="O1",
    exec_id="E1",
    dk_reason="D",
    symbol="AAPL",
    side="1",
    order_qty=100 * 10**8,
    last_qty=40 * 10**8,
    last_px=105 * 10**7,
    text="no such order",
)
TEXT: Final = "35=Q|37=O1|17=E1|127=D|55=AAPL|54=1|38=100|32=40|31=10.5|58=no such order|"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_refusal_is_said_in_one_way(version: FixVersion) -> None:
    assert shown(CODECS[version].encode(REFUSAL)) == TEXT


@pytest.mark.parametrize("version", VERSIONS)
def test_a_refusal_reads_back(version: FixVersion) -> None:
    assert CODECS[version].decode(CODECS[version].encode(REFUSAL)) == REFUSAL


@pytest.mark.parametrize(
    ("version", "reason", "said"),
    [
        (FIX42, "E", "E"),
        (FIX42, "F", "Z"),
        (FIX42, "G", "Z"),
        (FIX44, "F", "F"),
        (FIX44, "G", "Z"),
        (FIX50, "G", "G"),
    ],
)
def test_a_later_reason_is_said_in_the_codes_of_the_version(
    version: FixVersion, reason: str, said: str
) -> None:
    text = CODECS[version].encode(msgspec.structs.replace(REFUSAL, dk_reason=reason))
    assert f"|127={said}|" in shown(text)


def test_a_reason_that_is_none_is_refused() -> None:
    with pytest.raises(UnknownCode, match=r"DKReason\(127\) 'X': is no DKReason"):
        CODECS[FIX44].encode(msgspec.structs.replace(REFUSAL, dk_reason="X"))


@pytest.mark.parametrize("tag", ["37", "17", "127", "55", "54"])
def test_a_refusal_without_a_needed_field_names_it(tag: str) -> None:
    with pytest.raises(MissingField) as found:
        CODECS[FIX44].decode(changed(TEXT, f"-{tag}"))
    assert found.value.tag == int(tag)


@pytest.mark.parametrize("change", ["38=x", "32=-1", "31=x"])
def test_a_refusal_with_a_wrong_number_names_it(change: str) -> None:
    with pytest.raises(BadValue) as found:
        CODECS[FIX44].decode(changed(TEXT, change))
    assert str(found.value.tag) == change.partition("=")[0]
