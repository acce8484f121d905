"""What goes wrong in and around a real engine is open within the five seconds that are promised."""

from __future__ import annotations

import errno
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fix_oms.client import Client
from fix_oms.journal import writer
from fix_oms.model.inputs import Halt, Resume
from fix_oms.server.process import Server
from tests.server.lone import lone, started
from tests.server.test_carriers import script

PROMISED_S = 5.0
SECOND = 1_000_000_000


def within_promise(true: Callable[[], object]) -> None:
    limit = time.monotonic() + PROMISED_S
    while not true():
        assert time.monotonic() < limit, "not in time"
        time.sleep(0.01)


def opens(server: Server, code: str) -> None:
    within_promise(lambda: code in {alert.code for alert in server.alerting.open_now()})


def ends(server: Server, code: str) -> None:
    within_promise(lambda: code not in {alert.code for alert in server.alerting.open_now()})


def test_a_halt_and_its_end(tmp_path: Path) -> None:
    with started(lone(tmp_path)) as server:
        server.runner.submit(Halt(by="ann", reason="lunch"))
        opens(server, "halt")
        server.runner.submit(Resume(by="ann", reason="over"))
        ends(server, "halt")


def test_what_held_before_a_restart_holds_after_it(tmp_path: Path) -> None:
    with started(lone(tmp_path)) as server:
        server.runner.submit(Halt(by="ann", reason="lunch"))
        opens(server, "halt")
        (before,) = server.alerting.open_now()
    with started(lone(tmp_path)) as server:
        opens(server, "halt")
        assert server.alerting.open_now() == (before,)


def test_a_disk_that_is_nearly_full(tmp_path: Path) -> None:
    with started(lone(tmp_path, engine="[alerts]\ndisk_free_mb = 1_000_000_000")) as server:
        opens(server, "disk")


def test_an_anchor_that_nobody_takes(tmp_path: Path) -> None:
    with started(lone(tmp_path, engine='anchors.command = ["false"]')) as server:
        opens(server, "anchor")


def test_a_journal_that_syncs_slowly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(fd: int) -> None:
        time.sleep(0.06)
        os.fsync(fd)

    asked = "[alerts]\nslow_journal_ms = 50"
    with started(lone(tmp_path, durability="power", engine=asked)) as server:
        monkeypatch.setattr(os, "fdatasync", slowly)

        def is_told() -> bool:
            server.runner.submit(Halt(by="ann", reason="lunch"))
            return "slow_journal" in {alert.code for alert in server.alerting.open_now()}

        within_promise(is_told)


def test_an_engine_that_is_stuck(tmp_path: Path) -> None:
    release = threading.Event()
    with started(lone(tmp_path)) as server:
        # Under the engine's lock, as whatever would make it hang.
        stuck = threading.Thread(target=server.runner.read, args=(lambda _: release.wait(60),))
        stuck.start()
        try:
            opens(server, "engine_stuck")
            with Client(tmp_path / "oms.sock") as client:  # it answers all the same
                assert [alert.code for alert in client.alerts()] == ["engine_stuck"]
        finally:
            release.set()
            stuck.join()
        ends(server, "engine_stuck")


def test_a_clock_that_is_set_back_until_it_agrees_again(tmp_path: Path) -> None:
    set_ns = 0
    with started(lone(tmp_path, wall_ns=lambda: time.time_ns() + set_ns)) as server:
        set_ns = -3600 * SECOND
        opens(server, "clock")
        set_ns = 0
        ends(server, "clock")


def test_a_journal_that_fails_is_told_before_the_process_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(fd: int, frame: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    script(tmp_path, f"cat >> {tmp_path}/told.jsonl")
    with started(lone(tmp_path, engine='[alerts]\ncommand = ["./told.sh"]')) as server:
        monkeypatch.setattr(writer, "_write", full)
        with pytest.raises(Exception, match="No space left"):
            server.runner.submit(Halt(by="ann", reason="lunch"))
        server.wait()
    told = [json.loads(line) for line in (tmp_path / "told.jsonl").read_text().splitlines()]
    assert [(one["severity"], one["code"]) for one in told] == [("severe", "journal")]
    assert "No space left on device" in told[0]["text"]
