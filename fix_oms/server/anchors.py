"""When the journal is anchored, and who is told (what an anchor is: ``journal.anchor``).

A thread of its own: the file may be on another machine, and a mount that hangs must hold up nobody.
It looks a few times a second whether something was written since the last anchor, and anchors it
when the period is over, when a new segment has begun, and at the stop. The first one follows the
start at once. Each: where the journal stands (under the engine's lock), sync, write, and hand the
line to the command of the user's choice, which has a limited time.

What fails is told, once until it works again, and stops nothing; only a sync that fails is the
journal's failure, which ends the engine as any other does.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from fix_oms.journal import anchor
from fix_oms.journal.anchor import Anchor
from fix_oms.journal.check import heads_at
from fix_oms.journal.writer import JournalWriter
from fix_oms.model.errors import JournalError
from fix_oms.model.outputs import Alert

LOOK_S: Final = 0.25
COMMAND_S: Final = 10.0
STUCK_S: Final = 30.0
ASK_S: Final = 5.0
_LONGEST_TEXT: Final = 200


class Stand(NamedTuple):
    """Where the journal stands: its records, head, last time (ns UTC) and segment."""

    records: int
    head: str
    time_ns: int
    segment: str


class Anchors:
    """Anchors one journal from :meth:`start` to :meth:`stop`."""

    def __init__(
        self,
        file: Path,
        writer: JournalWriter,
        *,
        command: Sequence[str],
        every_s: float,
        journal: str,
        run: int,
        stand: Callable[[], Stand],
        alert: Callable[[Alert], None],
        failed: Callable[[JournalError], None],
    ) -> None:
        self._file: Final = file
        self._writer: Final = writer
        self._command: Final = list(command)
        self._every_s: Final = every_s
        self._journal: Final = journal
        self._run: Final = run
        self._stand: Final = stand
        self._alert: Final = alert
        self._failed: Final = failed
        self._failing: Final[set[str]] = set()
        self._last = Stand(-1, "", 0, "")
        self._due = 0.0
        self._begun_s: float | None = None  # since when one has been on its way
        self._stopping: Final = threading.Event()
        self._thread: Final = threading.Thread(target=self._work, name="anchors", daemon=True)

    def start(self) -> None:
        """Begin with an anchor of what is there."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """Anchor what was written last, and end."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def watch(self) -> None:
        """Tell when an anchor has been on its way for too long. Called by the engine's timer."""
        begun = self._begun_s
        if begun is not None and time.monotonic() - begun > STUCK_S:
            self._tell("thread", f"an anchor has been on its way to {self._file} for too long")
        elif begun is None:
            self._tell("thread", "")

    def _work(self) -> None:
        try:
            self._look()
            while not self._stopping.wait(LOOK_S):
                self._look()
            self._anchor(self._stand())
        except JournalError as error:
            self._failed(error)

    def _look(self) -> None:
        if self._writer.next_index == self._last.records and not self._failing:
            return
        stand = self._stand()
        if time.monotonic() >= self._due or stand.segment != self._last.segment:
            self._anchor(stand)
            self._due = time.monotonic() + self._every_s

    def _anchor(self, stand: Stand) -> None:
        if stand == self._last and not self._failing:
            return
        self._last = stand
        self._begun_s = time.monotonic()
        self._write(stand)
        self._begun_s = None

    def _write(self, stand: Stand) -> None:
        self._writer.sync()
        line = Anchor(stand.time_ns, self._journal, self._run, stand.records, stand.head)
        try:
            anchor.write(self._file, line)
        except JournalError as error:
            self._tell("file", f"the journal was not anchored: {error}")
        else:
            self._tell("file", "")
        if self._command:
            self._tell("command", self._given(str(line)))

    def _given(self, line: str) -> str:
        """Hand the line to the command. Why it was not taken, or empty."""
        name = self._command[0]
        try:
            done = subprocess.run(
                self._command,
                input=f"{line}\n",
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                timeout=COMMAND_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"the command {name} did not take an anchor within {COMMAND_S:.0f} s"
        except OSError as error:
            return f"the command {name} cannot be run: {error.strerror or error}"
        if done.returncode:
            said = done.stderr.strip()[:_LONGEST_TEXT]
            return f"the command {name} ended with {done.returncode} over an anchor: {said}"
        return ""

    def _tell(self, what: str, reason: str) -> None:
        if reason and what not in self._failing:
            self._failing.add(what)
            self._alert(Alert(severity="warning", code="anchor", text=reason, subject=what))
        elif not reason and what in self._failing:
            self._failing.discard(what)
            text = f"anchors are kept again ({what})"
            self._alert(Alert(severity="info", code="anchor", text=text, subject=what))


class Kept(NamedTuple):
    """What the anchors tell a process that starts.

    ``journal`` is the journal's name, ``run`` the highest run that was anchored, ``astray`` why
    the journal is not the one that was anchored last, and ``unread`` why nothing is known of that.
    """

    journal: str
    run: int
    astray: str
    unread: str


def kept(file: Path, directory: Path, records: int) -> Kept:
    """Ask the newest anchors about a journal of so many records.

    Only the last anchor is compared: the rest is ``fix-oms verify``'s work. Raises JournalError
    where the journal itself cannot be read.
    """
    held, unread = _asked(file)
    name = anchor.journal_name(directory, held)
    ours = [a for a in held if a.journal == name]
    # A run that a lost tail has begun counts too: its ClOrdIDs may be at the brokers.
    run = max((a.run for a in ours or held), default=0)
    return Kept(name, run, _astray(directory, records, name, ours, held), unread)


def _asked(file: Path) -> tuple[list[Anchor], str]:
    """The newest anchors, or why they cannot be had: a mount that hangs holds up no start."""
    held: list[Anchor] = []
    told: list[str] = []

    def ask() -> None:
        try:
            held.extend(anchor.newest(file))
            told.append("")
        except JournalError as error:
            told.append(str(error))

    asking = threading.Thread(target=ask, name="anchors-asked", daemon=True)
    asking.start()
    asking.join(ASK_S)
    return (held, told[0]) if told else ([], f"{file}: does not answer")


def _astray(
    directory: Path, records: int, name: str, ours: Sequence[Anchor], held: Sequence[Anchor]
) -> str:
    if not held:
        return ""
    if not ours:
        origin = anchor.origin(directory)
        if any(a.head == origin for a in held):
            return ""
        other = held[-1]
        return (
            f"its anchors are of journal {other.journal} with {other.records} records at "
            f"{other.when}, and this one is {name}"
        )
    last = ours[-1]
    if last.records > records:
        return (
            f"its tail is missing: it ends after {records} records, and {last.records} were on "
            f"disk at {last.when}"
        )
    if last.head not in heads_at(directory, last.records):
        return (
            f"its chain was computed again: it is not what was anchored at {last.when}, when it "
            f"held {last.records} records"
        )
    return ""
