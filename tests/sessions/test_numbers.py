"""Blocks of outgoing numbers, and epochs."""

from __future__ import annotations

from fix_oms.model.inputs import Input, SeqReserved, SessionEpoch
from fix_oms.sessions.numbers import BLOCK, MARGIN, Numbers


def test_the_first_block_is_told_before_it_may_be_used() -> None:
    seen: list[tuple[Input, int]] = []
    numbers = Numbers("s", 2, lambda value: seen.append((value, numbers.through)))
    numbers.reserve(41)
    assert seen == [(SeqReserved(session="s", epoch=2, through=41 + BLOCK), 0)]
    assert numbers.through == 41 + BLOCK


def test_nothing_is_told_while_the_margin_is_left() -> None:
    told: list[Input] = []
    numbers = Numbers("s", 0, told.append)
    numbers.reserve(1)
    numbers.reserve(BLOCK - MARGIN)
    assert len(told) == 1


def test_the_next_block_is_told_when_the_margin_is_reached() -> None:
    told: list[Input] = []
    numbers = Numbers("s", 0, told.append)
    numbers.reserve(1)
    numbers.reserve(1 + BLOCK - MARGIN)
    assert told[1:] == [SeqReserved(session="s", epoch=0, through=1 + 2 * BLOCK - MARGIN)]


def test_an_epoch_allows_no_number_before_its_own_block_is_told() -> None:
    allowed: list[int] = []
    numbers = Numbers("s", 0, lambda _: allowed.append(numbers.through))
    numbers.reserve(1)
    numbers.begin(1, 1, "test")
    assert allowed == [0, 0, 0]


def test_an_epoch_is_told_with_its_numbers_then_its_block() -> None:
    told: list[Input] = []
    numbers = Numbers("s", 6, told.append)
    numbers.begin(9, 5, "set by an operator")
    assert told == [
        SessionEpoch(session="s", epoch=7, next_in=9, next_out=5, reason="set by an operator"),
        SeqReserved(session="s", epoch=7, through=5 + BLOCK),
    ]
