"""What a hedge does next, by what it owes: sends, reduces, unwinds, carries, waits, gives up.

:func:`covered` is asked after every event and looks at nothing but the sums, so it does no more by
being asked twice. What is open covers, also in doubt: nothing is sent a second time because an
answer is late.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Final

from fix_oms.algos.hedge_price import Aim, quoted, worth_of
from fix_oms.algos.hedge_sums import (
    FLATTEN,
    HEDGE,
    MAKER,
    UNWIND,
    Parcels,
    Sums,
    buys,
    factor_of,
    key_of,
    parcels,
    scaled,
    side_of,
    sums_of,
)
from fix_oms.model.algos import AnyAct, Cancel, Carry, Change, Done, Place, Wake
from fix_oms.model.units import Fixed, text_of

if TYPE_CHECKING:
    from fix_oms.algos.algo import Desk, Mine
    from fix_oms.algos.hedge import Hedge

RESTS: Final = frozenset({"paused", "held"})
"""States in which it does nothing."""
ENDING: Final = "ending"
MILLISECOND: Final = 1_000_000
_NOT_NOW: Final = frozenset(
    {"session_up", "session_busy", "trading_hours", "trading_halt", "reconciling", "halt", "kill"}
)
"""Controls that will let it pass some time later."""
POLL_NS: Final = 5_000 * MILLISECOND
"""How often what waits for a venue or a price is looked at again, should nobody tell."""


def covered(hedge: Hedge, desk: Desk, *, up: bool = False) -> Iterator[AnyAct]:
    """All that is to be done now. ``up``: what would be carried goes as one more order."""
    if desk.state in RESTS:
        return
    yield from _maker_again(hedge, desk)
    yield from _timed_out(hedge, desk)
    sums = sums_of(hedge, desk)
    is_covered = yield from _covers(hedge, desk, sums, up=up)
    if is_covered and desk.state != ENDING and not (any(sums.orders.values()) or sums.told):
        carried = sums.uncovered + sums.carried
        text = f"{text_of(sums.executed)} executed, {text_of(sums.hedged)} hedged"
        yield Done(why=f"{text}, {text_of(carried)} carried" if carried else text)
        return
    yield from woken(hedge, desk)


def _covers(hedge: Hedge, desk: Desk, sums: Sums, *, up: bool) -> Generator[AnyAct, None, bool]:
    """Bring what is uncovered to what can be carried. Returns whether nothing else was needed."""
    need = sums.uncovered + sums.balance
    split = split_of(hedge, desk, need, up=up)
    rest = split.rest if need >= 0 else -split.rest
    yield from _carries(hedge, desk, rest - sums.balance)
    if need == rest:
        if not any(sums.orders[leg] for leg in (HEDGE, UNWIND, FLATTEN)):
            hedge.tries, hedge.wait_until, hedge.why = 0, 0, ""
            hedge.is_blocked = hedge.gave_up = False
        return True
    if need > rest:
        yield from _sends(hedge, desk, sums, split, need - rest, rest)
    else:
        yield from _takes_back(hedge, desk, sums, rest - need)
    return False


def _carries(hedge: Hedge, desk: Desk, more: Fixed) -> Iterator[AnyAct]:
    """So much more is carried."""
    key = key_of(hedge, desk)
    if more:
        yield Carry(
            symbol=key.symbol, side=key.side, qty=more, venue=key.venue, account=key.account
        )


def split_of(hedge: Hedge, desk: Desk, need: Fixed, *, up: bool = False) -> Parcels:
    """What is needed, as the hedge's own venue takes it."""
    aim = Aim(HEDGE, hedge.hedge_symbol, hedge.hedge_venue, buys(hedge))
    return _split(hedge, desk, aim, abs(need), up=up)


def _split(hedge: Hedge, desk: Desk, aim: Aim, qty: Fixed, *, up: bool = False) -> Parcels:
    terms = desk.terms(aim.symbol, aim.venue)
    price = worth_of(hedge, desk, aim) if terms.min_notional else 0
    least = terms.least(price) or max(terms.lot, terms.min_qty)
    return parcels(qty, terms.lot, least, terms.max_qty, up=up)


# -- more is to be hedged ----------------------------------------------------------------------


