"""What may be asked of a mirror, who may ask, and how the rest is shown out."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fix_oms.followers import mirror as mirrors
from fix_oms.local.unix_socket import SocketInUse
from fix_oms.model import protocol
from fix_oms.model.stream import Delta, WatchBooks
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
