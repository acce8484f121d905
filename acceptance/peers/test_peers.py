"""The counterparties stand by themselves and do what their modules say, before any engine of ours.

The expected reports are written down field by field: they are what ``sessions/`` and ``wire/`` must
then read from an engine that somebody else wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from acceptance.peers import Peer, executor, fixcore, ordermatch
from acceptance.peers.raw import RawClient, logged_on, utc_now

STATED = (11, 41, 39, 150, 32, 31, 151, 14)


def order(
    cl_ord_id: str, side: str = "1", quantity: str = "100", price: str = "99", symbol: str = "AAPL"
) -> dict[int, str]:
    """The fields of a limit order that every version takes."""
    return {
        11: cl_ord_id,
        21: "1",
        55: symbol,
        54: side,
        60: utc_now(),
        38: quantity,
        40: "2",
        44: price,
    }


def replaced(new: str, old: str, **terms: str) -> dict[int, str]:
    """The fields of a replace, or of a cancel, which repeats less of the order."""
    return {**order(new, **terms), 41: old}


def cancel(new: str, old: str, side: str = "1", quantity: str = "100") -> dict[int, str]:
    return {11: new, 41: old, 55: "AAPL", 54: side, 60: utc_now(), 38: quantity}


def stated(message: dict[int, str]) -> dict[int, str]:
    """What a report says of the order."""
    return {tag: message[tag] for tag in STATED if tag in message}


def reports(client: RawClient, count: int) -> list[dict[int, str]]:
    return [stated(client.next()) for _ in range(count)]


@pytest.fixture(scope="module", params=["FIX.4.2", "FIX.4.4", "FIX.5.0SP2"])
def venue(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Peer]:
    with fixcore(request.param, directory=tmp_path_factory.mktemp("fixcore")) as peer:
        yield peer


@pytest.fixture
def client(venue: Peer) -> Iterator[RawClient]:
    with logged_on(venue) as ready:
        yield ready


def trade(peer: Peer, status: str) -> str:
    """ExecType(150) of a fill: 4.2 says the status there, later versions Trade."""
    return status if peer.version == "FIX.4.2" else "F"


def test_fixcore_acknowledges_and_fills_in_two_halves(venue: Peer, client: RawClient) -> None:
    client.send("D", order("a1", price="101"))
    assert reports(client, 3) == [
        {11: "a1", 39: "0", 150: "0", 151: "100", 14: "0"},
        {11: "a1", 39: "1", 150: trade(venue, "1"), 32: "50", 31: "101", 151: "50", 14: "50"},
        {11: "a1", 39: "2", 150: trade(venue, "2"), 32: "50", 31: "101", 151: "0", 14: "100"},
    ]


def test_fixcore_cancels_a_resting_order(client: RawClient) -> None:
    client.send("D", order("b1"))
    client.send("F", cancel("b2", "b1"))
    assert reports(client, 2)[1] == {11: "b2", 41: "b1", 39: "4", 150: "4", 151: "0", 14: "0"}


def test_fixcore_replaces_a_resting_order_which_then_crosses(
    venue: Peer, client: RawClient
) -> None:
    client.send("D", order("c1"))
    client.send("G", replaced("c2", "c1", price="100", quantity="101"))
    assert reports(client, 3)[1:] == [
        {11: "c2", 41: "c1", 39: "0", 150: "5", 151: "101", 14: "0"},
        {11: "c2", 39: "2", 150: trade(venue, "2"), 32: "101", 31: "100", 151: "0", 14: "101"},
    ]


def test_fixcore_rejects_a_cancel_that_comes_too_late(client: RawClient) -> None:
    client.send("D", order("d1", price="100", quantity="1"))
    client.send("F", cancel("d2", "d1", quantity="1"))
    answer = [client.next() for _ in range(3)][-1]
    assert (answer[35], answer[11], answer[41], answer[102]) == ("9", "d2", "d1", "0")


def test_fixcore_rejects_a_cancel_of_no_order(client: RawClient) -> None:
    client.send("F", cancel("d4", "d3"))
    answer = client.next()
    assert (answer[35], answer[11], answer[41], answer[102]) == ("9", "d4", "d3", "1")


def test_fixcore_rejects_an_unknown_symbol(client: RawClient) -> None:
    client.send("D", order("e1", symbol="NOSUCH"))
    answer = client.next()
    assert (answer[39], answer[150], answer[103]) == ("8", "8", "1")


def test_fixcore_tells_an_orders_status(venue: Peer, client: RawClient) -> None:
    client.send("D", order("f1"))
    client.next()
    client.send("H", {11: "f1", 55: "AAPL", 54: "1"})
    kind = "0" if venue.version == "FIX.4.2" else "I"
    assert stated(client.next()) == {11: "f1", 39: "0", 150: kind, 151: "100", 14: "0"}


@pytest.mark.parametrize("version", ["FIX.4.2", "FIX.4.4", "FIX.5.0"])
def test_executor_fills_a_limit_order_with_its_first_report(version: str, tmp_path: Path) -> None:
    with executor(version, directory=tmp_path) as peer, logged_on(peer) as client:
        client.send("D", order("x1", price="12.5"))
        filled = {11: "x1", 39: "2", 150: trade(peer, "2")}
        assert reports(client, 1) == [{**filled, 32: "100", 31: "12.5", 151: "0", 14: "100"}]


def test_executor_rejects_an_order_that_is_no_limit_order(tmp_path: Path) -> None:
    with executor("FIX.4.4", directory=tmp_path) as peer, logged_on(peer) as client:
        market = {tag: value for tag, value in order("x1").items() if tag != 44}
        client.send("D", {**market, 40: "1"})
        answer = client.next()
        assert (answer[35], answer[371], answer[373]) == ("3", "40", "5")


def test_executor_knows_no_cancel(tmp_path: Path) -> None:
    with executor("FIX.4.4", directory=tmp_path) as peer, logged_on(peer) as client:
        client.send("F", cancel("x2", "x1"))
        answer = client.next()
        assert (answer[35], answer[372], answer[380]) == ("j", "F", "3")


def test_ordermatch_matches_the_orders_of_two_clients(tmp_path: Path) -> None:
    with (
        ordermatch(directory=tmp_path, clients=["ONE", "TWO"]) as peer,
        logged_on(peer) as one,
        logged_on(attrs.evolve(peer, target_comp_id="TWO")) as two,
    ):
        one.send("D", order("m1", side="2", quantity="100", price="10"))
        assert reports(one, 1) == [{11: "m1", 39: "0", 150: "0", 151: "100", 14: "0"}]
        two.send("D", order("m2", side="1", quantity="40", price="10.5"))
        assert reports(two, 2) == [
            {11: "m2", 39: "0", 150: "0", 151: "40", 14: "0"},
            {11: "m2", 39: "2", 150: "2", 32: "40", 31: "10", 151: "0", 14: "40"},
        ]
        fill = {11: "m1", 39: "1", 150: "1", 32: "40", 31: "10", 151: "60", 14: "40"}
        assert reports(one, 1) == [fill]


def test_ordermatch_answers_a_cancel_under_the_orders_own_id(tmp_path: Path) -> None:
    with ordermatch(directory=tmp_path) as peer, logged_on(peer) as client:
        client.send("D", order("m1"))
        client.send("F", cancel("m2", "m1"))
        assert reports(client, 2)[1] == {11: "m1", 39: "4", 150: "4", 151: "0", 14: "0"}


def test_ordermatch_does_not_answer_a_cancel_of_no_order(tmp_path: Path) -> None:
    with ordermatch(directory=tmp_path) as peer, logged_on(peer) as client:
        client.send("F", cancel("m2", "m1"))
        client.send("D", order("m3"))
        assert reports(client, 1) == [{11: "m3", 39: "0", 150: "0", 151: "100", 14: "0"}]


def test_ordermatch_knows_no_replace(tmp_path: Path) -> None:
    with ordermatch(directory=tmp_path) as peer, logged_on(peer) as client:
        client.send("D", order("m1"))
        client.next()
        client.send("G", replaced("m2", "m1", price="98"))
        answer = client.next()
        assert (answer[35], answer[372], answer[380]) == ("j", "G", "3")
