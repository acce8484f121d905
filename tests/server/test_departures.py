"""A client that is gone, however it went, leaves no working orders where it asked for that."""

from __future__ import annotations

import queue
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from fix_oms.client import Client, EngineFailed
from fix_oms.model import protocol
from fix_oms.model.inputs import Command, Input, MassCancel
from fix_oms.model.outputs import Output, Refused
from fix_oms.server import departures
from fix_oms.server.answers import Process
from fix_oms.server.control import ControlServer
from tests.server.standin import Standin

PATIENCE_S: Final = 60.0
GONE: Final = MassCancel(by="algo (disconnected)", account="DESK")


class Desk(Standin):
    """Says what it was given, refuses what it is told to, and does not know the symbol NOPE."""

    def __init__(self) -> None:
        super().__init__()
        self.given: queue.SimpleQueue[Input] = queue.SimpleQueue()
        self.refusals = 0

    def submit(self, value: Input) -> list[Output]:
        self.given.put(value)
        if self.refusals:
            self.refusals -= 1
            return [Refused(control="mass_cancel", text="ALPHA is not ready (2 orders)")]
        return super().submit(value)

    def _refusal(self, command: Command) -> Refused | None:
        if isinstance(command, MassCancel) and command.symbol == "NOPE":
            return Refused(control="scope", text="no symbol named 'NOPE' is configured")
        return super()._refusal(command)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def serving(desk: Desk, tmp_path: Path) -> Iterator[ControlServer]:
    process = Process(run=7, config="demo.toml", journal="/j", durability="process")
    made = ControlServer(tmp_path / "oms.sock", desk, process)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def client(serving: ControlServer) -> Iterator[Client]:
    with Client(serving.path) as made:
        yield made


def after_it_has_ended(serving: ControlServer, end: Callable[[], object]) -> list[Input]:
    """What was asked of the engine once the one connection's thread is done."""
    (thread,) = serving._connections.values()
    end()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    engine = serving._engine
    assert isinstance(engine, Desk)
    return engine.submitted


def test_a_client_that_closes_has_its_scope_cancelled(
    serving: ControlServer, client: Client
) -> None:
    client.cancel_on_disconnect(by="algo", account="DESK")
    assert after_it_has_ended(serving, client.close) == [GONE]


def test_a_client_that_did_not_ask_for_it_leaves_its_orders_alone(
    serving: ControlServer, client: Client
) -> None:
    assert after_it_has_ended(serving, client.close) == []


def test_what_was_asked_for_can_be_taken_back(serving: ControlServer, client: Client) -> None:
    client.cancel_on_disconnect(by="algo", account="DESK")
    client.cancel_on_disconnect(by="algo", armed=False)
    assert after_it_has_ended(serving, client.close) == []


def test_of_two_scopes_the_last_one_asked_for_holds(serving: ControlServer, client: Client) -> None:
    client.cancel_on_disconnect(by="algo", symbol="AAPL")
    client.cancel_on_disconnect(by="algo", account="DESK")
    assert after_it_has_ended(serving, client.close) == [GONE]


def test_a_frame_that_is_cut_by_the_death_of_the_client_ends_it_as_well(
    serving: ControlServer, client: Client
) -> None:
    client.cancel_on_disconnect(by="algo", account="DESK")

    def cut() -> None:
        client._socket.sendall(protocol.frame(protocol.GetStatus())[:-1])
        client.close()

    assert after_it_has_ended(serving, cut) == [GONE]


def test_a_reply_that_nobody_reads_any_more_ends_it_as_well(
    serving: ControlServer, client: Client
) -> None:
    client.cancel_on_disconnect(by="algo", account="DESK")

    def vanish() -> None:
        client._socket.sendall(protocol.frame(protocol.GetSessions()) * 50)
        client.close()

    assert after_it_has_ended(serving, vanish) == [GONE]


ARMED = """
import sys
from fix_oms.client import Client
client = Client(sys.argv[1])
client.cancel_on_disconnect(by="algo", account="DESK")
print("armed", flush=True)
sys.stdin.read()
"""


def test_a_client_that_is_killed_has_its_scope_cancelled(
    serving: ControlServer, desk: Desk
) -> None:
    command = [sys.executable, "-c", ARMED, str(serving.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"armed\n"
        child.kill()
        assert desk.given.get(timeout=PATIENCE_S) == GONE


def test_the_stop_of_the_server_cancels_nothing(
    serving: ControlServer, client: Client, desk: Desk
) -> None:
    client.cancel_on_disconnect(by="algo", account="DESK")
    serving.stop()
    assert desk.submitted == []


def test_a_refused_cancel_is_tried_again_until_it_is_taken(
    serving: ControlServer, client: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departures, "FIRST_PAUSE_S", 0.001)
    desk.refusals = 2
    client.cancel_on_disconnect(by="algo", account="DESK")
    client.close()
    given = [desk.given.get(timeout=PATIENCE_S) for _ in range(3)]
    assert given == [GONE] * 3


def test_a_stop_ends_the_tries(serving: ControlServer, client: Client, desk: Desk) -> None:
    desk.refusals = 1_000
    client.cancel_on_disconnect(by="algo", account="DESK")
    client.close()
    desk.given.get(timeout=PATIENCE_S)
    serving.stop(PATIENCE_S)
    assert serving._departed == set()


def test_a_scope_that_names_nothing_is_refused_when_it_is_asked_for(client: Client) -> None:
    with pytest.raises(EngineFailed, match="no symbol named 'NOPE' is configured"):
        client.cancel_on_disconnect(by="algo", symbol="NOPE")


def test_somebody_must_ask_for_it(client: Client) -> None:
    with pytest.raises(EngineFailed, match="by: must name who asks"):
        client.cancel_on_disconnect(by=" ")


def test_a_client_that_is_gone_gives_its_place_to_another(
    serving: ControlServer, client: Client, desk: Desk
) -> None:
    desk.refusals = 1_000
    client.cancel_on_disconnect(by="algo", account="DESK")
    client.close()
    desk.given.get(timeout=PATIENCE_S)
    assert list(serving._connections) == []


def test_a_socket_that_sends_only_its_hello_leaves_nothing(
    serving: ControlServer, desk: Desk
) -> None:
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(str(serving.path))
        hello = protocol.Hello(protocol=protocol.PROTOCOL, version="test")
        peer.sendall(protocol.frame(hello))
        protocol.read_frame(peer.recv)
        assert after_it_has_ended(serving, lambda: peer.shutdown(socket.SHUT_RDWR)) == []
