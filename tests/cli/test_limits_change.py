"""Changes of limits: what each says that it changes, and the files that state all of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fix_oms.cli import limits_file
from fix_oms.model.errors import SettingsError
from fix_oms.model.limits import Limit
from fix_oms.model.outputs import Accepted, Alert, Refused
from fix_oms.model.settings_text import structure
from tests.cli.conftest import Shell
from tests.cli.limits_in_force import CONFIG, complete

pytestmark = pytest.mark.usefixtures("limits_in_force")


def test_a_change_says_what_it_was_and_what_it_is(shell: Shell) -> None:
    done = shell.run("limits", "set", "max_order_qty", "5000", "--reason", "r")
    assert done.output == "~ max_order_qty: limit 10000 -> 5000\nin force now\n"


def test_check_shows_the_difference_and_does_nothing(shell: Shell) -> None:
    complete(shell)
    done = shell.run("limits", "set", "max_order_qty", "5000", "--check")
    assert (done.exit_code, shell.taken) == (0, [])
    assert done.output == "~ max_order_qty: limit 10000 -> 5000\nnothing was changed\n"


def test_check_names_what_the_configuration_does_not_define(shell: Shell, file: Path) -> None:
    complete(shell)
    file.write_text(FILE.replace('"pairs"', '"paris"'))
    done = shell.run("limits", "set", "--file", str(file), "--check")
    assert (done.exit_code, shell.taken) == (2, [])
    expected = f"{file}: limits[1].strategy: no strategy named 'paris' is defined"
    assert expected in done.stderr


def test_check_of_one_limit_names_what_the_configuration_does_not_define(shell: Shell) -> None:
    complete(shell)
    done = shell.run("limits", "add", "restricted", "--account", "X", "--check")
    assert (done.exit_code, shell.taken) == (2, [])
    assert "limits[0].account: no account named 'X' is defined" in done.stderr


def test_what_is_in_force_already_is_not_asked_for_again(shell: Shell) -> None:
    done = shell.run("limits", "set", "max_order_qty", "10000", "--reason", "r")
    assert (done.exit_code, shell.taken) == (0, [])
    assert done.output == "no difference: nothing was changed\n"


def test_a_change_as_json_lists_the_differences(shell: Shell) -> None:
    done = shell.run("limits", "remove", "ticket", "--reason", "r", "--json")
    assert json.loads(done.output) == {
        "accepted": True,
        "changes": [
            {
                "what": "removed",
                "name": "ticket",
                "text": "20000 money, strategy pairs, soft",
            }
        ],
    }


def test_a_change_that_the_engine_refuses_ends_with_1(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = Refused(control="limits", text="no such account")
    monkeypatch.setattr(shell.engine, "submit", lambda value: [refusal])
    done = shell.run("limits", "set", "max_order_qty", "1", "--reason", "r")
    assert (done.exit_code, done.stdout) == (1, "")


def test_a_refusal_of_a_file_names_the_file(
    shell: Shell, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = Refused(control="limits", text="limits[1].strategy: no strategy named 'pairs'")
    monkeypatch.setattr(shell.engine, "submit", lambda value: [refusal])
    done = shell.run("limits", "set", "--file", str(file), "--reason", "r")
    assert done.stderr == f"{file}: refused: {refusal.text} [limits]\n"


def test_what_the_differences_tell_is_not_told_again_as_an_alert(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "max_order_qty from 10000 shares to 5000 shares"
    alerts = [
        Alert(severity="warning", code="limits", text=f"limits changed by ann (r): {said}"),
        Alert(severity="severe", code="breach", text="the position is beyond its limit"),
    ]
    monkeypatch.setattr(shell.engine, "submit", lambda value: [*alerts, Accepted(text=said)])
    done = shell.run("limits", "set", "max_order_qty", "5000", "--reason", "r")
    assert done.stderr == "severe: the position is beyond its limit [breach]\n"


def test_an_alert_that_only_adds_name_and_reason_to_the_answer_is_not_told(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "ticket lets the next order pass for 300 s"
    alert = Alert(severity="warning", code="override", text=f"{said}: by ann, r")
    monkeypatch.setattr(shell.engine, "submit", lambda value: [alert, Accepted(text=said)])
    done = shell.run("limits", "override", "ticket", "--reason", "r")
    assert (done.stdout, done.stderr) == (f"{said}\n", "")


# -- a file of limits ------------------------------------------------------------------------------

FILE = """
[[limits]]
control = "max_order_qty"
limit = 10000

