"""One event is told to one algo, and what it answers is made a record.

The answer is tried before it counts: it is encoded and read again, so that no record can enter the
journal that a replay could not read, and the algo goes on as what was read. Half an answer is none:
where the algo raises, it is as before, and the record says that it is held.

What comes of the event without any code (what works, what it was told of) is settled here too,
whether or not the algo's class is known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from fix_oms.algos import running as algos
from fix_oms.algos.algo import Algo, Answer, Desk, Filled, Mine, Refusal, out
from fix_oms.algos.kinds import decoded, encoded
from fix_oms.algos.running import Event, RunningAlgo
from fix_oms.engine.algo_desk import AlgoDesk
from fix_oms.engine.state import State
from fix_oms.model.algos import Acts, AnyAct, Change, Hold, Place, Tell
from fix_oms.model.outputs import Alert, Output
from fix_oms.model.units import average

_ENCODER: Final = msgspec.msgpack.Encoder()
_READ: Final = msgspec.msgpack.Decoder(Acts)


class _NotUnderstood(Exception):
    """A word that was understood when the command came, and is not any more: nothing comes of it,
    as of one that was refused."""


class Telling:
    """Tells algos of one state."""

    def __init__(self, state: State) -> None:
        self._state: Final = state

    def tell(self, now: int, running: RunningAlgo, event: Event, said: list[Output]) -> None:
        """Tell it one event. A record that comes of it is left in ``pending``."""
        desk = AlgoDesk(self._state, running, now)
        if event.kind == algos.ORDER and not _has_changed(running, desk.mine(event.subject)):
            return
        algo, before = running.algo, running.mind
        if algo is None or not _is_told(running, event):
            return
        try:
            record = self._answer(desk, algo, running, event)
        except _NotUnderstood:
            running.remember()
            return
        except Exception as error:  # noqa: BLE001 - it may be anybody's; the others go on
            running.remember()
            text = f"algo {running.ref} failed as {event.kind}: {type(error).__name__}: {error}"
            said.append(Alert(severity="severe", code="fault", text=text, subject=running.ref))
            record = self._failed(desk, running, event, text)
        if record is not None:
            running.pending, running.asked = record, (event, before)

    def _answer(
        self, desk: AlgoDesk, algo: Algo, running: RunningAlgo, event: Event
    ) -> Acts | None:
        acts = tuple(_tell(desk, algo, event))
        if len(acts) > algos.MOST_ACTS:
            raise ValueError(f"{len(acts)} acts at once: more than {algos.MOST_ACTS}")
        if running.state not in {algos.RUNNING, *algo.SENDS_WHILE} and event.kind != algos.TOLD:
            acts = tuple([act for act in acts if type(act) not in _SENDS])
        watches = running.watches if running.state == algos.ENDED else algo.watches()
        if watches != running.watches:
            self._check(watches)
        most = dict(algo.most())
        running.mind = encoded(algo)
        as_before = watches == running.watches and most == running.most
        if not acts and as_before and event.kind not in _RECORDED:
            return None
        record = Acts(
            algo=running.ref,
            number=running.number + 1,
            cause=f"{event.kind}: {event.subject}" if event.subject else event.kind,
            acts=acts,
            mind=running.mind,
            watches=None if watches == running.watches else tuple(sorted(watches)),
            most=None if most == running.most else tuple(sorted((*k, q) for k, q in most.items())),
        )
        running.algo = decoded(type(algo), running.mind)
        return _READ.decode(_ENCODER.encode(record))

    def _check(self, watches: frozenset[str]) -> None:
        unknown = sorted(watches - self._state.settings.instruments.keys())
        if unknown:
            raise ValueError(f"no instrument {unknown[0]!r} is configured")

    def _failed(self, desk: AlgoDesk, running: RunningAlgo, event: Event, text: str) -> Acts:
        """What is done for an algo that could not say: a person has to look. What was to be taken
        out is taken out all the same."""
        acts: list[AnyAct] = [Hold(why=text)]
        if running.state == algos.ENDING:
            acts = [Tell(severity="severe", text=text)]
        if event.kind in (algos.STOP, algos.PAUSE):
            acts += out(desk)
        return Acts(
            algo=running.ref,
            number=running.number + 1,
            cause=f"{event.kind}: {event.subject}" if event.subject else event.kind,
            acts=tuple(acts),
            mind=running.mind,
        )


def _is_told(running: RunningAlgo, event: Event) -> bool:
    """Whether it is to be told that at all, as it stands."""
    if running.state == algos.ENDED:
        return event.kind in (algos.ORDER, algos.FILL)
    if event.kind in algos.OF_THE_MARKET:
        return running.state == algos.RUNNING
    return running.state != algos.HELD or event.kind in _ALWAYS


def _has_changed(running: RunningAlgo, mine: Mine | None) -> bool:
    """Whether an order of it stands otherwise than it was told last."""
    if mine is None:
        return False
    facts = (
        mine.status,
        mine.is_open,
        mine.pending,
        mine.in_doubt,
        mine.qty,
        mine.price,
        mine.provisional,
    )
    if running.told.get(mine.name) == facts:
        return False
    if mine.is_open:
        running.working[mine.name] = None
        running.told[mine.name] = facts
    else:  # nothing is kept of the many that are out
        running.working.pop(mine.name, None)
        running.told.pop(mine.name, None)
    return True


def _tell(desk: AlgoDesk, algo: Algo, event: Event) -> Answer:
    if event.kind == algos.ORDER:
        mine = desk.mine(event.subject)
        return algo.on_order(desk, mine) if mine is not None else ()
    if event.kind == algos.FILL:
        qty, notional, exec_id = event.what
        px = average(notional, qty) if qty else 0
        return algo.on_fill(desk, Filled(event.subject, qty, px, notional, exec_id))
    if event.kind == algos.READY:
        return algo.on_ready(desk, event.subject)
    if event.kind == algos.REFUSED:
        return algo.on_refused(desk, Refusal(event.subject, *event.what))
    if event.kind == algos.BOOK:
        return algo.on_book(desk, event.subject)
    if event.kind == algos.TOLD:
        try:
            return tuple(algo.on_tell(desk, event.subject, event.what))
        except ValueError:
            raise _NotUnderstood from None
    return _PLAIN[event.kind](algo, desk)


_SENDS: Final = frozenset({Place, Change})
_RECORDED: Final = frozenset({algos.START, algos.AMEND, algos.TOLD})
"""What a person asked for has a record, whatever comes of it: it says that it was taken."""
_ALWAYS: Final = frozenset({algos.RESUME, algos.STOP, algos.ORDER, algos.AMEND, algos.TOLD})
"""What an algo is told that is held."""
_PLAIN: Final[dict[str, Callable[[Algo, Desk], Answer]]] = {
    algos.START: lambda algo, desk: algo.on_start(desk),
    algos.RESTART: lambda algo, desk: algo.on_restart(desk),
    algos.TIME: lambda algo, desk: algo.on_time(desk),
    algos.AMEND: lambda algo, desk: algo.on_amend(desk),
    algos.PAUSE: lambda algo, desk: algo.on_pause(desk),
    algos.RESUME: lambda algo, desk: algo.on_resume(desk),
    algos.STOP: lambda algo, desk: algo.on_stop(desk),
}
