"""A venue's answer to a request for positions: what its own trades come to."""

from __future__ import annotations

from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import PositionReport, RequestForPositions, RequestForPositionsAck
from fix_oms.model.units import SCALE, fixed
from fix_oms.simulator import acts
from fix_oms.simulator.holdings import positions
from fix_oms.wire import Codec
from tests.simulator.world import World, new

ASKED = RequestForPositions(
    pos_req_id="R", account="DESK", clearing_business_date="20231114", transact_time=0
)


def world() -> World:
    """DESK has bought 150 AAPL of which 50 are busted, and sold 10 MSFT; HEDGE has bought 5."""
    made = World()
    for name, text, qty, account in (
        ("A", "buy 100 AAPL @ 10", "100", "DESK"),
        ("B", "buy 50 AAPL @ 10", "50", "DESK"),
        ("C", "sell 10 MSFT @ 10", "10", "DESK"),
        ("D", "buy 5 AAPL @ 10", "5", "HEDGE"),
    ):
        made.send(new(name, text, account=account))
        made.act(acts.Fill(order=name, quantity=fixed(qty), price=fixed("10")))
    [busted] = [e for o in made.venue.floor.orders.values() for e in o.executions][1:2]
    made.act(acts.Bust(exec_id=busted.exec_id))
    return made


def told(made: World, asked: RequestForPositions = ASKED) -> list[PositionReport]:
    made.send(asked)
    return [message for message in made.sent if isinstance(message, PositionReport)]


def test_each_symbol_that_the_account_has_traded_is_reported_without_busts() -> None:
    found = {r.symbol: (r.quantity or 0) // SCALE for r in told(world())}
    assert found == {"AAPL": 100, "MSFT": -10}


def test_the_acknowledgement_announces_how_many_there_are() -> None:
    made = world()
    told(made)
    [ack] = [m for m in made.sent if isinstance(m, RequestForPositionsAck)]
    assert (ack.pos_req_id, ack.pos_req_result, ack.total_num_pos_reports) == ("R", "0", 2)


def test_an_account_that_never_traded_has_no_positions() -> None:
    made = World()
    assert told(made) == []
    [ack] = [m for m in made.sent if isinstance(m, RequestForPositionsAck)]
    assert ack.pos_req_result == "2"


def test_the_answer_can_be_told_in_both_versions_that_have_it() -> None:
    floor = world().venue.floor
    for version in (FixVersion.FIX44, FixVersion.FIX50SP2):
        codec = Codec(version)
        for message in positions(floor, ASKED, 1_700_000_000_000_000_000):
            read = codec.decode(codec.encode(message))
            assert type(read) is type(message)
