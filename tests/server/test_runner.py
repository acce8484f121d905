"""The one writer: journal before effect, order on the wire, and an end when the journal fails."""

from __future__ import annotations

import threading

import msgspec
import pytest

from fix_oms.client import Client, EngineFailed
from fix_oms.engine import Engine
from fix_oms.engine.core import PACKED_AFTER_NS
from fix_oms.journal.follower import records
from fix_oms.journal.replay import replay
from fix_oms.model import inputs
from fix_oms.model.errors import JournalError
from fix_oms.model.outputs import Accepted
from fix_oms.server.answers import Process
from fix_oms.server.control import ControlServer
from fix_oms.server.outbox import Outbox
from fix_oms.server.runner import PACKED_AT_ONCE
from tests.server.world import NOW, ORDER, Peer, World


def test_an_order_is_journaled_before_what_left_is(world: World) -> None:
    world.runner.submit(ORDER)
    assert world.kinds()[-2:] == ["NewOrder", "Sent"]


def test_what_left_says_under_which_number(world: World) -> None:
    world.runner.submit(ORDER)
    world.runner.record_left()
    sent = inputs.decode(list(records(world.directory))[-1].payload)
    assert isinstance(sent, inputs.Sent)
    assert (sent.epoch, sent.seq, sent.cl_ord_id) == (1, 1, "1-1")


