"""The story of one algo, from the journal: what people asked of it, and what it did and why."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from fix_oms.engine import Engine
from fix_oms.journal.follower import records
from fix_oms.model import inputs
from fix_oms.model.talk_algos import AlgoView

_ASKED: Final = (
    inputs.NewAlgo,
    inputs.AmendAlgo,
    inputs.PauseAlgo,
    inputs.ResumeAlgo,
    inputs.StopAlgo,
    inputs.TellAlgo,
)
AlgoStep = (
    inputs.NewAlgo
    | inputs.AmendAlgo
    | inputs.PauseAlgo
    | inputs.ResumeAlgo
    | inputs.StopAlgo
    | inputs.TellAlgo
    | inputs.Acted
)


class AlgoStory(NamedTuple):
    """The algo as it stands at the journal's end, and each record about it: its index, its time (ns
    UTC) and what it says."""

    algo: AlgoView
    steps: tuple[tuple[int, int, AlgoStep], ...]


def algo_story(directory: Path, ref: str) -> AlgoStory | None:
    """None when the journal knows no such algo. Raises JournalCorrupt for a damaged journal."""
    engine, now = Engine(), 0
    steps: list[tuple[int, int, AlgoStep]] = []
    for record in records(directory):
        value, now = inputs.decode(record.payload), record.time_ns
        engine.step(now, value)
        of = value.ref if isinstance(value, _ASKED) else None
        if isinstance(value, inputs.Acted):
            of = value.acts.algo
        if of == ref and isinstance(value, (*_ASKED, inputs.Acted)):
            steps.append((record.index, now, value))
    found = engine.shown(now).algos.algo(ref).algo if now else None
    return AlgoStory(found, tuple(steps)) if found is not None else None
