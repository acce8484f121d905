"""FIX clients over TCP: they log on to a running engine, trade through it at venues of other
versions of FIX, and are told the truth after whatever happens to either side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from acceptance.client_site import CLIENTS, VENUES, ClientSite, client_site
from acceptance.peers.raw import utc_now
from acceptance.peers.tradeclient import tradeclient
from acceptance.peers.upstream import Fields, Upstream
from fix_oms.model import inputs

MORE = """
[clients.COPY]
version = "FIX.4.4"
sender_comp_id = "FIXOMS"
target_comp_id = "COPY"
drop_copy = true
[clients.GONE]
version = "FIX.4.4"
sender_comp_id = "FIXOMS"
target_comp_id = "GONE"
accounts = ["DESK"]
cancel_on_disconnect = true
[clients.TC]
version = "FIX.4.2"
sender_comp_id = "FIXOMS"
target_comp_id = "TC"
accounts = ["DESK"]
[clients.SAFE]
version = "FIX.4.2"
sender_comp_id = "FIXOMS"
target_comp_id = "SAFE"
accounts = ["DESK"]
allowed = ["127.0.0.21", "127.0.0.22"]
username = "desk"
password_file = "safe.password"
[clients.FAST]
version = "FIX.4.4"
sender_comp_id = "FIXOMS"
target_comp_id = "FAST"
accounts = ["DESK"]
allowed = ["127.0.0.23"]
messages_per_s = 5
burst = 20
flood_per_s = 60
max_message_bytes = 1000
"""
TOLD = (150, 39, 38, 14, 151)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClientSite]:
    directory = tmp_path_factory.mktemp("clients")
    (directory / "safe.password").write_text("open sesame")
    (directory / "safe.password").chmod(0o600)
    with client_site(directory, MORE) as made:
        made.start("venue", "engine")
        yield made


@pytest.fixture(scope="module")
def clients(site: ClientSite) -> Iterator[dict[str, Upstream]]:
    """One of each version, logged on."""
    made = {name: site.upstream(name) for name in CLIENTS}
    for client in made.values():
        client.log_on()
    yield made
    for client in made.values():
        client.cut()


@contextmanager
def logged_on(client: Upstream, *, reset: bool = False) -> Iterator[Upstream]:
    """Its connection is cut at the end of the block."""
    client.log_on(reset=reset)
    try:
        yield client
    finally:
        client.cut()


def told(report: Fields) -> dict[int, str]:
    """What a report says of the order."""
    return {tag: report[tag] for tag in TOLD}


def cancel(cl_ord_id: str, orig: str) -> Fields:
    return {11: cl_ord_id, 41: orig, 55: "AAPL", 54: "1", 60: utc_now(), 38: "100"}


def replace(cl_ord_id: str, orig: str, qty: str) -> Fields:
    terms = {38: qty, 40: "2", 44: "149", 59: "0", 21: "1"}
    return {11: cl_ord_id, 41: orig, 55: "AAPL", 54: "1", 60: utc_now()} | terms


@pytest.mark.parametrize("venue", VENUES)
@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_of_any_version_trades_at_a_venue_of_any_version(
    site: ClientSite, clients: dict[str, Upstream], name: str, venue: str
) -> None:
    client, of = clients[name], f"{name}-{venue}"
    client.order(f"{of}-1", price="149", venue=venue)
    client.wait(11, f"{of}-1", 39, "0")
    site.fill(site.resting(venue), 40, venue=venue)
    filled = client.wait(11, f"{of}-1", 39, "1")
    client.send("G", replace(f"{of}-2", f"{of}-1", "90"))
    replaced = client.wait(35, "8", 11, f"{of}-2", 150, "5")
    client.send("F", cancel(f"{of}-3", f"{of}-2"))
    canceled = client.wait(35, "8", 11, f"{of}-3", 39, "4")
    trade = "1" if name == "C42" else "F"
    assert [told(filled), told(replaced), told(canceled)] == [
        {150: trade, 39: "1", 38: "100", 14: "40", 151: "60"},
        {150: "5", 39: "1", 38: "90", 14: "40", 151: "50"},
        {150: "4", 39: "4", 38: "90", 14: "40", 151: "0"},
    ]
    assert (filled[32], filled[31], replaced[41], canceled[41]) == (
        *("40", "149"),
        *(f"{of}-1", f"{of}-2"),
    )


def test_an_engine_that_others_wrote_trades_through_us(site: ClientSite, tmp_path: Path) -> None:
    names = {"us": "FIXOMS", "client": "TC", "symbol": "MSFT"}
    with tradeclient("FIX.4.2", directory=tmp_path, port=site.port, **names) as program:
        program.wait_logged_on()
        program.order("t1", price="149")
        program.wait(_11="t1", _39="0")
        site.fill(site.resting("GAMMA"), 40, venue="GAMMA")
        program.wait(_11="t1", _39="1", _14="40")
        program.replace("t2", "t1", qty=80, price="149.5")
        program.wait(_11="t2", _150="5", _38="80", _14="40")
        program.cancel("t3", "t2", qty=80)
        done = program.wait(_11="t3", _39="4")
        assert (done["41"], done["14"], done["151"]) == ("t2", "40", "0")
        assert [m for m in program.received() if m["35"] != "8"] == []


def test_a_drop_copy_is_told_what_its_clients_are_told(
    site: ClientSite, clients: dict[str, Upstream]
) -> None:
    client = clients["C44"]
    with logged_on(site.upstream("COPY"), reset=True) as copy:
        client.order("d1", price="149", venue="ALPHA")
        client.wait(11, "d1", 39, "0")
        site.fill(site.resting("ALPHA"), 100)
        own = client.wait(11, "d1", 39, "2")
        theirs = copy.wait(35, "8", 17, own[17])
    assert (theirs[526], theirs[32], theirs[14], theirs[1]) == ("d1", "100", "100", "DESK")


def test_what_is_refused_says_which_limit_and_what_is_not_permitted_says_so(
    clients: dict[str, Upstream],
) -> None:
    client = clients["C44"]
    client.order("r1", price="149", qty="5000", venue="ALPHA")
    large = client.wait(35, "8", 11, "r1", 39, "8")
    client.send("D", {11: "r2", 21: "1", 55: "AAPL", 54: "5", 60: utc_now(), 38: "1", 40: "1"})
    short = client.wait(35, "8", 11, "r2", 39, "8")
    assert ("max_order_qty" in large[58], "short" in short[58].lower()) == (True, True)


def test_the_orders_of_a_client_that_vanishes_are_cancelled_where_it_asked_for_it(
    site: ClientSite,
) -> None:
    client = site.upstream("GONE")
    with logged_on(client):
        client.order("g1", price="149", venue="ALPHA")
        client.wait(11, "g1", 39, "0")
        site.resting("ALPHA")
    site.until(lambda: not any(order.leaves_qty for order in site.orders("ALPHA")))
    with logged_on(client):
        canceled = client.wait(35, "8", 39, "4")
    assert told(canceled) == {150: "4", 39: "4", 38: "100", 14: "0", 151: "0"}


def test_a_fill_while_the_client_is_away_is_sent_to_it_when_it_comes_back(
    site: ClientSite, clients: dict[str, Upstream]
) -> None:
    client = clients["C50"]
    client.order("a1", price="149", venue="ALPHA")
    client.wait(11, "a1", 39, "0")
    client.cut()
    site.until(lambda: not site.is_there("C50"))
    site.fill(site.resting("ALPHA"), 100)
    site.until(lambda: site.has_sent("C50", "11=a1", "39=2"))
    client.log_on()
    filled = client.wait(11, "a1", 39, "2")
    assert (filled[43], filled[14]) == ("Y", "100")


def test_what_a_client_lost_by_a_reset_comes_again_as_possibly_resent(
    site: ClientSite, clients: dict[str, Upstream]
) -> None:
    client = clients["C42"]
    client.order("p1", price="149", venue="ALPHA")
    client.wait(11, "p1", 39, "0")
    client.cut()
    site.until(lambda: not site.is_there("C42"))
    site.fill(site.resting("ALPHA"), 100)
    site.until(lambda: site.has_sent("C42", "11=p1", "39=2"))
    client.log_on(reset=True)
    filled = client.wait(11, "p1", 39, "2")
    assert (filled[97], filled.get(43, "N"), filled[14]) == ("Y", "N", "100")


def test_a_client_of_fix_4_2_is_let_in_by_the_password_in_its_raw_data(site: ClientSite) -> None:
    client = site.upstream("SAFE", version="FIX.4.2", address="127.0.0.21")
    client.log_on(_553="desk", _95="11", _96="open sesame")
    client.cut()
    assert "open sesame" not in (site.directory / "engine.log").read_text()
    assert not any(b"open sesame" in payload for payload in site.payloads())


@pytest.mark.parametrize(
    ("who", "password", "answer", "told"),
    [
        (
            {"name": "SAFE", "address": "127.0.0.22"},
            "x",
            [("5", "logon refused")],
            "127.0.0.22 was not let in: SAFE: Username(553) or Password(554) is wrong",
        ),
        (
            {"name": "SAFE", "address": "127.0.0.1"},
            "open sesame",
            [],
            "127.0.0.1 was not let in: SAFE: it may not come from this address",
        ),
        (
            {"name": "NOBODY", "address": "127.0.0.1"},
            "open sesame",
            [],
            "127.0.0.1 was not let in: no client has BeginString(8)='FIX.4.2' "
            "SenderCompID(49)='NOBODY'",
        ),
        (
            {"name": "SAFE", "address": "127.0.0.77"},
            "open sesame",
            [],
            "127.0.0.77 was not let in: no client may come from this address",
        ),
    ],
)
def test_who_is_not_let_in_learns_nothing_and_we_are_told(
    site: ClientSite, who: dict[str, str], password: str, answer: list[tuple[str, str]], told: str
) -> None:
    client = site.upstream(version="FIX.4.2", **who)
    client.connect()
    heard: list[Fields] = []
    with suppress(ConnectionError):
        client.say_logon(_553="desk", _554=password)
        while True:
            heard.append(client.take())
    assert [(message[35], message[58]) for message in heard] == answer
    site.until(lambda: told in (site.directory / "engine.log").read_text())


def test_a_flood_is_rejected_then_logged_out_and_the_others_trade_on(
    site: ClientSite, clients: dict[str, Upstream]
) -> None:
    """What it is answered beyond its rate may come after its Logout(5): it is kept for it."""
    flooding, other = site.upstream("FAST", address="127.0.0.23"), clients["C44"]
    flooding.log_on()
    for number in range(500):
        with suppress(ConnectionError):
            flooding.order(f"f{number}", price="1", qty="1", venue="ALPHA")
    other.order("o1", price="149", venue="ALPHA")
    other.wait(11, "o1", 39, "0")
    other.send("F", cancel("o2", "o1"))
    other.wait(35, "8", 11, "o2", 39, "4")
    said = flooding.wait(35, "5")
    taken = [m for m in site.inputs(inputs.ClientIn) if m.session == "FAST"]
    assert said[58] == "more than 60 messages within a second"
    assert len(taken) < 60
    site.until(lambda: any(" messages a second " in m.text for m in site.inputs(inputs.Sent)))


def test_a_message_beyond_the_limit_ends_the_connection(site: ClientSite) -> None:
    client = site.upstream("FAST", address="127.0.0.23")
    client.log_on(reset=True)
    client.send("D", {11: "big", 58: 1000 * "x"})
    assert client.is_closed()
    told = "127.0.0.23 was cut off: FAST: a message of"
    site.until(lambda: told in (site.directory / "engine.log").read_text())
