"""Whom a door takes for the broker, and what it says of those whom it does not."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from fix_oms.forwarder import talk
from fix_oms.model.tls import BrokerTls
from tests.forwarder.certificates import HOST, Papers
from tests.forwarder.desk import Desk, desk
from tests.forwarder.servers import Server, echo, only, plain_text, serving, silent

pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")

BROKERS: dict[str, Callable[[Papers], Server]] = {
    "good": lambda p: Server(echo, serving(p.good)),
    "other-host": lambda p: Server(echo, serving(p.other_host)),
    "foreign": lambda p: Server(echo, serving(p.foreign)),
    "expired": lambda p: Server(echo, serving(p.expired)),
    "root-itself": lambda p: Server(echo, serving(p.root_itself)),
    "asks": lambda p: Server(echo, serving(p.good, client_ca=p.ca_file)),
    "asks-1.2": lambda p: Server(
        echo, only(ssl.TLSVersion.TLSv1_2, serving(p.good, client_ca=p.ca_file))
    ),
    "1.0": lambda p: Server(echo, only(ssl.TLSVersion.TLSv1, serving(p.good))),
    "1.1": lambda p: Server(echo, only(ssl.TLSVersion.TLSv1_1, serving(p.good))),
    "1.2": lambda p: Server(echo, only(ssl.TLSVersion.TLSv1_2, serving(p.good))),
    "plain": lambda _: Server(plain_text),
    "closes": lambda _: Server(lambda sock: None),
}
"""The servers that are dialled, by name."""

KNOWN = BrokerTls(ca_file="CA", server_name=HOST)
DOORS: dict[str, tuple[str, BrokerTls]] = {
    **{name: (name, KNOWN) for name in BROKERS},
    "by the address": ("good", BrokerTls(ca_file="CA")),
    "by the system": ("good", BrokerTls(server_name=HOST)),
    "with ours": ("asks", BrokerTls(ca_file="CA", server_name=HOST, cert_file="OURS")),
    "with ours, 1.2": ("asks-1.2", BrokerTls(ca_file="CA", server_name=HOST, cert_file="OURS")),
    "with a foreign one": ("asks", BrokerTls(ca_file="CA", server_name=HOST, cert_file="FOREIGN")),
    "1.3 alone": ("1.2", BrokerTls(ca_file="CA", server_name=HOST, min_version="1.3")),
    "ours has expired": ("asks", BrokerTls(ca_file="CA", server_name=HOST, cert_file="EXPIRED")),
}

WRONG = {
    "other-host": "its certificate is not for 'broker.example' (tls.server_name)",
    "by the address": "its certificate is not for '127.0.0.1' (tls.server_name)",
    "foreign": "its certificate is signed by nobody in .*ca.pem",
    "by the system": "its certificate is signed by nobody in what the system trusts",
    "expired": "its certificate has expired",
    "root-itself": "its certificate is self-signed, or its chain ends in an authority that is not "
    "in .*ca.pem",
    "asks": "a certificate of ours is asked for (tls.cert_file)",
    "asks-1.2": "it was refused there: handshake failure",
    "with a foreign one": "it was refused there: unknown ca",
    "1.0": "there is no common version (tls.min_version)",
    "1.1": "there is no common version (tls.min_version)",
    "1.3 alone": "there is no common version (tls.min_version)",
    "plain": "what is there speaks no TLS",
}


@pytest.fixture(scope="module")
def tried(papers: Papers) -> Iterator[Desk]:
    """A desk with all the doors, each to its server."""
    servers = {name: make(papers) for name, make in BROKERS.items()}
    files = {"CA": papers.ca_file, "OURS": papers.ours, "FOREIGN": papers.foreign}
    files["EXPIRED"] = papers.expired

    def real(tls: BrokerTls) -> BrokerTls:
        return BrokerTls(
            ca_file=files.get(tls.ca_file or ""),
            server_name=tls.server_name,
            cert_file=files.get(tls.cert_file or ""),
            min_version=tls.min_version,
        )

    doors = {name: (servers[of].port, real(tls)) for name, (of, tls) in DOORS.items()}
    with desk(doors) as made:
        yield made
    for server in servers.values():
        server.close()


@pytest.mark.parametrize(("door", "version"), [("good", "TLSv1.3"), ("1.2", "TLSv1.2")])
def test_a_broker_whose_chain_and_name_are_right_is_taken(
    tried: Desk, door: str, version: str
) -> None:
    assert tried.dial(door) == talk.Dialled(door=door, version=version)


@pytest.mark.parametrize("door", ["with ours", "with ours, 1.2"])
def test_a_broker_that_asks_for_our_certificate_gets_it(tried: Desk, door: str) -> None:
    with tried.connect(door) as sock:
        sock.sendall(b"8=FIX")
        assert sock.recv(5) == b"8=FIX"


@pytest.mark.parametrize("door", WRONG)
def test_a_broker_that_is_not_taken_is_named_with_why(tried: Desk, door: str) -> None:
    said = tried.dial(door)
    assert isinstance(said, talk.Failed)
    wanted = re.escape(WRONG[door]).replace(r"\.\*", ".*")
    assert re.fullmatch(rf"TLS to 127\.0\.0\.1:\d+: {wanted}", said.reason)


def test_a_broker_that_closes_at_once_is_told_as_nobody(tried: Desk) -> None:
    said = tried.dial("closes")
    assert isinstance(said, talk.Failed)
    assert said.reason.startswith("no connection to 127.0.0.1:")


def test_a_broker_that_is_not_there_is_told_with_why(papers: Papers) -> None:
    with desk({"A": (9, BrokerTls(ca_file=papers.ca_file))}) as door:
        said = door.dial("A")
    expected = "no connection to 127.0.0.1:9: Connection refused"
    assert said == talk.Failed(door="A", reason=expected)


def test_our_own_certificate_is_not_shown_when_it_has_expired(tried: Desk) -> None:
    said = tried.dial("ours has expired")
    assert isinstance(said, talk.Failed)
    assert re.fullmatch(
        r"sessions.ours has expired.tls.cert_file: .*expired.pem: the certificate expired on "
        r"\d{4}-\d\d-\d\d",
        said.reason,
    )


def test_a_certificate_that_is_replaced_is_used_at_the_next_connection(
    papers: Papers, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.pem"
    mine.write_text(Path(papers.foreign).read_text())
    mine.chmod(0o600)
    server = Server(silent, serving(papers.good, client_ca=papers.ca_file))
    tls = BrokerTls(ca_file=papers.ca_file, server_name=HOST, cert_file=str(mine))
    with desk({"A": (server.port, tls)}) as door:
        before = door.dial("A")
        mine.write_text(Path(papers.ours).read_text())
        after = door.dial("A")
    server.close()
    assert (type(before), type(after)) == (talk.Failed, talk.Dialled)


def test_the_end_of_each_certificate_is_told(papers: Papers, tmp_path: Path) -> None:
    server = Server(silent, serving(papers.good))
    tls = BrokerTls(ca_file=papers.ca_file, server_name=HOST, cert_file=papers.ours)
    with desk({"A": (server.port, tls)}) as door:
        door.dial("A")
        for what in (
            "sessions.A.tls.cert_file",
            "sessions.A.tls.ca_file",
            "the broker of session A",
        ):
            seen = door.first(talk.Expiry, partial(_is_of, what))
            assert seen.end_s > time.time()
    server.close()


def _is_of(what: str, event: talk.Expiry) -> bool:
    return event.what == what
