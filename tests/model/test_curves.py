"""How a day's volume is spread."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.curves import DAY, SECOND, Curve
from fix_oms.model.errors import SettingsError
from fix_oms.model.settings_text import from_plain, to_plain
from fix_oms.model.units import SCALE
from tests.engine.desk import plain_settings

HOUR = 3600 * SECOND
U: dict[str, Any] = {"times": ("10:00", "11:00", "15:00"), "volumes": (5, 8, 6)}


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * SECOND


UNTIL: list[tuple[str, int]] = [
    ("1970-01-01T00:00Z", 0),
    ("1970-01-01T10:00Z", 0),
    ("1970-01-01T10:30Z", 2),
    ("1970-01-01T11:00Z", 5),
    ("1970-01-01T12:00Z", 7),
    ("1970-01-01T15:00Z", 13),
    ("1970-01-01T17:00Z", 16),  # the last bucket is as long as the one before it
    ("1970-01-01T19:00Z", 19),
    ("1970-01-01T23:59Z", 19),
    ("1970-01-02T11:00Z", 24),
]


@pytest.mark.parametrize(("at", "expected"), UNTIL)
def test_volume_comes_evenly_within_a_bucket_and_never_outside(at: str, expected: int) -> None:
    assert Curve(name="u", **U).until(ns(at)) == expected


def test_its_clock_is_that_of_its_zone() -> None:
    summer = ns("2027-03-14T07:00Z")
    changes = (0, summer // SECOND)
    curve = Curve(name="u", changes_s=changes, offsets_s=(-18000, -14400), **U)
    before = curve.between(ns("2027-03-12T00:00Z"), ns("2027-03-12T15:30Z"))
    after = curve.between(ns("2027-03-16T00:00Z"), ns("2027-03-16T14:30Z"))
    assert (before, after) == (2, 2)


@given(
    st.lists(st.tuples(st.integers(0, 1439), st.integers(0, 10**12)), min_size=1, max_size=30),
    st.lists(st.integers(0, 3 * DAY), min_size=3, max_size=3),
)
def test_volume_adds_up_and_never_shrinks(buckets: list[tuple[int, int]], at: list[int]) -> None:
    rows = dict(buckets) | {0: 1}
    times = tuple(f"{minute // 60:02d}:{minute % 60:02d}" for minute in sorted(rows))
    curve = Curve(name="c", times=times, volumes=tuple(rows[m] for m in sorted(rows)))
    first, second, third = sorted(at)
    whole = curve.between(first, third)
    assert whole == curve.between(first, second) + curve.between(second, third)
    assert curve.between(0, DAY) == sum(rows.values())


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "curves.u.file: give file, or times and volumes"),
    ({"times": ["10:00"]}, "curves.u.volumes: there are 1 times and 0 volumes"),
    ({"times": ["10"], "volumes": [1]}, "curves.u.times[0]: '10' is no time of day"),
    ({"times": ["24:00"], "volumes": [1]}, "curves.u.times[0]: '24:00' is no time of day"),
    (
        {"times": ["10:00", "10:00"], "volumes": [1, 1]},
        "curves.u.times[1]: 10:00 is not after the one before it",
    ),
    ({"times": ["10:00"], "volumes": ["-1"]}, "curves.u.volumes[0]: must not be negative"),
    ({"times": ["10:00"], "volumes": [0]}, "curves.u.volumes: there is none in the whole day"),
    ({"times": ["10:00"], "volumes": [1.5]}, "curves.u.volumes[0]: 1.5 has lost its exact value"),
    ({"tims": ["10:00"]}, "curves.u.tims: unknown key; did you mean 'times'?"),
]


@pytest.mark.parametrize(("table", "said"), WRONG)
def test_a_table_that_is_wrong_is_named(table: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as raised:
        from_plain(plain_settings(curves={"u": table}), "f.toml")
    assert str(raised.value).startswith(f"f.toml: {said}")


def test_what_the_journal_holds_is_the_same_curve() -> None:
    curves = {"u": {"file": "u.csv", "times": ["10:00"], "volumes": ["1.5"], "offsets_s": [3600]}}
    curves["u"]["changes_s"] = [0]
    settings = from_plain(plain_settings(curves=curves), "f.toml")
    again = from_plain(to_plain(settings), "journal")
    assert again.curves["u"] == settings.curves["u"]
    assert again.curves["u"].volumes == (3 * SCALE // 2,)