[[limits]]
id = "ticket"
control = "max_order_value"
limit = "15000"
strategy = "pairs"
note = "ask Kim"

[[limits]]
control = "restricted"
symbol = "MSFT"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "limits.toml"
    path.write_text(FILE)
    return path


def test_a_file_is_put_in_force_as_a_whole(shell: Shell, file: Path) -> None:
    shell.run("limits", "set", "--file", str(file), "--reason", "r")
    (command,) = shell.taken
    names = [structure(Limit, plain, "put").name for plain in command.put]
    assert (command.whole, names) == (True, ["max_order_qty", "ticket", "restricted:symbol=MSFT"])


def test_check_of_a_file_shows_every_difference(shell: Shell, file: Path) -> None:
    complete(shell)
    done = shell.run("limits", "set", "--file", str(file), "--check")
    assert (done.exit_code, shell.taken) == (0, [])
    assert done.output.splitlines() == [
        "~ ticket: limit 20000 -> 15000",
        "~ ticket: soft true -> false",
        "~ ticket: note ask Ann -> ask Kim",
        "- message_rate: 500 messages in 2 s",
        "- flip_flop: 3 round trips in 60 s",
        "+ restricted:symbol=MSFT: symbol MSFT",
        "nothing was changed",
    ]


BAD_FILES: list[tuple[str, list[str]]] = [
    ("limits = 5", ["limits: must be a list"]),
    ("limits = []", ["limits: are none: limits in force are removed by name"]),
    ("", ["limits: is missing: write [[limits]] before each"]),
    ("[[limit]]", ["limit: unknown key; did you mean 'limits'?", "limits: is missing"]),
    (FILE + "[engine]\n", ["engine: unknown key"]),
    ("x = ", ["is not TOML"]),
    (FILE.replace('"15000"', "1.5"), ["limits[1].limit: 1.5 has lost its exact value"]),
    (FILE.replace("note", "nte"), ["limits[1].nte: unknown key; did you mean 'note'?"]),
    (
        FILE.replace("10000", "0").replace('"restricted"', '"restrict"'),
        ["limits[0].limit: must be greater than 0", "limits[2].control: 'restrict' is none of"],
    ),
    (
        FILE.replace('id = "ticket"', 'id = "max_order_qty"'),
        ["limits[1]: is called 'max_order_qty' like limits[0]: give one an id"],
    ),
]


@pytest.mark.parametrize(("text", "reasons"), BAD_FILES)
def test_a_bad_file_is_named_by_key_and_nothing_is_done(
    shell: Shell, file: Path, text: str, reasons: list[str]
) -> None:
    file.write_text(text)
    done = shell.run("limits", "set", "--file", str(file), "--reason", "r")
    assert (done.exit_code, shell.taken) == (2, [])
    assert [reason for reason in reasons if f"{file}: {reason}" not in done.stderr] == []


def test_each_error_of_a_file_is_told_once(file: Path) -> None:
    file.write_text(FILE.replace("10000", "0").replace("note", "nte"))
    with pytest.raises(SettingsError) as raised:
        limits_file.read_limits(file)
    assert len(str(raised.value).splitlines()) == 2


def test_the_delivered_file_of_limits_is_good() -> None:
    assert len(limits_file.read_limits(CONFIG / "limits.toml")) > 10
