"""What may be asked of an algo that sends piece by piece, and what is wrong with what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fix_oms.algos.algo import Desk
from fix_oms.algos.times import DAY, moment
from fix_oms.model.fix import Side
from fix_oms.model.units import text_of

if TYPE_CHECKING:
    from fix_oms.algos.sliced import Sliced

ANEW: Final = "anew"
STAY: Final = "stay"
CANCEL: Final = "cancel"
CROSS: Final = "cross"
LEAVE: Final = "leave"
CATCH_UP: Final = "catch_up"
SPREAD: Final = "spread"
SHIFT: Final = "shift"
WORDS: Final = {
    "carry": (ANEW, STAY),
    "finish": (CANCEL, CROSS, LEAVE),
    "after_pause": (CATCH_UP, SPREAD, SHIFT),
}
SIDES: Final = {"buy": Side.BUY, "sell": Side.SELL, "sell_short": Side.SELL_SHORT} | {
    side.value: side for side in (Side.BUY, Side.SELL, Side.SELL_SHORT)
}
LONGEST: Final = 30 * DAY
MOST_SLICES: Final = 2000
PERCENT: Final = 100 * 10**8
"""A hundred percent, as a Fixed."""


def wrong_of(algo: Sliced, desk: Desk) -> str:
    """What is wrong, naming one parameter; empty: nothing."""
    if algo.side not in SIDES:
        return f"side: {algo.side!r} is none of buy, sell, sell_short"
    for name, words in WORDS.items():
        if getattr(algo, name) not in words:
            return f"{name}: {getattr(algo, name)!r} is none of {', '.join(words)}"
    return _wrong_place(algo, desk) or _wrong_sizes(algo, desk) or _wrong_times(algo, desk)


def _wrong_place(algo: Sliced, desk: Desk) -> str:
    if algo.venue and algo.policy:
        return f"policy: venue {algo.venue} is named: no router chooses"
    return desk.unknown(algo.symbol, algo.venue, policy=algo.policy)


def _wrong_sizes(algo: Sliced, desk: Desk) -> str:
    terms, done = desk.terms(algo.symbol, algo.venue), algo.executed(desk)
    if algo.qty <= 0 or algo.qty % terms.lot:
        return f"qty: {text_of(algo.qty)} is no multiple of the lot {text_of(terms.lot)}"
    if algo.qty < done:
        return f"qty: {text_of(algo.qty)} is less than the {text_of(done)} executed already"
    if algo.price is not None and (algo.price <= 0 or algo.price % terms.tick):
        return f"price: {text_of(algo.price)} is no multiple of the tick {text_of(terms.tick)}"
    if algo.max_slice is not None and algo.max_slice < terms.lot:
        return f"max_slice: {text_of(algo.max_slice)} is less than a lot"
    if algo.max_pct is not None and not 0 < algo.max_pct <= PERCENT:
        return f"max_pct: {text_of(algo.max_pct)} is not from above 0 to 100"
    if not 0 < algo.retry_s <= 3600:
        return f"retry_s: {algo.retry_s} is not from 1 to 3600"
    return ""


def _wrong_times(algo: Sliced, desk: Desk) -> str:
    now = desk.now
    begins, wrong = algo.begins_ns, ""
    if not begins:
        begins, wrong = _read("start", algo.start, now, now)
        if wrong:
            return wrong
        if begins < now:
            return f"start: {algo.start} is in the past"
        if begins > now + LONGEST:
            return f"start: {algo.start} is more than 30 days away"
    ends = algo.ends_ns  # a pause may have moved it
    if not ends or algo.end != algo.planned[1]:
        ends, wrong = _read("end", algo.end, begins, 0)
        if wrong:
            return wrong
        if ends and ends <= max(now, begins):
            return f"end: {algo.end} is not after the start, or in the past"
    if ends > begins + LONGEST:
        return f"end: {algo.end} is more than 30 days after the start"
    if not 0 <= algo.every_s <= 86_400:
        return f"every_s: {algo.every_s} is not from 1 to 86400"
    return algo.wrong_kind(desk, begins, ends)


def _read(name: str, text: str, after: int, default: int) -> tuple[int, str]:
    if not text:
        return default, ""
    try:
        return moment(text, after), ""
    except (ValueError, OverflowError) as error:
        return 0, f"{name}: {error}"
