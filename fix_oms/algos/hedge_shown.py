"""A hedge for people: what is covered and what is not, leg by leg, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fix_oms.algos.hedge_steps import RESTS, split_of
from fix_oms.algos.hedge_sums import FLATTEN, HEDGE, MAKER, UNWIND, sums_of
from fix_oms.model.units import Fixed, average, text_of

if TYPE_CHECKING:
    from fix_oms.algos.algo import Desk
    from fix_oms.algos.hedge import Hedge

NOTHING: Final = "nothing is carried"


def progress(hedge: Hedge, desk: Desk) -> dict[str, str]:
    """The sums by name; quantities are the hedge's, but for the maker's own."""
    sums = sums_of(hedge, desk)
    found = {
        "maker_executed": sums.executed,
        "maker_provisional": sums.provisional,
        "target": sums.target,
        "hedged": sums.hedged,
        "open": sums.open_qty - sums.unwinding,
        "carried": sums.carried,
        "balance": sums.balance,
        "covered": sums.target - sums.uncovered,
        "uncovered": sums.uncovered + sums.told,
    }
    shown = {name: text_of(qty) for name, qty in found.items()}
    if sums.uncovered or sums.told:
        shown["why"] = _why(hedge, desk, sums.uncovered, sums.told)
    return shown


def legs(hedge: Hedge, desk: Desk) -> tuple[dict[str, str], ...]:
    """What each leg has executed, at which average, and what of it is open."""
    rows = []
    orders = sums_of(hedge, desk).orders
    for leg in (MAKER, HEDGE, UNWIND, FLATTEN):
        qty, notional = desk.executed(leg)
        if leg in (MAKER, HEDGE) or qty or orders[leg]:
            is_maker = leg in (MAKER, FLATTEN)
            rows.append(
                {
                    "leg": leg,
                    "symbol": hedge.maker_symbol if is_maker else hedge.hedge_symbol,
                    "executed": text_of(qty),
                    "average": text_of(average(notional, qty)) if qty else "",
                    "open": text_of(sum([mine.open_qty for mine in orders[leg]])),
                }
            )
    return tuple(rows)


def uncovered(hedge: Hedge, desk: Desk) -> tuple[Fixed, str]:
    """What a person is told; below 0: too much is hedged."""
    sums = sums_of(hedge, desk)
    qty = sums.uncovered + sums.told
    if not qty:
        return 0, ""
    what = "is not hedged" if qty > 0 else "too much is hedged"
    why = _why(hedge, desk, sums.uncovered, sums.told)
    return qty, f"{text_of(abs(qty))} of {hedge.hedge_symbol} {what}: {why}"


def _why(hedge: Hedge, desk: Desk, missing: Fixed, told: Fixed) -> str:
    if desk.state in RESTS:
        return f"it is {desk.state}"
    if told and not missing:
        return f"{text_of(told)} of the maker is told, and not proven"
    if missing < 0 and not hedge.why:
        return "what is open is being reduced"
    return hedge.why or "it is being hedged"


def too_little(hedge: Hedge, desk: Desk) -> str:
    """Why a flush can send nothing; empty where it can."""
    sums = sums_of(hedge, desk)
    need = sums.uncovered + sums.balance
    split = split_of(hedge, desk, need)
    if split.sent:
        return ""
    if not need:
        return NOTHING
    terms = desk.terms(hedge.hedge_symbol, hedge.hedge_venue)
    least = split_of(hedge, desk, need, up=True).sent[-1]
    bound = f"the lot of {text_of(terms.lot)}"
    if least > terms.lot:
        bound = f"the least of {text_of(least)} that can be sent"
    return f"{text_of(need)} is carried: below {bound}, nothing can leave (round up, or wait)"
