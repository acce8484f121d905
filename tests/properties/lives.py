"""Random lives of one order, and the ways in which the network may bring them to us.

A life is lived once: a client gives commands to a real engine, a model broker acts, and what it
says arrives late. That gives a *timeline* of commands and reports, true by construction. The same
timeline is then told again to a fresh engine with other delays: any order is reached by delays
alone, and no report can arrive before it was said, so never before its request or its day.

A life is a list of small tuples, so that Hypothesis shrinks it to the few acts that matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from fix_oms.model import inputs
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Accepted
from fix_oms.model.units import fixed
from tests.engine.desk import Desk, plain_settings
from tests.properties.model_broker import ALWAYS, Act, ModelBroker, Report
from tests.properties.timed_broker import TIMED, TimedBroker

LOST: Final = 1_000
"""A delay beyond every life: lost, and sent again when all else is over."""
VERSIONS: Final = ("FIX.4.2", "FIX.4.4", "FIX.5.0SP2")
Watch = Callable[[Desk, str], None]


class Step(NamedTuple):
    """Who does what; ``n`` picks among what there is; ``delay`` holds back what is then said."""

    act: str
    n: int
    delay: int


class Start(NamedTuple):
    """The first order, and the wire that it goes over."""

    version: str
    side: str
    time_in_force: str
    lots: int


class Copy(NamedTuple):
    """A report that arrives once more: which one, how much later, under which flag."""

    which: int
    delay: int
    flag: str


@dataclass
class Life:
    """What was asked and said, in the order in which it happened.

    ``timeline`` holds a command, or the index of something that ``broker`` said.
    """

    start: Start
    broker: ModelBroker
    reference: str = ""
    timeline: list[inputs.Command | int] = field(default_factory=list)


def settings_for(start: Start) -> dict[str, Any]:
    settings = plain_settings()
    settings["sessions"]["ALPHA"]["version"] = start.version
    return settings


def acts_of(broker: ModelBroker) -> dict[str, Act]:
    acts = TIMED if isinstance(broker, TimedBroker) else ALWAYS
    return {act.__name__: act for act in acts}


@st.composite
def steps(draw: st.DrawFn, acts: Iterable[Act]) -> list[Step]:
    """Any mixture of the client's requests and the broker's acts, delayed or not.

    A seed deals forty steps, and each may be left out. So lives are long, since Hypothesis likes
    to repeat small values, and a failing one still shrinks to the few steps that matter.
    """
    names = [name for name, times in _OFTEN for _ in range(times)]
    names += [act.__name__ for act in acts]
    chance = Random(draw(st.integers(0, 2**32 - 1)))
    kept = draw(st.lists(st.integers(0, 9), min_size=40, max_size=40))
    dealt = [Step(chance.choice(names), chance.randrange(21), chance.choice(_HELD)) for _ in kept]
    prompt = draw(st.booleans())
    return [
        step._replace(delay=0) if prompt else step
        for step, keep in zip(dealt, kept, strict=True)
        if keep
    ]


_HELD: Final = (0, 0, 0, 1, 2, 4, 8, LOST)
_OFTEN: Final = (
    ("ask_replace", 4),
    ("grant_replace", 4),
    ("accept", 3),
    ("fill", 4),
    ("pend", 3),
    ("refuse", 1),
    ("bust", 1),
    ("correct", 2),
    ("ask_cancel", 2),
)
STARTS: Final = st.builds(
    Start,
    st.sampled_from(VERSIONS),
    st.sampled_from("12"),
    st.sampled_from("01"),
    st.integers(3, 12),
)
DELAYS: Final = st.lists(st.sampled_from((0, 1, 2, 3, 5, 9, 14, LOST)), min_size=1, max_size=16)
COPIES: Final = st.lists(
    st.builds(
        Copy, st.integers(0, 40), st.integers(0, 12), st.sampled_from(("", "43=Y\x01", "97=Y\x01"))
    ),
    max_size=8,
)


# -- living ----------------------------------------------------------------------------------------


def lived(start: Start, acts: Sequence[Step], broker: ModelBroker, watch: Watch) -> Life:
    """Live it once, with the delays of the steps; ``watch`` sees the desk after each input."""
    life = Life(start, broker)
    desk = Desk(settings_for(start))
    terms = Terms(
        symbol="AAPL",
        side=start.side,
        order_qty=fixed(str(10 * start.lots)),
        ord_type="2",
        price=fixed("10"),
        time_in_force=start.time_in_force,
    )
    life.reference = _give(desk, life, inputs.NewOrder(by="tom", terms=terms, venue="ALPHA"))
    assert life.reference, "the first order was refused"
    under_way: list[tuple[int, int]] = []
    known = acts_of(broker)
    for now, step in enumerate(acts):
        told = len(broker.said)
        if step.act.startswith("ask_"):
            _give(desk, life, _command(step, life))
        else:
            known[step.act](broker, step.n)
        for index in range(told, len(broker.said)):
            life.timeline.append(index)
            under_way.append((now + step.delay, index))
        for due, index in sorted(under_way):
            if due <= now:
                under_way.remove((due, index))
                hear(desk, broker.said[index])
                watch(desk, life.reference)
    for _, index in sorted(under_way):
        hear(desk, broker.said[index])
        watch(desk, life.reference)
    return life


def _command(step: Step, life: Life) -> inputs.Command:
    if step.act == "ask_cancel":
        return inputs.CancelOrder(by="tom", order=life.reference)
    # Each replace has a price of its own, so that none of them asks for what is asked already.
    price = fixed("10") + fixed("0.01") * (len(life.timeline) + 1)
    return inputs.ReplaceOrder(
        by="tom", order=life.reference, order_qty=fixed(str(10 + 10 * (step.n % 15))), price=price
    )


def _give(desk: Desk, life: Life, command: inputs.Command) -> str:
    """Ask; what leaves reaches the broker. Returns the order's reference, empty if refused."""
    sent = len(desk.sent)
    answer = desk.answer(command)
    for message in desk.sent[sent:]:
        life.broker.receive(message.text)
    if not isinstance(answer, Accepted):
        return ""
    life.timeline.append(command)
    return answer.order


