"""The files of volume curves: read, or refused with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from fix_oms.model.errors import SettingsError
from fix_oms.model.units import SCALE
from fix_oms.server.config_file import load
from fix_oms.server.curves import clock_changes, read_curve

CONFIG = """
[sessions.A]
version = "FIX.4.4"
sender_comp_id = "US"
target_comp_id = "A"
port = 20001
[venues.A]
session = "A"
[instruments.X]
venues = ["A"]
[accounts.DESK]
[curves.us]
file = "curves/us.csv"
timezone = "America/New_York"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "u.csv"


def test_a_file_says_times_and_volumes_in_any_columns(file: Path) -> None:
    file.write_text("volume,Time,remark\r\n8.5,09:30,open\n\n4,10:00:30,\n", encoding="utf-8")
    assert read_curve(file) == (("09:30", "10:00:30"), (85 * SCALE // 10, 4 * SCALE))


WRONG: list[tuple[str, str]] = [
    ("", "line 1: has no column 'time'"),
    ("time;volume\n", "line 1: has no column 'time'"),
    ("time,vol\n09:30,1\n", "line 1: has no column 'volume'"),
    ("time,volume\n", "there are 0: from 1 to 1440 can be"),
    ("time,volume\n09:30\n", "line 2: has 1 cells, and the first line 2"),
    ("time,volume\n9:30,1\n", 'line 2: \'9:30\' is no time of day ("HH:MM" or "HH:MM:SS")'),
    ("time,volume\n09:30,1\n09:30,1\n", "line 3: 09:30 is not after the one before it"),
    ("time,volume\n09:30,many\n", "line 2: volume: 'many' is not a FIX number"),
    ("time,volume\n09:30,-1\n", "line 2: a volume must not be negative"),
    ("time,volume\n09:30,0\n10:00,0\n", "there is none in the whole day"),
    ("time,volume\n" + "x" * (1 << 20), "is no volume curve: it has over 1440 lines"),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_a_line_that_is_wrong_is_named(file: Path, text: str, said: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as raised:
        read_curve(file)
    assert str(raised.value) == f"{file}: {said}"


def test_a_file_that_is_not_there_or_no_text_is_named(file: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        read_curve(file)
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot be read: "):
        read_curve(file)


def test_a_configuration_holds_what_the_file_says(tmp_path: Path) -> None:
    (tmp_path / "curves").mkdir()
    (tmp_path / "curves/us.csv").write_text("time,volume\n09:30,1\n", encoding="utf-8")
    (tmp_path / "oms.toml").write_text(CONFIG, encoding="utf-8")
    curve = load(tmp_path / "oms.toml").settings.curves["us"]
    assert (curve.file, curve.times) == (str(tmp_path / "curves/us.csv"), ("09:30",))
    assert set(curve.offsets_s) == {-18000, -14400}


def test_a_zone_that_there_is_not_is_named(tmp_path: Path) -> None:
    (tmp_path / "curves").mkdir()
    (tmp_path / "curves/us.csv").write_text("time,volume\n09:30,1\n", encoding="utf-8")
    text = CONFIG.replace("New_York", "Old_York")
    (tmp_path / "oms.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="timezone: no time zone is named"):
        load(tmp_path / "oms.toml")


def test_the_clock_of_a_zone_changes_when_its_rules_say() -> None:
    changes, offsets = clock_changes("Europe/Berlin", 2027)
    summer = changes.index(1806195600)  # 2027-03-28 01:00 UTC
    assert (offsets[summer - 1], offsets[summer]) == (3600, 7200)
    assert clock_changes("UTC", 2027) == ((), ())
