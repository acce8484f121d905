"""What a client's Logon must carry: read from where its configuration says, and named if it is not
there."""

from __future__ import annotations

from pathlib import Path

import pytest

from fix_oms.model.errors import SettingsError
from fix_oms.server.config_file import LoadedConfig, load

CONFIG = """
[acceptor]
port = 9880
[sessions.B]
version = "FIX.4.4"
sender_comp_id = "US"
target_comp_id = "B"
port = 9881
[venues.V]
session = "B"
[instruments.AAPL]
venues = ["V"]
[accounts.DESK]
[clients.ALGO]
version = "FIX.4.2"
sender_comp_id = "US"
target_comp_id = "ALGO"
accounts = ["DESK"]
"""


def loaded(directory: Path, more: str) -> LoadedConfig:
    path = directory / "oms.toml"
    path.write_text(CONFIG + more)
    return load(path)


def secrets(config: LoadedConfig) -> tuple[str | None, str | None]:
    return config.client_secrets(config.settings.clients["ALGO"])


def test_a_client_without_a_password_has_none(tmp_path: Path) -> None:
    assert secrets(loaded(tmp_path, 'username = "algo"')) == ("algo", None)


def test_a_password_is_read_from_the_environment_and_kept_from_other_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALGO_PASSWORD", "s3cret")
    config = loaded(tmp_path, 'password_env = "ALGO_PASSWORD"')
    assert (secrets(config), config.secret_variables()) == (
        (None, "s3cret"),
        frozenset({"ALGO_PASSWORD"}),
    )


def test_a_password_is_read_from_a_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "algo.password").write_text("s3cret\n")
    (tmp_path / "algo.password").chmod(0o600)
    assert secrets(loaded(tmp_path, 'password_file = "algo.password"')) == (None, "s3cret")


@pytest.mark.parametrize(
    ("more", "key", "reason"),
    [
        ('password_env = "NONE"', "password_env", "the environment variable NONE is not set"),
        ('password_file = "none"', "password_file", "cannot be read: No such file or directory"),
        ('password_file = "open"', "password_file", "others can read it (mode 0644): chmod 600 it"),
    ],
)
def test_a_password_that_cannot_be_had_is_named(
    tmp_path: Path, more: str, key: str, reason: str
) -> None:
    (tmp_path / "open").write_text("s3cret")
    (tmp_path / "open").chmod(0o644)
    config = loaded(tmp_path, more)
    with pytest.raises(SettingsError) as raised:
        secrets(config)
    assert raised.value.key == f"clients.ALGO.{key}"
    assert reason in raised.value.reason


def test_a_clients_dictionary_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"clients\.ALGO\.dictionary: .*cannot be read"):
        loaded(tmp_path, 'dictionary = "no.xml"')
