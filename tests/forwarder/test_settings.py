"""`[sessions.NAME.tls]` as it stands in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from fix_oms.model.errors import SettingsError
from fix_oms.server.config_file import load
from tests.forwarder.certificates import Papers
from tests.server.test_config_file import GOOD

WRONG = {
    'ca_file = "none.pem"': "sessions.B.tls.ca_file: {dir}/none.pem: cannot be read: "
    "No such file or directory",
    'key_file = "ours.pem"': "sessions.B.tls.key_file: is of no use without cert_file",
    'min_version = "1.1"': "sessions.B.tls.min_version: '1.1' is none of 1.2, 1.3; "
    "did you mean '1.3'?",
    "min_version = 1.2": "sessions.B.tls.min_version: must be text in quotes, not a number with "
    "a point",
    'server_name = ""': "sessions.B.tls.server_name: must not be empty",
    "verify = false": "sessions.B.tls.verify: unknown key",
}


ACCEPTOR = """
[acceptor]
port = 9001
[acceptor.tls]
{tls}
[clients.UP]
version = "FIX.4.4"
sender_comp_id = "US"
target_comp_id = "UP"
accounts = ["DESK"]
{client}
"""
WRONG_ACCEPTOR = {
    ('cert_file = "none.pem"', ""): "acceptor.tls.cert_file: {dir}/none.pem: cannot be read: "
    "No such file or directory",
    ("", ""): "acceptor.tls.cert_file: is missing",
    ('cert_file = "ours.pem"', 'certificate_names = ["up.example"]'): "clients.UP."
    "certificate_names: without acceptor.tls.client_ca_file none is asked for",
}


def written(directory: Path, lines: str) -> Path:
    path = directory / "oms.toml"
    path.write_text(GOOD.replace("[venues.B]", f"[sessions.B.tls]\n{lines}\n[venues.B]"))
    return path


@pytest.mark.parametrize("lines", WRONG)
def test_what_is_wrong_is_named_by_file_and_key(tmp_path: Path, lines: str) -> None:
    path = written(tmp_path, lines)
    with pytest.raises(SettingsError) as caught:
        load(path)
    assert str(caught.value) == f"{path}: {WRONG[lines].format(dir=tmp_path)}"


def test_files_are_beside_the_configuration(tmp_path: Path) -> None:
    papers = Papers(tmp_path)
    tls = load(written(tmp_path, 'ca_file = "ca.pem"')).settings.sessions["B"].tls
    assert tls is not None
    assert tls.ca_file == papers.ca_file


def test_a_certificate_that_has_expired_is_no_reason_not_to_start(tmp_path: Path) -> None:
    Papers(tmp_path)
    assert load(written(tmp_path, 'cert_file = "expired.pem"'))


@pytest.mark.parametrize(("tls", "client"), WRONG_ACCEPTOR)
def test_what_is_wrong_with_the_clients_door_is_named_too(
    tmp_path: Path, tls: str, client: str
) -> None:
    path = tmp_path / "oms.toml"
    path.write_text(GOOD + ACCEPTOR.format(tls=tls, client=client))
    with pytest.raises(SettingsError) as caught:
        load(path)
    assert str(caught.value) == f"{path}: {WRONG_ACCEPTOR[tls, client].format(dir=tmp_path)}"
