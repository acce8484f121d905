"""``algo``: what is sent for what was typed, and how algos are shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from fix_oms.algos.kinds import BUILT_IN, KINDS, made, parameters
from fix_oms.cli.algo_tables import act_words
from fix_oms.cli.main import main
from fix_oms.client.client import Client
from fix_oms.model import inputs
from fix_oms.model.algos import Acts, AnyAct, Cancel, Change, Done, Hold, Place, Tell, Wake
from fix_oms.model.talk_algos import AlgoFound, AlgoView
from fix_oms.model.units import SCALE
from tests.algos.kept_desk import KeptDesk
from tests.cli.conftest import Shell
from tests.journal.test_rehearsal import written


def view(ref: str = "p-1", **changes: Any) -> AlgoView:
    shown = AlgoView(
        ref=ref,
        kind="peg",
        by="ann",
        account="DESK",
        strategy="",
        state="running",
        why="",
        params={"qty": "500", "symbol": "AAPL", "side": "buy", "to": "queue_2"},
        progress={"executed": "120", "left": "380", "at": "150.4"},
        schedule=({"slice": "1", "begins": "10:00", "filled": "100"},),
        orders={"p1": "R-1"},
        working=("p1",),
        number=7,
        created_ns=1_763_718_000_000_000_000,
        updated_ns=1_763_718_000_000_000_000,
    )
    return msgspec.structs.replace(shown, **changes)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        (
            "new peg p-1 symbol=AAPL qty=500 price=150.4 --account DESK --strategy S",
            inputs.NewAlgo(
                by="ann",
                ref="p-1",
                kind="peg",
                params={"symbol": "AAPL", "qty": "500", "price": "150.4"},
                account="DESK",
                strategy="S",
            ),
        ),
        (
            'new hedge h-1 legs=[{"venue":"ALPHA"}]',
            inputs.NewAlgo(
                by="ann", ref="h-1", kind="hedge", params={"legs": [{"venue": "ALPHA"}]}
            ),
        ),
        ("pause p-1 --reason lunch", inputs.PauseAlgo(by="ann", ref="p-1", reason="lunch")),
        ("resume p-1", inputs.ResumeAlgo(by="ann", ref="p-1")),
        ("stop p-1", inputs.StopAlgo(by="ann", ref="p-1")),
        ("amend p-1 qty=800", inputs.AmendAlgo(by="ann", ref="p-1", params={"qty": "800"})),
        ("tell h-1 flush", inputs.TellAlgo(by="ann", ref="h-1", word="flush")),
    ],
)
def test_what_is_typed_is_sent(shell: Shell, typed: str, sent: inputs.Command) -> None:
    result = shell.run("algo", *typed.split(), "--by", "ann")
    assert shell.taken == [sent], result.output


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("new peg p-1 qty", "'qty': write a parameter as KEY=VALUE"),
        ("new peg p-1 qty=1 qty=2", "qty: is given twice"),
        ("new peg p-1 legs=[1", "legs: '[1' is no JSON"),
        ("amend p-1", "nothing to amend: write KEY=VALUE"),
    ],
)
def test_what_cannot_be_meant_is_not_sent(shell: Shell, typed: str, said: str) -> None:
    result = shell.run("algo", *typed.split())
    assert (result.exit_code, shell.taken, said in result.output) == (2, [], True), result.output


def test_they_are_listed_with_why_one_does_not_run(shell: Shell) -> None:
    held = view("b-1", kind="bracket", state="held", why="10 acts running were refused")
    shell.engine.algos.held.update({"p-1": view(), "b-1": held})
    lines = shell.run("algo", "list", columns=100).output.splitlines()
    assert lines[0].split() == ["Algo", "Kind", "State", "What", "Progress", "Working", "Acts"]
    assert lines[2].split() == [
        *("p-1", "peg", "running", "buy", "500", "AAPL"),
        *("executed", "120,", "left", "380,", "at", "150.4", "1", "7"),
    ]
    assert lines[-1] == "b-1: 10 acts running were refused"


def test_none_are_said_to_be_none(shell: Shell) -> None:
    assert shell.run("algo", "list").output == "no algos\n"
    assert shell.run("algo", "list", "--open").output == "no running algos\n"


def test_one_is_shown_with_its_schedule_and_what_it_did(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(name="p1", symbol="AAPL", side="1", qty=500 * SCALE, price=15040000000)
    acts = Acts(algo="p-1", number=7, cause="a book changed: AAPL", acts=(place,), mind=b"")
    found = AlgoFound(algo=view(), acts=(acts,))
    monkeypatch.setattr(shell.engine.algos, "algo", lambda ref: found)
    output = shell.run("algo", "show", "p-1", columns=120).output
    for said in ("queue_2", "Slice", "10:00", "a book changed: AAPL", "place p1: Buy 500 AAPL"):
        assert said in output
    shown = json.loads(shell.run("algo", "show", "p-1", "--json").output)
    assert shown["acts"] == [
        {
            "number": 7,
            "cause": "a book changed: AAPL",
            "acts": ["place p1: Buy 500 AAPL @ 150.4"],
        }
    ]


def test_one_that_is_not_there_is_said(shell: Shell) -> None:
    result = shell.run("algo", "show", "nobody")
    assert (result.exit_code, "no algo is known as 'nobody'" in result.output) == (1, True)


@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_is_longer_than_the_screen(shell: Shell, columns: int) -> None:
    shell.engine.algos.held["p-1"] = view(why="a very long reason " * 20)
    for words in (["list"], ["show", "p-1"]):
        lines = shell.run("algo", *words, columns=columns).output.splitlines()
        assert max(len(line) for line in lines) <= columns


ACTS: list[tuple[AnyAct, str]] = [
    (
        Place(name="a", symbol="X", side="2", qty=SCALE, time_in_force="3", venue="V"),
        "place a: Sell 1 X at the market IOC at V",
    ),
    (
        Place(name="a", symbol="X", side="1", qty=SCALE, price=SCALE, policy="sweep"),
        "place a: Buy 1 X @ 1 by sweep",
    ),
    (Change(name="a", qty=SCALE, price=2 * SCALE), "change a to 1 @ 2"),
    (Cancel(name="a"), "cancel a"),
    (Wake(at_ns=0), "never mind the time"),
    (Tell(severity="info", text="t"), "tell (info): t"),
    (Hold(why="w"), "hold: w"),
    (Done(why="w"), "done: w"),
]


@pytest.mark.parametrize(("act", "said"), ACTS)
def test_acts_in_words(act: AnyAct, said: str) -> None:
    assert act_words(act) == said


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Where there is no configuration at all."""
    monkeypatch.chdir(tmp_path)
    return CliRunner(env={"FIX_OMS_CONFIG": ""})


