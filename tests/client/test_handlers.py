"""Handlers: each is told everything in order, and none holds up another or stops it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

import pytest

from fix_oms.client.faults import Fault
from fix_oms.client.handlers import Crew, Delta
from fix_oms.client.pages import Page

WAIT_S = 20.0
Body = Callable[[Crew, "Page[str, int]"], Coroutine[Any, Any, None]]


def on_loop(body: Body) -> None:
    """Run the test with a crew and a page of its own."""

    async def run() -> None:
        crew = Crew()
        try:
            await body(crew, Page("numbers", crew))
        finally:
            await crew.close()

    asyncio.run(run())


async def until(true: Callable[[], object]) -> None:
    limit = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < limit, "waited in vain"
        await asyncio.sleep(0.001)


def tell(page: Page[str, int], *values: int) -> None:
    """Each value is an event of its own."""
    for value in values:
        page.put("n", value)
        page.flush()


def plain(seen: list[Any]) -> Callable[[Any], object]:
    return lambda told: seen.append(told)


def coroutine(seen: list[Any]) -> Callable[[Any], Awaitable[object]]:
    async def told(value: Any) -> None:
        seen.append(value)

    return told


KINDS = pytest.mark.parametrize("kind", [plain, coroutine])


@KINDS
def test_each_change_is_told_in_order_with_what_was_before(
    kind: Callable[[list[Any]], Any],
) -> None:
    async def body(crew: Crew, page: Page[str, int]) -> None:
        seen: list[Any] = []
        page.on_delta(kind(seen))
        tell(page, *range(1, 500))
        await until(lambda: len(seen) == 499)
        assert seen == [Delta(n - 1 or None, n) for n in range(1, 500)]

    on_loop(body)


@KINDS
def test_what_changes_nothing_is_not_told(kind: Callable[[list[Any]], Any]) -> None:
    async def body(crew: Crew, page: Page[str, int]) -> None:
        seen: list[Any] = []
        page.on_delta(kind(seen))
        tell(page, 1, 1, 2, 2, 2, 1)
        await until(lambda: len(seen) == 3)
        assert [delta.now for delta in seen] == [1, 2, 1]

    on_loop(body)


@KINDS
def test_the_page_is_told_as_it_is_and_what_came_during_a_call_once(
    kind: Callable[[list[Any]], Any],
) -> None:
    async def body(crew: Crew, page: Page[str, int]) -> None:
        seen: list[Any] = []
        page.on_update(kind(seen))
        tell(page, *range(1, 1000))
        await until(lambda: seen and seen[-1] == {"n": 999})
        assert len(seen) < 999

    on_loop(body)


def test_a_page_that_was_told_never_changes() -> None:
    async def body(crew: Crew, page: Page[str, int]) -> None:
        seen: list[Any] = []
        page.on_update(plain(seen))
        tell(page, 1)
        await until(lambda: seen)
        tell(page, 2)
        await until(lambda: len(seen) == 2)
        assert seen == [{"n": 1}, {"n": 2}]

    on_loop(body)


def test_handlers_that_sleep_hold_up_nobody() -> None:
    """More of them than there are threads at first."""

    async def body(crew: Crew, page: Page[str, int]) -> None:
        wakes = threading.Event()
        seen: list[list[Any]] = [[] for _ in range(20)]
        for _ in range(10):
            page.on_delta(lambda _: wakes.wait(WAIT_S))
        for mine in seen:
            page.on_delta(plain(mine))
        tell(page, *range(1, 101))
        try:
            await until(lambda: all(len(mine) == 100 for mine in seen))
        finally:
            wakes.set()

    on_loop(body)


def test_a_thousand_handlers_are_served_while_one_sleeps_and_one_raises() -> None:
    async def body(crew: Crew, page: Page[str, int]) -> None:
        crew.slow_s = 0.01
        wakes, counts = threading.Event(), [0] * 998

        def plain_one(n: int, _: Any) -> None:
            counts[n] += 1

        async def coroutine_one(n: int, _: Any) -> None:
            counts[n] += 1

        def sleeps(_: Any) -> None:
            wakes.wait(WAIT_S)

        def raises(_: Any) -> None:
            raise LookupError

        page.on_delta(sleeps)
        page.on_delta(raises)
        for n in range(998):
            page.on_delta(partial(plain_one if n % 2 else coroutine_one, n))
        tell(page, *range(1, 21))
        try:
            await until(lambda: set(counts) == {20})
            await until(lambda: len(crew.faults) == 2)
        finally:
            wakes.set()
        assert {(f.handler.rpartition(".")[2], f.kind) for f in crew.faults} == {
            ("sleeps", "slow"),
            ("raises", "raised"),
        }

    on_loop(body)


def test_an_awaiting_handler_holds_up_nobody() -> None:
    async def body(crew: Crew, page: Page[str, int]) -> None:
        seen: list[Any] = []
        never = asyncio.Event()

        async def waits(_: Any) -> None:
            await never.wait()

        page.on_delta(waits)
        page.on_delta(coroutine(seen))
        tell(page, 1, 2, 3)
        await until(lambda: len(seen) == 3)

    on_loop(body)


@KINDS
def test_a_handler_that_raises_is_reported_and_called_again(
    kind: Callable[[list[Any]], Any],
) -> None:
    async def body(crew: Crew, page: Page[str, int]) -> None:
        hooked: list[Fault] = []
        crew.faults.hook(hooked.append)

        def bad(_: Any) -> None:
            raise KeyError("no such")

        async def bad_too(_: Any) -> None:
            raise KeyError("no such")

        page.on_delta(bad if kind is plain else bad_too)
        seen: list[Any] = []
        page.on_delta(kind(seen))
        tell(page, 1, 2, 3)
        await until(lambda: len(hooked) == 3 and len(seen) == 3)
        [fault] = crew.faults
        told = (fault.kind, fault.count, fault.text, fault.of)
        assert told == ("raised", 3, "KeyError: 'no such'", "numbers.on_delta")

    on_loop(body)


def test_a_hook_that_raises_stops_no_other() -> None:
    async def body(crew: Crew, page: Page[str, int]) -> None:
        hooked: list[Fault] = []
        crew.faults.hook(lambda _: 1 / 0)
        crew.faults.hook(hooked.append)
        page.on_delta(lambda _: 1 / 0)
        tell(page, 1)
        await until(lambda: hooked)

    on_loop(body)


def test_a_handler_that_lags_too_far_is_told_how_much_it_missed_and_reported() -> None:
    async def body(crew: Crew, page: Page[str, int]) -> None:
        crew.most_waiting = 10
        wakes, began = threading.Event(), threading.Event()
        seen: list[Any] = []

        def slow(delta: Delta[int]) -> None:
            began.set()
            wakes.wait(WAIT_S)
            seen.append((delta.now, delta.missed))

        page.on_delta(slow)
        tell(page, 1)
        await until(began.is_set)
        tell(page, *range(2, 13))
        wakes.set()
        await until(lambda: len(seen) == 2)
        assert seen == [(1, 0), (12, 10)]
        assert [(f.kind, f.count) for f in crew.faults] == [("lagged", 1)]

    on_loop(body)


@KINDS
def test_a_call_that_takes_too_long_is_reported_once(kind: Callable[[list[Any]], Any]) -> None:
    async def body(crew: Crew, page: Page[str, int]) -> None:
        crew.slow_s = 0.01
        wakes, awakes = threading.Event(), asyncio.Event()

        def sleeps(_: Any) -> None:
            wakes.wait(WAIT_S)

        async def sleeps_too(_: Any) -> None:
            await awakes.wait()

        page.on_delta(sleeps if kind is plain else sleeps_too)
        tell(page, 1)
        await until(lambda: len(crew.faults))
        wakes.set()
        awakes.set()
        assert await crew.drained(WAIT_S)
        assert [(f.kind, f.count) for f in crew.faults] == [("slow", 1)]

    on_loop(body)


def test_a_plain_function_that_returns_an_awaitable_is_reported() -> None:
    async def body(crew: Crew, page: Page[str, int]) -> None:
        seen: list[Any] = []
        page.on_delta(lambda delta: coroutine(seen)(delta))
        tell(page, 1)
        await until(lambda: len(crew.faults))
        [fault] = crew.faults
        assert "make it a coroutine function" in fault.text

    on_loop(body)


class Told:
    """An object whose call is a coroutine function."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    async def __call__(self, delta: Any) -> None:
        self.seen.append(delta)


