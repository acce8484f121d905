"""What the adapter does to the process: its sockets, its signals, its end."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from fix_oms.sessions import sockets
from tests.sessions.peers import (
    LIMIT_S,
    RawPeer,
    Recorder,
    Venue,
    acceptors,
    broker,
    free_port,
    initiators,
    ready,
    venue_for,
)


def test_every_fix_socket_gives_a_dead_peer_up_after_2_4_heartbeats(
    tmp_path: Path, dictionaries_dir: Path
) -> None:
    port, recorder = free_port(), Recorder()
    session = broker(port=port, heartbeat_s=7)
    spec = venue_for(session, heartbeat_s=9)
    with (
        acceptors(Venue(), spec, port=port, work_dir=tmp_path),
        initiators(recorder, session, work_dir=dictionaries_dir),
    ):
        ready(recorder)
        found = _timeouts(port)
    assert sorted(found) == [16_800, 21_600, 21_600]


def _timeouts(port: int) -> list[int]:
    """TCP_USER_TIMEOUT of this process's sockets that have ``port`` at one end."""
    found = []

    def remember(sock: socket.socket) -> None:
        found.append(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT))

    def has_port(sock: socket.socket) -> bool:
        if sock.getsockname()[1] == port:
            return True
        return bool(sock.getpeername()[1] == port)

    sockets._each(has_port, remember)
    return found


def test_the_shorter_timeout_of_two_sessions_to_one_port_stays() -> None:
    port = free_port()
    with (
        socket.create_server(("127.0.0.1", port)) as listening,
        socket.create_connection(("127.0.0.1", port)) as ours,
    ):
        peer, _ = listening.accept()
        counts = [sockets.limit_connected(port, heartbeat_s) for heartbeat_s in (10, 30, 5)]
        set_ms = ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        peer.close()
    assert (counts, set_ms) == ([1, 1, 1], 12_000)


FORGETFUL = """
import signal, sys
def handler(number, frame): pass
signal.signal(signal.SIGINT, handler)
from pathlib import Path
from fix_oms.sessions import Acceptors, Initiators
from tests.sessions.peers import Recorder, Venue, broker, no_secrets, ready, venue_for
assert signal.getsignal(signal.SIGINT) is handler
port, work_dir = int(sys.argv[1]), Path(sys.argv[2])
session, recorder = broker(port=port), Recorder()
venues = Acceptors([venue_for(session)], Venue(), port=port, work_dir=work_dir)
venues.start()
brokers = Initiators([session], {}, recorder, work_dir=work_dir, secrets=no_secrets)
brokers.start()
ready(recorder)
print("ready", flush=True)
"""


def test_a_program_that_forgets_to_stop_ends_cleanly_and_keeps_its_sigint_handler(
    dictionaries_dir: Path,
) -> None:
    done = _run(FORGETFUL, free_port(), dictionaries_dir)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ready\n", "")


MANY = """
import sys
from pathlib import Path
from fix_oms.sessions import Acceptors, Initiators
from tests.sessions.peers import Recorder, Venue, broker, no_secrets, ready, venue_for
port, work_dir = int(sys.argv[1]), Path(sys.argv[2])
session = broker(port=port)
for _ in range(4):
    recorder = Recorder()
    spec = venue_for(session, reset_on_logon=True)
    venues = Acceptors([spec], Venue(), port=port, work_dir=work_dir)
    venues.start()
    brokers = Initiators([session], {}, recorder, work_dir=work_dir, secrets=no_secrets)
    brokers.start()
    ready(recorder)
    brokers.stop()
    venues.stop()
print("done", flush=True)
"""


def test_the_same_session_can_be_built_again_and_again_in_one_process(
    dictionaries_dir: Path,
) -> None:
    done = _run(MANY, free_port(), dictionaries_dir)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


GARBAGE = """
import sys
from pathlib import Path
from fix_oms.sessions import Initiators
from tests.sessions.peers import Recorder, broker, no_secrets, ready
recorder = Recorder()
brokers = Initiators(
    [broker(port=int(sys.argv[1]))], {}, recorder, work_dir=Path(sys.argv[2]), secrets=no_secrets
)
brokers.start()
ready(recorder)
print("ready", flush=True)
sys.stdin.readline()
brokers.stop()
print("alive", flush=True)
"""


def test_a_data_length_past_the_messages_end_does_not_end_the_process(
    dictionaries_dir: Path,
) -> None:
    port = free_port()
    with RawPeer(port) as peer:
        child = subprocess.Popen(
            [sys.executable, "-c", GARBAGE, str(port), str(dictionaries_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=_environment(),
        )
        try:
            peer.accept()
            peer.log_on(1)
            peer.answer_test(2)
            peer.send("8", 3, "37=o|95=999999999|96=x|150=F|348=888888888|349=y|")
            peer.send("1", 4, "112=still there?|")
            answer = peer.read("0")
            peer.close()
            told, _ = child.communicate("go on\n", timeout=LIMIT_S)
        finally:
            child.kill()
            child.wait(LIMIT_S)
    assert (answer["112"], told, child.returncode) == ("still there?", "ready\nalive\n", 0)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def _run(program: str, port: int, work_dir: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, str(port), str(work_dir)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=_environment(),
    )
