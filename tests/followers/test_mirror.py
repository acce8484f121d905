"""The mirror over its socket: what is held is right after any cut, and nobody is waited for."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fix_oms.followers import mirror as mirrors
from fix_oms.journal.segments import listed
from fix_oms.local.unix_socket import SocketInUse
from fix_oms.model import inputs, protocol
from fix_oms.model.stream import Delta, Lagging, Snapshot, WatchBooks
from tests.engine.desk import Desk
from tests.engine.test_parent_laws import Lived
from tests.followers.held import shown_facts
from tests.followers.subscriber import Beside, Peer
from tests.journal.days import a_day


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[Beside]:
    made = Beside(tmp_path, a_day(3, 150).log)
    yield made
    made.close()


def told(log: list[tuple[int, inputs.Input]]) -> dict[str, list[tuple[str, int]]]:
    """The states that each order goes through, as one sees them who misses nothing."""
    with tempfile.TemporaryDirectory() as directory:
        beside = Beside(Path(directory), log)
        peer = Peer(beside)
        peer.subscribe(history=-1)
        while beside.written < len(log):
            beside.write(1)
            peer.up_to_date()
        beside.close()
    return peer.held.states


def many(count: int) -> Desk:
    """A desk with so many orders, all of them cancelled."""
    desk = Desk()
    for name in [desk.buy(1) for _ in range(count)]:
        desk.report(name, "4", "4")
    return desk


# -- what is held ----------------------------------------------------------------------------------

ACTS = st.lists(
    st.sampled_from(("write", "write", "write", "turn", "read", "cut", "mirror")),
    min_size=5,
    max_size=60,
)


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), acts=ACTS, steps=st.integers(1, 30))
def test_whatever_is_cut_and_whenever_what_is_held_is_right_and_no_state_was_missed(
    seed: int, acts: list[str], steps: int
) -> None:
    log = a_day(seed, 50).log
    with tempfile.TemporaryDirectory() as directory:
        beside = Beside(Path(directory), log)
        peer = Peer(beside)
        peer.subscribe(history=-1)
        for act in [*acts, "rest"]:
            if act == "write":
                beside.write(steps)
            elif act == "turn":
                beside.turns(1)
            elif act == "read":
                peer.read()
            elif act == "rest":
                beside.write(len(log))
            else:
                peer.cut()
                if act == "mirror":
                    beside.again()
                peer = Peer(beside, peer.held)
                peer.subscribe(history=-1)
        peer.up_to_date()
        assert peer.held.facts() == shown_facts(beside.shown())
        beside.close()
    if peer.held.begun == [-1]:  # one snapshot, of nothing, and every gap closed by deltas
        assert peer.held.states == told(log)


@settings(max_examples=20)
@given(
    acts=st.lists(st.sampled_from(("write", "write", "turn", "read", "cut")), max_size=60),
    steps=st.integers(1, 80),
)
def test_however_slowly_it_reads_it_learns_of_every_order_it_was_told_of_how_it_ended(
    acts: list[str], steps: int
) -> None:
    log = many(120).log
    with tempfile.TemporaryDirectory() as directory:
        beside = Beside(Path(directory), log, most_queued=5_000)
        peer = Peer(beside)
        peer.subscribe(history=0)
        for act in [*acts, "rest"]:
            if act == "write":
                beside.write(steps)
            elif act == "turn":
                beside.turns(1)
            elif act == "read":
                peer.read()
            elif act == "cut":
                peer.cut()
                peer = Peer(beside, peer.held)
                peer.subscribe(history=0, orders=tuple(peer.held.states))
            else:
                beside.write(len(log))
        peer.up_to_date()
        beside.close()
    assert {states[-1] for states in peer.held.states.values()} <= {("4", 0)}


def test_who_comes_back_hears_what_was_missed_and_nothing_else(beside: Beside) -> None:
    beside.write(40)
    peer = Peer(beside)
    peer.subscribe()
    peer.up_to_date()
    peer.cut()
    beside.write(len(beside.log))
    beside.turns()
    again = Peer(beside, peer.held)
    again.subscribe()
    again.up_to_date()
    assert {type(event) for event in again.said[1:]} == {Delta}
    assert again.held.facts() == shown_facts(beside.shown())


def test_another_mirror_closes_the_gap_too(beside: Beside) -> None:
    beside.write(40)
    peer = Peer(beside)
    peer.subscribe()
    peer.up_to_date()
    beside.write(40)
    beside.again()
    again = Peer(beside, peer.held)
    again.subscribe()
    again.up_to_date()
    assert {type(event) for event in again.said[1:]} == {Delta}
    assert again.held.facts() == shown_facts(beside.shown())


def reasons(peer: Peer) -> list[str]:
    return [event.reason for event in peer.said if isinstance(event, Snapshot) and event.first]


def test_what_was_missed_and_is_not_held_any_more_is_a_snapshot(tmp_path: Path) -> None:
    beside = Beside(tmp_path, a_day(3, 150).log, most_recent=1_000)
    beside.write(20)
    peer = Peer(beside)
    peer.subscribe()
    peer.up_to_date()
    peer.cut()
    beside.write(len(beside.log))
    beside.turns()
    again = Peer(beside, peer.held)
    again.subscribe()
    again.up_to_date()
    beside.close()
    assert reasons(again) == ["old"]
    assert again.held.facts() == shown_facts(beside.shown())


def test_a_journal_that_was_cut_and_went_on_otherwise_is_found_out(tmp_path: Path) -> None:
    log = a_day(3, 150).log
    beside = Beside(tmp_path, log)
    beside.write(60)
    peer = Peer(beside)
    peer.subscribe()
    peer.up_to_date()
    beside.close()
    for file in listed(beside.journal):
        file.path.unlink()
    other = Beside(tmp_path, [*log[:50], *a_day(4, 150).log[1:60]])
    other.write(80)
    other.again()
    again = Peer(other, peer.held)
    again.subscribe()
    again.up_to_date()
    other.close()
    assert reasons(again) == ["journal"]
    assert again.held.facts() == shown_facts(other.shown())


def test_a_journal_that_ends_before_what_was_seen_is_found_out(beside: Beside) -> None:
    beside.write(20)
    peer = Peer(beside)
    peer.held.complete = True
    peer.subscribe(after=25, head="0011223344556677")
    peer.up_to_date()
    assert reasons(peer) == ["journal"]


def test_of_an_order_that_is_named_the_end_is_told_though_newer_ones_fill_the_page(
    tmp_path: Path,
) -> None:
    desk = Desk()
    name = desk.buy(100)
    for _ in range(5):
        desk.buy(1)
    desk.report(name, "4", "4")
    beside = Beside(tmp_path, desk.log)
    beside.write(len(desk.log))
    told = []
    for orders in ((), (name,)):
        peer = Peer(beside)
        peer.subscribe(history=1, orders=orders)
        peer.up_to_date()
        told.append([order.ord_status for ref, order in peer.held.orders.items() if ref == name])
    beside.close()
    assert told == [[], ["4"]]


# -- who reads slowly ------------------------------------------------------------------------------


def test_who_does_not_read_is_told_that_it_lags_and_ends_up_right(tmp_path: Path) -> None:
    beside = Beside(tmp_path, many(300).log, most_queued=60_000)
    slow, quick = Peer(beside), Peer(beside)
    for peer in (slow, quick):
        peer.subscribe()
        peer.up_to_date()
    while beside.written < len(beside.log):
        beside.write(40)
        quick.up_to_date()
    slow.up_to_date()
    beside.close()
    assert any(isinstance(event, Lagging) for event in slow.said)
    assert set(reasons(slow)[1:]) == {"lagging"}
    assert not any(isinstance(event, Lagging) for event in quick.said)
    assert slow.held.facts() == quick.held.facts() == shown_facts(beside.shown())


def test_an_order_that_ended_while_one_lagged_is_in_the_snapshot(tmp_path: Path) -> None:
    beside = Beside(tmp_path, many(300).log, most_queued=20_000)
    slow = Peer(beside)
    slow.subscribe(history=0)
    while beside.written < len(beside.log):
        beside.write(10)
        beside.turns(1)
    slow.up_to_date()
    beside.close()
    assert "lagging" in reasons(slow)
    assert slow.held.states
    assert {states[-1] for states in slow.held.states.values()} == {("4", 0)}


# -- what is asked for -----------------------------------------------------------------------------


def test_only_topics_that_were_asked_for_are_told(beside: Beside) -> None:
    peer = Peer(beside)
    peer.subscribe(topics=("fills",))
    beside.write(len(beside.log))
    peer.up_to_date()
    held = {name: facts for name, facts in peer.held.facts().items() if facts}
    assert held == {"fills": shown_facts(beside.shown())["fills"]}


def test_books_can_be_watched_and_others_after_them(tmp_path: Path) -> None:
    desk = Lived()
    desk.do("book", 0, 1)
    beside = Beside(tmp_path, desk.log)
    beside.write(len(desk.log))
    peer = Peer(beside)
    peer.subscribe(topics=())
    peer.up_to_date()
    assert peer.held.books == {}
    peer.say(WatchBooks(books=("AAPL",)))
    peer.read_until(lambda: "AAPL" in peer.held.books)
    desk.do("book", 1, 2)
    beside.write(len(desk.log))
    peer.up_to_date()
    beside.close()
    assert peer.held.facts()["books"] == shown_facts(beside.shown(), ("AAPL",))["books"]


def test_more_than_a_frame_holds_comes_in_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fix_oms.followers.feed.PIECE", 7)
    desk = Desk()
    for _ in range(30):
        desk.buy(1)
    desk.down("ALPHA")
    beside = Beside(tmp_path, desk.log)
    peer = Peer(beside)
    peer.subscribe()
    beside.write(len(desk.log))
    peer.up_to_date()
    beside.close()
    doubted = [event for event in peer.said if isinstance(event, Delta) and len(event.orders) > 1]
    assert [len(event.orders) for event in doubted] == [7, 7, 7, 7, 2]
    assert peer.held.facts() == shown_facts(beside.shown())


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"topics": ("orders", "rumours")}, "topics: 'rumours' is none of orders, fills"),
        ({"history": -2}, "history: -2 is below -1"),
        ({"after": -7}, "after: -7 is below -1"),
        ({"depth": -1}, "depth: -1 is below 0"),
        ({"books": tuple(f"S{n}" for n in range(1_001))}, "1001 symbols are more than 1000"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_by_name(
    beside: Beside, asked: dict[str, Any], why: str
) -> None:
    peer = Peer(beside)
    peer.subscribe(**asked)
    assert not peer.read()
    assert isinstance(peer.said[-1], protocol.Failed)
    assert peer.said[-1].code == "request"
    assert why in peer.said[-1].text


# -- who connects ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "frame"),
        (b"\x00\x00\x00\x02\xc1\xc1", "frame"),
        (protocol.frame(WatchBooks(books=())), "frame"),
        (b"\xff\xff\xff\xff", "frame"),
        (protocol.frame(protocol.Hello(protocol=99, version="9.9")), "protocol"),
    ],
)
def test_garbage_is_answered_and_shown_out_and_harms_nobody(
    beside: Beside, data: bytes, code: str
) -> None:
    other = Peer(beside)
    other.subscribe()
    mad = Peer(beside, hello=False)
    mad.send(data)
    assert not mad.read()
    assert [event.code for event in mad.said] == [code]
    beside.write(len(beside.log))
    other.up_to_date()
    assert other.held.facts() == shown_facts(beside.shown())


def test_no_more_than_so_many_may_listen(beside: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirrors, "MOST_SUBSCRIBERS", 2)
    first, _second = Peer(beside), Peer(beside)
    third = Peer(beside, hello=False)
    beside.turns()
    assert not third.read()
    assert [event.code for event in third.said] == ["busy"]
    first.subscribe()
    first.up_to_date()


def test_who_never_subscribes_is_shown_out(beside: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    idle = Peer(beside)
    monkeypatch.setattr(mirrors, "GREET_S", 0.0)
    beside.turns()
    assert not idle.read()


def test_while_nothing_happens_an_empty_delta_says_that_it_lives(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fix_oms.model.stream.ALIVE_S", 0.01)
    beside.write(20)
    peer = Peer(beside)
    peer.subscribe()
    peer.up_to_date()
    said = len(peer.said)
    peer.read_until(lambda: len(peer.said) > said)
    assert (peer.said[-1].after, peer.said[-1].through) == (19, 19)


def test_a_second_one_does_not_take_the_socket_of_the_first(beside: Beside) -> None:
    with pytest.raises(SocketInUse, match="a mirror already listens here"):
        mirrors.Mirror(beside.journal, beside.path).start()


def test_an_empty_journal_is_followed_from_its_first_record(tmp_path: Path) -> None:
    beside = Beside(tmp_path, a_day(3, 150).log)
    peer = Peer(beside)
    peer.subscribe()
    peer.read_until(lambda: peer.held.complete)
    assert peer.held.through == -1
    beside.write(30)
    peer.up_to_date()
    beside.close()
    assert peer.held.facts() == shown_facts(beside.shown())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_another_user_is_refused_though_the_file_modes_let_him_in() -> None:
    program = (
        "import os, socket, sys\n"
        "os.setuid(65534)\n"
        "s = socket.socket(socket.AF_UNIX)\n"
        "s.connect(sys.argv[1])\n"
        "sys.exit(0 if s.recv(1) == b'' else 9)\n"
    )
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        beside = Beside(Path(directory), a_day(3, 150).log)
        beside.path.chmod(0o666)
        with subprocess.Popen([sys.executable, "-c", program, str(beside.path)]) as intruder:
            while intruder.poll() is None:
                beside.turns(1)
        beside.close()
    assert intruder.returncode == 0


def test_the_socket_is_its_owners_alone(beside: Beside) -> None:
    assert beside.path.stat().st_mode & 0o777 == 0o600
