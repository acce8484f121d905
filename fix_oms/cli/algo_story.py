"""The story of an algo for people: who asked what of it, and what it did, record by record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from fix_oms.cli.algo_tables import act_words, note
from fix_oms.cli.as_json import plain
from fix_oms.cli.words import clock, iso
from fix_oms.model import inputs

if TYPE_CHECKING:
    from rich.console import Console

    from fix_oms.journal.story_algo import AlgoStep, AlgoStory


def print_algo_story(screen: Console, story: AlgoStory, last: int) -> None:
    """``last`` 0: all of it, else the newest so many steps."""
    algo, steps = story.algo, story.steps[-last:]
    screen.print(Text(f"Algo {algo.ref}, {algo.kind} of {algo.account}", style="bold"))
    if len(steps) < len(story.steps):
        screen.print(Text(f"{len(story.steps) - len(steps)} steps before: --all", style="dim"))
    day = ""
    for _, time_ns, step in steps:
        if iso(time_ns)[:10] != day:
            day = iso(time_ns)[:10]
            screen.print(Text(f"{day} (UTC)", style="dim"))
        first, *others = words(step)
        style = "" if isinstance(step, inputs.Acted) else "yellow"
        screen.print(Text.assemble((clock(time_ns), "dim"), "  ", (first, style)))
        for line in others:
            screen.print(Text(f"{'':16}{line}"))
    said = f": {note(algo)}" if note(algo) else ""
    screen.print(Text(f"Now: {algo.state}{said}", style="bold"))


def words(step: AlgoStep) -> list[str]:
    """What a step says; the acts of a record have a line each."""
    if isinstance(step, inputs.Acted):
        acts = [act_words(act) for act in step.acts.acts] or ["nothing is sent"]
        return [f"{step.acts.cause}", *acts]
    did = {
        inputs.NewAlgo: "starts it",
        inputs.AmendAlgo: "amends it",
        inputs.PauseAlgo: "pauses it",
        inputs.ResumeAlgo: "lets it go on",
        inputs.StopAlgo: "stops it",
    }.get(type(step), "says to it")
    parts = [step.word] if isinstance(step, inputs.TellAlgo) else []
    parts += _given(getattr(step, "params", {}))
    reason = getattr(step, "reason", "")
    said = f": {' '.join(parts)}" if parts else ""
    return [f"{step.by} {did}{said}" + (f" ({reason})" if reason else "")]


def algo_story_json(story: AlgoStory) -> dict[str, Any]:
    """For programs."""
    return {
        "algo": plain(story.algo),
        "steps": [
            {"record": index, "time": iso(time_ns), "time_ns": time_ns, "words": words(step)}
            for index, time_ns, step in story.steps
        ],
    }


def _given(params: Mapping[str, Any]) -> list[str]:
    return [f"{name}={value}" for name, value in params.items()]
