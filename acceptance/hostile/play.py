"""Plays cases: one engine process, several lanes for each version, a case at a time on each.

Most of a case is waiting for a reconnection, so the lanes run side by side; cases that weigh a lot
run alone, at the end. Beats are a second apart, so a machine that stands still for some seconds
looks like a peer that went silent: what did not come out as its page says is played once more,
alone, and told at the end of the report (``again``). A defect comes out wrong there too.
``python -m acceptance.hostile.play [NAME…]`` plays some by hand and prints
what the engine did.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import attrs

from acceptance import oms
from acceptance.hostile.case import Case, load
from acceptance.hostile.lane import ENGINE, Lane, settings
from acceptance.hostile.steps import Steps
from acceptance.hostile.venue import HostileVenue
from fix_oms.client import Client
from fix_oms.journal.verify import verified
from fix_oms.model.fix import FixVersion
from fix_oms.server import holder

LANES: Final = {FixVersion.FIX42: 3, FixVersion.FIX44: 8, FixVersion.FIX50SP2: 3}
QUIET: Final = "QUIET"
IDLE_S: Final = 2.0
Key = tuple[str, FixVersion]


TOLD: Final = "hostility"
"""What a test's property is called that the report tells at its end."""
MOST_AGAIN: Final = 8
"""More than so many that came out wrong are no matter of the machine."""


@attrs.frozen
class Outcome:
    """What became of a case: the reaction, and what went wrong (empty: nothing)."""

    reaction: str
    failure: str

    def is_right(self, case: Case) -> bool:
        """Whether it is what the page says."""
        return not self.failure and self.reaction in (case.ours, case.or_ or case.ours)


class Stand:
    """A running engine with its lanes."""

    def __init__(self, lanes: list[Lane], directory: Path) -> None:
        self.lanes: Final = lanes
        self.directory: Final = directory

    def play(self, cases: list[Case]) -> dict[Key, Outcome]:
        """Play all of them, each in its versions."""
        outcomes: dict[Key, Outcome] = {}
        together = sorted((c for c in cases if not c.alone), key=lambda c: not c.slow)
        waiting = {
            version: _queue([c for c in together if version in c.versions]) for version in LANES
        }
        threads = [
            threading.Thread(target=_run, args=(lane, waiting[lane.version], outcomes))
            for lane in self.lanes
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for case in cases:
            for version in case.versions if case.alone else ():
                lane = next(lane for lane in self.lanes if lane.version is version)
                outcomes[case.name, version] = played(lane, case)
        return outcomes

    def play_again(self, cases: list[Case], outcomes: dict[Key, Outcome]) -> dict[Key, Outcome]:
        """Play once more what did not come out right, one at a time; what it came to before."""
        wrong = [
            (case, version)
            for case in cases
            for version in case.versions
            if not outcomes[case.name, version].is_right(case)
        ]
        before = {}
        for case, version in wrong if len(wrong) <= MOST_AGAIN else ():
            key, lane = (case.name, version), next(x for x in self.lanes if x.version is version)
            before[key], outcomes[key] = outcomes[key], played(lane, case)
        return before


def played(lane: Lane, case: Case) -> Outcome:
    """Play one case, and see that everything is in order afterwards."""
    failure = reaction = ""
    venue = lane.venue
    try:
        lane.await_ready()
        venue.begin()
        Steps(lane).run(case.steps)
    except Exception as error:  # noqa: BLE001 - what went wrong is the outcome
        failure = f"{type(error).__name__}: {error}"
    try:
        venue.behave()
        lane.await_ready()
        reaction = venue.reaction()
        lane.finish()
    except Exception as error:  # noqa: BLE001 - what went wrong is the outcome
        failure = f"{failure} afterwards: {type(error).__name__}: {error}".strip()
        reaction = venue.reaction()
        with contextlib.suppress(Exception):  # the next case will tell, if this does not help
            lane.mend()
    return Outcome(reaction, failure)


def _run(lane: Lane, waiting: queue.SimpleQueue[Case], outcomes: dict[Key, Outcome]) -> None:
    while True:
        try:
            case = waiting.get_nowait()
        except queue.Empty:
            return
        outcomes[case.name, lane.version] = played(lane, case)


def _queue(cases: list[Case]) -> queue.SimpleQueue[Case]:
    waiting: queue.SimpleQueue[Case] = queue.SimpleQueue()
    for case in cases:
        waiting.put(case)
    return waiting


@contextmanager
def standing(directory: Path, lanes: dict[FixVersion, int] | None = None) -> Iterator[Stand]:
    """An engine with its lanes, until the block ends."""
    named = [
        (f"{version.name}N{i}", version)
        for version, count in (lanes or LANES).items()
        for i in range(count)
    ]
    with ExitStack() as stack:
        venues = []
        for name, version in [*named, (QUIET, FixVersion.FIX44)]:
            venue = HostileVenue(name, version, ENGINE)
            venue.beats = True
            stack.callback(venue.stop)
            venues.append(venue)
        first = stack.enter_context(oms.running(settings(venues), directory))
        lock, still = threading.Lock(), Lane(venues[-1], first, lambda: None)

        def quiet() -> None:
            with lock:
                still.finish()

        made = [
            Lane(venue, stack.enter_context(Client(first.path)), quiet) for venue in venues[:-1]
        ]
        yield Stand(made, directory)


@attrs.frozen
class Played:
    """What became of all of them, and what is wrong with the journal."""

    outcomes: dict[Key, Outcome]
    again: dict[Key, Outcome]
    """What came of those that were played twice, the first time."""
    findings: tuple[object, ...]
    grown_mb: int
    """How much more memory the engine has afterwards."""
    idle_pct: float
    """How much of a processor it takes afterwards, with nothing but heartbeats to do."""


def played_all(cases: list[Case], directory: Path) -> Played:
    """Play all cases against an engine of their own."""
    with standing(directory) as stand:
        pid = holder.writer(directory / "journal")
        before = _memory_mb(pid)
        outcomes = stand.play(cases)
        again = stand.play_again(cases, outcomes)
        grown, begin = _memory_mb(pid) - before, _processor_s(pid)
        time.sleep(IDLE_S)
        idle = 100 * (_processor_s(pid) - begin) / IDLE_S
    findings = tuple(verified(directory / "journal").findings)
    return Played(outcomes, again, findings, grown, idle)


def _memory_mb(pid: int | None) -> int:
    pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]  # 0 when it is dead
    return int(pages) * os.sysconf("SC_PAGE_SIZE") >> 20


def _processor_s(pid: int | None) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(names: list[str]) -> None:
    """Play the named cases (all, where none is named) and print what became of them."""
    cases = [case for case in load() if not names or case.name in names]
    with tempfile.TemporaryDirectory(prefix="hostile-") as place:
        done = played_all(cases, Path(place))
    for (name, version), found in done.outcomes.items():
        sys.stdout.write(f"{name} [{version.value}]: {found.reaction}\n")
        if found.failure:
            sys.stdout.write(f"    {found.failure}\n")
    sys.stdout.write(f"{done.grown_mb} MB more, {done.idle_pct:.0f} % of a processor when idle\n")
    sys.stdout.write("".join(f"{finding}\n" for finding in done.findings))


if __name__ == "__main__":
    main(sys.argv[1:])
