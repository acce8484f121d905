"""What a broken or false peer says on the session level, and that the session survives it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fix_oms.model.inputs import AdminOut, Fault, PeerResend, SessionEpoch, SessionReady
from fix_oms.sessions import SessionState
from tests.sessions.peers import RawPeer, Recorder, broker, free_port, initiators, ready, soh

HUGE = str(1 << 70)
HEARTBEAT_S = 2


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def peer(dictionaries_dir: Path, recorder: Recorder) -> Iterator[RawPeer]:
    port = free_port()
    with (
        RawPeer(port) as made,
        initiators(
            recorder,
            broker(port=port, heartbeat_s=HEARTBEAT_S),
            work_dir=dictionaries_dir,
            restored={"broker": SessionState(epoch=3, next_in=10, next_out=21)},
        ),
    ):
        yield made
        made.close()


def up(peer: RawPeer, recorder: Recorder, number: int = 10) -> None:
    peer.accept()
    peer.log_on(number)
    peer.answer_test(number + 1)
    ready(recorder)


@pytest.mark.parametrize("body", [f"7={HUGE}|16=0|", "7=900|16=0|", "7=0|16=0|", "7=9|16=8|"])
def test_a_resend_request_for_nothing_is_rejected_and_the_session_goes_on(
    peer: RawPeer, recorder: Recorder, body: str
) -> None:
    up(peer, recorder)
    peer.send("2", 12, body)
    assert peer.read("3")["373"] == "5"
    peer.send("1", 13, "112=still there?|")
    while peer.read("0").get("112") != "still there?":
        pass
    assert (recorder.of(Fault), recorder.of(PeerResend)) == ([], [])


def test_a_sequence_reset_beyond_all_numbers_is_rejected(peer: RawPeer, recorder: Recorder) -> None:
    up(peer, recorder)
    peer.send("4", 12, f"36={HUGE}|")
    assert peer.read("3")["371"] == "36"
    assert (recorder.of(Fault), recorder.of(SessionEpoch)) == ([], [])


def test_a_sequence_reset_before_the_logon_moves_nothing(peer: RawPeer, recorder: Recorder) -> None:
    peer.accept()
    peer.send("4", 10, "36=5000|")
    peer.close()
    up(peer, recorder)
    assert recorder.of(SessionEpoch) == []


def test_a_sequence_reset_behind_a_logout_does_not_end_the_process(
    peer: RawPeer, recorder: Recorder
) -> None:
    up(peer, recorder)
    peer.send_raw(peer.whole("5", 12, b"") + peer.whole("4", 13, soh("36=1|").encode()))
    up(peer, recorder, 13)
    recorder.wait(SessionReady, count=2)


def test_a_reset_does_not_bring_the_peers_heartbeat_interval(
    peer: RawPeer, recorder: Recorder
) -> None:
    peer.accept()
    peer.send("A", 1, "98=0|108=0|141=Y|")
    answer = peer.read("A")
    assert (answer["34"], answer["108"], answer["141"]) == ("1", str(HEARTBEAT_S), "Y")
    recorder.wait(SessionEpoch)


def test_a_peer_that_is_never_understood_is_given_up(peer: RawPeer, recorder: Recorder) -> None:
    up(peer, recorder)
    with contextlib.suppress(OSError):  # the end of the connection
        while True:
            peer.send_raw(soh("no message in it|").encode() * 100)
            time.sleep(0.05)
    up(peer, recorder, 12)
    recorder.wait(SessionReady, count=2)


def test_what_is_asked_for_again_is_told(peer: RawPeer, recorder: Recorder) -> None:
    peer.accept()
    peer.log_on(12)
    told = recorder.wait(AdminOut)
    assert soh("|7=10|") in told.text
