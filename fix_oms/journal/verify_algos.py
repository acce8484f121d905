"""Of algos, what must hold in any state: their legs are the sums of their orders, and what is
carried is the sum of what each has put in."""

from __future__ import annotations

from collections import defaultdict

from fix_oms.algos.running import leg_of
from fix_oms.engine.state import State
from fix_oms.model.units import text_of


def broken_by_algos(state: State) -> list[str]:
    """Each law that does not hold, in words."""
    broken = []
    carried = state.algos.carried
    for key, total in carried.totals.items():
        parts = sum(carried.parts[key].values())
        if total != parts:
            said = f"{text_of(total)}, and is made of {text_of(parts)}"
            broken.append(f"the balance of {' '.join(key)} is {said}")
    if state.forgotten.executed:  # orders that are not known any more are in the sums
        return broken
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for order in state.book.orders:
        parent = state.gate.parents.of(order)
        owner = state.algos.of.get(parent.ref if parent is not None else order.reference)
        if owner is not None:
            effective = sum(qty for _, qty, _ in order.executions.counted())
            sums[owner[0], leg_of(owner[1])] += effective
    for ref, running in state.algos.algos.items():
        for leg, (executed, _) in running.legs.items():
            if executed != sums[ref, leg]:
                said = f"{text_of(executed)}, its orders {text_of(sums[ref, leg])}"
                broken.append(f"the leg {leg} of algo {ref} has executed {said}")
    return broken