def hear(desk: Desk, message: Report, flag: str = "") -> None:
    """It arrives; ``flag`` is PossDupFlag(43) or PossResend(97), as text."""
    codec = desk.engine.state.codecs["ALPHA"]
    kind, _, rest = codec.encode(message).partition("\x01")
    desk.hear_text("ALPHA", f"{kind}\x01{flag}{rest}")


# -- telling it again ------------------------------------------------------------------------------


def told_again(
    life: Life, delays: Sequence[int], copies: Sequence[Copy], watch: Watch
) -> tuple[Desk, bool]:
    """The same timeline with other delays, for a fresh engine; and whether these could be kept.

    Where the engine, as it now stands, would not have sent a later request (the order looks filled
    to it, say), all reports wait until every request has left.
    """
    desk = _told(life, _arrivals(life, delays, copies), watch, patient=False)
    if desk is not None:
        return desk, True
    later = len(life.timeline)
    arrivals = [(due + later, n, flag) for due, n, flag in _arrivals(life, delays, copies)]
    desk = _told(life, arrivals, watch, patient=True)
    assert desk is not None, "a request was refused although nothing had been heard"
    return desk, False


Arrival = tuple[int, int, str]


def _arrivals(life: Life, delays: Sequence[int], copies: Sequence[Copy]) -> list[Arrival]:
    """When each report arrives, in places of the timeline."""
    said_at = {n: at for at, n in enumerate(life.timeline) if isinstance(n, int)}
    due = {n: at + (delays[n % len(delays)] if delays else 0) for n, at in said_at.items()}
    arrivals = [(at, n, "") for n, at in due.items()]
    for copy in copies if said_at else ():
        n = copy.which % len(said_at)
        arrivals.append((due[n] + copy.delay, n, copy.flag))
    return sorted(arrivals)


def _told(life: Life, arrivals: list[Arrival], watch: Watch, *, patient: bool) -> Desk | None:
    desk = Desk(settings_for(life.start))
    left = list(arrivals)
    for place, event in enumerate(life.timeline):
        if not isinstance(event, int):
            if patient:
                desk.wait(60)  # what is unanswered is in doubt, and may be asked for again
            if not isinstance(desk.answer(event), Accepted):
                return None
        while left and left[0][0] <= place:
            _, n, flag = left.pop(0)
            hear(desk, life.broker.said[n], flag)
            watch(desk, life.reference)
    for _, n, flag in left:
        hear(desk, life.broker.said[n], flag)
        watch(desk, life.reference)
    return desk
