"""``[alerts]``: what is taken, and what is wrong by key and reason, never by the secret itself."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model.alerting import AlertSettings, wrong_address
from fix_oms.model.errors import SettingsError
from fix_oms.model.settings_text import from_plain, to_plain
from tests.engine.desk import plain_settings


def settings(**alerts: Any) -> AlertSettings:
    return from_plain(plain_settings(alerts=alerts), "oms.toml").alerts


def test_without_the_section_only_the_log_is_told() -> None:
    found = from_plain(plain_settings(), "oms.toml").alerts
    assert (found.command, found.webhook, found.webhook_env) == ((), None, None)


def test_all_of_it_goes_to_plain_data_and_back() -> None:
    plain = plain_settings(
        alerts={"command": ["mail", "desk"], "webhook": "https://x.example/a", "repeat_s": 60}
    )
    found = from_plain(plain, "oms.toml")
    assert from_plain(to_plain(found), "oms.toml") == found


@pytest.mark.parametrize(
    ("alerts", "said"),
    [
        ({"min_severity": "loud"}, "alerts.min_severity: 'loud' is none of info, warning, severe"),
        ({"repeat_s": -1}, "alerts.repeat_s: must not be negative"),
        ({"digest_s": 0}, "alerts.digest_s: must be greater than 0"),
        ({"command": "mail"}, "alerts.command: must be a list, not text"),
        ({"command": [""]}, "alerts.command: its first word names the program"),
        ({"webook": "https://x"}, "alerts.webook: unknown key; did you mean 'webhook'?"),
        (
            {"webhook": "https://x.example/", "webhook_env": "HOOK"},
            "alerts.webhook_env: give webhook or webhook_env, not both",
        ),
        (
            {"webhook_token_env": "TOKEN"},
            "alerts.webhook_token_env: there is no webhook that it is for",
        ),
        (
            {"webhook": "http://x.example/s3cret"},
            "alerts.webhook: must be https: only this machine itself may be told by http",
        ),
        (
            {"webhook": "https://me:s3cret@x.example/"},
            "alerts.webhook: must not hold a name or password: use webhook_token_env or "
            "webhook_env",
        ),
    ],
)
def test_what_is_wrong_is_told_by_key(alerts: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as found:
        settings(**alerts)
    assert said in str(found.value)
    assert "s3cret" not in str(found.value)


@pytest.mark.parametrize(
    "address",
    ["", "x.example/a", "ftp://x.example/", "https:///a", "https://x.example/a b", "https://x:y/"],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    assert wrong_address(address)


@pytest.mark.parametrize(
    "address",
    ["https://x.example/a?b=c", "http://127.0.0.1:8080/", "http://localhost/", "http://[::1]:1/"],
)
def test_an_address_is_taken(address: str) -> None:
    assert wrong_address(address) == ""
