"""Stories of one order each, and what they count on its venue's scorecard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fix_oms.model import inputs
from fix_oms.model.messages import MarketDataSnapshot, MDEntry, SessionReject
from fix_oms.model.outputs import Output, Send
from fix_oms.model.units import SCALE, fixed
from fix_oms.model.views import VenueView
from fix_oms.routing.tally import RESTED_NS
from tests.engine.desk import SECOND, Desk

MILLISECOND = 1_000_000
HOUR = 3_600 * SECOND
IOC, FOK = "3", "4"


class Slow(Desk):
    """Time stands still but where a test lets it pass; ``holds`` keeps back what left."""

    holds = False

    def __init__(self, plain: dict[str, Any] | None = None) -> None:
        self.held: list[Send] = []
        super().__init__(plain)

    def give(self, value: inputs.Input) -> list[Output]:
        self.now -= 1000
        return super().give(value)

    def leaves(self, message: Send) -> None:
        if self.holds:
            self.held.append(message)
        else:
            super().leaves(message)

    def tell_left(self) -> None:
        """The record of what left comes now, and says when it was."""
        self.holds = False
        for message in self.held:
            super().leaves(message)

    @property
    def alpha(self) -> VenueView:
        return self.shown.routing.venues()[0]

    def score(self, symbol: str = "AAPL") -> tuple[int, int, int, int, tuple[int, ...]]:
        return self.engine.state.scores.score_of("ALPHA", symbol, self.now)

    def book(self, *levels: tuple[str, str, int]) -> None:
        """ALPHA's whole book of AAPL: side, price, size."""
        entries = tuple(
            MDEntry(entry_type="01"[side == "offer"], price=fixed(px), size=size * SCALE)
            for side, px, size in levels
        )
        self.hear("ALPHA", MarketDataSnapshot(symbol="AAPL", entries=entries))

    def ioc(self, qty: int = 100, price: str | None = "10", **more: Any) -> str:
        return self.buy(qty, price, time_in_force=IOC, **more)

    def fills(self, name: str, qty: int, *, of: int = 100, px: str = "10", **more: Any) -> None:
        status = "2" if qty == of else "1"
        self.report(name, "F", status, last=qty, cum=qty, leaves=of - qty, px=px, **more)

    def ends(self, name: str, cum: int = 0) -> None:
        self.report(name, "4", "4", cum=cum)


