"""Feeds of market data: a file that grows, datagrams, in an engine and its journal."""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fix_oms.engine.shown import Shown
from fix_oms.journal.verify import verified
from fix_oms.model.errors import FixOmsError
from fix_oms.model.feeds import Feed
from fix_oms.model.inputs import BookUpdate
from fix_oms.model.outputs import Alert
from fix_oms.model.protocol import Book
from fix_oms.model.units import SCALE
from fix_oms.server.config_file import load
from fix_oms.server.feed_text import told
from fix_oms.server.process import Server
from tests.server.lone import journaled, started, until

FEED = Feed(name="F", venue="V", udp="127.0.0.1:15050")

CONFIG = """
[engine]
journal = "journal"
socket = "oms.sock"
durability = "process"
[sessions.S]
version = "FIX.4.4"
sender_comp_id = "US"
target_comp_id = "THEM"
port = 20999
[venues.V]
session = "S"
[instruments.AAPL]
venues = ["V"]
[accounts.DESK]
[feeds.F]
venue = "V"
"""


def message(kind: str = "snapshot", **more: Any) -> bytes:
    given = {"symbol": "AAPL", "kind": kind, "bids": [["99", "5"]], "offers": [["101", "7"]]}
    return json.dumps(given | more).encode() + b"\n"


# -- what a message says ---------------------------------------------------------------------------


