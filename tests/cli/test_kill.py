"""``kill``: what it waits for, what is not confirmed, and an engine that does not answer."""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path
from typing import Any

import attrs
import msgspec
import pytest

from fix_oms.model.outputs import Refused
from fix_oms.model.views import HaltView
from tests.cli.conftest import Shell

DEMO = Path(__file__).parents[2] / "config/demo.toml"


def kills_leave(shell: Shell, monkeypatch: pytest.MonkeyPatch, *unconfirmed: str) -> None:
    """Whatever is killed, so much of it is not confirmed."""

    def halts() -> list[HaltView]:
        return [msgspec.structs.replace(h, unconfirmed=unconfirmed) for h in shell.engine.halts]

    monkeypatch.setattr(shell.engine, "halt_views", halts)


def test_a_kill_with_nothing_left_says_so_and_ends_with_0(shell: Shell) -> None:
    done = shell.run("kill", "--reason", "odd")
    assert (done.exit_code, done.output.splitlines()[-1]) == (
        0,
        "all out: the broker has confirmed each order",
    )


def test_a_kill_waits_until_each_order_is_confirmed(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[tuple[str, ...]] = [("7-1: asked", "7-2: asked"), ("7-2: asked",), ()]

    def halts() -> list[HaltView]:
        return [msgspec.structs.replace(h, unconfirmed=looks.pop(0)) for h in shell.engine.halts]

    monkeypatch.setattr(shell.engine, "halt_views", halts)
    done = shell.run("kill", "--reason", "odd")
    assert (done.exit_code, looks) == (0, [])
    assert "kill of everything: 2 orders not confirmed out\n  7-1: asked\n  7-2: asked" in (
        done.stdout
    )


def test_a_kill_that_is_not_confirmed_in_time_lists_every_order_and_ends_with_4(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    kills_leave(shell, monkeypatch, *(f"7-{n}: the session is down" for n in range(30)))
    done = shell.run("kill", "--reason", "odd", "--wait", "0", "--venue", "ALPHA")
    lines = done.stderr.splitlines()
    assert (done.exit_code, len(lines)) == (4, 33)
    assert lines[:3] == [
        "after 0 s:",
        "kill of venue ALPHA: 30 orders not confirmed out",
        "  7-0: the session is down",
    ]


def test_a_kill_as_json_is_one_object_with_what_is_not_confirmed(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    kills_leave(shell, monkeypatch, "7-1: asked")
    done = shell.run("kill", "--reason", "odd", "--wait", "0", "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["accepted"], found["kill"]["unconfirmed"]) == (
        4,
        True,
        ["7-1: asked"],
    )


def test_a_kill_looks_only_at_its_own_scope(shell: Shell) -> None:
    shell.engine.halts.append(
        HaltView(
            by="ann",
            reason="r",
            venue=None,
            symbol="AAPL",
            account=None,
            kill=True,
            unconfirmed=("7-9: asked",),
        )
    )
    assert shell.run("kill", "--reason", "odd", "--venue", "ALPHA", "--wait", "0").exit_code == 0


def test_a_kill_that_was_lifted_meanwhile_ends_with_1(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shell.engine, "halt_views", list)
    done = shell.run("kill", "--reason", "odd")
    assert (done.exit_code, "somebody has lifted it meanwhile" in done.stderr) == (1, True)


def test_a_kill_that_is_refused_ends_with_1(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = Refused(control="scope", text="no venue is named 'X'")
    monkeypatch.setattr(shell.engine, "submit", lambda value: [refusal])
    done = shell.run("kill", "--reason", "odd", "--venue", "X")
    assert (done.exit_code, done.stderr) == (1, "refused: no venue is named 'X' [scope]\n")


def test_an_engine_that_goes_away_after_the_kill_is_a_doubt(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks() -> list[HaltView]:
        raise KeyError("a defect")

    monkeypatch.setattr(shell.engine, "halt_views", breaks)
    done = shell.run("kill", "--reason", "odd")
    assert done.exit_code == 4
    assert "the kill was taken, but not seen confirmed" in done.stderr


def test_sessions_show_a_kill_with_its_unconfirmed_orders(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    kills_leave(shell, monkeypatch, *(f"7-{n}: in doubt" for n in range(12)))
    shell.engine.halts.append(
        HaltView(by="ann", reason="r", venue=None, symbol=None, account=None, kill=True)
    )
    lines = shell.run("sessions").output.splitlines()
    assert lines[-12:-10] == ["kill of everything: 12 orders not confirmed out", "  7-0: in doubt"]
    assert lines[-1] == "  ... and 2 more"


# -- an engine that does not answer ----------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Done:
    """What ``kill_hung`` says of itself, as its own answer does."""

    ended: int = 4711
    run: int = 8
    unconfirmed: tuple[str, ...] = ()


@pytest.fixture
def asked_for(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the command asks of ``fix_oms.server.hung``, which brings QuickFIX and is not run."""
    shell.config.write_text(DEMO.read_text())
    found: list[dict[str, Any]] = []

    def kill_hung(loaded: Any, **how: Any) -> Done:
        how.pop("tell")("session ALPHA is ready")
        found.append(how)
        return Done(unconfirmed=("7-1: in doubt",) if how["timeout_s"] == 0 else ())

    hung = types.ModuleType("fix_oms.server.hung")
    hung.kill_hung = kill_hung  # type: ignore[attr-defined]  # a module made for this test
    monkeypatch.setitem(sys.modules, "fix_oms.server.hung", hung)
    monkeypatch.setattr("fix_oms.server.hung", hung, raising=False)
    monkeypatch.setattr("fix_oms.server.holder.writer", lambda journal: 4711)
    monkeypatch.setattr("structlog.configure", lambda **how: None)
    return found


def test_a_hung_engine_is_killed_for_the_scope_and_reason_that_were_given(
    shell: Shell, asked_for: list[dict[str, Any]]
) -> None:
    done = shell.run(
        "kill", "--hung", "--yes", "--reason", "odd", "--venue", "ALPHA", "--by", "Ann"
    )
    nowhere = {"account": None, "strategy": None, "symbol": None}
    assert done.exit_code == 0
    assert asked_for == [
        {
            "by": "Ann",
            "reason": "odd",
            "scope": {**nowhere, "venue": "ALPHA"},
            "timeout_s": 60.0,
            "force": False,
        }
    ]


def test_what_is_done_about_a_hung_engine_is_told_as_it_is_done(
    shell: Shell, asked_for: list[dict[str, Any]]
) -> None:
    done = shell.run("kill", "--hung", "--yes", "--reason", "odd")
    assert done.stdout.splitlines()[0] == "session ALPHA is ready"


def test_the_process_that_is_killed_is_named_before_and_the_word_has_to_be_typed(
    shell: Shell, asked_for: list[dict[str, Any]]
) -> None:
    done = shell.run("kill", "--hung", "--reason", "odd", typed="kill\n")
    assert (done.exit_code, len(asked_for)) == (0, 1)
    assert "process 4711, which writes" in done.stderr


@pytest.mark.parametrize("typed", ["", "\n", "y\n", "yes\n"])
def test_anything_else_that_is_typed_kills_nothing(
    shell: Shell, asked_for: list[dict[str, Any]], typed: str
) -> None:
    done = shell.run("kill", "--hung", "--reason", "odd", typed=typed)
    assert (done.exit_code, asked_for) == (2, [])
    assert "that was not typed: nothing was done" in done.stderr


def test_orders_that_stay_unconfirmed_after_a_hung_engine_end_with_4(
    shell: Shell, asked_for: list[dict[str, Any]]
) -> None:
    done = shell.run("kill", "--hung", "--yes", "--reason", "odd", "--wait", "0")
    assert (done.exit_code, "  7-1: in doubt" in done.stderr) == (4, True)


def test_what_came_of_a_hung_engine_as_json_is_one_object(
    shell: Shell, asked_for: list[dict[str, Any]]
) -> None:
    done = shell.run("kill", "--hung", "--yes", "--force", "--reason", "odd", "--json")
    assert json.loads(done.stdout) == {"ended": 4711, "run": 8, "unconfirmed": []}
    assert asked_for[0]["force"] is True
