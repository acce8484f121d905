"""A broken law as a story for people: what it is, what it took, and what the journal says of it."""

from __future__ import annotations

import re
from typing import Final

from fix_oms.model import inputs
from fix_oms.world.clock import SECOND
from fix_oms.world.traders import words_of
from fix_oms.world.world import World

_LAST: Final = 24
_NAMES: Final = re.compile(r"\b\d+-\d+\b")


def story_of(world: World, steps: int) -> list[str]:
    """The lines of it."""
    broken = world.broken[0]
    begin = world.began_ns
    at = (broken.at_ns - begin) / SECOND
    lines = [
        f"seed {world.seed} ({world.mix.profile}) breaks the law of {broken.law}, "
        f"{at:.3f} s into it, at step {broken.step}:",
        f"  {broken.text}",
        "what it takes:",
    ]
    for _, time, name, what in world.story:
        lines.append(f"  {(time - begin) / SECOND:8.3f} s  {name}: {what}")
    lines.append("the journal's last records of it:")
    lines += [f"  {line}" for line in _records(world, broken.text)]
    lines.append(f"once more: fix-oms simulate --seed {world.seed} --steps {steps}")
    return lines


def _records(world: World, text: str) -> list[str]:
    """The records that name what the broken law names; the last ones, if it names nothing."""
    ids = set(_NAMES.findall(text))
    for name in list(ids):
        order = world.engine.state.book.by_cl_ord_id(name) if world.process.engine.run else None
        if order is not None:
            ids.update(r.cl_ord_id for r in order.requests)
    said = [
        (index, now, inputs.decode(payload))
        for index, (now, payload) in enumerate(world.disk.records)
    ]
    told = [(i, t, _words(v)) for i, t, v in said]
    marks = [mark for name in ids for mark in (f"={name}|", f"={name} ", f" {name} ")]
    chosen = [row for row in told if any(mark in f"{row[2]} " for mark in marks)] or told
    begin = world.began_ns
    return [f"{i:5d} {(t - begin) / SECOND:8.3f} s  {words}" for i, t, words in chosen[-_LAST:]]


def _words(value: inputs.Input) -> str:
    kind = type(value).__name__
    session = getattr(value, "session", "")
    if isinstance(value, inputs.FixIn | inputs.AdminIn):
        return f"<- {session} {_shown(value.text)}"
    if isinstance(value, inputs.Sent):
        return f"-> {session} {_shown(value.text)} as 34={value.seq}"
    if isinstance(value, inputs.Started):
        return f"the engine starts (run {value.run})"
    if isinstance(value, inputs.NewOrder):
        return f"{value.by} asks for {words_of(value)}"
    fields = {
        name: held
        for name in value.__struct_fields__
        if (held := getattr(value, name)) not in (None, "", 0, False, ())
    }
    return f"{kind} " + " ".join(f"{name}={_shown(str(held))}" for name, held in fields.items())


def _shown(text: str) -> str:
    return text.replace("\x01", "|").removeprefix("8=FIX|9=0|")[:200]
