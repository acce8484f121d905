"""The control socket and programs of our own that have gone mad: each costs itself, nobody else."""

from __future__ import annotations

import contextlib
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from fix_oms.client import Client, EngineFailed
from fix_oms.model import protocol
from fix_oms.server.callers import BURST, MOST_OF_ONE, REQUESTS_PER_S, Callers
from fix_oms.server.control import MAX_CONNECTIONS, ControlServer
from tests.server.standin import Standin
from tests.server.test_control import HELLO, PROCESS, connected, is_closed, received, still_serves
from tests.server.world import ORDER

PATIENCE_S = 0.3


@pytest.fixture
def hasty(standin: Standin, tmp_path: Path) -> Iterator[ControlServer]:
    """A server that loses patience soon."""
    made = ControlServer(tmp_path / "fix-oms.sock", standin, PROCESS, patience_s=PATIENCE_S)
    made.start()
    yield made
    made.stop()


def greeted(server: ControlServer) -> socket.socket:
    peer = connected(server)
    peer.sendall(protocol.frame(HELLO))
    assert isinstance(received(peer), protocol.Welcome)
    return peer


BEGUN = {
    "no hello": b"",
    "half a length": b"\0\0",
    "half a hello": protocol.frame(HELLO)[:-1],
    "a length alone": struct.pack(">I", protocol.MAX_REQUEST),
}


@pytest.mark.parametrize("begun", BEGUN.values(), ids=list(BEGUN))
def test_who_begins_and_does_not_go_on_is_closed(hasty: ControlServer, begun: bytes) -> None:
    with connected(hasty) as peer:
        peer.sendall(begun)
        expected = protocol.Failed(code="frame", text="no whole frame came within 0.3 s")
        assert received(peer) == expected
        assert is_closed(peer)


def test_a_frame_that_drips_is_closed_too(hasty: ControlServer) -> None:
    with greeted(hasty) as peer:
        asked = protocol.frame(protocol.GetOrder(ref="x" * 10_000))
        peer.settimeout(PATIENCE_S / 30)
        reply = None
        for byte in asked:  # for longer than it may, however slow this machine is
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                peer.sendall(bytes([byte]))
            with contextlib.suppress(TimeoutError):
                reply = received(peer)
                break
        assert isinstance(reply, protocol.Failed)
        assert reply.text == "no whole frame came within 0.3 s"


def test_who_is_silent_between_two_requests_stays(hasty: ControlServer) -> None:
    waited = threading.Event()
    with greeted(hasty) as peer:
        waited.wait(3 * PATIENCE_S)
        peer.sendall(protocol.frame(protocol.GetStatus()))
        assert isinstance(received(peer), protocol.Status)


def test_who_does_not_take_his_replies_is_closed(hasty: ControlServer) -> None:
    with greeted(hasty) as deaf:
        asked = protocol.frame(protocol.GetSessions()) * 1_000_000
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            deaf.sendall(asked)
    assert still_serves(hasty)


def test_a_process_that_leaks_connections_leaves_room_for_others(server: ControlServer) -> None:
    held = [greeted(server) for _ in range(MOST_OF_ONE)]
    try:
        with connected(server) as late:
            reply = received(late)
        program = f"from fix_oms.client import Client; Client({str(server.path)!r}).status()"
        subprocess.run([sys.executable, "-c", program], timeout=60, check=True)
    finally:
        for peer in held:
            peer.close()
    assert isinstance(reply, protocol.Failed)
    assert (reply.code, reply.text.partition(" has ")[2]) == ("busy", "32 connections already")


def test_one_connection_too_many_is_refused_by_name(server: ControlServer) -> None:
    """Two other processes hold all that there are."""
    program = (
        "import sys\n"
        "from fix_oms.client import Client\n"
        f"held = [Client(sys.argv[1]) for _ in range({MOST_OF_ONE})]\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, str(server.path)]
    assert MAX_CONNECTIONS == 2 * MOST_OF_ONE
    with contextlib.ExitStack() as stack:
        for _ in range(2):
            other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            stack.enter_context(other)
            assert other.stdout is not None
            assert other.stdout.readline() == b"held\n"
        with connected(server) as late:
            reply = received(late)
    expected = protocol.Failed(code="busy", text="there are 64 connections already")
    assert reply == expected


def test_a_batch_that_is_too_large_is_refused_and_the_connection_goes_on(
    server: ControlServer, standin: Standin
) -> None:
    with Client(server.path) as client:
        with pytest.raises(EngineFailed, match="1,001 commands are over the limit of 1,000 in one"):
            client.submit_all([ORDER] * (protocol.MOST_COMMANDS + 1))
        assert client.submit_all([ORDER] * protocol.MOST_COMMANDS).submitted
    assert len(standin.submitted) == protocol.MOST_COMMANDS


def test_a_request_that_is_too_large_is_refused_unread(server: ControlServer) -> None:
    with greeted(server) as peer:
        peer.sendall(struct.pack(">I", protocol.MAX_REQUEST + 1))
        reply = received(peer)
        assert isinstance(reply, protocol.Failed)
        assert reply.text == "a frame of 4,194,305 bytes is over the limit of 4,194,304"


@pytest.mark.parametrize("deep", [64, 100_000])
def test_a_request_that_nests_without_end_is_no_request(server: ControlServer, deep: int) -> None:
    with greeted(server) as peer:
        body = msgspec.msgpack.encode({"m": "order"})[:-6] + b"\xa3ref" + b"\x91" * deep
        peer.sendall(struct.pack(">I", len(body)) + body)
        reply = received(peer)
        assert isinstance(reply, protocol.Failed)
        assert reply.code == "request"
    assert still_serves(server)


def test_a_burst_costs_nothing() -> None:
    callers = Callers()
    assert {round(callers.wait_s(7, 100.0), 9) for _ in range(BURST)} == {0.0}


def test_what_is_asked_faster_waits_until_the_pace_is_kept() -> None:
    callers, now_s = Callers(), 100.0
    for _ in range(BURST + 10 * REQUESTS_PER_S):
        now_s += callers.wait_s(7, now_s)
    assert (round(now_s - 100.0, 3), callers.wait_s(8, now_s)) == (10.0, 0.0)
