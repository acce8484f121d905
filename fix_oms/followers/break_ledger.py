"""The ledger of breaks: what differs, since when, whose it is, and how it ended.

It is people's work about the truth and not the truth: executions and orders are in the journal, and
a ledger that is lost is made again by comparing again (but for names and reasons). So it is a plain
SQLite file beside the journal, in WAL mode: any number of people may look while one writes, and
each change is one transaction with a line of history.

A break is known by its counterparty and the key of what it is about (``breaks.key_of``), so it
keeps its number from run to run and from day to day, even where its class changes (first the fill
was missing there, then it came at a wrong price).

    found            open, or still open
    agreed           open -> resolved, by the comparison that no longer finds it
    resolved         by a person: found once more, it is open again and says so
    accepted         by a person: stays settled while it is found as it was; changed, it is open
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgspec

from fix_oms.model.errors import LedgerError
from fix_oms.reconcile.breaks import Break, BreakClass

FORMAT: Final = 1
OPEN, RESOLVED, ACCEPTED = "open", "resolved", "accepted"
BUSY_S: Final = 30.0
"""How long to wait for another process that writes."""

_SCHEMA: Final = """
CREATE TABLE breaks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  counterparty TEXT NOT NULL, key TEXT NOT NULL,
  kind TEXT NOT NULL, day INTEGER NOT NULL, facts TEXT NOT NULL, found_by TEXT NOT NULL,
  state TEXT NOT NULL, owner TEXT NOT NULL DEFAULT '', resolution TEXT NOT NULL DEFAULT '',
  first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL, settled_ns INTEGER NOT NULL DEFAULT 0,
  UNIQUE (counterparty, key));
CREATE TABLE history (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  break_id INTEGER NOT NULL REFERENCES breaks, at_ns INTEGER NOT NULL,
  by TEXT NOT NULL, what TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ns INTEGER NOT NULL, by TEXT NOT NULL, counterparty TEXT NOT NULL, source TEXT NOT NULL,
  day INTEGER NOT NULL, breaks INTEGER NOT NULL);
CREATE INDEX history_of ON history (break_id);
"""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison: who made it, of which file or session, of which day (YYYYMMDD)."""

    counterparty: str
    source: str
    day: int
    by: str
    at_ns: int


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A break as the ledger has it."""

    id: int
    counterparty: str
    state: str
    owner: str
    resolution: str
    first_ns: int
    last_ns: int
    settled_ns: int
    found_by: str
    found: Break


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a break's history."""

    at_ns: int
    by: str
    what: str
    text: str


