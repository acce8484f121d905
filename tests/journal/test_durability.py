"""Group commit: many threads wait, few syncs are done, and nobody is told too early."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.journal.made import NOW, opened, payload, payloads

PATIENCE_S = 30


class HeldSync:
    """fdatasync that counts its calls and waits for leave to return."""

    def __init__(self) -> None:
        self.calls = 0
        self.begun = threading.Event()
        self.leave = threading.Event()

    def __call__(self, fd: int) -> None:
        self.calls += 1
        self.begun.set()
        assert self.leave.wait(PATIENCE_S)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldSync]:
    sync = HeldSync()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", sync)
        sync.leave.set()
        yield sync
        sync.leave.set()


def test_one_sync_serves_all_that_came_while_another_ran(tmp_path: Path, held: HeldSync) -> None:
    with opened(tmp_path, durability="power") as writer, ThreadPoolExecutor(8) as pool:
        held.calls = 0
        held.leave.clear()
        held.begun.clear()
        first = pool.submit(writer.wait_durable, writer.append(NOW, b"x"))
        assert held.begun.wait(PATIENCE_S)
        others = [pool.submit(writer.wait_durable, writer.append(NOW, b"y")) for _ in range(6)]
        held.leave.set()
        for waiting in (first, *others):
            waiting.result(PATIENCE_S)
        assert (held.calls, writer.durable) == (2, 7)


def test_a_record_appended_during_a_sync_is_not_covered_by_it(
    tmp_path: Path, held: HeldSync
) -> None:
    with opened(tmp_path, durability="power") as writer, ThreadPoolExecutor(1) as pool:
        held.leave.clear()
        held.begun.clear()
        first = pool.submit(writer.wait_durable, writer.append(NOW, b"x"))
        assert held.begun.wait(PATIENCE_S)
        writer.append(NOW, b"y")
        held.leave.set()
        first.result(PATIENCE_S)
        assert writer.durable == 1


def test_a_durable_record_is_waited_for_no_more(tmp_path: Path, held: HeldSync) -> None:
    with opened(tmp_path, durability="power") as writer:
        index = writer.append(NOW, b"x")
        when = writer.wait_durable(index)
        calls = held.calls
        assert (writer.wait_durable(index), held.calls) == (when, calls)


def test_many_threads_append_and_wait_across_rolls(tmp_path: Path) -> None:
    engine = threading.Lock()

    def work() -> None:
        for _ in range(40):
            with engine:
                index = writer.append(NOW, payload(writer.next_index))
            writer.wait_durable(index)
            assert writer.durable > index

    writer = opened(tmp_path, durability="power", segment_bytes=2000)
    with writer, ThreadPoolExecutor(8) as pool:
        for worker in [pool.submit(work) for _ in range(8)]:
            worker.result(PATIENCE_S)
    assert payloads(tmp_path) == [payload(index) for index in range(320)]