@pytest.mark.parametrize("kind", sorted(BUILT_IN))
def test_every_kind_is_explained_with_its_parameters(alone: CliRunner, kind: str) -> None:
    rows = json.loads(alone.invoke(main, ["algo", "kinds", kind, "--json"]).output)[kind]
    assert [row["name"] for row in rows] == list(parameters(KINDS[kind]))
    assert all(row["name"] in alone.invoke(main, ["algo", "kinds", kind]).output for row in rows)


def test_a_kind_that_is_not_there_is_said(alone: CliRunner) -> None:
    result = alone.invoke(main, ["algo", "kinds", "nothing"])
    assert (result.exit_code, "no algo kind 'nothing' (there are bracket, " in result.output) == (
        2,
        True,
    )


def test_kinds_of_the_configuration_are_listed_too() -> None:
    config = "config/examples/market-maker.toml"
    output = CliRunner(env={"COLUMNS": "100"}).invoke(main, ["-c", config, "algo", "kinds"]).output
    assert ("most_held" in output, "trail_bps" in output) == (True, True)


def test_text_is_read_as_the_parameter_asks_for_it() -> None:
    typed = {"symbol": "AAPL", "side": "buy", "qty": "5", "offset_ticks": "-2", "across": "true"}
    peg: Any = made(KINDS["peg"], typed)
    assert (peg.qty, peg.offset_ticks, peg.across) == (5 * SCALE, -2, True)


def test_a_replay_shows_what_an_algo_would_have_done(nobody: Shell, tmp_path: Path) -> None:
    desk = KeptDesk()
    desk.market("9.97", "10.03")
    journal = written(tmp_path / "j", desk)
    code = "fix_oms.algos.peg:Peg"
    words = ["algo", "replay", str(journal), "--code", code, "symbol=AAPL", "side=buy", "qty=5"]
    found = json.loads(nobody.run(*words, "--json").output)
    assert found["acts"][0]["acts"] == ["place p1: Buy 5 AAPL @ 9.99"]
    assert "What it would have done" in nobody.run(*words).output


def test_the_client_lists_them_too(shell: Shell) -> None:
    shell.engine.algos.held["p-1"] = view()
    with Client(shell.config.parent / "fix-oms.sock") as client:
        assert [algo.ref for algo in client.algos()] == ["p-1"]


def test_the_story_of_one_is_what_was_asked_and_what_it_did(nobody: Shell, tmp_path: Path) -> None:
    desk = KeptDesk()
    desk.begin("bracket", qty="100", tp="11", sl="9")
    desk.fills("p1", 100)
    desk.do(inputs.StopAlgo(by="ann", ref="A1", reason="enough"))
    journal = written(tmp_path / "j", desk)
    words = ["explain", "A1", "--journal", str(journal)]
    told = nobody.run(*words, "--all", columns=120).output.splitlines()
    assert [line[14:] for line in told if line[:1].isdigit() and "(UTC)" not in line] == [
        "ann starts it: symbol=AAPL side=buy qty=100 price=10 venue=ALPHA tp=11 sl=9",
        "it was started",
        "its order executed: p1",
        "ann stops it (enough)",
        "it is to end",
    ]
    assert told[-1] == "Now: ended: stopped by ann: enough"
    shown = json.loads(nobody.run(*words, "--json").output)
    assert shown["steps"][1]["words"][1:] == ["place p1: Buy 100 AAPL @ 10 at ALPHA"]
