"""From the engine to whoever is told: real commands, real conditions, an engine that is stuck."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from fix_oms.model.errors import SettingsError
from fix_oms.model.outputs import Alert
from fix_oms.model.views import AlertView
from fix_oms.server.alerting import Alerting, alerting
from fix_oms.server.config_file import LoadedConfig, load
from fix_oms.server.process import run
from tests.server.test_carriers import script
from tests.server.test_sinks import until

CONFIG = """
[engine]
journal = "journal"
[sessions.ALPHA]
version = "FIX.4.4"
sender_comp_id = "US"
target_comp_id = "ALPHA"
port = 20001
password_env = "ALPHA_PASSWORD"
[venues.ALPHA]
session = "ALPHA"
[instruments.AAPL]
venues = ["ALPHA"]
[accounts.DESK]
[alerts]
"""
HALT = AlertView(code="halt", severity="warning", text="everything is halted", subject="all")


def config(directory: Path, *alerts: str) -> LoadedConfig:
    path = directory / "oms.toml"
    path.write_text(CONFIG + "\n".join(alerts) + "\n")
    return load(path)


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Callable[..., Alerting]]:
    """Makes what a configuration asks for, with a command that writes what it is told."""
    script(tmp_path, f"cat >> {tmp_path}/told.jsonl")
    made: list[Alerting] = []

    def make(*alerts: str) -> Alerting:
        loaded = config(tmp_path, 'command = ["./told.sh"]', *alerts)
        made.append(alerting(loaded, time.time_ns))
        return made[0]

    yield make
    for one in made:
        one.stop(5.0)


def read(directory: Path) -> list[dict[str, Any]]:
    path = directory / "told.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def codes(directory: Path) -> list[tuple[str, str]]:
    return [(one["kind"], one["code"]) for one in read(directory)]


def test_a_condition_of_the_engine_reaches_the_command_and_so_does_its_end(
    told: Callable[..., Alerting], tmp_path: Path
) -> None:
    found = told()
    found.start()
    found.looked([HALT])
    until(lambda: codes(tmp_path) == [("opened", "halt")])
    found.looked([])
    until(lambda: codes(tmp_path)[1:] == [("cleared", "halt")])


def test_what_is_open_is_listed(told: Callable[..., Alerting]) -> None:
    found = told()
    found.start([lambda: [HALT]])
    until(found.open_now)
    assert [(a.code, a.since_ns > 0) for a in found.open_now()] == [("halt", True)]


def test_an_event_reaches_the_command(told: Callable[..., Alerting], tmp_path: Path) -> None:
    found = told()
    found.start()
    found.put(Alert(severity="severe", code="fault", text="a defect"))
    until(lambda: codes(tmp_path) == [("happened", "fault")])


def test_what_is_less_than_asked_for_is_only_logged(
    told: Callable[..., Alerting], tmp_path: Path
) -> None:
    found = told('min_severity = "severe"')
    with capture_logs() as logged:
        found.start()
        found.looked([HALT])
        until(found.open_now)
        found.stop(5.0)
    assert [(e["log_level"], e["code"], e["alert"]) for e in logged] == [
        ("warning", "halt", "opened")
    ]
    assert read(tmp_path) == []


def test_an_alert_is_logged_with_its_severity_and_what_it_is_about(
    told: Callable[..., Alerting],
) -> None:
    found = told()
    with capture_logs() as logged:
        found.start()
        found.put(Alert(severity="severe", code="fault", text="x", session="ALPHA", order="1-1"))
        found.stop(5.0)
    assert logged == [
        {
            "event": "x",
            "log_level": "error",
            "code": "fault",
            "session": "ALPHA",
            "order": "1-1",
        }
    ]


def test_an_engine_that_is_not_heard_of_is_stuck(
    told: Callable[..., Alerting], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fix_oms.server.alerting.STUCK_S", 0.2)
    found = told()
    found.start()
    until(lambda: [a.code for a in found.open_now()] == ["engine_stuck"])


def test_a_command_that_fails_is_a_condition_and_is_not_told_of_itself(
    told: Callable[..., Alerting], tmp_path: Path
) -> None:
    found = told()
    works = (tmp_path / "told.sh").read_text()
    script(tmp_path, "exit 4")
    found.start()
    found.looked([HALT])
    until(lambda: "alert_sink" in {a.code for a in found.open_now()})
    (tmp_path / "told.sh").write_text(works)
    until(lambda: ("cleared", "alert_sink") in codes(tmp_path))
    assert ("opened", "alert_sink") not in codes(tmp_path)


def test_a_look_that_fails_keeps_nothing_else_from_being_told(
    told: Callable[..., Alerting], tmp_path: Path
) -> None:
    def fails() -> list[AlertView]:
        raise ValueError("a defect")

    found = told()
    found.start([fails, lambda: [HALT]])
    until(lambda: codes(tmp_path) == [("opened", "halt")])


def test_what_happens_while_the_process_goes_down_is_told_before_it_is_gone(
    told: Callable[..., Alerting], tmp_path: Path
) -> None:
    found = told()
    found.start()
    found.closing()
    found.put(Alert(severity="severe", code="journal", text="the disk is full"))
    found.looked([HALT])
    found.stop(10.0)
    assert codes(tmp_path) == [("happened", "journal")]


# -- the configuration -----------------------------------------------------------------------------


def test_a_program_that_is_not_there_is_found_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"alerts\.command: there is no program .*/none\.sh"):
        config(tmp_path, 'command = ["./none.sh"]')


def test_an_address_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK", "https://x.example/s3cret")
    loaded = config(tmp_path, 'webhook_env = "HOOK"')
    assert loaded.webhook() == ("https://x.example/s3cret", None)


@pytest.mark.parametrize(("value", "said"), [(None, "is not set"), ("s3cret", "is no address")])
def test_an_address_that_cannot_be_had_is_told_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str | None, said: str
) -> None:
    monkeypatch.delenv("HOOK", raising=False)
    if value is not None:
        monkeypatch.setenv("HOOK", value)
    with pytest.raises(SettingsError) as found:
        run(config(tmp_path, 'webhook_env = "HOOK"'))
    assert f"alerts.webhook_env: the environment variable HOOK {said}" in str(found.value)
    assert "s3cret" not in str(found.value)


def test_who_takes_a_hung_engines_place_goes_on_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOOK", raising=False)
    found = alerting(config(tmp_path, 'webhook_env = "HOOK"'), time.time_ns)
    assert [(a.code, a.subject) for a in found.conditions.now()] == [("alert_sink", "webhook")]


def test_secrets_are_named_so_that_no_program_gets_them(tmp_path: Path) -> None:
    loaded = config(tmp_path, 'webhook_env = "HOOK"', 'webhook_token_env = "TOKEN"')
    assert loaded.secret_variables() == {"HOOK", "TOKEN", "ALPHA_PASSWORD"}