def _sends(
    hedge: Hedge, desk: Desk, sums: Sums, split: Parcels, missing: Fixed, rest: Fixed
) -> Iterator[AnyAct]:
    """So much is missing, beside the ``rest`` that is carried now."""
    if sums.orders[UNWIND]:
        hedge.why = "what unwinds is on its way, and could fill"
        return
    if hedge.gave_up or desk.now < hedge.wait_until:
        return
    if hedge.flattens:
        yield from _flattens(hedge, desk, sums, missing, rest)
        return
    venue, wrong = _venue(hedge, desk)
    if wrong:
        _no_venue(hedge, desk, wrong)
        if hedge.flattens:
            yield from _flattens(hedge, desk, sums, missing, rest)
        return
    aim = Aim(HEDGE, hedge.hedge_symbol, venue, buys(hedge))
    sent = split.sent
    if venue != hedge.hedge_venue:
        sent = _split(hedge, desk, aim, sum(sent)).sent
    yield from _placed(hedge, desk, aim, sent)


def blocked(hedge: Hedge, desk: Desk) -> str:
    """Why nothing can be sent now; empty: something can."""
    venue, wrong = _venue(hedge, desk)
    aim = Aim(HEDGE, hedge.hedge_symbol, venue, buys(hedge))
    return wrong or quoted(hedge, desk, aim).wrong


def _venue(hedge: Hedge, desk: Desk) -> tuple[str, str]:
    """Where the next one goes, or why nowhere."""
    venues = [hedge.hedge_venue]
    if hedge.on_trouble == "venue":
        venues += hedge.other_venues
        first = hedge.tries % len(venues)
        venues = venues[first:] + venues[:first]
    wrong = ""
    for venue in venues:
        why = desk.takes(hedge.hedge_symbol, venue, hedge.hedge_account)
        if not why:
            return venue, ""
        wrong = wrong or why
    return "", wrong


def _no_venue(hedge: Hedge, desk: Desk, why: str) -> None:
    """Nobody takes it now. That is no try, unless the maker is to be flattened for it: then each
    time that an order would have been waited for is one."""
    hedge.why, hedge.is_blocked = why, True
    if hedge.on_trouble == "flatten":
        troubled(hedge, desk, why, wait_ms=hedge.timeout_ms)


def _placed(hedge: Hedge, desk: Desk, aim: Aim, sent: tuple[Fixed, ...]) -> Iterator[AnyAct]:
    """Orders of these quantities, where the price allows it."""
    price = quoted(hedge, desk, aim)
    if price.wrong or not sent:
        terms = desk.terms(aim.symbol, aim.venue)
        lot = f"less than {aim.venue or 'a venue'} takes of {aim.symbol}, lot {text_of(terms.lot)}"
        hedge.why, hedge.is_blocked = price.wrong or lot, True
        return
    hedge.why, hedge.is_blocked = "", False
    is_maker = aim.leg == FLATTEN
    policy = hedge.maker_policy if is_maker else hedge.hedge_policy
    account = None if is_maker else hedge.hedge_account or None
    for qty in sent:
        name = hedge.name(aim.leg)
        hedge.deadlines[name] = _deadline(hedge, desk.now)
        yield Place(
            name=name,
            symbol=aim.symbol,
            side=side_of(buys=aim.buys),
            qty=qty,
            price=price.price,
            time_in_force=price.time_in_force,
            venue=aim.venue or None,
            policy=policy,
            account=account,
            hedge=True,
        )


# -- too much is hedged ------------------------------------------------------------------------


def _takes_back(hedge: Hedge, desk: Desk, sums: Sums, qty: Fixed) -> Iterator[AnyAct]:
    """So much less: what is open is reduced, what has executed is unwound."""
    terms, left = desk.terms(hedge.hedge_symbol, hedge.hedge_venue), qty
    for mine in reversed(sums.orders[HEDGE]):
        less = min(left, mine.open_qty)
        left -= less
        if less <= 0 or not _can_go(hedge, mine):
            continue
        new = mine.qty - less
        hedge.reduced |= {mine.name}
        if mine.open_qty - less >= max(terms.lot, terms.min_qty) and new % terms.lot == 0:
            yield Change(name=mine.name, qty=new)
        else:
            yield _cancel(hedge, mine)
    if left <= 0 or hedge.gave_up or desk.now < hedge.wait_until:
        return
    aim = Aim(UNWIND, hedge.hedge_symbol, hedge.hedge_venue, not buys(hedge))
    why = desk.takes(aim.symbol, aim.venue, hedge.hedge_account)
    if why:
        hedge.why, hedge.is_blocked = why, True
        return
    yield from _placed(hedge, desk, aim, _split(hedge, desk, aim, left).sent)


def _can_go(hedge: Hedge, mine: Mine) -> bool:
    """Whether it rests, and has not been asked already."""
    asked = mine.pending in ("cancel", "replace") or mine.name in hedge.reduced
    return hedge.hedge_type == "limit" and not asked


def _cancel(hedge: Hedge, mine: Mine) -> Cancel:
    hedge.reduced |= {mine.name}
    return Cancel(name=mine.name)


