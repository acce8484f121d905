"""Which administrative messages are kept from QuickFIX."""

from __future__ import annotations

import pytest

from fix_oms.sessions import admin
from tests.sessions.peers import soh

HUGE = str(1 << 70)


class QuickFix:
    """As much of a session as is asked: our next number is 21."""

    def __init__(self, *, logged_on: bool) -> None:
        self._logged_on = logged_on

    def isLoggedOn(self) -> bool:  # noqa: N802 - QuickFIX's name
        return self._logged_on

    def getExpectedSenderNum(self) -> int:  # noqa: N802 - QuickFIX's name
        return 21


@pytest.mark.parametrize(
    ("kind", "body", "tag"),
    [
        ("2", "7=1|16=0|", None),
        ("2", "7=20|16=0|", None),
        ("2", "7=21|16=0|", 7),
        ("2", "7=0|16=0|", 7),
        ("2", "7=5|16=4|", 16),
        ("2", "7=5|16=5|", None),
        ("2", f"7=5|16={HUGE}|", None),
        ("2", f"7={HUGE}|16=0|", 7),
        ("2", "7=first|16=0|", None),
        ("2", "16=0|", None),
        ("4", "36=500|", None),
        ("4", f"36={HUGE}|", 36),
        ("4", "36=abc|", None),
        ("A", f"789={HUGE}|", 789),
        ("A", "789=21|", None),
        ("0", f"34={HUGE}|", None),
    ],
)
def test_a_number_that_cannot_be_meant_is_named(kind: str, body: str, tag: int | None) -> None:
    found = admin.wrong(kind, soh(f"|35={kind}|{body}"), QuickFix(logged_on=True))
    assert (found.tag if found is not None else None) == tag


def test_nobody_moves_the_numbers_while_nobody_is_logged_on() -> None:
    found = admin.wrong("4", soh("|35=4|36=5|"), QuickFix(logged_on=False))
    assert found is not None
    assert found.tag == 36
