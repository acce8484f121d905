"""``[feeds.NAME]``: one source a book, from a file or from datagrams."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model.errors import SettingsError
from fix_oms.model.settings_text import from_plain, to_plain
from tests.engine.desk import plain_settings

FILE = {"venue": "ALPHA", "file": "alpha.jsonl"}
UDP = {"venue": "ALPHA", "udp": "239.1.2.3:20000"}


def plain(**feeds: dict[str, Any]) -> dict[str, Any]:
    return plain_settings(feeds=feeds)


@pytest.mark.parametrize("feed", [FILE, UDP])
def test_a_feed_is_read_and_written_back(feed: dict[str, Any]) -> None:
    settings = from_plain(plain(F=feed), "oms.toml")
    assert to_plain(settings)["feeds"] == {"F": feed}
    assert from_plain(to_plain(settings), "oms.toml") == settings


WRONG = {
    "no source": ({"F": {"venue": "ALPHA"}}, "feeds.F.file: give file or udp, and not both"),
    "two sources": ({"F": FILE | UDP}, "feeds.F.file: give file or udp, and not both"),
    "no such venue": (
        {"F": FILE | {"venue": "ALPHO"}},
        "feeds.F.venue: no venue named 'ALPHO' is defined",
    ),
    "no address": (
        {"F": UDP | {"udp": "localhost:20000"}},
        "feeds.F.udp: 'localhost:20000' is no address and port",
    ),
    "no port": (
        {"F": UDP | {"udp": "127.0.0.1:0"}},
        "feeds.F.udp: '127.0.0.1:0' has no port from 1 to 65535 but '0'",
    ),
    "two of one venue": (
        {"F": FILE, "G": UDP},
        "feeds.G.venue: feeds.F tells the book of ALPHA already",
    ),
    "an unknown key": ({"F": FILE | {"path": "x"}}, "feeds.F.path: unknown key"),
}


@pytest.mark.parametrize(("feeds", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_feed_is_named_with_its_key(feeds: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as found:
        from_plain(plain(**feeds), "oms.toml")
    assert said in str(found.value)


def test_a_feed_beside_the_sessions_own_market_data_is_refused() -> None:
    told = plain(F=FILE)
    told["sessions"]["ALPHA"]["supports"] = {"market_data": True}
    with pytest.raises(SettingsError) as found:
        from_plain(told, "oms.toml")
    assert (found.value.key, found.value.reason) == (
        "feeds.F.venue",
        "ALPHA is a venue of session ALPHA, which tells its books: "
        "say sessions.ALPHA.supports.market_data = false",
    )
