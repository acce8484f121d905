"""The mirror over its socket: what is held is right after any cut, and nobody is waited for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fix_oms.journal.segments import listed
from fix_oms.model import inputs
from fix_oms.model.stream import Delta, Lagging, Snapshot
from tests.engine.desk import Desk
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
