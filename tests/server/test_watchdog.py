"""The watchdog, with children that die, hang or end as an engine would."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fix_oms.server.watchdog import Watchdog

COUNTING = """
import pathlib, sys, time
starts = pathlib.Path(sys.argv[1])
count = len(starts.read_text()) if starts.exists() else 0
made = starts.with_suffix(".made")
made.write_text("x" * (count + 1))
made.rename(starts)  # whole at once: it may be killed as soon as the file is there
"""


def watching(tmp_path: Path, body: str, answers: Callable[[], bool]) -> tuple[Watchdog, Path]:
    starts = tmp_path / "starts"
    command = [sys.executable, "-c", COUNTING + body, str(starts)]
    return (
        Watchdog(command, answers, patience_s=0.0, every_s=0.02, first_pause_s=0.01),
        starts,
    )


@pytest.mark.parametrize("code", [0, 2])
def test_an_engine_that_was_told_to_stop_or_is_misconfigured_is_left_alone(
    tmp_path: Path, code: int
) -> None:
    watchdog, starts = watching(tmp_path, f"sys.exit({code})", lambda: True)
    assert (watchdog.run(), starts.read_text()) == (code, "x")


def test_an_engine_that_dies_is_started_again(tmp_path: Path) -> None:
    watchdog, starts = watching(tmp_path, "sys.exit(1 if count < 2 else 0)", lambda: True)
    assert (watchdog.run(), starts.read_text(), watchdog.restarts) == (0, "xxx", 2)


def test_an_engine_that_was_up_and_answers_no_more_is_killed_and_started_again(
    tmp_path: Path,
) -> None:
    starts = tmp_path / "starts"
    asked: list[bool] = []

    def answers() -> bool:
        asked.append(not asked or not starts.exists())  # up at least once, however late we ask
        return asked[-1]

    watchdog, _ = watching(tmp_path, "time.sleep(60 if count == 0 else 0)", answers)
    assert (watchdog.run(), starts.read_text(), watchdog.restarts) == (0, "xx", 1)


def test_an_engine_that_is_still_starting_is_given_its_time(tmp_path: Path) -> None:
    asked: list[bool] = []

    def answers() -> bool:
        asked.append(False)
        if len(asked) == 5:
            watchdog.stop()
        return False

    watchdog, starts = watching(tmp_path, "time.sleep(60)", answers)
    watchdog.run()
    assert (len(asked), starts.read_text()) == (5, "x")


def test_while_another_process_writes_the_journal_no_engine_is_started(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    asked: list[bool] = []

    def writer() -> int | None:
        asked.append(starts.exists())
        return 4242 if len(asked) < 4 else None

    command = [sys.executable, "-c", COUNTING + "sys.exit(0)", str(starts)]
    watchdog = Watchdog(command, lambda: True, writer=writer, every_s=0.001)
    assert (watchdog.run(), asked, starts.read_text()) == (0, [False] * 4, "x")


def test_a_watchdog_that_waits_for_the_journal_can_be_stopped(tmp_path: Path) -> None:
    starts = tmp_path / "starts"

    def writer() -> int | None:
        watchdog.stop()
        return 4242

    command = [sys.executable, "-c", COUNTING, str(starts)]
    watchdog = Watchdog(command, lambda: True, writer=writer)
    assert (watchdog.run(), starts.exists()) == (0, False)


def test_an_engine_that_lost_the_journal_is_started_again_once_it_is_free(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    told = iter([None, 4242, 4242, None])
    body = "sys.exit(1 if count == 0 else 0)"
    command = [sys.executable, "-c", COUNTING + body, str(starts)]
    watchdog = Watchdog(
        command, lambda: True, writer=lambda: next(told), every_s=0.001, first_pause_s=0.001
    )
    assert (watchdog.run(), starts.read_text(), list(told)) == (0, "xx", [])
