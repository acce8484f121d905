"""The running engine anchors its journal, and a start asks the last anchor."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
from pathlib import Path
from typing import Final

import pytest

from fix_oms.journal import anchor
from fix_oms.journal.anchor import Anchor
from fix_oms.journal.check import check
from fix_oms.journal.format import HEADER_SIZE
from fix_oms.journal.segments import listed
from fix_oms.journal.verify import verified
from fix_oms.model.inputs import Fault, Halt, Started
from fix_oms.server.process import Server
from tests.server.lone import journaled, lone, started, until

FILE: Final = "journal.anchors"
QUICK: Final = "anchors.every_s = 1"
TAKER: Final = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"


def anchors(directory: Path, file: str = FILE) -> tuple[Anchor, ...]:
    path = directory / file
    return anchor.read([path]).anchors if path.exists() else ()


def run_once(directory: Path, *, engine: str = "") -> None:
    with started(lone(directory, engine=engine)):
        pass


def write_something(server: Server) -> int:
    """How many records there are at least afterwards."""
    server.runner.submit(Fault(where="a test", error="nothing"))
    return server.runner.stand().records


def await_anchor(directory: Path, records: int) -> None:
    """Wait until so many are anchored."""
    until(lambda: [a for a in anchors(directory) if a.records >= records])


def test_the_stop_is_anchored(tmp_path: Path) -> None:
    run_once(tmp_path)
    last, found = anchors(tmp_path)[-1], check(tmp_path / "journal")
    assert (last.records, last.head, last.run) == (found.records, found.head, 1)


def test_the_start_is_anchored_before_the_period_is_over(tmp_path: Path) -> None:
    with started(lone(tmp_path, engine="anchors.every_s = 1000")):
        assert until(lambda: anchors(tmp_path))[0].records > 0


def test_what_was_written_is_anchored_when_the_period_is_over(tmp_path: Path) -> None:
    with started(lone(tmp_path, engine=QUICK)) as server:
        for _ in range(2):
            records = write_something(server)
            await_anchor(tmp_path, records)


def test_only_what_is_on_disk_is_anchored_whatever_the_durability(tmp_path: Path) -> None:
    with started(lone(tmp_path, engine=QUICK, durability="process")) as server:
        records = write_something(server)
        await_anchor(tmp_path, records)
        assert server._writer.durable >= records


def test_where_nothing_was_written_nothing_is_anchored(tmp_path: Path) -> None:
    with started(lone(tmp_path, engine=QUICK)) as server:
        for _ in range(2):
            records = write_something(server)
            await_anchor(tmp_path, records)
    found = [a.records for a in anchors(tmp_path)]
    assert found == sorted(set(found))


def test_a_new_segment_is_anchored_at_once(tmp_path: Path) -> None:
    with started(lone(tmp_path, engine="anchors.every_s = 1000")) as server:
        until(lambda: anchors(tmp_path))
        records = write_something(server)
        server.runner.roll("2999-01-01")
        await_anchor(tmp_path, records)
    assert verified(tmp_path / "journal", [tmp_path / FILE]).findings == ()


def test_every_run_is_anchored_in_the_same_file(tmp_path: Path) -> None:
    for _ in range(3):
        run_once(tmp_path)
    found = verified(tmp_path / "journal", [tmp_path / FILE])
    assert found.anchors is not None
    assert (sorted({a.run for a in anchors(tmp_path)}), found.findings) == ([1, 2, 3], ())


def test_the_file_may_be_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "witness").mkdir()
    run_once(tmp_path, engine='anchors.file = "witness/desk"')
    assert (len(anchors(tmp_path, "witness/desk")) > 0, anchors(tmp_path)) == (True, ())


def test_the_command_is_given_each_line(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    command = [sys.executable, "-c", TAKER, str(taken)]
    run_once(tmp_path, engine=f"anchors.command = {command!r}")
    assert taken.read_text() == (tmp_path / FILE).read_text()


def logged(directory: Path, engine: str, capsys: pytest.CaptureFixture[str]) -> str:
    run_once(directory, engine=engine)
    return capsys.readouterr().out


BAD: Final = {
    "no such command": ('anchors.command = ["/nothing/here"]', "/nothing/here cannot be run"),
    "a command that fails": ('anchors.command = ["false"]', "false ended with 1"),
    "no such directory": ('anchors.file = "gone/a"', "gone/a: No such file or directory"),
}


@pytest.mark.parametrize(("engine", "says"), BAD.values(), ids=BAD.keys())
def test_an_anchor_that_cannot_be_kept_is_told_and_stops_nothing(
    tmp_path: Path, engine: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = logged(tmp_path, engine, capsys)
    assert (says in text, "code=anchor" in text) == (True, True)


# -- the next start --------------------------------------------------------------------------------


def truncated(directory: Path) -> None:
    """Cut the records off: what is left is a whole journal of nothing."""
    run_once(directory)
    os.truncate(listed(directory / "journal")[-1].path, HEADER_SIZE)
    assert check(directory / "journal").whole


def computed_again(directory: Path) -> None:
    """After the first run another second one than the one that was anchored."""
    journal = directory / "journal"
    shutil.copytree(journal, directory / "first")
    run_once(directory)
    (directory / FILE).rename(directory / "true")
    shutil.rmtree(journal)
    (directory / "first").rename(journal)
    run_once(directory)
    (directory / "true").rename(directory / FILE)


def begun_anew(directory: Path) -> None:
    shutil.rmtree(directory / "journal")


ASTRAY: Final = {
    "its tail is gone": (truncated, "its tail is missing"),
    "its chain is another": (computed_again, "its chain was computed again"),
    "it is another journal": (begun_anew, "its anchors are of journal"),
}


@pytest.mark.parametrize(("happens", "says"), ASTRAY.values(), ids=ASTRAY.keys())
def test_a_journal_that_is_not_as_it_was_anchored_starts_halted(
    tmp_path: Path, happens: object, says: str
) -> None:
    assert callable(happens)
    run_once(tmp_path)
    happens(tmp_path)
    run_once(tmp_path)
    (halt,) = journaled(tmp_path, Halt)
    assert (halt.by, says in halt.reason) == ("fix-oms", True)


@pytest.mark.parametrize("happens", [truncated, begun_anew])
def test_a_run_whose_records_are_lost_is_not_begun_again(tmp_path: Path, happens: object) -> None:
    assert callable(happens)
    run_once(tmp_path)
    happens(tmp_path)
    highest = max(a.run for a in anchors(tmp_path))
    run_once(tmp_path)
    assert journaled(tmp_path, Started)[-1].run == highest + 1


def test_the_halt_comes_once(tmp_path: Path) -> None:
    run_once(tmp_path)
    truncated(tmp_path)
    for _ in range(3):
        run_once(tmp_path)
    assert len(journaled(tmp_path, Halt)) == 1


def test_a_journal_as_it_was_anchored_starts_without_a_halt(tmp_path: Path) -> None:
    for _ in range(3):
        run_once(tmp_path)
    assert journaled(tmp_path, Halt) == []


def test_a_journal_that_went_on_after_its_last_anchor_starts_without_a_halt(
    tmp_path: Path,
) -> None:
    run_once(tmp_path)
    kept = (tmp_path / FILE).read_bytes()
    run_once(tmp_path)
    (tmp_path / FILE).write_bytes(kept)
    run_once(tmp_path)
    assert journaled(tmp_path, Halt) == []


# -- a place that does not answer, as a mount that hangs -------------------------------------------


def test_an_anchor_that_is_stuck_is_told_and_holds_up_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = threading.Event()
    monkeypatch.setattr("fix_oms.server.anchors.STUCK_S", 0.1)
    monkeypatch.setattr(anchor, "write", lambda path, line: answers.wait(60))
    with started(lone(tmp_path)) as server:
        until(lambda: "on its way to" in capsys.readouterr().out)
        assert write_something(server) > 0
        answers.set()


def test_anchors_that_cannot_be_asked_hold_up_no_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Opening a FIFO that nobody writes to blocks its reader."""
    monkeypatch.setattr("fix_oms.server.anchors.ASK_S", 0.1)
    fifo = tmp_path / FILE
    os.mkfifo(fifo)
    with started(lone(tmp_path)) as server:
        assert write_something(server) > 0
        with contextlib.suppress(OSError):  # the first anchor may have let go of the reader
            os.close(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))
    assert "does not answer" in capsys.readouterr().out
