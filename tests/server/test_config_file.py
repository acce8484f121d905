"""The configuration file: what it names beside itself, its paths, and its secrets."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fix_oms.cli.check import EXPECTED
from fix_oms.model.errors import SettingsError
from fix_oms.server.config_file import LoadedConfig, journal_path, load, read_toml, socket_path

ROOT = Path(__file__).parents[2]
EXAMPLES = [
    ROOT / "config/demo.toml",
    ROOT / "config/router.toml",
    ROOT / "config/examples/broker-fix42.toml",
    ROOT / "config/examples/broker-fix44.toml",
    ROOT / "config/examples/broker-fix50sp2.toml",
    ROOT / "config/examples/broker-tls.toml",
    ROOT / "config/examples/clients.toml",
]

GOOD = """
[engine]
journal = "state/journal"
socket = "../run/oms.sock"

[sessions.B]
version = "FIX.4.4"
sender_comp_id = "US"
target_comp_id = "THEM"
port = 9000

[venues.B]
session = "B"

[instruments.AAPL]
venues = ["B"]

[accounts.DESK]
"""
DIALECT = """
name = "B"
[[extra]]
messages = ["D"]
tag = 9702
value = "EQ7"
reason = "they refuse an order without it"
"""


def written(directory: Path, more: str = "") -> Path:
    """GOOD with further keys of its session, in a file."""
    path = directory / "oms.toml"
    path.write_text(GOOD.replace("port = 9000\n", f"port = 9000\n{more}\n"))
    return path


def error_of(path: Path) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load(path)
    return caught.value


def secrets_error(loaded: LoadedConfig) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        loaded.secrets(loaded.settings.sessions["B"])
    return caught.value


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_configuration_that_is_delivered_loads(path: Path) -> None:
    assert load(path).path == path


def test_every_configuration_that_is_delivered_is_tested() -> None:
    directory = ROOT / "config/examples"
    examples = [*directory.glob("broker-*.toml"), directory / "clients.toml"]
    assert sorted(examples) == sorted(EXAMPLES[2:])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_configuration_that_is_delivered_sets_the_limits_that_no_desk_is_without(
    path: Path,
) -> None:
    controls = {limit.control for limit in load(path).settings.limits}
    assert set(EXPECTED) - controls == set()


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    loaded = load(written(tmp_path))
    assert loaded.journal == tmp_path / "state/journal"
    assert loaded.socket == tmp_path.parent / "run/oms.sock"


def test_a_relative_file_is_found_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert load(Path("oms.toml")).journal == tmp_path / "state/journal"


def test_a_client_finds_the_socket_where_the_engine_opens_it(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert socket_path(path) == load(path).socket


def test_a_client_finds_the_journal_where_the_engine_writes_it(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert journal_path(path) == load(path).journal


def test_a_client_needs_no_more_of_the_file_than_the_socket(tmp_path: Path) -> None:
    path = written(tmp_path, "no_such_key = 1")
    assert socket_path(path) == tmp_path.parent / "run/oms.sock"


def test_a_socket_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "oms.toml"
    path.write_text("[engine]\nsocket = 3\n")
    with pytest.raises(SettingsError, match=r"engine\.socket: must be text in quotes"):
        socket_path(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    assert str(error_of(path)) == f"{path}: cannot be read: No such file or directory"


def test_a_directory_is_no_configuration(tmp_path: Path) -> None:
    assert error_of(tmp_path).reason == "cannot be read: Is a directory"


def test_what_is_no_toml_is_named_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "oms.toml"
    path.write_text("[engine\n")
    assert "is not TOML:" in error_of(path).reason
    assert "line 1" in error_of(path).reason


def test_what_is_no_utf_8_is_not_toml(tmp_path: Path) -> None:
    path = tmp_path / "oms.toml"
    path.write_bytes(b"a = '\xff'\n")
    assert "is not TOML:" in error_of(path).reason


def test_an_error_inside_names_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "hots = 'x'")
    assert str(error_of(path)).startswith(f"{path}: sessions.B.hots: unknown key")


# -- what a configuration names --------------------------------------------------------------------


def test_a_missing_dictionary_is_named(tmp_path: Path) -> None:
    error = error_of(written(tmp_path, "dictionary = 'FIX44.xml'"))
    reason = f"{tmp_path / 'FIX44.xml'}: cannot be read: No such file or directory"
    assert (error.key, error.reason) == ("sessions.B.dictionary", reason)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<html/>", "is no FIX dictionary: its root is <html>"),
        ("not xml", "is no FIX dictionary: syntax error"),
        ("", "is no FIX dictionary"),
    ],
)
def test_a_file_that_is_no_dictionary_is_named(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "FIX44.xml").write_text(content)
    assert reason in error_of(written(tmp_path, "dictionary = 'FIX44.xml'")).reason


def test_a_dictionary_is_found_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "FIX44.xml").write_text("<fix major='4' minor='4'/>")
    loaded = load(written(tmp_path, "dictionary = 'FIX44.xml'"))
    assert loaded.settings.sessions["B"].dictionary == str(tmp_path / "FIX44.xml")


def test_a_missing_dialect_is_named(tmp_path: Path) -> None:
    error = error_of(written(tmp_path, "dialect = 'b.toml'"))
    expected = ("sessions.B.dialect", f"no such file: {tmp_path / 'b.toml'}")
    assert (error.key, error.reason) == expected


def test_a_dialect_is_read_from_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text(DIALECT)
    loaded = load(written(tmp_path, "dialect = 'b.toml'"))
    assert loaded.dialects["B"]["extra"][0]["tag"] == 9702


def test_an_error_of_a_dialect_names_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text(DIALECT.replace("9702", "38"))
    error = error_of(written(tmp_path, "dialect = 'b.toml'"))
    assert (error.file, error.key) == (str(tmp_path / "b.toml"), "extra[0].tag")


def test_an_unknown_time_zone_is_named_with_the_nearest(tmp_path: Path) -> None:
    error = error_of(written(tmp_path, "schedule = {timezone = 'Europe/Londn'}"))
    expected = "no time zone is named 'Europe/Londn'; did you mean 'Europe/London'?"
    assert (error.key, error.reason) == ("sessions.B.schedule.timezone", expected)


def test_a_time_zone_that_is_a_path_is_none(tmp_path: Path) -> None:
    error = error_of(written(tmp_path, "schedule = {timezone = '../../etc/passwd'}"))
    assert error.key == "sessions.B.schedule.timezone"


def test_a_holiday_that_is_no_date_is_named(tmp_path: Path) -> None:
    error = error_of(written(tmp_path, "schedule = {holidays = ['2026-01-01', '2026-13-01']}"))
    assert error.key == "sessions.B.schedule.holidays[1]"


@pytest.mark.parametrize(
    ("hours", "key", "reason"),
    [
        (
            "timezone = 'Europe/Londn'",
            "timezone",
            "no time zone is named 'Europe/Londn'; did you mean 'Europe/London'?",
        ),
        ("holidays = ['Xmas']", "holidays[0]", "'Xmas' is no date (YYYY-MM-DD)"),
        (
            "reset = '17:00'",
            "reset",
            "a venue has no sequence numbers: its session's schedule resets them",
        ),
    ],
)
def test_the_hours_of_a_venue_are_hours_that_there_are(
    tmp_path: Path, hours: str, key: str, reason: str
) -> None:
    path = tmp_path / "oms.toml"
    path.write_text(GOOD + f"[venues.B.hours]\n{hours}\n")
    error = error_of(path)
    assert (error.key, error.reason) == (f"venues.B.hours.{key}", reason)


@pytest.mark.parametrize(
    ("more", "key", "reason"),
    [
        ("", "timezone", "no time zone is named 'Europe/Londn'; did you mean 'Europe/London'?"),
        ("holidays = ['Xmas']", "holidays[0]", "'Xmas' is no date (YYYY-MM-DD)"),
    ],
)
def test_a_policy_for_silent_expiry_has_days_that_there_are(
    tmp_path: Path, more: str, key: str, reason: str
) -> None:
    zone = "Europe/London" if more else "Europe/Londn"
    policy = f"by = 'ann'\nclose = '16:30'\ntimezone = '{zone}'\n{more}"
    tables = f"supports = {{expired = false}}\n[sessions.B.silent_expiry]\n{policy}"
    error = error_of(written(tmp_path, tables))
    assert (error.key, error.reason) == (f"sessions.B.silent_expiry.{key}", reason)


def test_all_that_is_missing_is_reported_at_once(tmp_path: Path) -> None:
    more = "dictionary = 'no.xml'\ndialect = 'no.toml'\nschedule = {timezone = 'Nowhere'}"
    error = error_of(written(tmp_path, more))
    keys = [e.key for e in (error, *error.others)]
    expected = ["sessions.B.dictionary", "sessions.B.dialect", "sessions.B.schedule.timezone"]
    assert keys == expected


def test_a_file_where_the_journal_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    error = error_of(written(tmp_path))
    assert (error.key, error.reason) == (
        "engine.journal",
        f"{tmp_path / 'state'} is no directory",
    )


def anchored_at(directory: Path, file: str) -> Path:
    path = written(directory)
    path.write_text(f"{path.read_text()}\n[engine.anchors]\nfile = {file!r}\n")
    return path


def test_anchors_stand_beside_the_journal_unless_a_file_is_given(tmp_path: Path) -> None:
    loaded = load(written(tmp_path))
    assert loaded.anchors == tmp_path / "state/journal.anchors"
    loaded = load(anchored_at(tmp_path, "../witness/desk"))
    assert loaded.anchors == tmp_path.parent / "witness/desk"


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("state/journal/anchors", "is inside the journal"),
        (".", "is a directory"),
    ],
)
def test_a_place_where_no_anchors_can_be_kept_is_named(
    tmp_path: Path, file: str, says: str
) -> None:
    error = error_of(anchored_at(tmp_path, file))
    assert (error.key, says in error.reason) == ("engine.anchors.file", True)


def test_loading_makes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path)
    load(path)
    assert list(tmp_path.iterdir()) == [path]


# -- secrets ---------------------------------------------------------------------------------------


def test_a_session_without_credentials_has_none(tmp_path: Path) -> None:
    loaded = load(written(tmp_path))
    assert loaded.secrets(loaded.settings.sessions["B"]) == (None, None)


def test_credentials_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("B_USER", "ann")
    monkeypatch.setenv("B_PASS", "s3cret")
    loaded = load(written(tmp_path, "username_env = 'B_USER'\npassword_env = 'B_PASS'"))
    assert loaded.secrets(loaded.settings.sessions["B"]) == ("ann", "s3cret")


def test_a_variable_that_is_not_set_is_named(tmp_path: Path) -> None:
    error = secrets_error(load(written(tmp_path, "password_env = 'FIX_OMS_NO_SUCH'")))
    expected = "the environment variable FIX_OMS_NO_SUCH is not set"
    assert (error.key, error.reason) == ("sessions.B.password_env", expected)


def with_password_file(directory: Path, content: bytes, mode: int = 0o600) -> LoadedConfig:
    file = directory / "b.password"
    file.write_bytes(content)
    file.chmod(mode)
    return load(written(directory, "password_file = 'b.password'"))


def test_a_password_comes_from_its_file_without_the_newline(tmp_path: Path) -> None:
    loaded = with_password_file(tmp_path, b"s3cret\n")
    assert loaded.secrets(loaded.settings.sessions["B"]) == (None, "s3cret")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_password_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    error = secrets_error(with_password_file(tmp_path, b"s3cret\n", mode))
    assert f"others can read it (mode {mode:04o}): chmod 600 it" in error.reason


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_password_file_of_another_user_is_refused(tmp_path: Path) -> None:
    loaded = with_password_file(tmp_path, b"s3cret\n")
    os.chown(tmp_path / "b.password", 65534, 65534)
    assert "belongs to another user (uid 65534)" in secrets_error(loaded).reason


def test_a_missing_password_file_is_named(tmp_path: Path) -> None:
    error = secrets_error(load(written(tmp_path, "password_file = 'none'")))
    assert "cannot be read: No such file or directory" in error.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"two\nlines\n", "holds control characters"),
        (b"a\x01554=x", "holds control characters"),
        (b"x" * 300, "more than 256 characters"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_password_that_cannot_stand_in_a_fix_field_is_refused(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    assert reason in secrets_error(with_password_file(tmp_path, content)).reason


def test_an_error_never_shows_the_secret(tmp_path: Path) -> None:
    assert "s3cret" not in str(secrets_error(with_password_file(tmp_path, b"s3cret\x01")))


def test_the_secret_is_no_part_of_the_loaded_configuration(tmp_path: Path) -> None:
    loaded = with_password_file(tmp_path, b"s3cret\n")
    loaded.secrets(loaded.settings.sessions["B"])
    assert "s3cret" not in repr(loaded)


def test_toml_is_read_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text("a = 1\n")
    assert read_toml(path, "x") == {"a": 1}