def _flattens(
    hedge: Hedge, desk: Desk, sums: Sums, missing: Fixed, rest: Fixed
) -> Iterator[AnyAct]:
    """Trade back what the maker executed and nothing covers, in its own lots; what they leave is
    carried, or stays uncovered."""
    yield from [Cancel(name=m.name) for m in sums.orders[MAKER] if m.pending != "cancel"]
    by = factor_of(hedge, desk)
    qty = min(scaled(missing, 1 / by), sums.executed - sums.flattening)
    aim = Aim(FLATTEN, hedge.maker_symbol, hedge.maker_venue, hedge.maker_side not in ("1", "3"))
    why = desk.takes(aim.symbol, aim.venue)
    if why or qty <= 0:
        hedge.why, hedge.is_blocked = why or hedge.why, bool(why)
        return
    sent = _split(hedge, desk, aim, qty).sent
    placed = list(_placed(hedge, desk, aim, sent))
    yield from placed
    if placed:
        counted = sums.executed - sums.flattening
        counted += sums.provisional if hedge.provisional else 0
        left = missing - sums.target + scaled(counted - sum(sent), by) + rest
        split = split_of(hedge, desk, left)
        yield from _carries(hedge, desk, (split.rest if left >= 0 else -split.rest) - rest)
        hedge.why = f"less than a lot of {aim.symbol} is left" if split.sent else ""


# -- trouble and time --------------------------------------------------------------------------


def troubled(
    hedge: Hedge, desk: Desk, why: str, *, at_once: bool = False, wait_ms: int = 0
) -> None:
    """A covering order came to nothing, or not to all. ``at_once``: the last did execute."""
    hedge.why = why
    hedge.tries += 1
    most = 0 if hedge.on_trouble == "alert" else hedge.retries
    if hedge.on_trouble == "venue":
        most = max(most, len(hedge.other_venues))
        at_once = at_once or hedge.tries <= len(hedge.other_venues)
    if hedge.tries > most:
        if hedge.on_trouble == "flatten" and not hedge.flattens:
            hedge.flattens, hedge.tries, hedge.wait_until = True, 0, 0
        else:
            hedge.gave_up, hedge.wait_until = True, 0
    elif not at_once:
        wait_ms = wait_ms or hedge.retry_ms << (hedge.tries - 1)
        hedge.wait_until = desk.now + wait_ms * MILLISECOND


def refused(hedge: Hedge, desk: Desk, control: str, text: str) -> None:
    """A covering order did not leave. That it could not leave just now is no try."""
    if control in _NOT_NOW:
        hedge.why, hedge.wait_until = text, desk.now + POLL_NS
    else:
        troubled(hedge, desk, f"{control}: {text}")


def _timed_out(hedge: Hedge, desk: Desk) -> Iterator[AnyAct]:
    """Orders that were waited for for long enough are taken out; their end is trouble."""
    for name, deadline in list(hedge.deadlines.items()):
        if not 0 < deadline <= desk.now:
            continue
        mine = desk.mine(name)
        if mine is None or not mine.is_open:
            hedge.deadlines[name] = 0
            continue
        hedge.deadlines[name] = _deadline(hedge, desk.now)
        if mine.pending != "cancel" and not (mine.venue and desk.takes(mine.symbol, mine.venue)):
            hedge.deadlines[name] = 0
            yield Cancel(name=name)


def _deadline(hedge: Hedge, now: int) -> int:
    return now + hedge.timeout_ms * MILLISECOND if hedge.timeout_ms else 0


def woken(hedge: Hedge, desk: Desk) -> Iterator[AnyAct]:
    """Ask to be called when something is to be looked at again."""
    times = [deadline for deadline in hedge.deadlines.values() if deadline]
    if hedge.wait_until > desk.now:
        times.append(hedge.wait_until)
    if hedge.is_blocked and desk.state != ENDING:
        times.append(desk.now + POLL_NS)
    first = min(times, default=0)
    if not first and hedge.wake_at and desk.state == ENDING:
        hedge.wake_at = 0
        yield Wake(at_ns=0)
    if first and not desk.now < hedge.wake_at <= first:  # to be woken for nothing costs less
        hedge.wake_at = first
        yield Wake(at_ns=first)


def _maker_again(hedge: Hedge, desk: Desk) -> Iterator[AnyAct]:
    """The maker that a pause took out comes again with what is left of it."""
    if not hedge.was_taken_out or sums_of(hedge, desk).orders[MAKER]:
        return
    hedge.was_taken_out = False
    terms = desk.terms(hedge.maker_symbol, hedge.maker_venue)
    left = hedge.maker_qty - desk.executed(MAKER)[0]
    if left >= terms.lot:
        yield hedge.maker(left)
