"""Totality: every command is listed, has help with an example, and its summary is its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from fix_oms.cli.exits import MEANINGS, Exit
from fix_oms.cli.main import COMMANDS, main
from tests.cli.conftest import Shell


def command_of(name: str) -> click.Command:
    found = main.get_command(click.Context(main), name)
    assert found is not None
    return found


def help_of(*words: str) -> str:
    done = CliRunner().invoke(main, [*words, "--help"], prog_name="fix-oms")
    assert done.exit_code == 0
    return done.output


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_help_with_an_example(name: str) -> None:
    assert f"  fix-oms {name}" in help_of(name).split("Options:")[0].split("\n\n", 1)[1]


@pytest.mark.parametrize("name", list(COMMANDS))
def test_the_summary_in_the_list_is_the_commands_own(name: str) -> None:
    assert COMMANDS[name].summary == command_of(name).get_short_help_str(limit=200)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_option_of_every_command_says_what_it_does(name: str) -> None:
    options = [p for p in command_of(name).params if isinstance(p, click.Option)]
    assert [option.name for option in options if not option.help] == []


RISK_DESK = [
    f"{group} {name}"
    for group in ("limits", "positions", "balance")
    for name in getattr(command_of(group), "commands", {})
]


@pytest.mark.parametrize("words", RISK_DESK)
def test_every_command_of_the_risk_desk_has_help_with_an_example(words: str) -> None:
    assert f"  fix-oms {words}" in help_of(*words.split()).split("Options:")[0].split("\n\n", 1)[1]


@pytest.mark.parametrize("words", RISK_DESK)
def test_every_option_of_the_risk_desk_says_what_it_does(words: str) -> None:
    group, name = words.split()
    commands: dict[str, click.Command] = getattr(command_of(group), "commands", {})
    options = [p for p in commands[name].params if isinstance(p, click.Option)]
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_is_named_as_it_is_listed(name: str) -> None:
    assert command_of(name).name == name


def test_the_help_lists_every_command() -> None:
    lines = help_of().splitlines()
    assert [
        n for n in list(COMMANDS) if not any(line.startswith(f"  {n} ") for line in lines)
    ] == []


def test_the_help_states_every_exit_code() -> None:
    text = help_of()
    assert [code for code, words in MEANINGS.items() if f"{code.value}  {words}" not in text] == []
    assert set(MEANINGS) == set(Exit)


def test_the_help_imports_no_command() -> None:
    program = (
        "import sys; from click.testing import CliRunner; from fix_oms.cli.main import main\n"
        "CliRunner().invoke(main, ['--help'])\n"
        "print(*(m for m in sys.modules if m.startswith(('fix_oms.cli.run', 'fix_oms.server',"
        " 'rich', 'cattrs', 'quickfix', 'fix_oms.cli.order'))))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def test_without_any_configuration_the_ways_to_give_one_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FIX_OMS_CONFIG", raising=False)
    done = CliRunner().invoke(main, ["orders"])
    assert (done.exit_code, "give -c FILE or set FIX_OMS_CONFIG" in done.stderr) == (2, True)


def test_the_configuration_may_come_from_the_environment(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = CliRunner(env={"FIX_OMS_CONFIG": str(shell.config)}).invoke(main, ["orders"])
    assert (done.exit_code, done.output) == (0, "no orders\n")


def test_the_demo_configuration_is_the_default_where_it_is_there(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = shell.config.parent
    (here / "config").mkdir()
    (here / "config/demo.toml").write_text('[engine]\nsocket = "../fix-oms.sock"\n')
    monkeypatch.chdir(here)
    monkeypatch.delenv("FIX_OMS_CONFIG", raising=False)
    assert CliRunner().invoke(main, ["orders"]).output == "no orders\n"


# -- completion ------------------------------------------------------------------------------------


def completed(shell: Shell, *words: str) -> list[str]:
    """What pressing Tab at the end of these words offers, asked as bash asks it."""
    line = ["fix-oms", "-c", str(shell.config), *words]
    env = {
        "COMP_WORDS": " ".join(line),
        "COMP_CWORD": str(len(line) - 1),
        "_FIX_OMS_COMPLETE": "bash_complete",
    }
    done = CliRunner(env=env).invoke(
        main, [], prog_name="fix-oms", complete_var="_FIX_OMS_COMPLETE"
    )
    return [line.partition(",")[2] for line in done.output.split()]


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_the_completion_script_is_for_this_program(name: str) -> None:
    done = CliRunner().invoke(main, ["completion", name])
    assert done.exit_code == 0
    assert f"_FIX_OMS_COMPLETE={name}_complete" in done.output


def test_commands_are_completed(shell: Shell) -> None:
    assert completed(shell, "sess") == ["sessions", "session"]


def test_open_orders_are_completed_from_the_engine(shell: Shell) -> None:
    shell.run("buy", "1", "AAPL", "@", "5")
    shell.run("buy", "1", "FILL", "@", "5")
    assert completed(shell, "cancel", "7") == ["7-1"]


def test_sessions_are_completed_from_the_configuration(nobody: Shell) -> None:
    assert completed(nobody, "session", "A") == ["ALPHA"]


def test_venues_and_times_in_force_are_completed(nobody: Shell) -> None:
    found = (
        completed(nobody, "buy", "1", "X", "--venue", ""),
        completed(nobody, "buy", "--tif", "i"),
    )
    assert found == (["ALPHA"], ["ioc"])


def test_without_an_engine_no_order_is_offered_and_nothing_is_printed(nobody: Shell) -> None:
    assert completed(nobody, "cancel", "7") == []


def test_without_a_configuration_nothing_is_offered(nobody: Shell) -> None:
    nobody.config.unlink()
    assert completed(nobody, "session", "A") == []