def test_orders_leave_in_the_order_of_the_journal(world: World) -> None:
    threads = [
        threading.Thread(target=lambda: [world.runner.submit(ORDER) for _ in range(50)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.outbox.stop(5)
    ids = [text.partition("\x0111=")[2].partition("\x01")[0] for text in world.peer.got]
    assert ids == [f"1-{n}" for n in range(1, 201)]


def test_a_message_that_waited_while_the_session_went_down_is_never_sent_late(
    world: World,
) -> None:
    world.peer.may_go.clear()
    sender = threading.Thread(target=world.runner.submit, args=(ORDER,))
    sender.start()
    assert world.peer.busy.wait(5)
    world.runner.submit(ORDER)
    world.runner.submit(inputs.SessionDown(session="ALPHA", reason="cut"))
    world.peer.may_go.set()
    sender.join(5)
    world.outbox.stop(5)
    assert len(world.peer.got) == 1
    second = world.engine.shown(NOW).order_view("1-2")
    assert second is not None
    assert second.ord_status == "8"


def test_a_message_that_did_not_leave_is_told_as_not_sent(world: World) -> None:
    world.peer.away = True
    world.runner.submit(ORDER)
    assert world.kinds()[-1] == "NotSent"


def test_an_input_of_a_callback_is_sent_by_the_sender_thread(world: World) -> None:
    world.runner.input(ORDER, NOW)
    world.outbox.stop(5)
    assert len(world.peer.got) == 1


def test_time_in_the_journal_never_runs_backwards(world: World) -> None:
    world.runner.submit(ORDER)
    world.clock_ns = NOW - 10**9
    world.runner.submit(ORDER)
    times = [r.time_ns for r in records(world.directory)]
    assert times == sorted(times)


def test_an_idle_timer_leaves_no_record(world: World) -> None:
    before = len(world.kinds())
    world.runner.tick(inputs.Tick())
    assert len(world.kinds()) == before


def test_a_timer_that_may_matter_is_journaled(world: World) -> None:
    world.runner.submit(ORDER)
    world.runner.record_left()
    world.clock_ns += 11 * 10**9
    world.runner.tick(inputs.Tick())
    assert world.kinds()[-1] == "Tick"


def test_a_check_between_orders_changes_nothing_that_a_replay_decides(world: World) -> None:
    world.runner.submit(ORDER)
    before = world.runner.read(lambda views: views.hash())
    world.clock_ns += 10**9
    world.runner.check([ORDER, ORDER])
    world.clock_ns -= 10**9
    assert world.runner.read(lambda views: views.hash()) == before


def test_a_record_too_large_for_the_journal_is_refused_and_the_next_one_taken(
    world: World,
) -> None:
    with pytest.raises(JournalError):
        world.runner.submit(inputs.Fault(where="x", error="x" * (17 << 20)))
    assert world.failures == []
    assert any(isinstance(o, Accepted) for o in world.runner.submit(ORDER))


def test_a_session_act_is_done_after_it_is_journaled(world: World) -> None:
    world.runner.submit(
        inputs.SessionCommand(by="ann", session="ALPHA", action="logout", reason="test")
    )
    assert [act.action for act in world.acts] == ["logout"]


def test_a_journal_that_fails_takes_nothing_more_and_says_so(world: World) -> None:
    world.writer.close()
    hash_before = world.engine.shown(NOW).hash()
    with pytest.raises(JournalError):
        world.runner.submit(ORDER)
    assert (len(world.failures), world.peer.got) == (1, [])
    assert world.engine.shown(NOW).hash() == hash_before


def test_the_replay_of_the_journal_is_the_live_state(world: World) -> None:
    for _ in range(3):
        answer = world.runner.submit(ORDER)
        assert any(isinstance(o, Accepted) for o in answer)
    world.runner.record_left()
    again = Engine()
    found = replay(world.directory, again)
    live = world.runner.read(lambda views: views.hash())
    assert (again.shown(NOW).hash(), found.mismatches, found.sent) == (live, (), 3)


def test_a_replay_finds_a_message_that_nobody_asked_for(world: World) -> None:
    world.runner.submit(
        inputs.Sent(
            session="ALPHA",
            epoch=1,
            seq=9,
            cl_ord_id="x",
            text="35=D\x01",
            received_ns=1,
            stepped_ns=1,
            durable_ns=0,
            sent_ns=1,
        )
    )
    assert len(replay(world.directory, Engine()).mismatches) == 1


def test_a_peer_that_does_not_read_holds_up_no_cancel_to_another(world: World) -> None:
    other = Peer()
    beta = Outbox(
        "BETA",
        other,
        min_interval_ms=0,
        wait_durable=world.writer.wait_durable,
        tell=world.runner.submit,
        left=world.runner.left,
        clock_ns=lambda: world.clock_ns,
    )
    beta.start()
    world.runner.attach({"ALPHA": world.outbox, "BETA": beta}, world.acts.append)
    for value in (inputs.SessionUp(session="BETA"), inputs.SessionReady(session="BETA")):
        world.runner.submit(value)
    world.runner.submit(ORDER)
    world.runner.submit(msgspec.structs.replace(ORDER, venue="BETA"))
    sent_before = len(other.got)
    world.peer.may_go.clear()
    world.runner.submit(inputs.MassCancel(by="ann"))
    beta.stop(5)
    assert len(other.got) == sent_before + 1


# -- a journal that fails, as whoever gave a command is told it ------------------------------------


def failure(world: World, *orders: inputs.NewOrder) -> tuple[str, bool]:
    """The code of the failure that the control socket answers with, and whether it is a doubt."""
    process = Process(run=1, config="c", journal="j", durability="power")
    server = ControlServer(world.directory.parent / "fix-oms.sock", world.runner, process)
    server.start()
    try:
        with Client(server.path) as client, pytest.raises(EngineFailed) as caught:
            client.submit_all(orders)
    finally:
        server.stop()
    return caught.value.code, caught.value.in_doubt


def test_a_command_that_was_not_written_is_told_as_not_done(world: World) -> None:
    world.writer.close()
    assert failure(world, ORDER) == ("not_journaled", False)


def test_a_command_whose_record_may_not_be_on_disk_is_told_as_a_doubt(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(index: int) -> int:
        raise JournalError("cannot sync: Input/output error")

    monkeypatch.setattr(world.writer, "wait_durable", failing)
    assert failure(world, ORDER) == ("journal", True)


def test_a_batch_of_which_a_part_was_written_is_told_as_a_doubt(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, left = world.writer.append, iter(range(3))

    def until_full(now_ns: int, payload: bytes) -> int:
        if next(left, None) is None:
            raise JournalError("no room")
        return append(now_ns, payload)

    monkeypatch.setattr(world.writer, "append", until_full)
    assert failure(world, *[ORDER] * 9) == ("journal", True)


def test_all_that_has_closed_for_a_minute_is_packed_at_once(world: World) -> None:
    closed = 2 * PACKED_AT_ONCE + 1
    for _ in range(closed):
        world.runner.submit(ORDER)
    for order in list(world.engine.state.book.open):
        world.runner.submit(
            inputs.Resolve(by="ann", order=order, outcome="canceled", reason="by telephone")
        )
    world.clock_ns += 2 * PACKED_AFTER_NS
    world.runner.pack()
    assert world.engine.state.book.orders.packed == closed