def test_a_message_is_its_input() -> None:
    text = message("update", seq=7, trades=[["100.5", "2"]], time="1970-01-01T00:00:01.5Z")
    assert told(text, FEED) == BookUpdate(
        feed="F",
        venue="V",
        symbol="AAPL",
        whole=False,
        bids=((99 * SCALE, 5 * SCALE),),
        offers=((101 * SCALE, 7 * SCALE),),
        trades=((1005 * SCALE // 10, 2 * SCALE),),
        seq=7,
        time_ns=1_500_000_000,
    )


def test_a_time_may_be_nanoseconds() -> None:
    assert told(message(time=17), FEED).time_ns == 17


GARBAGE = {
    "no JSON": (b"{", "Input data was truncated"),
    "no object": (b"[]", "Expected `object`, got `array`"),
    "no UTF-8": (b'{"symbol": "\xff"}', "utf-8"),
    "a float": (message(bids=[[99.5, "1"]]), "Expected `str`, got `float` - at `$.bids[0][0]`"),
    "a key too many": (message(bid=[]), "unknown field `bid`"),
    "a key too few": (b'{"symbol": "A"}', "missing required field `kind`"),
    "no such kind": (message("delta"), "Invalid enum value 'delta' - at `$.kind`"),
    "a level of three": (message(bids=[["1", "2", "3"]]), "length 2"),
    "no number": (message(bids=[["1", "x"]]), "bids[0][1]: quantity 'x' is not a FIX number"),
    "too exact": (message(offers=[["1", "1"], ["0.123456789", "1"]]), "offers[1][0]: price"),
    "less than nothing": (message(offers=[["1", "-1"]]), "offers[0][1]: quantity '-1' is below 0"),
    "no symbol": (message(symbol=""), "symbol: is empty"),
    "a negative number": (message(seq=-1), "seq: -1 is not in 0 to 2^63"),
    "no time": (message(time="noon"), "time: 'noon' is no time"),
    "a time of no zone": (message(time="2026-11-21T14:30:00"), "does not say of which zone"),
}


@pytest.mark.parametrize(("text", "said"), GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_is_an_error_that_says_where(text: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        told(text, FEED)


# -- in an engine ----------------------------------------------------------------------------------


class Fed:
    """An engine with one feed, and what it was alerted of."""

    def __init__(self, directory: Path, source: str) -> None:
        self.directory = directory
        self.alerts: list[str] = []
        config = directory / "oms.toml"
        config.write_text(CONFIG + source)
        self.server = Server(load(config))
        put = self.server.alerting.put

        def kept(alert: Alert) -> None:
            if alert.code in ("feed", "book_gap"):
                self.alerts.append(alert.text)
            put(alert)

        self.server.alerting.put = kept  # type: ignore[method-assign]  # to hear it first

    def book(self) -> Book:
        def read(shown: Shown) -> Book:
            return shown.routing.book("AAPL", 0)

        return self.server.runner.read(read)

    def offers(self) -> list[tuple[int, int]]:
        rows = self.book().rows
        return [(r.price // SCALE, r.size // SCALE) for r in rows if not r.is_bid]

    def state(self) -> str:
        return self.book().sources[0].state


def port() -> int:
    """A free UDP port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        for number in range(21_000, 21_900):
            try:
                opened.bind(("127.0.0.1", number))
            except OSError:
                continue
            return number
    raise OSError("no port is free")


@pytest.fixture
def file_fed(tmp_path: Path) -> Iterator[tuple[Fed, Path]]:
    file = tmp_path / "v.jsonl"
    file.write_bytes(message(seq=1))
    fed = Fed(tmp_path, 'file = "v.jsonl"\n')
    with started(fed.server):
        until(lambda: fed.offers() == [(101, 7)])
        yield fed, file


@pytest.fixture
def udp_fed(tmp_path: Path) -> Iterator[tuple[Fed, socket.socket]]:
    number = port()
    fed = Fed(tmp_path, f'udp = "127.0.0.1:{number}"\n')
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect(("127.0.0.1", number))
    with started(fed.server), sender:
        sender.send(message(seq=1))
        until(lambda: fed.offers() == [(101, 7)])
        yield fed, sender


def added(file: Path, data: bytes) -> None:
    with file.open("ab") as opened:
        opened.write(data)


def test_a_file_is_followed_as_it_grows(file_fed: tuple[Fed, Path]) -> None:
    fed, file = file_fed
    added(file, message("update", seq=2, offers=[["100", "3"], ["101", "0"]])[:30])
    added(file, message("update", seq=2, offers=[["100", "3"], ["101", "0"]])[30:])
    until(lambda: fed.offers() == [(100, 3)])
    assert (fed.state(), fed.alerts) == ("fresh", [])


def test_a_line_that_cannot_be_read_is_named_and_the_next_is_taken(
    file_fed: tuple[Fed, Path],
) -> None:
    fed, file = file_fed
    added(file, b"garbage\n" + message(seq=2, offers=[["105", "1"]]))
    until(lambda: fed.offers() == [(105, 1)])
    (text,) = fed.alerts
    assert text.startswith(f"feed F: {file}:2: JSON is malformed")


def test_much_garbage_is_told_once(file_fed: tuple[Fed, Path]) -> None:
    fed, file = file_fed
    added(file, b"garbage\n" * 1000 + message(seq=2, offers=[["105", "1"]]))
    until(lambda: fed.offers() == [(105, 1)])
    assert len(fed.alerts) == 1


def test_a_line_without_an_end_is_left_out(file_fed: tuple[Fed, Path]) -> None:
    fed, file = file_fed
    added(file, b"x" * (3 << 20) + b"\n" + message(seq=2, offers=[["105", "1"]]))
    until(lambda: fed.offers() == [(105, 1)])
    assert [f"{file}:2: the line is longer than" in text for text in fed.alerts] == [True]


def test_a_file_that_was_cut_is_read_from_its_start(file_fed: tuple[Fed, Path]) -> None:
    fed, file = file_fed
    added(file, message("update", seq=2))
    until(lambda: len(journaled(fed.directory, BookUpdate)) == 2)
    file.write_bytes(message(seq=1, offers=[["106", "1"]]))
    until(lambda: fed.offers() == [(106, 1)])
    assert any("was cut from" in text for text in fed.alerts)


def test_a_file_that_was_replaced_is_read_from_its_start(file_fed: tuple[Fed, Path]) -> None:
    fed, file = file_fed
    other = file.with_suffix(".new")
    other.write_bytes(message(seq=1, offers=[["107", "1"]]) * 3)
    os.replace(other, file)
    until(lambda: fed.offers() == [(107, 1)])
    assert [f"{file} was replaced by another file after line 1" in t for t in fed.alerts] == [True]


def test_a_file_that_comes_later_is_waited_for(tmp_path: Path) -> None:
    fed = Fed(tmp_path, 'file = "v.jsonl"\n')
    with started(fed.server):
        until(lambda: fed.alerts)
        (tmp_path / "v.jsonl").write_bytes(message())
        until(lambda: fed.offers() == [(101, 7)])
    assert fed.alerts == [f"feed F: {tmp_path}/v.jsonl cannot be read: No such file or directory"]


def test_datagrams_are_a_venues_book(udp_fed: tuple[Fed, socket.socket]) -> None:
    fed, sender = udp_fed
    sender.send(message("update", seq=2, offers=[["101", "9"]]))
    until(lambda: fed.offers() == [(101, 9)])
    assert fed.state() == "fresh"


def test_a_datagram_that_was_lost_is_a_gap_until_the_next_snapshot(
    udp_fed: tuple[Fed, socket.socket],
) -> None:
    fed, sender = udp_fed
    sender.send(message("update", seq=3))
    until(lambda: fed.state() == "gap")
    sender.send(message("update", seq=4))
    sender.send(message(seq=5))
    until(lambda: fed.state() == "fresh")
    until(lambda: fed.alerts)
    assert [text.startswith("changes of V's book of AAPL are missing") for text in fed.alerts] == [
        True
    ]


def test_what_is_no_datagram_of_ours_is_named_and_the_next_is_taken(
    udp_fed: tuple[Fed, socket.socket],
) -> None:
    fed, sender = udp_fed
    sender.send(b"\x00" * 60_000)
    sender.send(message(symbol="OTHER"))
    sender.send(message(seq=2, offers=[["105", "1"]]))
    until(lambda: fed.offers() == [(105, 1)])
    first, second = fed.alerts
    assert first.startswith("feed F: datagram 2: JSON is malformed")
    assert "'OTHER' is no instrument that trades at V" in second


def test_what_a_feed_told_is_replayed_to_the_same_state(tmp_path: Path) -> None:
    (tmp_path / "v.jsonl").write_bytes(message(seq=1) + message("update", seq=3))
    fed = Fed(tmp_path, 'file = "v.jsonl"\n')
    with started(fed.server):
        until(lambda: fed.state() == "gap")
    found = verified(tmp_path / "journal")
    assert (found.ok, len(journaled(tmp_path, BookUpdate))) == (True, 2)


def test_an_address_that_is_taken_ends_the_start_and_says_which_feed(tmp_path: Path) -> None:
    number = port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", number))
        fed = Fed(tmp_path, f'udp = "127.0.0.1:{number}"\n')
        with pytest.raises(FixOmsError, match=r"feeds\.F\.udp: cannot listen at .*: Address alre"):
            fed.server.start()


def test_an_old_message_is_no_fresh_price(tmp_path: Path) -> None:
    (tmp_path / "v.jsonl").write_bytes(message(time="2020-01-01T00:00:00Z"))
    fed = Fed(tmp_path, 'file = "v.jsonl"\n')
    with started(fed.server):
        until(lambda: fed.offers() == [(101, 7)])
        assert fed.state() == "stale"
