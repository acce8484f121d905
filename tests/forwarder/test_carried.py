"""What a door does with the two connections that it has joined, and who may come for a broker."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from fix_oms.forwarder import talk
from fix_oms.forwarder.outward import HEARTBEAT_MS
from fix_oms.forwarder.relay import Side
from fix_oms.model.tls import BrokerTls
from tests.forwarder.certificates import HOST, Papers
from tests.forwarder.desk import LIMIT_S, Desk, desk
from tests.forwarder.servers import Server, echo, serving, silent

MEGABYTE = os.urandom(1 << 20)


@contextlib.contextmanager
def one_door(
    papers: Papers, says: Callable[[socket.socket], None], **patience: float
) -> Iterator[tuple[Desk, Server]]:
    server = Server(says, serving(papers.good))
    tls = BrokerTls(ca_file=papers.ca_file, server_name=HOST)
    with desk({"A": (server.port, tls)}, **patience) as made:
        yield made, server
    server.close()


def rest_of(sock: socket.socket) -> bytes:
    """All that comes until the end."""
    parts = []
    while data := sock.recv(1 << 16):
        parts.append(data)
    return b"".join(parts)


def until(true: Callable[[], object]) -> None:
    limit = time.monotonic() + LIMIT_S
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_megabyte_each_way_at_once_arrives_whole(papers: Papers) -> None:
    with one_door(papers, echo) as (door, _), door.connect("A") as sock:
        pushing = threading.Thread(target=sock.sendall, args=(MEGABYTE,))
        pushing.start()
        got = b""
        while len(got) < len(MEGABYTE):
            got += sock.recv(1 << 16)
        pushing.join()
        assert got == MEGABYTE


def test_what_a_broker_does_not_read_is_not_read_from_us(papers: Papers) -> None:
    may_read = threading.Event()
    got: list[bytes] = []

    def slow(sock: socket.socket) -> None:
        may_read.wait(LIMIT_S)
        got.append(rest_of(sock))

    with one_door(papers, slow) as (door, _), door.connect("A") as sock:
        sock.setblocking(False)
        sent, still = 0, time.monotonic()
        while time.monotonic() - still < 0.5:
            try:
                sent += sock.send(MEGABYTE)
                still = time.monotonic()
            except BlockingIOError:
                time.sleep(0.01)
        may_read.set()
        sock.setblocking(True)
        sock.shutdown(socket.SHUT_WR)
        assert sock.recv(1) == b""
        assert (len(got[0]), sent < 64 * len(MEGABYTE)) == (sent, True)


def test_what_we_say_last_arrives_before_our_end(papers: Papers) -> None:
    got: list[bytes] = []

    def greets(sock: socket.socket) -> None:
        sock.sendall(b"Logon")
        got.append(rest_of(sock))

    with one_door(papers, greets) as (door, _):
        with door.connect("A") as sock:
            assert sock.recv(5) == b"Logon"
            sock.sendall(b"Logout")
        until(lambda: got)
    assert got == [b"Logout"]


def test_a_broker_can_answer_after_our_end(papers: Papers) -> None:
    def last_word(sock: socket.socket) -> None:
        sock.sendall(b"heard " + rest_of(sock))

    with one_door(papers, last_word) as (door, _), door.connect("A") as sock:
        sock.sendall(b"Logout")
        sock.shutdown(socket.SHUT_WR)
        assert rest_of(sock) == b"heard Logout"


def test_a_brokers_end_passes_and_ours_answers_it(papers: Papers) -> None:
    ended: list[bool] = []

    def ends(sock: socket.socket) -> None:
        assert isinstance(sock, ssl.SSLSocket)
        sock.sendall(b"Logout to " + sock.recv(5))
        sock.unwrap()  # returns when the other side has said that it ends, too
        ended.append(True)

    with one_door(papers, ends) as (door, _), door.connect("A") as sock:
        sock.sendall(b"Logon")
        assert rest_of(sock) == b"Logout to Logon"
        sock.close()
        until(lambda: ended)


def test_both_may_end_in_either_order_and_the_process_says_nothing(
    papers: Papers, capfd: pytest.CaptureFixture[str]
) -> None:
    def ends(sock: socket.socket) -> None:
        sock.sendall(b"hello")
        rest_of(sock)

    with one_door(papers, ends) as (door, server):
        for we_are_first in (True, False):
            with door.connect("A") as sock:
                assert sock.recv(5) == b"hello"
                if we_are_first:
                    sock.shutdown(socket.SHUT_WR)
                else:
                    server.cut()
                assert sock.recv(1) == b""
    assert capfd.readouterr().err == ""


def test_a_broker_that_is_cut_off_is_an_end_for_us(papers: Papers) -> None:
    with one_door(papers, silent) as (door, server), door.connect("A") as sock:
        sock.sendall(b"Logon")
        server.cut()
        assert sock.recv(1) == b""


def test_a_broker_that_stops_in_the_handshake_is_given_up(papers: Papers) -> None:
    server = Server(silent)
    tls = BrokerTls(ca_file=papers.ca_file, server_name=HOST)
    with desk({"A": (server.port, tls)}, dial_s=0.3) as door:
        said = door.dial("A")
    server.close()
    expected = f"no connection to 127.0.0.1:{server.port}: no answer in time"
    assert said == talk.Failed(door="A", reason=expected)


def test_nobody_is_let_through_who_has_not_dialled(papers: Papers) -> None:
    with one_door(papers, echo) as (door, _):
        door.dial("A")
        with (
            socket.create_connection(("127.0.0.1", door.ports["A"]), LIMIT_S) as first,
            socket.create_connection(("127.0.0.1", door.ports["A"]), LIMIT_S) as second,
        ):
            first.sendall(b"8=FIX")
            assert first.recv(5) == b"8=FIX"
            with contextlib.suppress(ConnectionResetError):
                assert second.recv(1) == b""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
@pytest.mark.parametrize("closes", [False, True], ids=["stays", "closes at once"])
def test_another_user_of_this_machine_gets_no_broker(papers: Papers, closes: bool) -> None:
    """One that writes and closes has no owner any more when he is looked at."""
    program = (
        "import encodings.idna, os, socket, sys\n"
        "os.setuid(65534)\n"
        "s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\n"
        "try:\n"
        "    s.sendall(b'8=FIX')\n"
        "    sys.exit(9 if sys.argv[2] == 'False' and s.recv(1) else 0)\n"
        "except ConnectionError:\n"
        "    pass\n"
    )
    got: list[bytes] = []
    with one_door(papers, lambda sock: got.append(sock.recv(1 << 16))) as (door, _):
        door.dial("A")
        command = [sys.executable, "-c", program, str(door.ports["A"]), str(closes)]
        subprocess.run(command, timeout=60, check=True)
        door.first(talk.Refused)
        with socket.create_connection(("127.0.0.1", door.ports["A"])) as mine:
            mine.sendall(b"ours")
            until(lambda: got)
    assert got == [b"ours"]


def test_a_process_that_is_killed_is_started_again_on_the_same_port(papers: Papers) -> None:
    with one_door(papers, echo) as (door, _), door.connect("A") as sock:
        before = door.forwarder.pid
        assert before is not None
        os.kill(before, signal.SIGKILL)
        with contextlib.suppress(ConnectionResetError):
            assert sock.recv(1) == b""
        with door.connect("A") as again:
            again.sendall(b"8=FIX")
            assert again.recv(5) == b"8=FIX"
        assert (door.forwarder.pid != before, len(door.downs)) == (True, 1)


def test_a_process_that_does_not_answer_is_killed(papers: Papers) -> None:
    with one_door(papers, echo, patience_s=2.5) as (door, _):
        door.dial("A")
        stopped = door.forwarder.pid
        assert stopped is not None
        os.kill(stopped, signal.SIGSTOP)
        door.wait(lambda: door.downs, "the end of the stopped process")
        assert (door.downs[-1], is_alive(stopped)) == ("it did not answer", False)


def test_the_process_ends_with_the_one_that_started_it(papers: Papers) -> None:
    program = (
        "import sys, time\n"
        "from fix_oms.forwarder import talk\n"
        "from fix_oms.forwarder.supervised import Forwarder, listening\n"
        "from fix_oms.model.tls import BrokerTls\n"
        "door = talk.Outward(name='A', key='k', host='127.0.0.1', port=9, heartbeat_s=30,\n"
        "                    tls=BrokerTls())\n"
        "made = Forwarder([(listening('127.0.0.1', 0), door)],\n"
        "                 told=lambda e: print(made.pid, flush=True), down=print)\n"
        "made.start()\n"
        "made.dial('A')\n"
        "time.sleep(60)\n"
    )
    program = program.replace("made.dial('A')", "while True:\n    made.dial('A'); time.sleep(0.2)")
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        lines = (parent.stdout.readline() for _ in range(100))
        pid = next(int(line) for line in lines if line.strip().isdigit())
        parent.kill()
    until(lambda: not is_alive(pid))


def test_a_broker_that_takes_nothing_more_is_given_up_by_the_kernel() -> None:
    async def set_ms() -> int:
        loop = asyncio.get_running_loop()
        with socket.create_server(("127.0.0.1", 0)) as listening:
            _, side = await loop.create_connection(Side, *listening.getsockname())
            side.limit(HEARTBEAT_MS * 30)
            sock = side.transport.get_extra_info("socket")
            found = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
            side.close()
            return int(found)

    assert asyncio.run(set_ms()) == 72_000
