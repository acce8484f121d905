"""``fix-oms venue`` as it is typed: against a running process, and against nothing."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fix_oms.cli.exits import BadInput
from fix_oms.cli.main import main
from fix_oms.cli.venue_acts import FORMS, made
from fix_oms.cli.venue_play import client
from fix_oms.model.counterparty import Session
from fix_oms.model.fix import FixVersion
from fix_oms.model.inputs import SessionDown, SessionReady
from fix_oms.wire import Codec
from tests.sessions.peers import Recorder, free_port, initiators
from tests.simulator.world import cancel, new

ROOT = Path(__file__).parents[2]
FILE = """
[venues.ALPHA]
version = "FIX.4.4"
port = {port}
comp_id = "ALPHA"
clients = ["FIXOMS"]
[venues.ALPHA.listings.AAPL]
bids = [{{ price = "149.95", size = 300 }}]
asks = [{{ price = "150.05", size = 300 }}]
"""
SPEC = str(ROOT / "spec" / "order_state_matrices.yaml")
RUN = "from fix_oms.cli.main import main; main()"


def venue(*words: str) -> Result:
    return CliRunner().invoke(main, ["venue", *words])


def started(path: Path) -> subprocess.Popen[str]:
    """The venue of a file in a process of its own, started as a user would, and listening."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, "venue", str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert re.match(r"ALPHA: FIX\.4\.4 listens on 127\.0\.0\.1:\d+", process.stdout.readline())
    return process


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("cli") / "venues.toml"
    path.write_text(FILE.format(port=free_port()))
    process = started(path)
    yield str(path)
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=60)
    assert (process.returncode, rest) == (0, "stopping\nstopped\n")


def test_the_book_is_shown_for_people_and_for_programs(running: str) -> None:
    shown = venue("book", running, "ALPHA", "AAPL").output
    found: list[dict[str, Any]] = json.loads(venue("book", running, "ALPHA", "--json").output)
    assert "149.95" in shown
    assert found[0]["asks"] == [{"price": "150.05", "size": "300"}]


def test_a_behaviour_is_changed_and_shown(running: str) -> None:
    assert venue("set", running, "ALPHA", "ack_delay_ms=250", "busy=on").exit_code == 0
    state: dict[str, Any] = json.loads(venue("show", running, "ALPHA", "--json").output)
    assert (state["behaviour"]["ack_delay_ms"], state["behaviour"]["busy"]) == (250, True)
    assert "ack_delay_ms = 250" in venue("show", running, "ALPHA").output


def test_an_act_is_done_and_says_so(running: str) -> None:
    assert venue("act", running, "ALPHA", "close").output == "ALPHA: close done, 0 messages sent\n"
    assert "closed" in venue("show", running, "ALPHA").output
    assert venue("act", running, "ALPHA", "open").exit_code == 0


def test_orders_are_listed(running: str) -> None:
    assert json.loads(venue("orders", running, "ALPHA", "--json").output) == []
    assert "ClOrdID" in venue("orders", running, "ALPHA").output


def test_a_scenario_is_played_and_told_as_it_goes_on(running: str) -> None:
    assert venue("play", running, "ALPHA", SPEC, "E.1.a").output.splitlines() == [
        "ALPHA plays E.1.a to FIXOMS: Telephoned order",
        "  t 2  ExecutionReport New, OrdStatus(39) New, CumQty(14) 0, LeavesQty(151) 0",
        "  t 3  ExecutionReport Trade, OrdStatus(39) PartiallyFilled, CumQty(14) 2000, "
        "LeavesQty(151) 8000",
        "  t 4  ExecutionReport Trade, OrdStatus(39) PartiallyFilled, CumQty(14) 3000, "
        "LeavesQty(151) 7000",
        "  t 5  ExecutionReport Trade, OrdStatus(39) Filled, CumQty(14) 10000, LeavesQty(151) 0",
        "E.1.a was played to its end",
    ]


def test_a_play_that_ends_before_its_time_says_why(running: str) -> None:
    result = venue("play", running, "ALPHA", SPEC, "B.1.a", "--timeout", "0.01")
    assert (result.exit_code, result.output.splitlines()[-1]) == (
        1,
        "fix-oms: B.1.a, t 1: NewOrderSingle X, OrderQty(38) 10000 did not come within 0.01 s",
    )


def test_a_play_need_not_be_followed(running: str) -> None:
    words = ("play", running, "ALPHA", SPEC, "A.1.a", "--branch", "3", "--no-follow")
    assert venue(*words).output == "ALPHA plays A.1.a alt 3 to FIXOMS: Filled order\n"


