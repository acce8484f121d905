"""A session's sender: cancels overtake what waits, withdrawn orders do not leave, none is lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from fix_oms.model.inputs import Input, NotSent, Sent
from fix_oms.model.outputs import Send
from fix_oms.server.outbox import Outbox
from tests.server.world import Peer

PATIENCE_S = 60.0


def message(text: str, chain: str = "", *, urgent: bool = False) -> Send:
    return Send(session="ALPHA", text=text, cl_ord_id=text, chain=chain, urgent=urgent)


class Desk:
    """An outbox in front of a peer, and what it told."""

    def __init__(self, interval_ms: int = 0) -> None:
        self.peer = Peer()
        self.told: list[Input] = []
        self.outbox = Outbox(
            "ALPHA",
            self.peer,
            min_interval_ms=interval_ms,
            wait_durable=lambda index: 0,
            tell=self.told.append,
            left=self.told.append,
            clock_ns=lambda: 0,
        )
        self.outbox.start()

    def put(self, *messages: Send) -> None:
        for one in messages:
            self.outbox.put(one, 0, 0, 0)

    def blocked_on(self, first: Send) -> None:
        """The peer does not read: the sender is inside the send of ``first``."""
        self.peer.may_go.clear()
        self.put(first)
        self.outbox.wake()
        assert self.peer.busy.wait(PATIENCE_S)

    def end(self) -> None:
        """The peer reads again, until all has left or was told."""
        self.peer.may_go.set()
        self.outbox.wake()
        self.outbox.stop(PATIENCE_S)

    def not_sent(self) -> list[tuple[str, str]]:
        return [(told.text, told.reason) for told in self.told if isinstance(told, NotSent)]


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.end()


def test_a_cancel_leaves_before_the_orders_that_a_slow_peer_keeps_waiting(desk: Desk) -> None:
    desk.blocked_on(message("new 1", "1"))
    desk.put(message("new 2", "2"), message("new 3", "3"), message("cancel 1", "1", urgent=True))
    desk.end()
    assert desk.peer.got == ["new 1", "cancel 1", "new 2", "new 3"]


def test_a_cancel_leaves_before_the_orders_that_the_interval_keeps_waiting() -> None:
    desk = Desk(interval_ms=20)
    desk.blocked_on(message("new 1", "1"))
    desk.put(message("new 2", "2"), message("new 3", "3"))
    first = desk.peer.may_go.set
    first()
    desk.put(message("cancel 1", "1", urgent=True))
    desk.end()
    assert desk.peer.got == ["new 1", "cancel 1", "new 2", "new 3"]


def test_a_withdrawn_order_does_not_leave_and_is_told_as_not_sent(desk: Desk) -> None:
    desk.blocked_on(message("new 1", "1"))
    desk.put(message("new 2", "2"), message("new 3", "3"))
    desk.outbox.withdraw("2", "killed by ann")
    desk.end()
    expected = (["new 1", "new 3"], [("new 2", "killed by ann")])
    assert (desk.peer.got, desk.not_sent()) == expected


def test_an_order_that_is_just_being_sent_is_not_withdrawn(desk: Desk) -> None:
    desk.blocked_on(message("new 1", "1"))
    found = desk.outbox.withdraw("1", "killed by ann")
    desk.end()
    assert (found, desk.peer.got, desk.not_sent()) == (False, ["new 1"], [])


def test_a_flush_sends_on_this_thread_what_goes_before_its_own_and_no_more(desk: Desk) -> None:
    mine = threading.get_ident()
    threads: list[int] = []
    send = desk.peer.send

    def noted(name: str, text: str) -> tuple[int, int] | None:
        threads.append(threading.get_ident())
        if text == "new 2":
            desk.put(message("late", "9"))
        return send(name, text)

    desk.peer.send = noted  # type: ignore[method-assign]  # says who sends
    desk.put(message("new 1", "1"), message("new 2", "2"))
    desk.outbox.flush()
    desk.end()
    assert [thread == mine for thread in threads] == [True, True, False]


def test_a_message_that_cannot_be_handed_over_is_told_as_a_fault_and_the_next_one_leaves(
    desk: Desk,
) -> None:
    send = desk.peer.send

    def failing(name: str, text: str) -> tuple[int, int] | None:
        if text == "new 1":
            raise ValueError("no such field")
        return send(name, text)

    desk.peer.send = failing  # type: ignore[method-assign]  # a defect of the session's
    desk.put(message("new 1", "1"), message("new 2", "2"))
    desk.end()
    kinds = [type(told).__name__ for told in desk.told]
    assert (kinds, desk.peer.got) == (["Fault", "Sent"], ["new 2"])


def test_whoever_puts_sends_or_withdraws_at_once_each_message_is_told_exactly_once(
    desk: Desk,
) -> None:
    def work(worker: int) -> None:
        for n in range(300):
            chain = f"{worker}.{n % 7}"
            desk.put(message(f"{worker}-{n}", chain, urgent=n % 5 == 0))
            if n % 11 == 0:
                desk.outbox.withdraw(chain, "killed")
            if n % 2:
                desk.outbox.flush()
            else:
                desk.outbox.wake()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    desk.end()
    counted = Counter(t.text for t in desk.told if isinstance(t, Sent | NotSent))
    assert counted == Counter(f"{worker}-{n}" for worker in range(4) for n in range(300))
