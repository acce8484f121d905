"""The door of FIX clients with TLS: whose certificate is taken, for whom, and what is cut."""

from __future__ import annotations

import selectors
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import attrs
import msgspec
import pytest

from fix_oms.forwarder.contexts import context
from fix_oms.model.clients import FixClient
from fix_oms.model.inputs import ClientDown, ClientIn
from fix_oms.model.tls import ClientTls
from fix_oms.server.door.gatekeeper import Gatekeeper
from fix_oms.server.door.visit import LOGON_S, Visit
from fix_oms.sessions import ClientSessions
from tests.forwarder.certificates import HOST, Papers
from tests.forwarder.servers import only
from tests.server.door.caller import LIMIT_S, Caller
from tests.server.door.house import ORDER, PASSWORD, REPORT, Alerts, address, client, guest
from tests.sessions.peers import Recorder, free_port, soh

NAMES = ("plain", "versed", "guess", "wipes", "twice", "flood", "large", "garbled", "mute")
pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")


class Sealed(Caller):
    """A client that speaks TLS."""

    def __init__(self, port: int, source: str, sender: str, tls: ssl.SSLContext) -> None:
        super().__init__(port, source, sender)
        self._socket = tls.wrap_socket(self._socket, server_hostname=HOST)


@attrs.frozen
class House:
    """All that a test may look at."""

    port: int
    papers: Papers
    sessions: ClientSessions
    door: Gatekeeper
    recorder: Recorder
    alerts: Alerts

    def tls(self, cert_file: str | None) -> ssl.SSLContext:
        made = ssl.create_default_context(cafile=self.papers.ca_file)
        if cert_file is not None:
            made.load_cert_chain(cert_file)
        return made

    def call(self, name: str, cert_file: str | None) -> Sealed:
        return Sealed(self.port, address(name), name, self.tls(cert_file))

    def logged_on(self, name: str) -> Sealed:
        caller = self.call(name, self.papers.ours)
        caller.log_on(f"553=desk|554={PASSWORD}|")
        caller.read("A")
        return caller


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    recorder, alerts, port = Recorder(), Alerts(), free_port()
    papers = Papers(tmp_path_factory.mktemp("papers"))
    clients: list[FixClient] = [client(name) for name in NAMES]
    sessions = ClientSessions(
        clients,
        {},
        recorder,
        work_dir=tmp_path_factory.mktemp("door"),
        secrets=lambda _: ("desk", PASSWORD),
    )
    guests = [
        msgspec.structs.replace(guest(c, port), certificate_names=("desk.example",))
        for c in clients
    ]
    door = Gatekeeper(
        guests,
        sessions,
        inner_port=lambda: sessions.port,
        hidden=(),
        alert=alerts.put,
        tls=ClientTls(cert_file=papers.good, client_ca_file=papers.ca_file),
    )
    sessions.start()
    door.start()
    sessions.open()
    yield House(port, papers, sessions, door, recorder, alerts)
    door.stop()
    sessions.stop()


def refused(caller: Caller) -> bool:
    """Whether it is ended without an answer. In TLS 1.3 a client learns that its certificate was
    not taken with the first thing it reads."""
    try:
        caller.log_on(f"553=desk|554={PASSWORD}|")
        return caller.rest() == []
    except (ssl.SSLError, OSError):
        return True


def test_a_client_with_its_certificate_trades_through_tls(house: House) -> None:
    with house.logged_on("plain") as caller:
        caller.send("D", ORDER.format("a1"))
        taken = house.recorder.wait(ClientIn, "plain")
        house.sessions.send("plain", REPORT)
        got = caller.read("8")
    house.recorder.wait(ClientDown, "plain")
    assert (soh("|11=a1|") in taken.text, got["17"]) == (True, "e1")


def test_a_large_message_arrives_whole_and_one_that_is_too_large_is_cut(house: House) -> None:
    with house.logged_on("large") as caller:
        caller.send("D", ORDER.format("b1") + f"58={1500 * 'x'}|")
        taken = house.recorder.wait(ClientIn, "large")
        assert len(taken.text) > 1500
        caller.send("D", ORDER.format("b2") + f"58={2500 * 'x'}|")
        assert caller.rest() == []
    assert house.alerts.wait("large: a message of")


CERTIFICATES = {
    "versed": (None, "TLS: it shows no certificate"),
    "guess": ("foreign", "TLS: its certificate is not taken: unable to get local issuer"),
    "wipes": ("expired", "TLS: its certificate is not taken: certificate has expired"),
    "twice": ("other_host", "twice: its certificate is for elsewhere.example, not for it"),
}


@pytest.mark.parametrize("name", CERTIFICATES)
def test_who_has_not_the_certificate_of_the_client_gets_no_answer(house: House, name: str) -> None:
    file, told = CERTIFICATES[name]
    with house.call(name, getattr(house.papers, file) if file else None) as caller:
        assert refused(caller)
    assert house.alerts.wait(told).text.startswith(address(name))
    assert house.recorder.of(ClientIn, name) == []


def test_an_old_version_of_tls_is_refused(house: House) -> None:
    old = only(ssl.TLSVersion.TLSv1_1, house.tls(house.papers.ours))
    with pytest.raises((ssl.SSLError, ConnectionError)):
        Sealed(house.port, address("flood"), "flood", old)
    house.alerts.wait("TLS: there is no common version")


def test_plain_text_is_refused(house: House) -> None:
    with Caller(house.port, address("garbled"), "garbled") as caller:
        assert refused(caller)
    house.alerts.wait("TLS: what is there speaks no TLS")


def test_a_client_that_vanishes_in_the_handshake_is_forgotten(house: House) -> None:
    with Caller(house.port, address("mute"), "mute") as caller:
        caller.send_raw(half_a_hello(house.papers))
    with house.logged_on("mute") as again:
        again.send("1", "112=there?|")
        assert again.read("0")["112"] == "there?"


def half_a_hello(papers: Papers) -> bytes:
    """The first half of what a client says first."""
    out = ssl.MemoryBIO()
    made = ssl.create_default_context(cafile=papers.ca_file)
    with pytest.raises(ssl.SSLWantReadError):
        made.wrap_bio(ssl.MemoryBIO(), out, server_hostname=HOST).do_handshake()
    said = out.read()
    return said[: len(said) // 2]


class _Gate:
    """Remembers what a visit says."""

    def __init__(self) -> None:
        self.refusals: list[str] = []
        self.over = False

    def refuse(self, visit: Visit, reason: str, *, severe: bool = False) -> None:
        self.refusals.append(reason)

    def ended(self, visit: Visit) -> None:
        self.over = True


def test_a_handshake_that_never_ends_has_ten_seconds(tmp_path: Path) -> None:
    papers, gate = Papers(tmp_path), _Gate()
    with (
        selectors.DefaultSelector() as selector,
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_connection(listening.getsockname()) as theirs,
    ):
        ours, _ = listening.accept()
        tls = context(ClientTls(cert_file=papers.good), "k")
        visit = Visit(1, ours, "127.0.0.1", 1, selector, gate, 0.0, tls)  # type: ignore[arg-type]  # what it needs of a gate here
        theirs.sendall(half_a_hello(papers))
        for key, events in selector.select(LIMIT_S):
            key.data(events)
        visit.look(LOGON_S - 0.1)
        before = gate.over
        visit.look(LOGON_S)
    assert (before, gate.over, gate.refusals) == (False, True, ["no Logon(A) came within 10 s"])
