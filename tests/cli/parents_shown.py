"""A parent as an engine shows it: a sweep over three venues, and what came of its children."""

from __future__ import annotations

import msgspec

from fix_oms.model.inputs import NewOrder
from fix_oms.model.messages import Terms
from fix_oms.model.protocol import ParentFound
from fix_oms.model.routing import Decision, Leg, Plan, VenueView, View
from fix_oms.model.units import SCALE, fixed
from fix_oms.model.views import OrderView, ParentView
from tests.server.standin import order_view
from tests.server.standin_routing import T0

MS = 1_000_000


def parent_view(ref: str = "P1", **other: object) -> ParentView:
    """800 of 1000 filled at two venues, the rest posted; with changes."""
    given: dict[str, object] = {
        "ref": ref,
        "account": "DESK",
        "strategy": "",
        "symbol": "AAPL",
        "side": "1",
        "time_in_force": "0",
        "policy": "sweep",
        "order_qty": 1000 * SCALE,
        "price": fixed("150.1"),
        "ord_status": "1",
        "cum_qty": 800 * SCALE,
        "leaves_qty": 200 * SCALE,
        "avg_px": fixed("150.06"),
        "open_qty": 200 * SCALE,
        "unrouted": 0,
        "held": "",
        "pending": "",
        "text": "",
        "children": ("7-1", "7-2", "7-3"),
        "decisions": 2,
        "arrival_px": 150 * SCALE,
        "created_ns": T0,
        "updated_ns": T0 + 9 * MS,
        **other,
    }
    return ParentView(**given)  # type: ignore[arg-type]  # the names are ParentView's own


def child(n: int, venue: str, qty: int, px: str, **other: object) -> OrderView:
    """A child as it was sent, with changes."""
    takes = other.pop("takes", False)
    terms = Terms(
        symbol="AAPL",
        side="1",
        order_qty=qty * SCALE,
        ord_type="2",
        price=fixed(px),
        time_in_force="3" if takes else "0",
    )
    sent = order_view(NewOrder(by="router", terms=terms, venue=venue), f"7-{n}")
    given = {"pending": (), "parent": "P1", **other}
    return msgspec.structs.replace(sent, **given)


def seen(venue: str, **other: object) -> VenueView:
    given: dict[str, object] = {
        "venue": venue,
        "lot": SCALE,
        "tick": SCALE // 100,
        "age_ns": 12 * MS,
        "ack_ns": 2 * MS,
        **other,
    }
    return VenueView(**given)  # type: ignore[arg-type]  # the names are VenueView's own


def levels(*told: str) -> tuple[tuple[int, int], ...]:
    """``300 @ 150.05`` as a level."""
    split = [level.split(" @ ") for level in told]
    return tuple((fixed(px), fixed(size)) for size, px in split)


def swept() -> ParentFound:
    """Two decisions: a sweep of which one leg the gate refused, and a post of the rest."""
    filled = {"ord_status": "2", "leaves_qty": 0, "avg_px": fixed("150.06")}
    filled["updated_ns"] = T0 + 2 * MS + 300_000
    children = (
        child(1, "ALPHA", 500, "150.1", takes=True, cum_qty=500 * SCALE, **filled),
        child(2, "BETA", 300, "150.06", takes=True, cum_qty=300 * SCALE, **filled),
        child(3, "ALPHA", 200, "149.95", ord_status="0", updated_ns=T0 + 9 * MS),
    )
    return ParentFound(parent=parent_view(), children=children, decisions=decisions())


def decisions() -> tuple[Decision, Decision]:
    books = (
        seen(
            "ALPHA",
            take=levels("300 @ 150.05", "500 @ 150.1"),
            join=levels("300 @ 149.95", "500 @ 149.9"),
            taker=fixed("0.003"),
            maker=fixed("-0.002"),
        ),
        seen("BETA", take=levels("300 @ 150.06"), join=levels("1000 @ 149.94"), taker_bps=SCALE),
        seen("GAMMA", shut="its session is down", age_ns=-1),
    )
    sweep = Plan(
        legs=(
            Leg(venue="ALPHA", qty=500 * SCALE, price=fixed("150.1"), takes=True, why="2 levels"),
            Leg(venue="BETA", qty=300 * SCALE, price=fixed("150.06"), takes=True),
            Leg(venue="BETA", qty=200 * SCALE, price=fixed("149.94"), takes=False, why="queue"),
        ),
        left=0,
        why="takes all within the limit, posts the rest",
        cost=fixed("120052.5"),
    )
    shut = (books[0], msgspec.structs.replace(books[1], shut="message_rate: too fast"), books[2])
    rest = Leg(venue="ALPHA", qty=200 * SCALE, price=fixed("149.95"), takes=False)
    return (
        Decision(
            parent="P1",
            policy="sweep",
            number=1,
            cause="it came",
            view=view(1000, books),
            plan=sweep,
        ),
        Decision(
            parent="P1",
            policy="sweep",
            number=2,
            cause="the gate refused a part",
            view=view(200, shut),
            plan=Plan(legs=(rest,), left=0),
        ),
    )


def view(qty: int, venues: tuple[VenueView, ...]) -> View:
    return View(
        now=T0,
        buys=True,
        qty=qty * SCALE,
        limit=fixed("150.1"),
        posts=True,
        multiplier=SCALE,
        venues=venues,
    )
