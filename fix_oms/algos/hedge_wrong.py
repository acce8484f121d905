"""What is wrong with a hedge's parameters: each named, with the reason, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fix_oms.algos.hedge_sums import ratio_of
from fix_oms.model.fix import TimeInForce
from fix_oms.model.units import SCALE, text_of

if TYPE_CHECKING:
    from fix_oms.algos.algo import Desk
    from fix_oms.algos.hedge import Hedge

MOST_RETRIES: Final = 8
MOST_MS: Final = 3_600_000
_SIDES: Final = ("1", "2", "5")


def wrong_params(hedge: Hedge, desk: Desk) -> str:
    """The first that is wrong, in words; empty: none is."""
    for check in (_places, _terms, _policy):
        found = next(check(hedge, desk), "")
        if found:
            return found
    return ""


def _places(hedge: Hedge, desk: Desk) -> Iterator[str]:
    """Where the legs trade."""
    if hedge.maker_side not in _SIDES:
        yield f"maker_side: {hedge.maker_side!r} is none of 1 (buy), 2 (sell), 5 (sell short)"
    for leg in ("maker", "hedge"):
        symbol, venue = getattr(hedge, f"{leg}_symbol"), getattr(hedge, f"{leg}_venue")
        policy = getattr(hedge, f"{leg}_policy")
        wrong = desk.unknown(symbol)
        if wrong:
            yield f"{leg}_symbol: {wrong}"
        wrong = desk.unknown(symbol, venue)
        if wrong:
            yield f"{leg}_venue: {wrong}"
        wrong = desk.unknown(symbol, policy=policy or "")
        if wrong:
            yield f"{leg}_policy: {wrong}"
        if bool(venue) == (policy is not None):
            yield f"{leg}_venue: name either a venue or a routing policy ({leg}_policy)"
    wrong = desk.unknown(hedge.hedge_symbol, account=hedge.hedge_account)
    if wrong:
        yield f"hedge_account: {wrong}"
    for venue in hedge.other_venues:
        wrong = desk.unknown(hedge.hedge_symbol, venue)
        if wrong or venue == hedge.hedge_venue:
            yield f"other_venues: {wrong or f'{venue} is the hedge_venue'}"


def _terms(hedge: Hedge, desk: Desk) -> Iterator[str]:
    """Quantities and prices."""
    try:
        ratio_of(hedge.ratio)
    except ValueError as error:
        yield f"ratio: {error}"
    maker = desk.terms(hedge.maker_symbol, hedge.maker_venue)
    cover = desk.terms(hedge.hedge_symbol, hedge.hedge_venue)
    if hedge.maker_qty <= 0 or hedge.maker_qty % maker.lot:
        lot = text_of(maker.lot)
        yield f"maker_qty: {text_of(hedge.maker_qty)} is not so many lots of {lot}"
    for name, price, tick in (
        ("maker_price", hedge.maker_price, maker.tick),
        ("hedge_limit", hedge.hedge_limit, cover.tick),
    ):
        if price is not None and (price <= 0 or price % tick):
            yield f"{name}: {text_of(price)} is no price of the tick {text_of(tick)}"
    if hedge.hedge_type == "limit" and hedge.hedge_limit is None:
        yield "hedge_limit: a hedge_type of limit rests there: it needs one"
    if not 0 <= hedge.slippage_bps < 10_000 * SCALE:
        yield "slippage_bps: is 0 or more, and less than 10000"
    if not 0 <= hedge.slippage_ticks <= 1_000_000:
        yield "slippage_ticks: is 0 to 1000000"
    if hedge.maker_tif not in tuple(TimeInForce):
        yield f"maker_tif: {hedge.maker_tif!r} is no TimeInForce(59)"


def _policy(hedge: Hedge, desk: Desk) -> Iterator[str]:
    """What is done in trouble."""
    if hedge.on_trouble == "venue" and not hedge.other_venues:
        yield "other_venues: on_trouble is venue, so name at least one"
    if hedge.on_trouble == "venue" and hedge.hedge_policy is not None:
        yield "on_trouble: by hedge_policy the router chooses the venue"
    if not 0 <= hedge.retries <= MOST_RETRIES:
        yield f"retries: is 0 to {MOST_RETRIES}"
    if not 1 <= hedge.retry_ms <= MOST_MS:
        yield f"retry_ms: is 1 to {MOST_MS}"
    if not 0 <= hedge.timeout_ms <= MOST_MS:
        yield f"timeout_ms: is 0 (for ever) to {MOST_MS}"