def shares(view: VenueView) -> tuple[int, int, int, int]:
    """Took, of; posted, of: in shares."""
    held = (view.took, view.take_sent, view.posted, view.post_sent)
    return (held[0] // SCALE, held[1] // SCALE, held[2] // SCALE, held[3] // SCALE)


def whole(desk: Slow) -> None:
    desk.fills(desk.ioc(), 100)


def part(desk: Slow) -> None:
    name = desk.ioc()
    desk.fills(name, 40)
    desk.ends(name, cum=40)


def nothing(desk: Slow) -> None:
    desk.ends(desk.ioc())


def fill_or_kill(desk: Slow) -> None:
    desk.ends(desk.buy(100, time_in_force=FOK))


def market(desk: Slow) -> None:
    desk.fills(desk.buy(100, None), 100)


def posted(desk: Slow) -> None:
    name = desk.buy(100)
    desk.report(name, "0", "0", leaves=100)
    desk.fills(name, 40)


def posted_and_cancelled(desk: Slow) -> None:
    name = desk.buy(100)
    desk.fills(name, 40)
    desk.passes(RESTED_NS)
    desk.ends(name, cum=40)


def taken_back_soon(desk: Slow) -> None:
    name = desk.buy(100)
    desk.fills(name, 40)
    desk.passes(RESTED_NS // 2)
    desk.ends(name, cum=40)


def taken_back_at_once(desk: Slow) -> None:
    desk.ends(desk.buy(100))


def open_still(desk: Slow) -> None:
    desk.report(desk.buy(100), "0", "0", leaves=100)


def marketable(desk: Slow) -> None:
    desk.book(("bid", "9", 50), ("offer", "10", 50))
    desk.fills(desk.buy(100), 100)


def not_quite_marketable(desk: Slow) -> None:
    desk.book(("bid", "9", 50), ("offer", "10.01", 50))
    desk.fills(desk.buy(100), 100)


def stale_book(desk: Slow) -> None:
    desk.book(("bid", "9", 50), ("offer", "10", 50))
    desk.now += 61 * SECOND
    desk.fills(desk.buy(100), 100)


def stop(desk: Slow) -> None:
    desk.fills(desk.buy(100, None, ord_type="3", stop_px=fixed("10")), 100)


def rejected(desk: Slow) -> None:
    desk.report(desk.ioc(), "8", "8", text="no")


def never_left(desk: Slow) -> None:
    desk.holds = True
    desk.ioc()
    desk.give(
        inputs.NotSent(
            session="ALPHA",
            cl_ord_id=desk.held[0].cl_ord_id,
            text=desk.held[0].text,
            reason="down",
        )
    )


def refused_by_the_session(desk: Slow) -> None:
    desk.ioc()
    desk.hear("ALPHA", SessionReject(ref_seq_num=1, ref_msg_type="D", text="no"))


def late(desk: Slow) -> None:
    name = desk.ioc()
    desk.ends(name)
    desk.report(name, "F", "4", last=40, cum=40)


def busted(desk: Slow) -> None:
    name = desk.ioc()
    desk.fills(name, 100, exec_id="X")
    desk.report(name, "H", "4", cum=0, exec_id="Y", exec_ref_id="X")


def corrected(desk: Slow) -> None:
    name = desk.ioc()
    desk.fills(name, 40, exec_id="X")
    desk.report(name, "G", "1", last=30, cum=30, leaves=70, exec_id="Y", exec_ref_id="X")
    desk.ends(name, cum=30)


def replaced(desk: Slow) -> None:
    name = desk.buy(100)
    desk.report(name, "0", "0", leaves=100)
    desk.replace(name, order_qty=150 * SCALE)
    replace = desk.order(name).requests[-1].cl_ord_id
    desk.report(replace, "5", "0", leaves=150, order_qty=150 * SCALE, orig_cl_ord_id=name)
    desk.report(replace, "F", "2", last=150, cum=150)


def filled_and_replaced_to_more(desk: Slow) -> None:
    """The filled order works again (FIX 4.4 volume 4, C.1.c)."""
    whole_of_posted(desk)
    name = desk.sent[-1].cl_ord_id
    desk.replace(name, order_qty=150 * SCALE)
    replace = desk.order(name).requests[-1].cl_ord_id
    desk.report(replace, "5", "1", leaves=50, cum=100, order_qty=150 * SCALE, orig_cl_ord_id=name)
    desk.report(replace, "F", "2", last=50, cum=150)


def whole_of_posted(desk: Slow) -> None:
    desk.fills(desk.buy(100), 100)


def fill_busted_while_open(desk: Slow) -> None:
    name = desk.buy(100)
    desk.fills(name, 40, exec_id="X")
    desk.report(name, "H", "0", cum=0, leaves=100, exec_id="Y", exec_ref_id="X")
    desk.passes(RESTED_NS)
    desk.ends(name)


def last_fill_busted(desk: Slow) -> None:
    """The filled order is open again."""
    name = desk.buy(100)
    desk.fills(name, 100, exec_id="X")
    desk.report(name, "H", "0", cum=0, leaves=100, exec_id="Y", exec_ref_id="X")
    desk.fills(name, 40)
    desk.passes(RESTED_NS)
    desk.ends(name, cum=40)


Story = Callable[[Slow], None]
CASES: list[tuple[Story, tuple[int, int, int, int], tuple[int, int]]] = [
    # took, of, posted, of; orders, rejected
    (whole, (100, 100, 0, 0), (1, 0)),
    (part, (40, 100, 0, 0), (1, 0)),
    (nothing, (0, 100, 0, 0), (1, 0)),
    (fill_or_kill, (0, 100, 0, 0), (1, 0)),
    (market, (100, 100, 0, 0), (1, 0)),
    (posted, (0, 0, 0, 0), (1, 0)),
    (posted_and_cancelled, (0, 0, 40, 100), (1, 0)),
    (taken_back_soon, (0, 0, 40, 70), (1, 0)),
    (taken_back_at_once, (0, 0, 0, 0), (1, 0)),
    (open_still, (0, 0, 0, 0), (1, 0)),
    (marketable, (100, 100, 0, 0), (1, 0)),
    (not_quite_marketable, (0, 0, 100, 100), (1, 0)),
    (stale_book, (0, 0, 100, 100), (1, 0)),
    (stop, (0, 0, 0, 0), (1, 0)),
    (rejected, (0, 0, 0, 0), (1, 1)),
    (never_left, (0, 0, 0, 0), (0, 0)),
    (refused_by_the_session, (0, 0, 0, 0), (1, 1)),
    (late, (40, 100, 0, 0), (1, 0)),
    (busted, (0, 100, 0, 0), (1, 0)),
    (corrected, (30, 100, 0, 0), (1, 0)),
    (replaced, (0, 0, 150, 150), (1, 0)),
    (whole_of_posted, (0, 0, 100, 100), (1, 0)),
    (filled_and_replaced_to_more, (0, 0, 150, 150), (1, 0)),
    (fill_busted_while_open, (0, 0, 0, 100), (1, 0)),
    (last_fill_busted, (0, 0, 40, 100), (1, 0)),
]
