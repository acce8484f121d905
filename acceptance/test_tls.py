"""The engine trades with a venue behind TLS: whom it takes for it, and what it does when it is not.

The venue's side of TLS is Python's own ``ssl`` before the simulated venue, as a broker has a
terminator of TLS before its gateway.
"""

from __future__ import annotations

import os
import re
import signal
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.client_site import client_site
from acceptance.peers.process import free_port
from acceptance.peers.upstream import Upstream
from acceptance.site import Site
from fix_oms.client import ClientError
from fix_oms.journal.follower import records
from fix_oms.model import inputs
from fix_oms.model.fix import OrdStatus
from fix_oms.model.units import SCALE, fixed
from fix_oms.simulator.acts import Fill
from tests.forwarder.certificates import HOST, Papers
from tests.forwarder.servers import Server, serving, through_to

TLS = """
[sessions.ALPHA.tls]
ca_file = "ca.pem"
server_name = "{host}"
cert_file = "ours.pem"
"""


def moved(file: Path, table: str) -> tuple[int, int]:
    """Let the engine find a session's venue at another port: the old one and the new."""
    head, mark, rest = file.read_text().partition(f"[{table}]")
    found = re.search(r"port = (\d+)", rest)
    assert found is not None
    outer = free_port()
    file.write_text(head + mark + rest.replace(found[0], f"port = {outer}", 1))
    return int(found[1]), outer


class Behind(Site):
    """A site whose venue is behind TLS."""

    def __init__(self, directory: Path, host: str = HOST) -> None:
        self.papers = Papers(directory)
        super().__init__(directory, "FIX.4.4", schedule=TLS.format(host=host))
        self.inner, self.outer = moved(directory / "oms.toml", "sessions.ALPHA")
        self.server: Server | None = None

    def serve(self, cert_file: str) -> None:
        """Let the venue's TLS be there, with this certificate; it asks for ours."""
        if self.server is not None:
            self.server.close()
        context = serving(cert_file, client_ca=self.papers.ca_file)
        self.server = Server(through_to(self.inner), context, self.outer)

    def close(self) -> None:
        if self.server is not None:
            self.server.close()
        super().close()

    def reason(self) -> str:
        """Why the session is down, as people are told."""
        try:
            with self.client() as client:
                return client.sessions()[0].reason
        except ClientError:
            return ""

    def all_inputs(self) -> list[inputs.Input]:
        return [inputs.decode(r.payload) for r in records(self.directory / "journal")]

    def secrets_told(self) -> list[Path]:
        """The files of the engine's that hold a line of our key."""
        key = Path(self.papers.ours).read_bytes().splitlines()[1]
        kept = [*self.directory.glob("*.log"), *(self.directory / "journal").rglob("*")]
        return [file for file in kept if file.is_file() and key in file.read_bytes()]

    def forwarder(self) -> int:
        """The pid of the engine's forwarder."""
        engine = self.pid("engine")
        for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == engine and b"fix_oms.forwarder" in words:
                return pid
        return 0


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Behind]:
    made = Behind(tmp_path)
    try:
        yield made
    finally:
        made.close()


def test_an_order_is_filled_and_a_forwarder_that_is_killed_is_made_up_for(site: Behind) -> None:
    site.serve(site.papers.good)
    site.start("venue", "engine")
    first = site.buy()
    site.venue(Fill(order=first, quantity=100 * SCALE, price=fixed("149")))
    site.until(lambda: site.order(first).ord_status == OrdStatus.FILLED)

    before = site.forwarder()
    os.kill(before, signal.SIGKILL)
    site.until(lambda: site.forwarder() not in (0, before))
    site.until(site.is_ready)
    second = site.buy()
    assert site.order(second).ord_status == OrdStatus.NEW

    pid = site.forwarder()
    assert site.stop("engine") == 0
    assert not Path(f"/proc/{pid}").exists()
    assert site.verified().findings == ()


def test_a_venue_that_is_not_there_or_is_another_is_told_and_takes_no_number(site: Behind) -> None:
    site.launch("venue", "engine")
    where = f"127.0.0.1:{site.outer}"
    site.until(lambda: site.reason() == f"no connection to {where}: Connection refused")
    site.serve(site.papers.foreign)
    wrong = f"TLS to {where}: its certificate is signed by nobody in {site.papers.ca_file}"
    site.until(lambda: site.reason() == wrong)
    site.serve(site.papers.good)
    site.until(site.is_ready)
    assert site.stop("engine") == 0

    told = [(type(value), value) for value in site.all_inputs()]
    first_number = next(n for n, (kind, _) in enumerate(told) if kind is inputs.SeqReserved)
    downs = [v.reason for _, v in told[:first_number] if isinstance(v, inputs.SessionDown)]
    assert downs[-1] == wrong
    assert site.secrets_told() == []


SEALED = """
[acceptor.tls]
cert_file = "good.pem"
client_ca_file = "ca.pem"
[clients.UP]
version = "FIX.4.2"
sender_comp_id = "FIXOMS"
target_comp_id = "UP"
accounts = ["DESK"]
certificate_names = ["desk.example"]
[sessions.ALPHA.tls]
ca_file = "ca.pem"
server_name = "broker.example"
"""


class SealedUpstream(Upstream):
    """A client that speaks TLS, with a certificate of this file."""

    cert_file = ""
    ca_file = ""

    def connect(self) -> None:
        super().connect()
        assert self._socket is not None
        tls = ssl.create_default_context(cafile=self.ca_file)
        tls.load_cert_chain(self.cert_file)
        self._socket = tls.wrap_socket(self._socket, server_hostname=HOST)


def test_a_client_in_tls_trades_through_us_at_a_venue_in_tls(tmp_path: Path) -> None:
    papers = Papers(tmp_path)
    with client_site(tmp_path, SEALED, venues={"ALPHA": "FIX.4.4"}, clients={}) as site:
        inner, outer = moved(tmp_path / "oms.toml", "sessions.ALPHA")
        server = Server(through_to(inner), serving(papers.good), outer)
        site.start("venue", "engine")
        client = SealedUpstream(site.port, "FIX.4.2", client="UP")
        client.cert_file, client.ca_file = papers.ours, papers.ca_file
        client.log_on()
        client.order("u1", price="149", venue="ALPHA")
        client.wait(11, "u1", 39, "0")
        site.fill(site.resting(), 40)
        filled = client.wait(11, "u1", 39, "1")
        client.cut()
        server.close()
    assert (filled[14], filled[151]) == ("40", "60")
