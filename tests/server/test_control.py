"""The control socket: who may connect, what is answered, and that nothing ends it."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from fix_oms.client import Client, EngineFailed
from fix_oms.local.unix_socket import LONGEST_PATH, SocketError
from fix_oms.model import protocol
from fix_oms.server.answers import Process
from fix_oms.server.control import ControlServer
from tests.server.standin import Standin

PROCESS = Process(run=7, config="demo.toml", journal="/j", durability="process")
HELLO = protocol.Hello(protocol=protocol.PROTOCOL, version="test")


def connected(server: ControlServer) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    made.settimeout(10)
    made.connect(str(server.path))
    return made


def received(peer: socket.socket) -> protocol.Reply | None:
    body = protocol.read_frame(peer.recv)
    return None if body is None else protocol.reply(body)


def is_closed(peer: socket.socket) -> bool:
    try:
        return peer.recv(1) == b""
    except ConnectionResetError:
        return True


def still_serves(server: ControlServer) -> bool:
    with Client(server.path) as client:
        return client.status().run == 7


def test_the_socket_file_is_open_to_its_owner_only(server: ControlServer) -> None:
    assert stat.S_IMODE(server.path.stat().st_mode) == 0o600


def test_a_directory_that_is_made_for_the_socket_is_private(tmp_path: Path) -> None:
    server = ControlServer(tmp_path / "a" / "b" / "s.sock", Standin(), PROCESS)
    server.start()
    server.stop()
    modes = [stat.S_IMODE(d.stat().st_mode) for d in (tmp_path / "a", tmp_path / "a" / "b")]
    assert modes == [0o700, 0o700]


def test_a_directory_that_every_user_may_write_to_is_refused(tmp_path: Path) -> None:
    common = tmp_path / "common"
    common.mkdir()
    common.chmod(0o777)
    with pytest.raises(SocketError) as caught:
        ControlServer(common / "s.sock", Standin(), PROCESS).start()
    assert str(caught.value) == f"{common}: every user may write to it (mode 0777): chmod o-w it"


def test_a_common_directory_in_which_each_removes_only_his_own_is_taken(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    server = ControlServer(tmp_path / "s.sock", Standin(), PROCESS)
    server.start()
    try:
        assert still_serves(server)
    finally:
        server.stop()


def test_the_umask_is_as_before_afterwards(tmp_path: Path) -> None:
    before = os.umask(0o022)
    server = ControlServer(tmp_path / "s.sock", Standin(), PROCESS)
    try:
        server.start()
        after = os.umask(0o022)
    finally:
        os.umask(before)
        server.stop()
    assert after == 0o022


def test_the_socket_file_is_gone_after_the_stop(server: ControlServer) -> None:
    server.stop()
    assert not server.path.exists()


def test_a_stop_ends_open_connections(server: ControlServer) -> None:
    with connected(server) as peer:
        peer.sendall(protocol.frame(HELLO))
        received(peer)
        server.stop()
        assert is_closed(peer)


def test_a_stop_leaves_the_socket_of_a_later_server_alone(server: ControlServer) -> None:
    server.path.unlink()
    later = ControlServer(server.path, Standin(), PROCESS)
    later.start()
    server.stop()
    try:
        assert still_serves(later)
    finally:
        later.stop()


def test_a_stale_socket_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "stale.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    server = ControlServer(path, Standin(), PROCESS)
    server.start()
    try:
        assert still_serves(server)
    finally:
        server.stop()


def test_a_live_engine_is_refused_by_path_and_pid(server: ControlServer) -> None:
    with pytest.raises(SocketError) as caught:
        ControlServer(server.path, Standin(), PROCESS).start()
    expected = f"{server.path}: an engine already listens here (process {os.getpid()})"
    assert str(caught.value) == expected


def test_a_file_in_the_way_is_named_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_text("data")
    with pytest.raises(SocketError, match="is in the way of the control socket"):
        ControlServer(path, Standin(), PROCESS).start()
    assert path.read_text() == "data"


def test_a_path_that_is_too_long_for_a_socket_is_named(tmp_path: Path) -> None:
    path = tmp_path / ("x" * LONGEST_PATH)
    with pytest.raises(SocketError, match=f"at most {LONGEST_PATH} bytes"):
        ControlServer(path, Standin(), PROCESS).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_another_user_is_refused_though_the_file_modes_let_him_in() -> None:
    program = (
        "import os, socket, sys\n"
        "os.setuid(65534)\n"
        "s = socket.socket(socket.AF_UNIX)\n"
        "s.connect(sys.argv[1])\n"
        "sys.exit(0 if s.recv(1) == b'' else 9)\n"
    )
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        server = ControlServer(Path(directory) / "open.sock", Standin(), PROCESS)
        server.start()
        server.path.chmod(0o666)
        try:
            command = [sys.executable, "-c", program, str(server.path)]
            done = subprocess.run(command, timeout=60, check=False)
        finally:
            server.stop()
    assert done.returncode == 0


def test_another_protocol_version_is_refused_with_both_named(server: ControlServer) -> None:
    with connected(server) as peer:
        peer.sendall(protocol.frame(protocol.Hello(protocol=99, version="9.9")))
        reply = received(peer)
        assert isinstance(reply, protocol.Failed)
        assert reply.code == "protocol"
        assert (
            f"speaks control protocol {protocol.PROTOCOL}, the client (fix_oms 9.9) speaks 99"
            in reply.text
        )
        assert is_closed(peer)


def test_a_request_before_the_hello_is_refused(server: ControlServer) -> None:
    with connected(server) as peer:
        peer.sendall(protocol.frame(protocol.GetStatus()))
        expected = protocol.Failed(code="frame", text="the first frame must be Hello")
        assert received(peer) == expected
        assert is_closed(peer)


GARBAGE = {
    "text": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a frame of garbage": struct.pack(">I", 5) + b"\xc1\xc1\xc1\xc1\xc1",
    "an empty frame": struct.pack(">I", 0),
    "a frame over the limit": struct.pack(">I", protocol.MAX_REQUEST + 1),
    "msgpack that is no request": struct.pack(">I", 1) + b"\x01",
    "much more garbage": b"\xff" * 1_000_000,
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=list(GARBAGE))
def test_garbage_gets_an_error_frame_and_a_closed_connection(
    server: ControlServer, garbage: bytes
) -> None:
    with connected(server) as peer:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            peer.sendall(garbage)  # it may close while we are still sending
        reply = received(peer)
        assert isinstance(reply, protocol.Failed)
        assert reply.code == "frame"
        assert is_closed(peer)
    assert still_serves(server)


def test_a_frame_that_is_cut_ends_its_connection_only(server: ControlServer) -> None:
    with connected(server) as peer:
        peer.sendall(protocol.frame(HELLO))
        received(peer)
        peer.sendall(protocol.frame(protocol.GetStatus())[:-1])
        peer.shutdown(socket.SHUT_WR)
        reply = received(peer)
        assert isinstance(reply, protocol.Failed)
        assert reply.text == "the connection ended inside a frame"
    assert still_serves(server)


def test_an_unreadable_request_is_answered_and_the_connection_goes_on(
    server: ControlServer,
) -> None:
    with connected(server) as peer:
        peer.sendall(protocol.frame(HELLO))
        received(peer)
        peer.sendall(struct.pack(">I", 1) + b"\x01")
        reply = received(peer)
        assert isinstance(reply, protocol.Failed)
        assert reply.code == "request"
        peer.sendall(protocol.frame(protocol.GetStatus()))
        assert isinstance(received(peer), protocol.Status)


def test_a_request_that_arrives_byte_by_byte_is_served(server: ControlServer) -> None:
    with connected(server) as peer:
        for byte in protocol.frame(HELLO):
            peer.sendall(bytes([byte]))
        assert isinstance(received(peer), protocol.Welcome)


def test_an_error_inside_the_engine_is_told_and_the_server_lives(
    server: ControlServer, standin: Standin
) -> None:
    standin.broken = True
    with Client(server.path) as client:
        with pytest.raises(EngineFailed, match="KeyError: 'a defect'"):
            client.sessions()
        standin.broken = False
        assert len(client.sessions()) == 2


def test_a_client_that_never_reads_holds_up_nobody(server: ControlServer) -> None:
    with connected(server) as deaf:
        deaf.sendall(protocol.frame(HELLO))
        asked = protocol.frame(protocol.GetSessions())
        deaf.setblocking(False)
        try:
            while True:
                deaf.send(asked)
        except BlockingIOError:
            pass
        assert still_serves(server)


def test_many_clients_at_once_are_all_served(server: ControlServer) -> None:
    runs: list[int] = []

    def ask() -> None:
        with Client(server.path) as client:
            runs.extend(client.status().run for _ in range(20))

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert runs == [7] * 320
