"""What the comparing process and one engine's process say to each other about risk: JSON.

It runs in either environment, so it uses the standard library alone. A *life* is the limits that
hold and the steps that come one after the other, as ``risk_cases.yaml`` says them; the last one is
judged. An engine is opened anew for each life, in a process of its own: one that takes its process
down has answered too.

Timings are taken here, in the same way for all: orders that are ready are given to one call of the
engine, one after the other. The quickest of many rounds counts, each with an engine of its own.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Protocol, TypeAlias

PASSED = "passed"
REFUSED = "refused"
WORKING = "working"
CANCELING = "canceling"
CANNOT = "cannot be expressed"
ENDED = "took its process down"
ANSWERS = frozenset({PASSED, REFUSED, WORKING, CANCELING})
ROUNDS = 30
STDERR = 2
LONGEST = 120
KINDS = {"quantity and value": False, "all it has": True}
"""What is timed of each, by name."""

Step: TypeAlias = Mapping[str, Any]
Life: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What an engine answered to the judged step.

    ``said`` are its own words; ``lacks`` names the limits of the case that it has no control for.
    """

    answer: str
    said: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Timed:
    """``call`` is the engine's own, ``ready`` the orders to give to it; ``left`` counts those that
    it let out, which must be all of them."""

    call: Callable[[Any], object]
    ready: Sequence[Any]
    left: Callable[[], int]


class Cannot(Exception):
    """The engine has no way to be told of a step. Its text says what is missing."""


@dataclass(frozen=True)
class Job:
    """The lives to live, and how many orders a timed round has: 0 for none."""

    lives: list[Life]
    orders: int = 0


@dataclass(frozen=True)
class Answer:
    """One engine's outcomes, in the order of the job's lives; ``us`` is microseconds per order,
    with the limits that all have and with everything that it has: empty if none was timed."""

    version: str
    outcomes: list[Outcome]
    us: dict[str, float]


class Peer(Protocol):
    """One engine, freshly opened with the limits of a case. Its methods are the acts of a step;
    each raises Cannot where the engine has no such thing. Orders are called by the case's names."""

    def market(self, bid: str, ask: str) -> None:
        """The market's best prices are now these."""

    def order(
        self,
        name: str,
        side: str,
        qty: int,
        price: str | None = None,
        reduce_only: bool = False,
        parent: str | None = None,
    ) -> Outcome:
        """A day limit order, without a price a market order: passed or refused."""

    def ack(self, name: str) -> None:
        """The broker acknowledges the order."""

    def fill(self, name: str, qty: int, price: str) -> None:
        """The broker executes so much of it."""

    def replace(self, name: str, qty: int) -> Outcome:
        """The order's quantity is to be another: passed or refused."""

    def halt(self) -> None:
        """Let no new order out."""

    def kill(self) -> None:
        """Let no new order out, and take the working ones out."""

    def parent(self, name: str, side: str, qty: int, price: str) -> None:
        """An order that is sent as children."""

    def look(self, name: str) -> Outcome:
        """Whether the order is working, or a cancel of it has left."""

    def us_per_order(self, everything: bool, orders: int) -> float:
        """Microseconds for one limit order from the engine's own call until it would leave: with a
        maximum quantity and value, which all have, or with everything that can be looked at."""


Opened: TypeAlias = Callable[[Mapping[str, Any]], Peer]


def live(opened: Opened, life: Life) -> Outcome:
    """What the engine answers to the last step of a life."""
    peer = opened(life["limits"])
    *before, judged = life["steps"]
    try:
        for step in before:
            outcome = _act(peer, step)
            if outcome is not None and outcome.answer != PASSED:
                return Outcome(f"{outcome.answer} {step['name']} already", outcome.said)
        answered = _act(peer, judged)
    except Cannot as cannot:
        return Outcome(CANNOT, (str(cannot),))
    assert answered is not None, f"{judged} has no answer"
    return answered


def live_apart(opened: Opened, life: Life) -> Outcome:
    """The same in a process of its own, so that an engine that dies of it is an outcome.

    Raises RuntimeError where it was not the engine that failed, but what drives it.
    """
    with tempfile.TemporaryFile("w+b") as told, tempfile.TemporaryFile("w+b") as words:
        pid = os.fork()
        if pid == 0:
            _live_and_tell(opened, life, told.fileno(), words.fileno())
        _, status = os.waitpid(pid, 0)
        told.seek(0)
        words.seek(0)
        last = _last_words(words.read().decode(errors="replace"))
        if os.WIFSIGNALED(status):
            return Outcome(ENDED, (last,) if last else ())
        if status:
            raise RuntimeError(f"{life['steps'][-1]}: {last}")
        return _outcome(json.load(told))


def answer(opened: Opened, job: Job, version: str) -> Answer:
    """Do the job with an engine."""
    outcomes = [live_apart(opened, each) for each in job.lives]
    timed = KINDS if job.orders else {}
    us = {kind: opened({}).us_per_order(all_of_it, job.orders) for kind, all_of_it in timed.items()}
    return Answer(version, outcomes, us)


def quickest(timed: Callable[[], Timed]) -> float:
    """Microseconds for one order, the quickest round of all; each has an engine of its own."""
    return min(_round(timed()) for _ in range(ROUNDS))


def serve(distribution: str, peers: Mapping[str, Opened]) -> None:
    """Read a job from standard input and write each peer's answer, by name, to the file named on
    the command line: an engine may log to standard output."""
    job, version = Job(**json.load(sys.stdin)), importlib.metadata.version(distribution)
    told = {name: asdict(answer(opened, job, version)) for name, opened in peers.items()}
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        json.dump(told, out)


def read_answers(text: str) -> dict[str, Answer]:
    """What ``serve`` wrote."""
    return {
        name: Answer(told["version"], [_outcome(o) for o in told["outcomes"]], told["us"])
        for name, told in json.loads(text).items()
    }


def lacking(limits: Mapping[str, Any], has: Sequence[str]) -> tuple[str, ...]:
    """The limits of a case that an engine has no control for."""
    return tuple(name for name in limits if name not in has)


def _act(peer: Peer, step: Step) -> Outcome | None:
    told = dict(step)
    done: Outcome | None = getattr(peer, told.pop("act"))(**told)
    return done


def _live_and_tell(opened: Opened, life: Life, told: int, words: int) -> None:
    """In the child: it leaves by ``_exit``, so that nothing of its parent's is done twice."""
    code = 1
    try:
        os.dup2(words, STDERR)
        os.write(told, json.dumps(asdict(live(opened, life))).encode())
        code = 0
    except Exception as error:  # noqa: BLE001 - told to the parent, which raises it
        os.write(words, f"{type(error).__name__}: {error}".encode())
    finally:
        os._exit(code)


def _last_words(text: str) -> str:
    """What a panic says, or the last line of whatever was said."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line, following in pairwise(lines):
        if "panicked at" in line:
            return _short(following)
    return _short(lines[-1]) if lines else ""


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _outcome(told: dict[str, Any]) -> Outcome:
    return Outcome(told["answer"], tuple(told["said"]), tuple(told["lacks"]))


def _round(timed: Timed) -> float:
    call, ready = timed.call, timed.ready
    begun = time.perf_counter()
    for order in ready:
        call(order)
    took = time.perf_counter() - begun
    assert timed.left() == len(ready), f"{timed.left()} of {len(ready)} orders left"
    return took * 1e6 / len(ready)
