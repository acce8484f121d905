"""The main job against engines that we did not write: orders out, one true state and position back.

The order system is the real process, ``fix-oms run``; the counterparties are those of
:mod:`acceptance.peers`. Each test states what that counterparty's own habits (a fill without a New
before it, a cancel answered under the order's id, a reject of the message itself) must come to.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs
import pytest

from acceptance import oms
from acceptance.peers import Peer, executor, fixcore, ordermatch
from fix_oms.client.client import Client
from fix_oms.model.commands import AnyCommand
from fix_oms.model.counterparty import Session, Supports
from fix_oms.model.fix import FixVersion
from fix_oms.model.inputs import AskStatus, CancelOrder, NewOrder, ReplaceOrder
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Accepted
from fix_oms.model.settings import Account, Instrument, Settings, Venue
from fix_oms.model.units import fixed, text_of
from fix_oms.model.views import OrderView

BY: Final = "acceptance"
ANSWER_TIMEOUT_S: Final = 15.0


def settings(*peers: Peer) -> Settings:
    """One session and venue for each of ``peers``, named for the client that it is to the peer."""
    names = [peer.target_comp_id for peer in peers]
    sessions = {
        peer.target_comp_id: Session(
            name=peer.target_comp_id,
            version=FixVersion(peer.version),
            sender_comp_id=peer.target_comp_id,
            target_comp_id=peer.sender_comp_id,
            port=peer.port,
            reconnect_s=1,
            supports=Supports(mass_status=False, mass_cancel=False),
        )
        for peer in peers
    }
    instruments = {
        symbol: Instrument(symbol=symbol, venues=tuple(names), reference=fixed("100"))
        for symbol in ("AAPL", "NOSUCH")
    }
    return Settings(
        sessions=sessions,
        venues={name: Venue(name=name, session=name) for name in names},
        instruments=instruments,
        accounts={"DESK": Account(name="DESK")},
    )


class Desk:
    """A person at the order system: asks for things and waits for what comes of them."""

    def __init__(self, client: Client) -> None:
        self._client: Final = client

    def order(
        self,
        side: str,
        quantity: str,
        price: str | None,
        symbol: str = "AAPL",
        venue: str | None = None,
    ) -> str:
        """Send an order; gives its reference."""
        terms = Terms(
            symbol=symbol,
            side=side,
            order_qty=fixed(quantity),
            ord_type="1" if price is None else "2",
            price=None if price is None else fixed(price),
        )
        return self.ask(NewOrder(by=BY, terms=terms, venue=venue))

    def ask(self, command: AnyCommand) -> str:
        answer = self._client.submit(command)
        assert isinstance(answer, Accepted), answer
        return answer.order

    def becomes(
        self, reference: str, status: str, cum: str, leaves: str, average: str
    ) -> OrderView:
        """The order once it is so and nothing is pending; fails with what it is instead."""
        expected = (status, cum, leaves, average)
        limit = time.monotonic() + ANSWER_TIMEOUT_S
        while True:
            view = self._client.order(reference)
            assert view is not None
            numbers = (text_of(n) for n in (view.cum_qty, view.leaves_qty, view.avg_px))
            found = (view.ord_status, *numbers)
            if (found == expected and not view.pending) or time.monotonic() > limit:
                assert (found, view.pending, view.breaks) == (expected, (), ())
                return view
            time.sleep(0.02)

    def position(self) -> str:
        return text_of(sum(p.quantity for p in self._client.positions() if p.symbol == "AAPL"))


@pytest.fixture(scope="module", params=["FIX.4.2", "FIX.4.4", "FIX.5.0SP2"])
def at_fixcore(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    directory = tmp_path_factory.mktemp("fixcore")
    with (
        fixcore(request.param, directory=directory) as peer,
        oms.running(settings(peer), directory) as client,
    ):
        yield Desk(client)


def test_fixcore_fills_an_order_in_two_parts(at_fixcore: Desk) -> None:
    before = fixed(at_fixcore.position())
    reference = at_fixcore.order("1", "100", "100.5")
    at_fixcore.becomes(reference, "2", "100", "0", "100.5")
    assert fixed(at_fixcore.position()) - before == fixed("100")


def test_fixcore_fills_a_market_order(at_fixcore: Desk) -> None:
    before = fixed(at_fixcore.position())
    reference = at_fixcore.order("2", "31", None)
    at_fixcore.becomes(reference, "2", "31", "0", "100")
    assert fixed(at_fixcore.position()) - before == fixed("-31")


def test_fixcore_replaces_and_then_cancels_a_resting_order(at_fixcore: Desk) -> None:
    reference = at_fixcore.order("1", "50", "90")
    at_fixcore.becomes(reference, "0", "0", "50", "0")
    at_fixcore.ask(ReplaceOrder(by=BY, order=reference, order_qty=fixed("70"), price=fixed("91")))
    replaced = at_fixcore.becomes(reference, "0", "0", "70", "0")
    assert replaced.price == fixed("91")
    at_fixcore.ask(CancelOrder(by=BY, order=reference))
    at_fixcore.becomes(reference, "4", "0", "0", "0")


def test_fixcore_fills_an_order_that_a_replace_made_marketable(at_fixcore: Desk) -> None:
    reference = at_fixcore.order("2", "10", "110")
    at_fixcore.becomes(reference, "0", "0", "10", "0")
    at_fixcore.ask(ReplaceOrder(by=BY, order=reference, price=fixed("99")))
    at_fixcore.becomes(reference, "2", "10", "0", "99")


def test_fixcore_rejects_a_symbol_that_it_does_not_know(at_fixcore: Desk) -> None:
    reference = at_fixcore.order("1", "10", "90", symbol="NOSUCH")
    assert at_fixcore.becomes(reference, "8", "0", "0", "0").text == "unknown symbol"


def test_fixcore_tells_the_status_of_an_order(at_fixcore: Desk) -> None:
    reference = at_fixcore.order("1", "20", "90")
    at_fixcore.becomes(reference, "0", "0", "20", "0")
    at_fixcore.ask(AskStatus(by=BY, order=reference))
    at_fixcore.becomes(reference, "0", "0", "20", "0")


@pytest.mark.parametrize("version", ["FIX.4.2", "FIX.4.4"])
def test_executor_fills_an_order_that_it_never_acknowledged(version: str, tmp_path: Path) -> None:
    with (
        executor(version, directory=tmp_path) as peer,
        oms.running(settings(peer), tmp_path) as client,
    ):
        desk = Desk(client)
        desk.becomes(desk.order("1", "100", "12.5"), "2", "100", "0", "12.5")
        desk.becomes(desk.order("2", "40", "13"), "2", "40", "0", "13")
        assert desk.position() == "60"


def test_executor_refuses_a_market_order_by_rejecting_the_message(tmp_path: Path) -> None:
    with (
        executor("FIX.4.4", directory=tmp_path) as peer,
        oms.running(settings(peer), tmp_path) as client,
    ):
        desk = Desk(client)
        desk.becomes(desk.order("1", "100", None), "8", "0", "0", "0")
        assert desk.position() == "0"


@pytest.fixture(scope="module")
def at_ordermatch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One order system with two sessions to the same exchange: it may meet itself there."""
    directory = tmp_path_factory.mktemp("ordermatch")
    with ordermatch(directory=directory, clients=["ONE", "TWO"]) as peer:
        both = [attrs.evolve(peer, target_comp_id=name) for name in ("ONE", "TWO")]
        with oms.running(settings(*both), directory) as client:
            yield Desk(client)


def test_ordermatch_matches_orders_of_two_sessions(at_ordermatch: Desk) -> None:
    resting = at_ordermatch.order("2", "100", "10", venue="ONE")
    at_ordermatch.becomes(resting, "0", "0", "100", "0")
    taking = at_ordermatch.order("1", "40", "10.5", venue="TWO")
    at_ordermatch.becomes(taking, "2", "40", "0", "10")
    at_ordermatch.becomes(resting, "1", "40", "60", "10")
    at_ordermatch.ask(CancelOrder(by=BY, order=resting))
    at_ordermatch.becomes(resting, "4", "40", "0", "10")
    assert at_ordermatch.position() == "0"


def test_ordermatch_refuses_a_replace_and_the_order_works_on(at_ordermatch: Desk) -> None:
    resting = at_ordermatch.order("1", "100", "5", venue="ONE")
    at_ordermatch.becomes(resting, "0", "0", "100", "0")
    at_ordermatch.ask(ReplaceOrder(by=BY, order=resting, price=fixed("6")))
    view = at_ordermatch.becomes(resting, "0", "0", "100", "0")
    assert (view.price, view.requests[-1].outcome) == (fixed("5"), "refused")
