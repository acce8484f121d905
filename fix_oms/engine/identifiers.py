"""ClOrdID(11): run and counter, in the alphabet and length that the counterparty allows."""

from __future__ import annotations

from typing import Final

from fix_oms.model.counterparty import READABLE

RUN_SPAN: Final = 10**9
"""Ids of one run, where run and counter are one number (alphabets without ``-``)."""


def id_text(run: int, count: int, alphabet: str) -> str:
    """Run and counter as text: ``run-counter`` where ``-`` is allowed, else one number."""
    if alphabet == READABLE:
        return f"{run}-{count}"
    digits = alphabet.replace("-", "")
    if "-" in alphabet:
        return f"{_in_base(run, digits)}-{_in_base(count, digits)}"
    return _in_base(run * RUN_SPAN + count, digits)


def _in_base(number: int, digits: str) -> str:
    if digits == "0123456789":
        return str(number)
    text = ""
    while True:
        number, rest = divmod(number, len(digits))
        text = digits[rest] + text
        if not number:
            return text
