"""A sink never holds anybody up, tries again, and counts what it has lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import msgspec
import pytest

from fix_oms.server.notices import Notice
from fix_oms.server.sinks import Sink, Undelivered
from tests.server.test_carriers import NOTICE


def notice(text: str, severity: str = "severe", count: int = 1) -> Notice:
    return msgspec.structs.replace(NOTICE, text=text, severity=severity, count=count)


class Post:
    """A carrier that does as it is told."""

    name = "post"

    def __init__(self) -> None:
        self.got: list[tuple[str, int]] = []
        self.fails: Exception | None = None
        self.tries = 0
        self.may_go = threading.Event()
        self.may_go.set()
        self.begun = threading.Event()

    def carry(self, notice: Notice, lost: int) -> None:
        self.begun.set()
        self.may_go.wait(30)
        self.tries += 1
        if self.fails is not None:
            raise self.fails
        self.got.append((notice.text, lost))

    def cut(self) -> None:
        self.may_go.set()


@pytest.fixture
def post() -> Iterator[Post]:
    made = Post()
    yield made
    made.may_go.set()


def sink(post: Post, *, queue: int = 10, clock: Callable[[], float] = time.monotonic) -> Sink:
    made = Sink(post, at_once=1, queue=queue, first_pause_s=0.001, clock=clock)
    made.start()
    return made


def until(true: Callable[[], object]) -> None:
    limit = time.monotonic() + 30
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.001)


def test_notices_arrive_in_the_order_in_which_they_were_offered(post: Post) -> None:
    made = sink(post)
    for text in "abc":
        made.offer(notice(text))
    until(lambda: len(post.got) == 3)
    assert (post.got, made.delivered) == ([("a", 0), ("b", 0), ("c", 0)], 3)


def test_who_offers_does_not_wait_for_a_carrier_that_hangs(post: Post) -> None:
    post.may_go.clear()
    made = sink(post)
    for text in "abc":
        made.offer(notice(text))
    assert post.got == []


def test_what_did_not_arrive_is_tried_again(post: Post) -> None:
    post.fails = Undelivered("no route")
    made = sink(post)
    made.offer(notice("a"))
    until(lambda: post.tries >= 3)
    trouble = made.trouble
    post.fails = None
    until(lambda: post.got)
    until(lambda: not made.trouble)
    assert (trouble, post.got, made.lost) == (
        "alerts do not reach the post (1 wait, 0 were lost): no route",
        [("a", 0)],
        0,
    )


def test_a_carrier_that_breaks_is_a_failure_like_any_other(post: Post) -> None:
    post.fails = KeyError("defect")
    made = sink(post)
    made.offer(notice("a"))
    until(lambda: made.trouble)
    assert made.trouble.endswith("KeyError: 'defect'")


def test_what_will_never_arrive_is_not_tried_again_and_told_with_the_next(post: Post) -> None:
    post.fails = Undelivered("no such room", final=True)
    made = sink(post)
    made.offer(notice("a", count=7))
    until(lambda: made.lost == 7)
    post.fails = None
    made.offer(notice("b"))
    until(lambda: post.got)
    assert (post.tries, post.got) == (2, [("b", 7)])


def test_what_has_become_old_is_given_up(post: Post) -> None:
    now = [0.0]
    post.fails = Undelivered("no route")
    made = sink(post, clock=lambda: now[0])
    made.offer(notice("a"))
    until(lambda: post.tries >= 1)
    now[0] = 1_000.0
    until(lambda: made.lost == 1)
    assert post.got == []


def test_from_a_full_queue_the_oldest_of_the_least_severity_is_pushed_out(post: Post) -> None:
    post.may_go.clear()
    made = sink(post, queue=3)
    made.offer(notice("under way"))
    assert post.begun.wait(30)
    for text, severity in (("a", "severe"), ("b", "warning"), ("c", "warning"), ("d", "severe")):
        made.offer(notice(text, severity))
    post.may_go.set()
    until(lambda: len(post.got) == 4)
    assert [text for text, _ in post.got] == ["under way", "a", "c", "d"]
    assert made.lost == 1


def test_what_waits_is_delivered_before_the_stop(post: Post) -> None:
    post.may_go.clear()
    made = sink(post)
    for text in "abc":
        made.offer(notice(text))
    post.may_go.set()
    assert (made.stop(30), [text for text, _ in post.got]) == (0, ["a", "b", "c"])


def test_a_stop_does_not_wait_for_ever_and_says_what_was_left(post: Post) -> None:
    post.may_go.clear()
    made = sink(post)
    for text in "abc":
        made.offer(notice(text))
    assert post.begun.wait(30)
    assert made.stop(0.05) == 3