REFUSED = (
    (("act", "FILE", "ALPHA", "cancel", "X"), 1, "there is no order X"),
    (("book", "FILE", "ALPHA", "NONE"), 1, "NONE is not traded here (there is AAPL)"),
    (("set", "FILE", "ALPHA", "busyy=on"), 2, "did you mean 'busy'?"),
    (("set", "FILE", "ALPHA", "busy"), 2, "write KEY=VALUE"),
    (("set", "FILE", "ALPH", "busy=on"), 2, "no venue 'ALPH'; did you mean 'ALPHA'?"),
    (("set", "FILE", "ALPHA"), 2, "the arguments are [CONFIG] NAME KEY=VALUE..."),
    (("act", "FILE", "ALPHA", "fil", "X"), 2, "no act 'fil'; did you mean 'fill'?"),
    (("act", "FILE", "ALPHA", "fill", "X"), 2, "it is `act NAME fill ORDER QTY PRICE`"),
    (("act", "FILE", "ALPHA", "fill", "X", "1e3", "5"), 2, "OrderQty(38) '1e3'"),
    (("act", "FILE", "ALPHA", "fill", "X", "5", "-1"), 2, "Price(44) '-1'"),
    (("play", "FILE", "ALPHA", SPEC, "B.1.aa"), 2, "no scenario 'B.1.aa'; did you mean 'B.1.a'?"),
    (("play", "FILE", "ALPHA", SPEC, "4.2:D4"), 2, "published for FIX.4.2, and the venue speaks"),
    (("play", "FILE", "ALPHA", SPEC, "B.1.a", "--branch", "9"), 2, "no branch at t '9'"),
    (("play", "FILE", "ALPHA", SPEC, "B.1.a", "--client", "X"), 2, "'X' is no client of the venue"),
    (("play", "FILE", "ALPHA", "none.yaml", "B.1.a"), 2, "none.yaml: cannot be read"),
    (("play", "FILE", "ALPHA", "B.1.a"), 2, "the arguments are [CONFIG] NAME FILE ID"),
    (("run", "FILE"), 1, "the journal is being written by process"),
)


@pytest.mark.parametrize(("words", "code", "said"), REFUSED, ids=[row[2] for row in REFUSED])
def test_what_is_refused_says_why(
    running: str, words: tuple[str, ...], code: int, said: str
) -> None:
    result = venue(*(running if word == "FILE" else word for word in words))
    assert (result.exit_code, said in result.output) == (code, True)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("none.toml",), 2, "none.toml: there is no such file"),
        (("run", "none.toml"), 2, "none.toml: there is no such file"),
        (("bok",), 2, "There is no command 'bok'; did you mean 'book'?"),
    ],
)
def test_a_mistyped_start_is_told_what_is_wrong(
    words: tuple[str, ...], code: int, said: str
) -> None:
    result = venue(*words)
    assert (result.exit_code, said in result.output) == (code, True)


def test_a_venue_that_does_not_run_is_said_to_be_unreachable(tmp_path: Path) -> None:
    path = tmp_path / "venues.toml"
    path.write_text(FILE.format(port=free_port()))
    result = venue("book", str(path), "ALPHA")
    assert (result.exit_code, "start it with `fix-oms venue" in result.output) == (3, True)


def test_the_file_of_venues_is_the_shipped_one_unless_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "config/venues.toml: there is no such file" in venue("book", "ALPHA").output
    assert "config/venues.toml: there is no such file" in venue().output
    assert os.listdir(tmp_path) == []


def test_of_several_clients_one_must_be_named() -> None:
    assert client(("A", "B"), "B") == "B"
    with pytest.raises(BadInput, match="say to whom: --client A or B"):
        client(("A", "B"), None)


@pytest.mark.parametrize("name", FORMS)
def test_every_act_can_be_typed_as_its_usage_says(name: str) -> None:
    examples = {"ORDER": "X", "QTY": "5", "PRICE": "10", "EXECID": "E", "SESSION": "S"}
    words = [examples.get(word, "35=0|") for word in FORMS[name].usage.split()]
    assert made(name, words).__struct_config__.tag == name


def test_every_act_is_in_the_help() -> None:
    shown = venue("act", "--help").output
    assert [name for name in FORMS if f"    {name} " not in shown] == []


def test_a_killed_venue_knows_its_orders_and_lets_its_clients_log_on_again(tmp_path: Path) -> None:
    path, port, codec = tmp_path / "venues.toml", free_port(), Codec(FixVersion.FIX44)
    path.write_text(FILE.format(port=port))
    session = Session(
        name="A",
        version=FixVersion.FIX44,
        sender_comp_id="FIXOMS",
        target_comp_id="ALPHA",
        port=port,
        heartbeat_s=5,
        reconnect_s=1,
    )
    heard, process = Recorder(), started(path)
    with initiators(heard, session, work_dir=tmp_path / "client") as sessions:
        try:
            heard.wait(SessionReady)
            sessions.send("A", codec.encode(new("X", "buy 10 AAPL @ 9")))
            heard.wait_text("\x01150=0\x01")
        finally:
            process.kill()
            process.communicate()
        heard.wait(SessionDown)
        process = started(path)
        try:
            heard.wait(SessionReady, count=2)
            sessions.send("A", codec.encode(cancel("Y", "X")))
            assert "\x0141=X\x01" in heard.wait_text("\x01150=4\x01")
        finally:
            process.terminate()
            process.communicate()
