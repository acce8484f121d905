"""Reading and writing of single values agrees with the units that the rest computes in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.units import LARGEST, fixed
from fix_oms.wire.values import fixed_text, price, quantity, whole

numbers = st.from_regex(r"-?[0-9]{0,13}(\.[0-9]{0,10})?", fullmatch=True) | st.text(max_size=6)


@given(numbers)
def test_a_number_reads_as_the_units_module_reads_it(text: str) -> None:
    try:
        expected: int | None = fixed(text)
    except ValueError:
        expected = None
    try:
        told = price(text)
    except ValueError:
        told = None
    assert told == expected


@given(st.integers(-LARGEST, LARGEST))
def test_a_number_that_is_written_reads_back(value: int) -> None:
    assert price(fixed_text(value)) == value


@given(st.integers(-LARGEST, -1))
def test_a_quantity_is_never_negative(value: int) -> None:
    with pytest.raises(ValueError, match="is negative"):
        quantity(fixed_text(value))


@pytest.mark.parametrize("text", ["", "-1", "+1", " 1", "1_0", "1.0", "\u0661", "9" * 19])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a whole number"):
        whole(text)


def test_a_float_equal_to_a_remembered_int_is_still_refused() -> None:
    assert fixed_text(10**8) == "1"
    with pytest.raises(TypeError):
        fixed_text(1e8)
