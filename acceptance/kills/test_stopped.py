"""SIGSTOP for longer than a session waits, with orders in flight: both sides must find back.

A stopped process keeps its sockets: the peer hears nothing and hangs up after 2.4 heartbeats. What
the stopped side had read and not yet worked, and what waited in the sockets, is then old news.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from acceptance.kills.place import VERSIONS, Place
from acceptance.kills.rounds import rounds_at

HEARTBEAT_S: Final = 1
STOPPED_S: Final = 4.0
BUSY_S: Final = 0.4


@pytest.mark.parametrize("stopped", ["engine", "venue"])
def test_both_sides_agree_after_one_was_stopped_beyond_its_heartbeats(
    tmp_path: Path, stopped: str
) -> None:
    place = Place(tmp_path, heartbeat_s=HEARTBEAT_S)
    with rounds_at(place, "stopped") as rounds:

        def fault() -> None:
            rounds.trade_for(BUSY_S)
            place.suspend(stopped, STOPPED_S)
            rounds.trade_for(BUSY_S)

        rounds.endure(fault)
        assert set(rounds.ours.downs) == set(VERSIONS)
        rounds.finish()