def test_objects_methods_and_partial_functions_are_told_too() -> None:
    async def body(crew: Crew, page: Page[str, int]) -> None:
        seen: list[Any] = []

        async def told(where: list[Any], delta: Any) -> None:
            where.append(delta)

        object_ = Told()
        page.on_delta(object_)
        page.on_delta(partial(told, seen))
        page.on_delta(seen.append)
        tell(page, 1)
        await until(lambda: len(seen) == 2 and len(object_.seen) == 1)

    on_loop(body)


def test_who_was_taken_off_is_told_nothing_more() -> None:
    async def body(crew: Crew, page: Page[str, int]) -> None:
        seen: list[Any] = []
        others: list[Any] = []
        mine = page.on_delta(plain(seen))
        page.on_delta(plain(others))
        tell(page, 1)
        await until(lambda: seen)
        page.off(mine)
        tell(page, 2)
        await until(lambda: len(others) == 2)
        assert len(seen) == 1

    on_loop(body)


def test_a_drained_crew_has_told_everything() -> None:
    async def body(crew: Crew, page: Page[str, int]) -> None:
        seen: list[list[Any]] = [[] for _ in range(50)]
        for n, mine in enumerate(seen):
            page.on_delta((plain if n % 2 else coroutine)(mine))
        tell(page, *range(1, 51))
        assert await crew.drained(WAIT_S)
        assert {len(mine) for mine in seen} == {50}

    on_loop(body)


def test_threads_that_are_not_needed_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fix_oms.client.threads.IDLE_S", 0.01)

    async def body(crew: Crew, page: Page[str, int]) -> None:
        wakes = threading.Event()
        for _ in range(6):
            page.on_delta(lambda _: wakes.wait(WAIT_S))
        tell(page, 1)
        await until(lambda: crew.threads.count >= 6)
        wakes.set()
        await until(lambda: crew.threads.count == 2)

    on_loop(body)
