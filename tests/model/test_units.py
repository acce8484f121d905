"""Numbers are exact: text, Decimal and Fixed say the same, and what cannot be exact is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.units import (
    LARGEST,
    SCALE,
    average,
    fixed,
    from_decimal,
    notional_text,
    rounded,
    text_of,
    to_decimal,
)

FIXED = st.integers(-LARGEST, LARGEST)

READ = {
    "0": 0,
    "100": 100 * SCALE,
    "-3": -3 * SCALE,
    "150.25": 15_025_000_000,
    ".5": SCALE // 2,
    "7.": 7 * SCALE,
    "0.00000001": 1,
    "-0.00000001": -1,
    "007": 7 * SCALE,
}


@pytest.mark.parametrize(("text", "value"), READ.items())
def test_a_fix_number_has_one_exact_value(text: str, value: int) -> None:
    assert fixed(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "-",
        "1e5",
        "1_000",
        "1,000",
        " 1",
        "+1",
        "inf",
        "nan",
        "1.2.3",
        "٣",
        "9" * 65,
        "0x1",
    ],
)
def test_what_is_no_fix_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a FIX number"):
        fixed(text)


def test_a_ninth_decimal_is_refused_where_it_must_be_exact() -> None:
    with pytest.raises(ValueError, match="more than 8 decimal places"):
        fixed("0.000000001")


def test_a_number_beyond_the_largest_is_refused() -> None:
    with pytest.raises(ValueError, match="is larger than"):
        fixed("90000000001")


ROUNDED = {
    "0.123456784": 12_345_678,
    "0.123456785": 12_345_678,
    "0.123456775": 12_345_678,
    "0.1234567851": 12_345_679,
    "-0.123456786": -12_345_679,
}


@pytest.mark.parametrize(("text", "value"), ROUNDED.items())
def test_a_brokers_longer_number_is_rounded_half_to_even_and_said_to_be(
    text: str, value: int
) -> None:
    assert rounded(text) == (value, False)


@given(FIXED)
def test_text_and_fixed_are_inverse(value: int) -> None:
    assert fixed(text_of(value)) == value


@given(FIXED)
def test_decimal_and_fixed_are_inverse(value: int) -> None:
    assert from_decimal(to_decimal(value)) == value


@given(FIXED)
def test_text_has_no_exponent_and_no_trailing_zero(value: int) -> None:
    text = text_of(value)
    assert "E" not in text.upper()
    assert not ("." in text and text.endswith(("0", ".")))


@pytest.mark.parametrize("value", [0.1, True])
def test_a_float_or_bool_is_no_exact_number(value: object) -> None:
    with pytest.raises(TypeError, match="no exact number"):
        from_decimal(value)  # type: ignore[arg-type]  # that is the test


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity")])
def test_a_decimal_that_is_no_number_is_refused(value: Decimal) -> None:
    with pytest.raises(ValueError, match="not a finite number"):
        from_decimal(value)


@given(st.integers(1, 10**18), st.integers(1, 10**12))
def test_an_average_is_within_half_a_unit_of_the_exact_quotient(notional: int, qty: int) -> None:
    assert abs(2 * (average(notional, qty) * qty - notional)) <= qty


def test_the_average_of_nothing_is_0() -> None:
    assert average(0, 0) == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0.00"), (123_456 * SCALE * SCALE, "123,456.00"), (-5 * SCALE * SCALE // 1000, "0.00")],
)
def test_a_notional_reads_grouped_and_rounded(value: int, text: str) -> None:
    assert notional_text(value) == text