class BreakLedger:
    """The ledger in a file, which is made if it is not there. Raises LedgerError throughout."""

    def __init__(self, path: Path) -> None:
        self._path: Final = path
        try:
            if not path.exists():
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._db: Final = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise LedgerError(f"{path}: {error}") from None
        self._db.row_factory = sqlite3.Row
        with self._named():
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._make()

    def _make(self) -> None:
        with self._changing():
            (found,) = self._db.execute("PRAGMA user_version").fetchone()
            if found > FORMAT:
                raise LedgerError(
                    f"{self._path}: is of format {found}; this version knows {FORMAT}"
                )
            if not found:
                for statement in _SCHEMA.split(";\n"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {FORMAT}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._db.close()

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Errors of SQLite under the ledger's name."""
        try:
            yield
        except sqlite3.Error as error:
            raise LedgerError(f"{self._path}: {error}") from None

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """One transaction, which no other process can come between."""
        with self._named():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    # -- what a comparison says -------------------------------------------------------------------

    def record(
        self,
        run: Run,
        breaks: Iterable[Break],
        agreed: Collection[str],
        *,
        whole: Collection[BreakClass] = (),
        own_only: bool = False,
    ) -> None:
        """Take what a run has found. Open breaks that it saw to agree are settled.

        ``whole``: the run looked at all there is of its day, so an open break of that day and of
        one of these classes that it did not find is settled as well. ``own_only``: it settles what
        its own source has found and no more (a drop copy that agrees does not mend a file).
        """
        found = {one.key: one for one in breaks}
        with self._changing():
            known = self._rows_of(run.counterparty)
            for key, one in found.items():
                self._found(run, one, known.get(key))
            for key, row in known.items():
                if row["state"] != OPEN or key in found:
                    continue
                if own_only and row["found_by"] != run.source:
                    continue
                is_gone = row["kind"] in whole and row["day"] == run.day
                if key in agreed or is_gone:
                    text = f"{run.source} {'agrees' if key in agreed else 'no longer shows it'}"
                    self._settle(row["id"], RESOLVED, text, run.by, run.at_ns)
            self._db.execute(
                "INSERT INTO runs (at_ns, by, counterparty, source, day, breaks)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (run.at_ns, run.by, run.counterparty, run.source, run.day, len(found)),
            )

    def _rows_of(self, counterparty: str) -> dict[str, Any]:
        rows = self._db.execute("SELECT * FROM breaks WHERE counterparty = ?", (counterparty,))
        return {row["key"]: row for row in rows}

    def _found(self, run: Run, one: Break, known: Mapping[str, Any] | None) -> None:
        facts = msgspec.json.encode(one).decode()
        if known is None:
            cursor = self._db.execute(
                "INSERT INTO breaks (counterparty, key, kind, day, facts, found_by, first_ns,"
                " last_ns, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open')",
                (run.counterparty, one.key, one.kind, one.day, facts, run.source, *[run.at_ns] * 2),
            )
            self._happened(cursor.lastrowid or 0, run.by, "found", run.source, run.at_ns)
            return
        before = msgspec.json.decode(known["facts"], type=Break)
        has_changed = substance(before) != substance(one)
        state = known["state"]
        self._db.execute(
            "UPDATE breaks SET kind = ?, day = ?, facts = ?, found_by = ?, last_ns = ?"
            " WHERE id = ?",
            (one.kind, one.day, facts, run.source, run.at_ns, known["id"]),
        )
        if state == RESOLVED or (state == ACCEPTED and has_changed):
            self._db.execute(
                "UPDATE breaks SET state = ?, settled_ns = 0 WHERE id = ?", (OPEN, known["id"])
            )
            self._happened(known["id"], run.by, "reopened", run.source, run.at_ns)
        elif has_changed:
            text = f"{before.kind} is now {one.kind}" if before.kind != one.kind else run.source
            self._happened(known["id"], run.by, "changed", text, run.at_ns)

    # -- what people do ---------------------------------------------------------------------------

    def assign(self, number: int, owner: str, by: str, now_ns: int) -> Entry:
        """Say whose it is; the empty text for nobody's."""
        with self._changing():
            self._must_be(number)
            self._db.execute("UPDATE breaks SET owner = ? WHERE id = ?", (owner, number))
            self._happened(number, by, "assigned", owner or "nobody", now_ns)
        return self.entry(number)

    def note(self, number: int, text: str, by: str, now_ns: int) -> Entry:
        """Add to the history what somebody has found out or done."""
        with self._changing():
            self._must_be(number)
            self._happened(number, by, "note", text, now_ns)
        return self.entry(number)

    def resolve(self, number: int, reason: str, by: str, now_ns: int, *, accept: bool) -> Entry:
        """Settle it for a reason. ``accept``: it may stay as it is; else it should be gone."""
        with self._changing():
            if self._must_be(number)["state"] != OPEN:
                raise LedgerError(f"break {number} is settled already")
            self._settle(number, ACCEPTED if accept else RESOLVED, reason, by, now_ns)
        return self.entry(number)

    def _settle(self, number: int, state: str, reason: str, by: str, now_ns: int) -> None:
        self._db.execute(
            "UPDATE breaks SET state = ?, resolution = ?, settled_ns = ? WHERE id = ?",
            (state, f"{by}: {reason}", now_ns, number),
        )
        self._happened(number, by, state, reason, now_ns)

    def _happened(self, number: int, by: str, what: str, text: str, now_ns: int) -> None:
        self._db.execute(
            "INSERT INTO history (break_id, at_ns, by, what, text) VALUES (?, ?, ?, ?, ?)",
            (number, now_ns, by, what, text),
        )

    # -- looking ----------------------------------------------------------------------------------

    def entries(self, *, open_only: bool = True, counterparty: str | None = None) -> list[Entry]:
        """Breaks, oldest first."""
        with self._named():
            rows = self._db.execute(
                "SELECT * FROM breaks WHERE (? OR state = ?) AND (? IS NULL OR counterparty = ?)"
                " ORDER BY id",
                (not open_only, OPEN, counterparty, counterparty),
            ).fetchall()
        return [_entry(row) for row in rows]

    def entry(self, number: int) -> Entry:
        with self._named():
            return _entry(self._must_be(number))

    def history(self, number: int) -> list[Happened]:
        """All that has happened to a break, oldest first."""
        with self._named():
            self._must_be(number)
            rows = self._db.execute(
                "SELECT at_ns, by, what, text FROM history WHERE break_id = ? ORDER BY id",
                (number,),
            ).fetchall()
        return [Happened(**dict(row)) for row in rows]

    def _must_be(self, number: int) -> Any:
        row = self._db.execute("SELECT * FROM breaks WHERE id = ?", (number,)).fetchone()
        if row is None:
            raise LedgerError(f"there is no break {number}")
        return row


def substance(one: Break) -> tuple[object, ...]:
    """What of a break must be as it was for it to be the same difference."""
    sides = [
        (t.qty, t.px, t.buys, t.symbol, t.account, bool(t.gone)) if t else None
        for t in (one.ours, one.theirs)
    ]
    return one.kind, one.fields, one.qty, one.money, one.held, one.told, *sides


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        id=row["id"],
        counterparty=row["counterparty"],
        state=row["state"],
        owner=row["owner"],
        resolution=row["resolution"],
        first_ns=row["first_ns"],
        last_ns=row["last_ns"],
        settled_ns=row["settled_ns"],
        found_by=row["found_by"],
        found=msgspec.json.decode(row["facts"], type=Break),
    )
