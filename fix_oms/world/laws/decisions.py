"""Why each child was sent is in the journal, right behind the input that brought it about.

At the end of a world: the decision that a step makes is the record behind it, by which it is
carried out, unless the process died before it could write it; none stands anywhere else. And a
policy is a function of its view: given what stands in the record it decides the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from fix_oms.model import inputs
from fix_oms.model.inputs import decode
from fix_oms.model.outputs import Decided
from fix_oms.model.routing import Decision
from fix_oms.model.units import SCALE
from fix_oms.routing.plan import plan
from fix_oms.world.disk import kind_of

if TYPE_CHECKING:
    from fix_oms.world.laws import Laws
    from fix_oms.world.world import World

EACH: Final = 3
"""Of so many worlds one has all its plans made again."""
_KIND: Final = "decided"


def look(laws: Laws, world: World) -> None:
    """From the first record to the last."""
    due: list[Decision] = []
    for index, (_, payload) in enumerate(world.disk.records):
        kind = kind_of(payload)
        if kind == _KIND:
            value = decode(payload)
            assert isinstance(value, inputs.Decided)
            if due != [value.decision]:
                laws.wrong("decisions", f"record {index} holds a decision that nothing before made")
            _decide_again(laws, world, value.decision)
        elif due and kind != "start":
            text = f"{len(due)} decisions are not behind the record before {index} ({kind})"
            laws.wrong("decisions", text)
        outputs = world.disk.outputs[index] or ()
        due = [output.decision for output in outputs if type(output) is Decided]


def _decide_again(laws: Laws, world: World, decision: Decision) -> None:
    if world.seed % EACH:
        return
    policy = world.mix.settings.policy(decision.policy)
    if policy is None:
        laws.wrong("decisions", f"a decision of {decision.parent} by no policy that there is")
        return
    if decision.holds or decision.recall:
        return  # of these the plan says that nothing is sent
    made = plan(policy, decision.view)
    if msgspec.structs.replace(made, cost=made.cost // SCALE) != decision.plan:
        text = f"decision {decision.number} of {decision.parent} is another one when made again"
        laws.wrong("decisions", text)
    laws.count("laws: decisions made again")
