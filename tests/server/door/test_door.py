"""The door and the sessions behind it, tried from outside over TCP: what is let in, what is not.

Each case is a client of its own, from an address of its own, so that none waits for another's
failures.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from fix_oms.model.errors import SessionError
from fix_oms.model.inputs import ClientDown, ClientEpoch, ClientIn, ClientUp
from fix_oms.server.door.gatekeeper import Gatekeeper
from fix_oms.sessions import ClientSessions, sockets
from tests.server.door.caller import LIMIT_S, Caller, whole
from tests.server.door.house import (
    NAMES,
    ORDER,
    PASSWORD,
    REPORT,
    Alerts,
    House,
    address,
    client,
    guest,
)
from tests.sessions.peers import Recorder, free_port, soh


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    recorder, alerts, port = Recorder(), Alerts(), free_port()
    clients = [client(name) for name in NAMES]
    sessions = ClientSessions(
        clients,
        {},
        recorder,
        work_dir=tmp_path_factory.mktemp("door"),
        secrets=lambda _: ("desk", PASSWORD),
    )
    guests = [guest(c, port) for c in clients]
    door = Gatekeeper(
        guests, sessions, inner_port=lambda: sessions.port, hidden=(), alert=alerts.put
    )
    sessions.start()
    door.start()
    sessions.open()
    yield House(port, sessions, door, recorder, alerts)
    door.stop()
    sessions.stop()


def test_a_client_sends_an_order_and_is_sent_its_report(house: House) -> None:
    with house.logged_on("plain") as caller:
        house.recorder.wait(ClientUp, "plain")
        caller.send("D", ORDER.format("a1"))
        taken = house.recorder.wait(ClientIn, "plain")
        left = house.sessions.send("plain", REPORT)
        got = caller.read("8")
    house.recorder.wait(ClientDown, "plain")
    assert (soh("|11=a1|") in taken.text, taken.expected, left, got["17"]) == (
        True,
        2,
        (0, 2),
        "e1",
    )


def test_what_is_sent_while_the_client_is_away_is_kept_and_sent_again(house: House) -> None:
    left = house.sessions.send("versed", REPORT)
    with house.logged_on("versed") as caller:
        caller.send("2", "7=1|16=0|")
        got = caller.read("8")
    assert (left, got["34"], got["43"]) == ((0, 1), "1", "Y")


def test_a_wrong_password_is_answered_without_detail_and_told_with_its_address(
    house: House,
) -> None:
    with house.call("guess") as caller:
        caller.log_on("553=desk|554=x|")
        said = caller.read("5")
        rest = caller.rest()
    told = house.alerts.wait(address("guess"))
    assert (said["58"], rest) == ("logon refused", [])
    assert (told.severity, told.code, told.text) == (
        "severe",
        "client_refused",
        f"{address('guess')} was not let in: guess: Username(553) or Password(554) is wrong",
    )


def test_who_guesses_again_and_again_is_not_even_listened_to(house: House) -> None:
    for _ in range(3):
        with house.call("guess") as caller:
            caller.log_on("553=desk|554=x|")
            caller.rest()
    assert is_shut(house.port, address("guess"), "guess")
    house.alerts.wait("it has failed too often, and came again too soon")


def test_a_logon_that_resets_wipes_nothing_without_the_password(house: House) -> None:
    house.sessions.send("wipes", REPORT)
    with house.call("wipes") as caller:
        caller.log_on("141=Y|553=desk|554=x|")
        caller.rest()
    with house.logged_on("wipes") as caller:
        caller.send("2", "7=1|16=0|")
        assert caller.read("8")["17"] == "e1"
    assert house.recorder.of(ClientEpoch, "wipes") == []


def test_a_client_that_resets_begins_an_epoch_in_which_the_next_message_is_numbered(
    house: House,
) -> None:
    house.sessions.send("wipes", REPORT)
    with house.logged_on("wipes", "141=Y|") as caller:
        epoch = house.recorder.wait(ClientEpoch, "wipes")
        left = house.sessions.send("wipes", REPORT)
        got = caller.read("8")
    assert (epoch.epoch, left, got["34"], "43" in got) == (1, (1, 2), "2", False)


def test_a_session_that_resets_at_each_logon_tells_an_epoch_each_time(house: House) -> None:
    for count in (1, 2):
        with house.logged_on("again"):
            epoch = house.recorder.wait(ClientEpoch, "again", count)
            assert (epoch.epoch, epoch.reason) == (count, "reset at each logon")
            assert house.sessions.send("again", REPORT) == (count, 2)
        house.recorder.wait(ClientDown, "again", count)


@pytest.mark.parametrize(
    ("sender", "told"),
    [
        ("nobody", "no client has BeginString(8)='FIX.4.4' SenderCompID(49)='nobody'"),
        ("twice", "twice: it may not come from this address"),
    ],
)
def test_a_wrong_name_and_a_wrong_address_get_no_answer(
    house: House, sender: str, told: str
) -> None:
    with house.call("mute", sender=sender) as caller:
        caller.log_on(f"553=desk|554={PASSWORD}|")
        assert caller.rest() == []
    assert house.alerts.wait(told).severity == "severe"


def test_an_address_from_which_nobody_may_come_is_closed_unheard(house: House) -> None:
    assert is_shut(house.port, "127.0.0.99", "plain")
    assert house.alerts.wait("127.0.0.99").severity == "severe"


def test_a_second_logon_of_a_client_that_is_there_is_closed_and_the_first_goes_on(
    house: House,
) -> None:
    with house.logged_on("twice") as first, house.call("twice") as second:
        second.log_on(f"553=desk|554={PASSWORD}|")
        assert second.rest() == []
        first.send("1", "112=there?|")
        assert first.read("0")["112"] == "there?"
    house.alerts.wait("twice: it is logged on already")


def test_a_flood_is_logged_out_and_no_more_of_it_is_taken(house: House) -> None:
    with house.logged_on("flood") as caller:
        orders = (whole("D", n, ORDER.format(n), sender="flood") for n in itertools.count(2))
        caller.send_raw(b"".join(itertools.islice(orders, 2000)))
        said = caller.read("5")
    house.recorder.wait(ClientDown, "flood")
    assert said["58"] == "more than 50 messages within a second"
    assert len(house.recorder.of(ClientIn, "flood")) <= 50
    assert house.alerts.wait("was logged out: more than 50").code == "client_flood"


def test_a_message_that_is_too_long_ends_the_connection_before_it_is_read(house: House) -> None:
    before = _memory_kb(house.door.pid)
    with house.logged_on("large") as caller:
        caller.send_raw(b"8=FIX.4.4\x019=900000000\x0135=D\x01")
        assert is_cut(caller)
    house.recorder.wait(ClientDown, "large")
    house.alerts.wait("large: a message of 900000029 bytes; at most 2000 are taken")
    assert _memory_kb(house.door.pid) - before < 20_000


def _memory_kb(pid: int | None) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


@pytest.mark.parametrize("data", [b"GET / HTTP/1.0\r\n\r\n", b"\x16\x03\x01" * 20, b"\0" * 5000])
def test_bytes_that_are_no_message_end_the_connection(house: House, data: bytes) -> None:
    with house.call("garbled") as caller:
        caller.send_raw(data)
        with pytest.raises(ConnectionError):
            caller.next()
    house.alerts.wait("not a FIX message")


def test_quickfix_s_own_port_has_nobody_behind_it(house: House) -> None:
    with Caller(house.sessions.port, "127.0.0.1", "mute") as caller:
        caller.log_on(f"141=Y|553=desk|554={PASSWORD}|")
        assert caller.rest() == []
    assert house.recorder.of(ClientEpoch, "mute") == []


def test_quickfix_s_own_port_takes_connections_of_this_machine_only(house: House) -> None:
    devices: list[bytes] = []

    def remember(sock: socket.socket) -> None:
        devices.append(sock.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16))

    sockets._each(sockets._listens_on(house.sessions.port), remember)
    assert devices == [b"lo\0"]


def test_a_message_that_fails_here_is_expected_again(house: House) -> None:
    house.recorder.raise_on = lambda value: isinstance(value, ClientIn) and "f2" in value.text
    with house.logged_on("faulty") as caller:
        caller.send("D", ORDER.format("f1"))
        caller.send("D", ORDER.format("f2"))
        caller.send("D", ORDER.format("f3"))
        said = caller.read("5")
    house.recorder.wait(ClientDown, "faulty")
    house.recorder.raise_on = lambda _: False
    house.sessions._clients["faulty"].held_until = 0.0  # as if ten seconds had gone by
    with house.call("faulty") as caller:
        caller.number = 5
        caller.log_on(f"553=desk|554={PASSWORD}|")
        asked = caller.read("2")
    taken = [soh("|11=f1|") in v.text for v in house.recorder.of(ClientIn, "faulty")]
    assert (said["58"], taken, asked["7"]) == ("internal error", [True], "3")


def test_a_client_that_does_not_read_holds_up_nobody(house: House) -> None:
    long = REPORT + f"58={60_000 * 'x'}\x01"
    sent: list[object] = []

    def send() -> None:
        # 36 MB: more than fits into the buffers on the way.
        sent.extend(house.sessions.send("slow", long) for _ in range(600))

    sending = threading.Thread(target=send, daemon=True)
    with house.logged_on("slow"), house.logged_on("other") as other:
        sending.start()
        before, quiet = -1, 0
        while quiet < 20:  # it has stopped, and the other's reports come
            assert house.sessions.send("other", REPORT) is not None
            other.read("8")
            before, quiet = len(sent), quiet + 1 if len(sent) == before else 0
        assert sending.is_alive()
    sending.join(LIMIT_S)
    assert (len(sent), all(sent)) == (600, True)


def test_a_door_that_dies_is_started_again(house: House) -> None:
    pid = house.door.pid
    assert pid is not None
    with house.logged_on("killed") as caller:
        os.kill(pid, signal.SIGKILL)
        assert caller.rest() == []
    house.alerts.wait("the door for FIX clients ended with -9 and is started again")
    await_listening(house.port)
    house.recorder.wait(ClientDown, "killed")
    house.logged_on("killed", number=2).__exit__()
    assert house.door.pid != pid


def test_a_port_that_is_taken_is_named_by_its_setting(house: House) -> None:
    key = "clients.plain.port"
    taken = msgspec.structs.replace(guest(client("plain"), house.port), port_key=key)
    door = Gatekeeper(
        [taken], house.sessions, inner_port=lambda: 1, hidden=(), alert=house.alerts.put
    )
    reason = rf"^{key}: cannot listen on port {house.port}: Address already in use$"
    with pytest.raises(SessionError, match=reason):
        door.start()


def test_a_port_that_comes_free_in_a_moment_is_waited_for(house: House) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        door = Gatekeeper(
            [msgspec.structs.replace(guest(client("plain"), port))],
            house.sessions,
            inner_port=lambda: 1,
            hidden=(),
            alert=house.alerts.put,
        )
        starting = threading.Thread(target=door.start)
        starting.start()
        while door.pid is None:
            time.sleep(0.01)
    starting.join(LIMIT_S)
    await_listening(port)
    door.stop()


def test_a_client_that_says_nothing_more_is_given_up(house: House) -> None:
    with house.call("silent") as caller:
        caller.log_on(f"553=desk|554={PASSWORD}|", heartbeat="1")
        assert caller.rest()[0] == "A"  # and then it only listens, until it is closed
    assert house.recorder.wait(ClientDown, "silent").reason == "the connection was lost"


def is_shut(port: int, source: str, sender: str) -> bool:
    """Whether a connection is closed without a word, whatever it says."""
    with Caller(port, source, sender) as caller:
        try:
            caller.log_on(f"553=desk|554={PASSWORD}|")
            return caller.rest() == []
        except ConnectionError:  # a reset, where what it said was not read
            return True


def is_cut(caller: Caller) -> bool:
    """Whether what it sends on and on meets an end within 64 MB."""
    try:
        for _ in range(1000):
            caller.send_raw(b"x" * 65_536)
    except ConnectionError:
        return True
    return False


def await_listening(port: int) -> None:
    by = time.monotonic() + LIMIT_S
    while time.monotonic() < by:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1.0).close()
            return
    raise AssertionError("nobody listens")
