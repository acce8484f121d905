"""UTCTimestamp and integer nanoseconds, both ways."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.wire import parse_utc_timestamp, utc_timestamp

SECOND: Final = 10**9
READ: Final = [
    ("19700101-00:00:00", 0),
    ("19700101-00:00:01.000000001", SECOND + 1),
    ("19691231-23:59:59.999", -(10**6)),
    ("20000229-12:00:00", 951_825_600 * SECOND),
    ("20260102-14:30:00.123", 1_767_364_200_123_000_000),
    ("20260102-14:30:00.123456", 1_767_364_200_123_456_000),
    ("20260102-14:30:00.123456789", 1_767_364_200_123_456_789),
    ("20161231-23:59:60", 1_483_228_800 * SECOND - 1),
    ("20161231-23:59:60.500", 1_483_228_800 * SECOND - 1),
    ("16780101-00:00:00", -9_214_560_000 * SECOND),
    ("22611231-23:59:59.999999999", 9_214_646_400 * SECOND - 1),
]


@pytest.mark.parametrize(("text", "ns"), READ)
def test_a_timestamp_reads_as_its_nanoseconds(text: str, ns: int) -> None:
    assert parse_utc_timestamp(text) == ns


WRONG: Final = [
    "",
    "2026",
    "20260102",
    "20260102-14:30",
    "20260102-14:30:0",
    "20260102 14:30:00",
    "20260102-14:30:00.",
    "20260102-14:30:00.1",
    "20260102-14:30:00.1234",
    "20260102-14:30:00.1234567890",
    "20260102-14:30:00,123",
    "20260102-14:30:00Z",
    "20260102-14:30:61",
    "20260102-14:60:00",
    "20260102-24:00:00",
    "20260229-00:00:00",
    "20261301-00:00:00",
    "20260100-00:00:00",
    "00000101-00:00:00",
    "16771231-23:59:59",
    "22620101-00:00:00",
    "99991231-23:59:59",
    "2026-102-14:30:00",
    "+2260102-14:30:00",
    "20260102-14:30: 1",
    "20260102-14:30:1_0",
    "20260102-14:30:00.+12",
    "20260102-14:30:0\u0661",
    "20260102-14:30:00.12\u0661",
    "20260102-14:3\u0661:00",
    "20260102-14:30:00\n",
]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_timestamp_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(is|has) "):
        parse_utc_timestamp(text)


@pytest.mark.parametrize(
    ("places", "text"),
    [
        (0, "20260102-14:30:00"),
        (3, "20260102-14:30:00.987"),
        (6, "20260102-14:30:00.987654"),
        (9, "20260102-14:30:00.987654321"),
    ],
)
def test_a_time_is_cut_to_its_places(places: int, text: str) -> None:
    assert utc_timestamp(1_767_364_200_987_654_321, places) == text


@given(st.integers(-(2 * 10**18), 4 * 10**18))
def test_nine_places_lose_nothing(ns: int) -> None:
    assert parse_utc_timestamp(utc_timestamp(ns, 9)) == ns


@given(st.datetimes(datetime(1678, 1, 1), datetime(2261, 12, 31)))  # noqa: DTZ001 - Hypothesis asks for naive bounds
def test_the_calendar_is_that_of_the_standard_library(then: datetime) -> None:
    text = then.strftime("%m%d-%H:%M:%S.%f")
    since = then.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    micros = (since.days * 86_400 + since.seconds) * 10**6 + since.microseconds
    assert parse_utc_timestamp(f"{then.year:04d}{text}") == micros * 1000


@pytest.mark.parametrize("ns", [-(2**63), 2**63 - 1])
def test_a_time_that_does_not_fit_64_bits_is_refused(ns: int) -> None:
    with pytest.raises(ValueError, match="years 1678 to 2261"):
        utc_timestamp(ns)


@pytest.mark.parametrize("ns", [1.0, True, "0", None])
def test_a_time_that_is_no_int_is_refused(ns: object) -> None:
    with pytest.raises(TypeError):
        utc_timestamp(ns)  # type: ignore[arg-type]  # what the test is about


@pytest.mark.parametrize("places", [1, 2, 12, -3])
def test_other_places_are_refused(places: int) -> None:
    with pytest.raises(ValueError, match="decimals are 0, 3, 6 or 9"):
        utc_timestamp(0, places)
