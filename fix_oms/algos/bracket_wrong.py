"""What is wrong with a bracket that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fix_oms.algos.algo import Desk
from fix_oms.algos.careful import TRIGGERS, wrong_slip, wrong_word
from fix_oms.model.units import Fixed, text_of

if TYPE_CHECKING:
    from fix_oms.algos.bracket import Bracket

STOPS = ("", "venue", "synthetic")
EXCESS = ("unwind", "alert")


def wrong_of(algo: Bracket, desk: Desk) -> str:
    """In words, naming a parameter; empty: nothing."""
    wrong = algo.wrong_place(desk) or wrong_slip(algo.slip_bps)
    if wrong:
        return wrong
    for name, words in (("stop", STOPS), ("trigger", TRIGGERS), ("excess", EXCESS)):
        wrong = wrong or wrong_word(name, getattr(algo, name), words)
    for name in ("price", "tp", "sl", "sl_limit"):
        wrong = wrong or algo.wrong_price(desk, name, getattr(algo, name))
    return wrong or _wrong_exits(algo) or _wrong_stop(algo, desk)


def _wrong_exits(algo: Bracket) -> str:
    if algo.tp is None and algo.sl is None:
        return "tp: give tp, sl or both"
    if not algo.enters and algo.price is not None:
        return "price: there is no entry (enters is false)"
    better, worse = ("above", "below") if algo.buys else ("below", "above")
    checks = (
        ("tp", algo.tp, "price", algo.price, better),
        ("sl", algo.sl, "price", algo.price, worse),
        ("sl", algo.sl, "tp", algo.tp, worse),
        ("sl_limit", algo.sl_limit, "sl", algo.sl, f"{worse} or at"),
    )
    for name, value, other, bound, where in checks:
        if value is not None and bound is not None and not _stands(value, bound, where):
            text = f"{name}: {text_of(value)} is not {where} {other} {text_of(bound)}"
            return f"{text}, as the exit of a {'purchase' if algo.buys else 'sale'}"
    return ""


def _stands(value: Fixed, bound: Fixed, where: str) -> bool:
    if where.startswith("above"):
        return value > bound or (where.endswith("at") and value == bound)
    return value < bound or (where.endswith("at") and value == bound)


def _wrong_stop(algo: Bracket, desk: Desk) -> str:
    if algo.sl_limit is not None and (algo.sl is None or algo.stop == "synthetic"):
        return "sl_limit: there is no stop at the venue"
    if algo.stop != "venue":
        return ""
    if not algo.venue:
        return "venue: name the one that is to hold the stop"
    if not desk.stops(algo.symbol, algo.venue):
        return f"stop: {algo.venue} takes no stop orders"
    return ""
