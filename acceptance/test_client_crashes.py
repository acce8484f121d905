"""What clients are told when the engine is killed in the middle of it: everything, and nothing
twice that does not say so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.client_site import ClientSite, client_site
from acceptance.peers.upstream import Upstream

ORDERS = 30


@pytest.fixture
def site(tmp_path: Path) -> Iterator[ClientSite]:
    venues, clients = {"ALPHA": "FIX.4.4"}, {"C42": "FIX.4.2"}
    with client_site(tmp_path, venues=venues, clients=clients) as made:
        made.start("venue", "engine")
        yield made


def repeated(client: Upstream) -> list[str]:
    """ExecIDs that it was told twice as if they were news."""
    news = [m for m in client.received if m[35] == "8" and not {m.get(43), m.get(97)} & {"Y"}]
    return [exec_id for exec_id, times in Counter(m[17] for m in news).items() if times > 1]


def test_a_fill_while_the_engine_is_dead_reaches_the_client(site: ClientSite) -> None:
    client = site.upstream("C42")
    client.log_on()
    client.order("k1", price="149", venue="ALPHA")
    client.wait(11, "k1", 39, "0")
    site.kill("engine")
    assert client.is_closed()
    site.fill(site.resting(), 100)
    site.start("engine")
    client.log_on()
    filled = client.wait(11, "k1", 39, "2")
    assert (filled[14], repeated(client)) == ("100", [])


def test_orders_sent_into_a_kill_are_answered_and_at_the_venue_once_or_never(
    site: ClientSite,
) -> None:
    client = site.upstream("C42")
    client.log_on()
    for number in range(ORDERS):
        client.order(f"k{number}", price="149", qty="1", venue="ALPHA")
        if number == ORDERS // 2:
            client.wait(11, "k0", 39, "0")
    site.kill("engine")
    assert client.is_closed()
    site.start("engine")
    client.log_on()
    while len(ends := outcomes(client)) < ORDERS:
        client.take()
    at_venue = [order.order_qty for order in site.orders()]
    assert (len(at_venue), repeated(client)) == (Counter(ends.values())["0"], [])
    assert site.stop("engine") == 0
    assert site.verified().findings == ()


def outcomes(client: Upstream) -> dict[str, str]:
    """OrdStatus(39) of each order that was acknowledged (0) or rejected (8)."""
    return {m[11]: m[39] for m in client.received if m.get(39) in ("0", "8")}
