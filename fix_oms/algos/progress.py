"""How far a schedule has come, for people: in words and as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fix_oms.algos.algo import Desk
from fix_oms.algos.times import text_of_moment
from fix_oms.model.units import Fixed, average, text_of

if TYPE_CHECKING:
    from fix_oms.algos.sliced import Sliced


def shown_of(algo: Sliced, desk: Desk) -> dict[str, str]:
    """Its progress. ``ahead`` is what is executed beyond what is planned by now, and below 0 what
    is missing; ``market_avg`` is the volume-weighted price of all trades that were told since it
    began, ``part_pct`` its own part of them."""
    executed = algo.executed(desk)
    found = {
        "executed": text_of(executed),
        "done_pct": _percent(executed, algo.qty),
        "left": text_of(algo.qty - executed),
        "at_work": text_of(sum([mine.open_qty for mine in desk.working()])),
    }
    if algo.begins_ns:
        found["begins"] = text_of_moment(algo.begins_ns)
    if algo.ends_ns:
        found["ends"] = text_of_moment(algo.ends_ns)
    if algo.market_qty < 0:
        return found
    planned = algo.planned_by(desk, desk.now)
    found["planned"], found["ahead"] = text_of(planned), text_of(executed - planned)
    known = [mine for mine in desk.all_mine() if mine.executed]
    if known:
        notional = sum([mine.notional for mine in known])
        found["avg_px"] = text_of(average(notional, sum([mine.executed for mine in known])))
    traded = desk.traded(algo.symbol, algo.venue)
    market = traded.qty - algo.market_qty
    if market > 0:
        notional = traded.notional - int(algo.market_notional)
        found["market_qty"] = text_of(market)
        found["market_avg"] = text_of(average(notional, market))
        found["part_pct"] = _percent(executed, market)
    return found


def rows_of(algo: Sliced, desk: Desk) -> tuple[dict[str, str], ...]:
    """A row for each slice until the end: when it begins, what is planned, sent, filled. What a
    plan before this one had for its slices is not known any more. ``deviation`` is, by the end of
    the slice, what all up to it have filled beyond the plan; of those that have begun."""
    if not algo.every_ns:
        return ()
    sent, filled = _by_slice(desk)
    rows, done = [], 0
    for number in range(algo.plan_slice):
        done += filled.get(number, 0)
        rows.append({"slice": str(number + 1)} | _did(number, sent, filled))
    before, number = algo.plan_qty, algo.plan_slice
    while algo.slice_begins(number) < algo.ends_ns:
        by_then = algo.planned_by(desk, algo.slice_ends(number))
        done += filled.get(number, 0)
        row = {
            "slice": str(number + 1),
            "begins": text_of_moment(algo.slice_begins(number)),
            "planned": text_of(by_then - before),
            **_did(number, sent, filled),
        }
        if number <= algo.at_slice:
            row["deviation"] = text_of(done - by_then)
        rows.append(row)
        before, number = by_then, number + 1
    return tuple(rows)


def rows_sent(algo: Sliced, desk: Desk) -> tuple[dict[str, str], ...]:
    """A row for each slice that has sent anything, where nothing is planned beforehand."""
    sent, filled = _by_slice(desk)
    return tuple(
        [
            {
                "slice": str(number + 1),
                "begins": text_of_moment(algo.slice_begins(number)),
                **_did(number, sent, filled),
            }
            for number in sorted(sent)
        ]
    )


def _by_slice(desk: Desk) -> tuple[dict[int, Fixed], dict[int, Fixed]]:
    sent, filled = dict[int, Fixed](), dict[int, Fixed]()
    for mine in desk.all_mine():
        stem = mine.name.partition("-")[0]
        if stem.startswith("s"):
            number = int(stem[1:]) - 1
            sent[number] = sent.get(number, 0) + mine.qty
            filled[number] = filled.get(number, 0) + mine.executed
    return sent, filled


def _did(number: int, sent: dict[int, Fixed], filled: dict[int, Fixed]) -> dict[str, str]:
    return {"sent": text_of(sent.get(number, 0)), "filled": text_of(filled.get(number, 0))}


def _percent(part: Fixed, whole: Fixed) -> str:
    hundredths = part * 10_000 // whole
    return f"{hundredths // 100}.{hundredths % 100:02d}"
