"""What the comparing process and one engine's process say to each other: JSON, one job, one answer.

It runs in either environment, so it uses the standard library alone. A job is a list of runs, each
the steps of one order's life: FIX bodies (35 first, SOH between fields, ``{order}`` and
``{cancel}`` where the engine's own ClOrdIDs stand), or ``REQUEST_CANCEL``. An engine is opened anew
for each run and answers with what it says of the order at the end.

Timings are taken here, in the same way for all: one engine holds many orders, and each is told an
acknowledgement, then each a fill. What is timed is ``hear``; what ``prepare`` does is not. The
quickest of three rounds counts, as the one that other work on the machine disturbed least.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

REQUEST_CANCEL = "request cancel"
SOH = "\x01"
ROUNDS = 3


@dataclass(frozen=True)
class Outcome:
    """How an order ended: OrdStatus(39) by FIX's name, quantities in shares.

    ``position`` is None where the engine keeps none; ``said`` holds the errors that it raised and
    the breaks that it reported; ``cannot`` names the reports that it has no way to be told of.
    """

    ord_status: str
    cum_qty: int
    leaves_qty: int
    position: int | None
    said: tuple[str, ...] = ()
    cannot: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """``runs`` are lives of one order each; ``speed`` is told to ``orders`` orders, 0 for none."""

    runs: list[list[str]]
    speed: dict[str, str] = field(default_factory=dict)
    orders: int = 0


@dataclass(frozen=True)
class Answer:
    """One engine's outcomes, in the order of the job's runs; ``us`` is microseconds per report."""

    version: str
    outcomes: list[Outcome]
    us: dict[str, float]


class Peer(Protocol):
    """One engine, freshly opened. Orders are named by whatever ``order`` returns."""

    def order(self) -> Any:
        """Send a limit buy of 100 AAPL at 10."""

    def prepare(self, order: Any, body: str) -> Any:
        """A report in the form in which the engine is given it: its decoding is the engine's own,
        or, where it decodes no FIX, the adapter's and done here."""

    def hear(self, order: Any, report: Any) -> None:
        """The report arrives."""

    def request_cancel(self, order: Any) -> None:
        """Send an OrderCancelRequest."""

    def outcome(self, order: Any) -> Outcome:
        """What the engine says of the order now."""


def live(peer: Peer, steps: Sequence[str]) -> Outcome:
    """Tell a freshly opened engine of one order's life."""
    order = peer.order()
    for step in steps:
        if step == REQUEST_CANCEL:
            peer.request_cancel(order)
        else:
            peer.hear(order, peer.prepare(order, step))
    return peer.outcome(order)


def answer(open_peer: Callable[[], Peer], job: Job, version: str) -> Answer:
    """Do the job with an engine, opened anew for each run."""
    return Answer(version, [live(open_peer(), run) for run in job.runs], _speed(open_peer, job))


def serve(distribution: str, peers: Mapping[str, Callable[[], Peer]]) -> None:
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


def fields(body: str) -> dict[int, str]:
    """A FIX body by tag."""
    pairs = (pair.partition("=") for pair in body.split(SOH) if pair)
    return {int(tag): value for tag, _, value in pairs}


def _outcome(told: dict[str, Any]) -> Outcome:
    lists = {"said": tuple(told["said"]), "cannot": tuple(told["cannot"])}
    return Outcome(**{**told, **lists})


def _speed(open_peer: Callable[[], Peer], job: Job) -> dict[str, float]:
    rounds = [_round(open_peer(), job) for _ in range(ROUNDS if job.orders else 0)]
    return {name: min(us[name] for us in rounds) for name in job.speed} if rounds else {}


def _round(peer: Peer, job: Job) -> dict[str, float]:
    orders = [peer.order() for _ in range(job.orders)]
    us = {}
    for name, body in job.speed.items():
        reports = [peer.prepare(order, body) for order in orders]
        begun = time.perf_counter()
        for order, report in zip(orders, reports, strict=True):
            peer.hear(order, report)
        us[name] = (time.perf_counter() - begun) * 1e6 / len(orders)
    return us
