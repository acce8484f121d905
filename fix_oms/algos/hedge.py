"""The hedge order: each execution of one order sends another that covers it, at once.

The *maker* leg is an order that rests or is routed; the *hedge* leg covers what it executes, on
another venue or instrument. Everything is decided by what the legs have come to
(:mod:`~fix_oms.algos.hedge_sums`), never by counting events: told twice, told late, or told by the
process that came after a crash, the same quantity is owed, and it is sent once.

**Whole lots.** A hedge is floored to the hedge venue's lot and no less than it takes. What is left
is carried in a balance by account, venue, instrument and side, shared by all hedges there, and goes
with the next execution of any of them, or by the word ``flush`` (``round="up"``: as one order of
the least that the venue takes, and the balance is then below 0).

**What is taken back.** A bust or correction of the maker makes too much hedged. What is open of
hedge orders is reduced first, what has executed is unwound by an order of the other side, and what
is below a lot goes into the balance. A bust of a hedge is hedged again.

**Provisional executions** (told, and not proven) are uncovered until they are proven, unless
``provisional`` says that they count.

**Trouble** is a hedge order that is refused, rejected, times out, or ends with a rest, and a venue
that cannot take one. What then is said by ``on_trouble``: ``retry`` (``retries`` times, after
``retry_ms`` and twice as long each time; at once where the last one executed something), ``venue``
(the next of ``other_venues``, as often), ``alert`` (a person is told) or ``flatten`` (after the
retries the maker is taken out, and what it executed is traded back). When all that has not helped,
the quantity stays uncovered, which a person is told severely, and the next execution of the maker
tries again. While a venue cannot take orders it is asked again each second, however long.

While it is paused the maker is out and nothing is sent; what is uncovered meanwhile is told, and
covered when it goes on. Stopped, it takes the maker out, covers what can be covered, and ends; an
execution that comes later yet is hedged all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

import msgspec

from fix_oms.algos import hedge_shown
from fix_oms.algos.algo import Algo, Answer, Desk, Filled, Mine, Refusal, out
from fix_oms.algos.hedge_steps import RESTS, blocked, covered, refused, troubled, woken
from fix_oms.algos.hedge_sums import MAKER, sums_of
from fix_oms.algos.hedge_wrong import wrong_params
from fix_oms.model.algos import AnyAct, Change, Done, Place, Tell
from fix_oms.model.units import SCALE, Fixed, text_of


class Hedge(Algo, kw_only=True, omit_defaults=True):
    """Parameters: first the maker's, then the hedge's.

    Sides are Side(54); ``maker_price`` None is a market order; ``maker_policy`` and
    ``hedge_policy`` name a routing policy, in place of a venue. ``hedge_side`` is ``opposite`` or
    ``same`` (of an inverse pair), ``hedge_type`` is ``marketable`` (an IOC limit at the bound),
    ``limit`` (rests at ``hedge_limit``) or ``market`` (IOC, while the touch is within the bound).
    The bound is ``slippage_bps`` (hundredths of a percent) and ``slippage_ticks`` beyond the
    ``touch`` or ``reference`` (``slippage_from``), and ``hedge_limit``. ``ratio`` is exact ("1",
    "0.5", "1/3"); ``by`` says whether it is of ``exposure``, with the multipliers of both
    contracts, or of bare ``quantity``. ``timeout_ms`` 0: a hedge order is waited for for ever.
    """

    maker_symbol: str
    maker_side: str
    maker_qty: Fixed
    hedge_symbol: str
    maker_price: Fixed | None = None
    maker_venue: str = ""
    maker_policy: str | None = None
    maker_tif: str = "0"
    hedge_venue: str = ""
    hedge_policy: str | None = None
    hedge_account: str = ""
    hedge_side: Literal["opposite", "same"] = "opposite"
    hedge_type: Literal["marketable", "limit", "market"] = "marketable"
    hedge_limit: Fixed | None = None
    slippage_bps: Fixed = 10 * SCALE
    slippage_ticks: int = 0
    slippage_from: Literal["touch", "reference"] = "touch"
    ratio: str = "1"
    by: Literal["exposure", "quantity"] = "exposure"
    provisional: bool = False
    on_trouble: Literal["retry", "venue", "alert", "flatten"] = "retry"
    retries: int = 3
    retry_ms: int = 250
    timeout_ms: int = 5000
    other_venues: tuple[str, ...] = ()

    made: int = 0
    """How many orders it has asked for: their names count on."""
    deadlines: dict[str, int] = msgspec.field(default_factory=dict)
    """Of its covering orders that may fill, until when (ns UTC); 0: for ever."""
    reduced: frozenset[str] = frozenset()
    """Those that it has asked to be less, or to go."""
    tries: int = 0
    """Troubles running."""
    wait_until: int = 0
    """Nothing is sent before (ns UTC)."""
    wake_at: int = 0
    why: str = ""
    """Why what is uncovered is not covered."""
    is_blocked: bool = False
    """It waits for a price."""
    gave_up: bool = False
    flattens: bool = False
    """What is uncovered is traded back at the maker's."""
    was_taken_out: bool = False
    """The maker was taken out by a pause, and comes again."""
    is_stopping: bool = False

    REMEMBERS: ClassVar[frozenset[str]] = frozenset(
        {
            "made",
            "deadlines",
            "reduced",
            "tries",
            "wait_until",
            "wake_at",
            "why",
            "is_blocked",
            "gave_up",
            "flattens",
            "was_taken_out",
            "is_stopping",
        }
    )
    SENDS_WHILE: ClassVar[frozenset[str]] = frozenset({"ending", "ended"})
    AMENDABLE: ClassVar[frozenset[str]] = frozenset(
        {
            "maker_price",
            "maker_qty",
            "hedge_limit",
            "slippage_bps",
            "slippage_ticks",
            "slippage_from",
            "provisional",
            "on_trouble",
            "retries",
            "retry_ms",
            "timeout_ms",
            "other_venues",
        }
    )

    def watches(self) -> frozenset[str]:
        if not self.is_blocked:
            return frozenset()
        return frozenset({self.hedge_symbol, self.maker_symbol})

    def wrong(self, desk: Desk) -> str:
        return wrong_params(self, desk)

    def shown(self, desk: Desk) -> dict[str, str]:
        return hedge_shown.progress(self, desk)

    def schedule(self, desk: Desk) -> tuple[dict[str, str], ...]:
        return hedge_shown.legs(self, desk)

    def uncovered(self, desk: Desk) -> tuple[Fixed, str]:
        return hedge_shown.uncovered(self, desk)

    # -- events -------------------------------------------------------------------------------

    def on_start(self, desk: Desk) -> Answer:
        return (self.maker(self.maker_qty),)

    def on_restart(self, desk: Desk) -> Answer:
        self.again()
        return covered(self, desk)

    def on_fill(self, desk: Desk, fill: Filled) -> Answer:
        if fill.qty > 0 and desk.now >= self.wait_until:
            self.tries, self.gave_up = 0, False
        return covered(self, desk)

    def on_order(self, desk: Desk, mine: Mine) -> Iterator[AnyAct]:
        if mine.name in self.deadlines and not mine.is_open:
            del self.deadlines[mine.name]
            asked = mine.name in self.reduced
            self.reduced -= {mine.name}
            if mine.executed < mine.qty and not asked:
                said = f": {mine.text}" if mine.text else ""
                why = (
                    f"{mine.name} ended with {text_of(mine.executed)} of {text_of(mine.qty)}{said}"
                )
                troubled(self, desk, why, at_once=mine.executed > 0)
        yield from covered(self, desk)

    def on_refused(self, desk: Desk, refusal: Refusal) -> Iterator[AnyAct]:
        if refusal.name.startswith(MAKER):
            if refusal.act == "place" and not desk.executed(MAKER)[0]:
                yield Done(why=f"the maker was refused: {refusal.text}")
                return
            text = f"{refusal.act} of {refusal.name} was refused: {refusal.text}"
            yield Tell(severity="warning", text=text)
        elif refusal.act == "place":
            self.deadlines.pop(refusal.name, None)
            refused(self, desk, refusal.control, refusal.text)
        else:
            self.reduced -= {refusal.name}
            self.is_blocked = True
            yield from woken(self, desk)
            return
        yield from covered(self, desk)

    def on_book(self, desk: Desk, symbol: str) -> Answer:
        return covered(self, desk)

    def on_ready(self, desk: Desk, place: str) -> Answer:
        self.wait_until = 0
        return covered(self, desk)

    def on_time(self, desk: Desk) -> Answer:
        self.wake_at = 0
        return covered(self, desk)

    def on_amend(self, desk: Desk) -> Iterator[AnyAct]:
        self.again()
        for mine in sums_of(self, desk).orders[MAKER]:
            qty = self.maker_qty - (desk.executed(MAKER)[0] - mine.executed)
            if (qty, self.maker_price) != (mine.qty, mine.price):
                yield Change(name=mine.name, qty=qty, price=self.maker_price)
        yield from covered(self, desk)

    def on_tell(self, desk: Desk, word: str, params: Mapping[str, Any]) -> Answer:
        if word != "flush":
            raise ValueError(f"a hedge understands flush, and not {word!r}")
        rounds = params.get("round", "down")
        if rounds not in ("down", "up") or params.keys() - {"round"}:
            raise ValueError('flush takes round, which is "down" or "up"')
        if desk.state in RESTS:
            raise ValueError(f"it is {desk.state}: nothing is sent")
        wrong = hedge_shown.too_little(self, desk)
        if rounds == "up" and wrong and wrong != hedge_shown.NOTHING:
            wrong = blocked(self, desk)
        if wrong:
            raise ValueError(wrong)
        self.again()
        return covered(self, desk, up=rounds == "up")

    def on_pause(self, desk: Desk) -> Iterator[AnyAct]:
        self.was_taken_out = bool(sums_of(self, desk).orders[MAKER])
        yield from self.maker_out(desk)

    def on_resume(self, desk: Desk) -> Answer:
        self.wake_at = 0
        self.again()
        ended = [n for n in self.deadlines if (m := desk.mine(n)) is None or not m.is_open]
        for name in ended:  # while it was held, nobody told it
            del self.deadlines[name]
            self.reduced -= {name}
        return covered(self, desk)

    def on_stop(self, desk: Desk) -> Iterator[AnyAct]:
        self.wake_at, self.was_taken_out = 0, False
        if not self.is_stopping:  # it is told again while it is not out
            self.is_stopping = True
            self.again()
        yield from self.maker_out(desk)
        yield from covered(self, desk)

    # -- parts --------------------------------------------------------------------------------

    def again(self) -> None:
        """Whatever has not helped so far is tried once more."""
        self.tries, self.wait_until, self.why = 0, 0, ""
        self.gave_up = self.is_blocked = self.flattens = False

    def name(self, leg: str) -> str:
        """A new one."""
        self.made += 1
        return f"{leg}{self.made}"

    def maker(self, qty: Fixed) -> Place:
        """The maker's order."""
        return Place(
            name=self.name(MAKER),
            symbol=self.maker_symbol,
            side=self.maker_side,
            qty=qty,
            price=self.maker_price,
            time_in_force=self.maker_tif,
            venue=self.maker_venue or None,
            policy=self.maker_policy,
        )

    def maker_out(self, desk: Desk) -> list[AnyAct]:
        """Take the maker out."""
        return [act for act in out(desk) if act.name.startswith(MAKER)]  # type: ignore[union-attr]  # they are cancels
