"""Reasons printed as words, as codes."""

from __future__ import annotations

import pytest

from fix_oms.scenarios.reasons import CXL_REJ, ORD_REJ, RESTATEMENT, code_of

CASES: list[tuple[str, tuple[tuple[str, str], ...], str]] = [
    ("0 too late to cancel", CXL_REJ, "0"),
    ("Too late to cancel", CXL_REJ, "0"),
    ("unknown order", CXL_REJ, "1"),
    ("Order already in Pending Cancel or Pending Replace status", CXL_REJ, "3"),
    ("no reason that anybody knows", CXL_REJ, "99"),
    ("unknown order", ORD_REJ, "5"),
    ("unknown symbol", ORD_REJ, "1"),
    ("duplicate order", ORD_REJ, "6"),
    ("duplicate of a verbal order", ORD_REJ, "7"),
    ("6", ORD_REJ, "6"),
    ("GT renewal / restatement", RESTATEMENT, "1"),
    ("GT corporate action", RESTATEMENT, "0"),
    ("verbal change", RESTATEMENT, "2"),
    ("partial decline of OrderQty", RESTATEMENT, "5"),
    ("Cancel on Trading Halt", RESTATEMENT, "6"),
    ("Canceled, Not Best", RESTATEMENT, "9"),
]


@pytest.mark.parametrize(("words", "known", "code"), CASES)
def test_a_reason_has_its_code(words: str, known: tuple[tuple[str, str], ...], code: str) -> None:
    assert code_of(words, known) == code
