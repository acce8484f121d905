"""A batch and the others: what takes risk out, reports and all who wait get in, and it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import msgspec
import pytest

from fix_oms.engine import Engine
from fix_oms.journal.follower import records
from fix_oms.journal.replay import replay
from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted, Output, Refused
from fix_oms.server.runner import MOST_RESTARTS
from tests.server.world import NOW, ORDER, World

PATIENCE_S = 60.0
BATCH = [msgspec.structs.replace(ORDER, client_ref=f"r{n}") for n in range(6)]
HALT = inputs.Halt(by="ann", reason="enough")
REPORT = inputs.AdminIn(session="ALPHA", text="8=FIX.4.4\x0135=0\x01", expected=7)


class Meanwhile:
    """Lets other threads come while the third order of a batch is being taken.

    They come at the one moment that the journal gives us inside the lock, and find it taken.
    """

    def __init__(self, world: World, *acts: Callable[[], object]) -> None:
        self._world = world
        self._acts = acts
        self._append = world.writer.append
        self.threads: list[threading.Thread] = []
        world.writer.append = self._appended  # type: ignore[method-assign]  # the only hook there

    def _appended(self, now_ns: int, payload: bytes) -> int:
        value = inputs.decode(payload)
        if isinstance(value, inputs.NewOrder) and value.client_ref == "r2":
            for act in self._acts:
                self._come(act)
        return self._append(now_ns, payload)

    def _come(self, act: Callable[[], object]) -> None:
        turns = self._world.runner._turns
        before = len(turns.urgent) + len(turns.others)
        self.threads.append(threading.Thread(target=act))
        self.threads[-1].start()
        while len(turns.urgent) + len(turns.others) == before:
            assert self.threads[-1].is_alive()

    def join(self) -> None:
        for thread in self.threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


def kinds(outputs: list[list[Output]]) -> list[str]:
    """What the engine said to each command of a batch."""
    said = [next(o for o in out if isinstance(o, Accepted | Refused)) for out in outputs]
    return [one.control if isinstance(one, Refused) else "accepted" for one in said]


def batch_and_others(world: World) -> list[str]:
    """The journal's inputs from the batch's first order, what left aside."""
    kinds = [kind for kind in world.kinds() if kind != "Sent"]
    return kinds[kinds.index("NewOrder") :]


def test_a_halt_gets_in_between_two_orders_of_a_batch(world: World) -> None:
    others = Meanwhile(world, lambda: world.runner.submit(HALT))
    world.runner.taken_all(BATCH)
    others.join()
    assert batch_and_others(world) == ["NewOrder"] * 3 + ["Halt"] + ["NewOrder"] * 3


def test_what_a_halt_spoils_of_a_batch_is_refused_alone_and_says_so(world: World) -> None:
    others = Meanwhile(world, lambda: world.runner.submit(HALT))
    _, done = world.runner.taken_all(BATCH)
    others.join()
    assert kinds(done) == ["accepted"] * 3 + ["halt"] * 3


def test_a_report_of_a_session_gets_in_between_two_orders_of_a_batch(world: World) -> None:
    others = Meanwhile(world, lambda: world.runner.input(REPORT, NOW))
    world.runner.taken_all(BATCH)
    others.join()
    assert batch_and_others(world) == ["NewOrder"] * 3 + ["AdminIn"] + ["NewOrder"] * 3


def test_a_question_is_answered_between_two_orders_of_a_batch(world: World) -> None:
    found: list[int] = []
    others = Meanwhile(
        world,
        lambda: found.append(
            world.runner.read(lambda shown: len(shown.order_views(False, 100, "")))
        ),
    )
    world.runner.taken_all(BATCH)
    others.join()
    assert found == [3]


TAKE_RISK_OUT: dict[str, inputs.Command] = {
    "Halt": HALT,
    "Kill": inputs.Kill(by="ann", reason="enough"),
    "Resume": inputs.Resume(by="ann", reason="all well"),
    "MassCancel": inputs.MassCancel(by="ann"),
    "CancelOrder": inputs.CancelOrder(by="ann", order="r0"),
}


@pytest.mark.parametrize("kind", TAKE_RISK_OUT)
def test_what_takes_risk_out_passes_the_commands_that_came_before_it(
    world: World, kind: str
) -> None:
    others = Meanwhile(
        world,
        lambda: world.runner.submit(msgspec.structs.replace(ORDER, client_ref="waits")),
        lambda: world.runner.submit(TAKE_RISK_OUT[kind]),
    )
    world.runner.taken_all(BATCH[:3])
    others.join()
    assert batch_and_others(world)[:5] == ["NewOrder"] * 3 + [kind, "NewOrder"]


def test_the_orders_of_a_batch_stay_in_their_order(world: World) -> None:
    world.runner.taken_all(BATCH)
    world.outbox.stop(5)
    ids = [text.partition("\x0111=")[2].partition("\x01")[0] for text in world.peer.got]
    assert ids == [f"1-{n}" for n in range(1, 7)]


def test_the_first_order_of_a_batch_leaves_before_its_last_is_taken(world: World) -> None:
    left = threading.Event()
    send = world.peer.send

    def noted(name: str, text: str) -> tuple[int, int] | None:
        left.set()
        return send(name, text)

    world.peer.send = noted  # type: ignore[method-assign]  # rings when a message leaves
    append = world.writer.append

    def waits(now_ns: int, payload: bytes) -> int:
        value = inputs.decode(payload)
        if isinstance(value, inputs.NewOrder) and value.client_ref == "r5":
            assert left.wait(PATIENCE_S)
        return append(now_ns, payload)

    world.writer.append = waits  # type: ignore[method-assign]  # holds the last order up
    assert kinds(world.runner.taken_all(BATCH)[1]) == ["accepted"] * 6


def test_a_batch_ends_although_others_never_stop_asking(world: World) -> None:
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            world.runner.submit(HALT)
            world.runner.read(lambda shown: shown.session_views())

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    _, done = world.runner.taken_all([ORDER] * 200)
    ended.set()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert len(done) == 200


def test_the_replay_of_a_batch_with_others_in_between_is_the_live_state(world: World) -> None:
    others = Meanwhile(
        world,
        lambda: world.runner.input(REPORT, NOW),
        lambda: world.runner.submit(inputs.CancelOrder(by="ann", order="r0")),
    )
    world.runner.taken_all(BATCH)
    others.join()
    world.outbox.stop(5)
    world.runner.record_left()
    again = Engine()
    found = replay(world.directory, again)
    live = world.runner.read(lambda shown: shown.hash())
    assert (again.shown(NOW).hash(), found.mismatches) == (live, ())


class Checked(list[inputs.Command]):
    """A batch; each time that it is gone through, an urgent command comes in the middle."""

    def __init__(self, world: World, times: int) -> None:
        super().__init__(BATCH)
        self._world = world
        self._left = times
        self.begun = 0
        self.threads: list[threading.Thread] = []

    def __iter__(self) -> Iterator[inputs.Command]:
        self.begun += 1
        for n, command in enumerate(super().__iter__()):
            if n == 3 and self._left:
                self._left -= 1
                turns = self._world.runner._turns
                thread = threading.Thread(target=lambda: self._world.runner.submit(HALT))
                self.threads.append(thread)
                thread.start()
                while not turns.urgent:
                    assert thread.is_alive()
            yield command

    def join(self) -> None:
        for thread in self.threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


def test_the_check_of_a_batch_is_given_up_for_a_halt_and_begun_again(world: World) -> None:
    batch = Checked(world, 1)
    refused = world.runner.check(batch)
    batch.join()
    assert [one.control if one else "" for one in refused] == ["halt"] * 6


def test_a_check_that_was_given_up_leaves_nothing_reserved(world: World) -> None:
    batch = Checked(world, 1)
    world.runner.check(batch)
    batch.join()
    assert world.runner.read(lambda shown: shown.position_views()) == []


def test_a_stream_of_urgent_commands_does_not_keep_a_check_from_its_end(world: World) -> None:
    batch = Checked(world, 1_000)
    world.runner.check(batch)
    batch.join()
    assert batch.begun == MOST_RESTARTS + 1


def test_an_alert_that_a_batch_raises_is_told_while_it_goes_on(world: World) -> None:
    told_before: list[int] = []
    fault = inputs.Fault(where="here", error="x")
    append = world.writer.append

    def counted(now_ns: int, payload: bytes) -> int:
        told_before.append(sum(alert.code == "fault" for alert in world.alerts))
        return append(now_ns, payload)

    world.writer.append = counted  # type: ignore[method-assign]  # looks at each record
    world.runner.taken_all([fault, fault, fault])
    assert told_before == [0, 1, 2]


def test_a_batch_that_is_journaled_is_there_after_it(world: World) -> None:
    world.runner.taken_all(BATCH)
    taken = [inputs.decode(r.payload) for r in records(world.directory)]
    assert [v.client_ref for v in taken if isinstance(v, inputs.NewOrder)] == [
        f"r{n}" for n in range(6)
    ]


# -- a kill, with the engine's own chains and withdrawals ------------------------------------------


def texts(world: World) -> list[str]:
    """MsgType(35) and ClOrdID(11) of what left, in order."""
    return [
        f"{text[3]} {text.partition(chr(1) + '11=')[2].partition(chr(1))[0]}"
        for text in world.peer.got
    ]


def blocked_batch(world: World) -> None:
    """Six orders of which the peer reads the first and then no more."""
    world.peer.may_go.clear()
    world.runner.taken_all(BATCH)
    assert world.peer.busy.wait(PATIENCE_S)


def read_on(world: World) -> None:
    world.peer.may_go.set()
    world.outbox.wake()
    world.outbox.stop(PATIENCE_S)


def test_a_kill_takes_back_what_has_not_left_and_cancels_by_name_what_was_leaving(
    world: World,
) -> None:
    blocked_batch(world)
    world.runner.submit(inputs.Kill(by="ann", reason="enough"))
    read_on(world)
    assert texts(world) == ["D 1-1", "q 1-7", "F 1-8"]


def test_the_orders_that_a_kill_took_back_have_ended_and_the_one_that_left_is_unconfirmed(
    world: World,
) -> None:
    blocked_batch(world)
    world.runner.submit(inputs.Kill(by="ann", reason="enough"))
    read_on(world)
    (kill,) = world.runner.read(lambda shown: shown.halt_views())
    states = world.runner.read(
        lambda shown: [order.ord_status for order in shown.order_views(False, 10, "")]
    )
    assert [text.partition(":")[0] for text in kill.unconfirmed] == ["1-1"]
    assert states == ["A", "8", "8", "8", "8", "8"]


def test_a_cancel_passes_the_orders_that_wait_and_takes_its_own_along(world: World) -> None:
    blocked_batch(world)
    world.runner.submit(inputs.CancelOrder(by="ann", order="r4"))
    read_on(world)
    assert texts(world) == ["D 1-1", "D 1-5", "F 1-7", "D 1-2", "D 1-3", "D 1-4", "D 1-6"]


def test_the_replay_of_a_kill_that_took_orders_back_is_the_live_state(world: World) -> None:
    blocked_batch(world)
    world.runner.submit(inputs.CancelOrder(by="ann", order="r4"))
    world.runner.submit(inputs.Kill(by="ann", reason="enough"))
    read_on(world)
    world.runner.record_left()
    again = Engine()
    found = replay(world.directory, again)
    live = world.runner.read(lambda shown: shown.hash())
    assert (again.shown(NOW).hash(), found.mismatches) == (live, ())
