"""Algos as people and programs see them."""

from __future__ import annotations

from itertools import dropwhile, islice
from typing import Any, Final, get_type_hints

from fix_oms.algos.algo import Algo
from fix_oms.algos.kinds import is_amount, parameters
from fix_oms.algos.running import ENDED, RunningAlgo
from fix_oms.engine.algo_desk import AlgoDesk
from fix_oms.engine.state import State
from fix_oms.model.talk_algos import AlgoFound, AlgoView
from fix_oms.model.units import text_of

MOST_ORDERS: Final = 500
"""So many of an algo's newest orders are named in its view."""


class ShownAlgos:
    """Views of one state's algos at one time (ns UTC)."""

    def __init__(self, state: State, now: int) -> None:
        self._state: Final = state
        self._now: Final = now

    def algo(self, ref: str) -> AlgoFound:
        """One algo, with its schedule and the newest records of what it did."""
        running = self._state.algos.algos.get(ref)
        if running is None:
            return AlgoFound(algo=None)
        return AlgoFound(algo=self._view(running, whole=True), acts=tuple(running.newest))

    def algo_view(self, ref: str) -> AlgoView | None:
        """The algo alone, without its schedule; None where there is none of that ref."""
        running = self._state.algos.algos.get(ref)
        return self._view(running, whole=False) if running is not None else None

    def algos(self, open_only: bool, limit: int, after: str) -> list[AlgoView]:
        """Algos in the order in which they came, ``limit`` of them behind ``after``."""
        found = iter(self._state.algos.algos.values())
        if after:
            found = dropwhile(lambda running: running.ref != after, found)
            next(found, None)
        wanted = (running for running in found if not open_only or running.state != ENDED)
        return [self._view(running, whole=False) for running in islice(wanted, limit)]

    def _view(self, running: RunningAlgo, *, whole: bool) -> AlgoView:
        algo, desk = running.algo, AlgoDesk(self._state, running, self._now)
        progress: dict[str, str] = {}
        schedule: tuple[dict[str, str], ...] = ()
        if algo is not None:
            try:
                progress = algo.shown(desk)
                schedule = algo.schedule(desk) if whole else ()
            except Exception as error:  # noqa: BLE001 - it may be anybody's; the others are shown
                progress = {"error": f"{type(error).__name__}: {error}"}
        return AlgoView(
            ref=running.ref,
            kind=running.kind,
            by=running.by,
            account=running.account,
            strategy=running.strategy,
            state=running.state,
            why=running.why,
            params=_params(algo),
            progress=progress,
            schedule=schedule,
            orders=_newest(running.names) if whole else {},
            working=tuple(running.working),
            number=running.number,
            created_ns=running.created_ns,
            updated_ns=running.updated_ns,
            known=algo is not None,
        )


def _newest(names: dict[str, str]) -> dict[str, str]:
    """The last of very many, in their order."""
    return dict(islice(names.items(), max(0, len(names) - MOST_ORDERS), None))


def _params(algo: Algo | None) -> dict[str, str]:
    """Each as it was given, quantities and prices as text; what is not set is left out."""
    if algo is None:
        return {}
    hints = get_type_hints(type(algo), include_extras=True)
    found = {name: getattr(algo, name) for name in parameters(type(algo))}
    return {name: _text(hints[name], value) for name, value in found.items() if value is not None}


def _text(hint: Any, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return text_of(value) if is_amount(hint) else str(value)
