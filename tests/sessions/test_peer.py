"""Against a broker that says unusual things: one plain socket, spoken to by the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fix_oms.model.inputs import (
    AdminIn,
    AdminOut,
    Fault,
    FixIn,
    PeerResend,
    SeqReserved,
    SessionDown,
    SessionEpoch,
    SessionReady,
    SessionUp,
)
from fix_oms.sessions import Initiators, SessionState
from tests.sessions.peers import (
    RawPeer,
    Recorder,
    broker,
    fields,
    free_port,
    initiators,
    ready,
    soh,
)

ORDER = soh("35=D|11=1-1|21=1|38=100|40=2|44=10.5|54=1|55=AAPL|59=0|60=20240105-10:00:00|")
REPORT = "37=o1|17={}|150=F|39=1|55=AAPL|54=1|38=100|151=40|14=60|6=10|31=10|32=60|"
ORDER_WITH_TEXT = "35=D|11=1-1|21=1|38=100|40=2|44=10.5|54=1|55=AAPL|60=20240105-10:00:00|58={}|"
PASSWORD = "hunter2"


class Scene:
    def __init__(self, peer: RawPeer, recorder: Recorder, brokers: Initiators) -> None:
        self.peer = peer
        self.recorder = recorder
        self.brokers = brokers


@pytest.fixture
def scene(dictionaries_dir: Path) -> Iterator[Scene]:
    port, recorder = free_port(), Recorder()
    state = SessionState(epoch=3, next_in=10, next_out=21)
    with (
        RawPeer(port) as peer,
        initiators(
            recorder,
            broker(port=port, heartbeat_s=30),
            work_dir=dictionaries_dir,
            restored={"broker": state},
            secrets=lambda _: ("desk", PASSWORD),
        ) as brokers,
    ):
        yield Scene(peer, recorder, brokers)
        peer.close()


def test_the_logon_carries_restored_numbers_and_credentials(scene: Scene) -> None:
    logon = scene.peer.accept()
    assert (logon["34"], logon["553"], logon["554"]) == ("21", "desk", PASSWORD)


def test_nothing_leaves_before_the_test_request_has_come_back(scene: Scene) -> None:
    scene.peer.accept()
    scene.peer.log_on(10)
    scene.recorder.wait(SessionUp)
    before = scene.brokers.send("broker", ORDER)
    scene.peer.answer_test(11)
    ready(scene.recorder)
    assert (before, scene.brokers.send("broker", ORDER)) == (None, (3, 23))
    assert scene.peer.read("D")["34"] == "23"


def test_the_answer_to_another_test_request_makes_nothing_ready(scene: Scene) -> None:
    scene.peer.accept()
    scene.peer.log_on(10)
    scene.peer.read("1")
    scene.peer.send("0", 11, "112=somebody else's|")
    scene.recorder.wait_text("somebody else's", AdminIn)
    assert (scene.brokers.is_ready("broker"), scene.recorder.of(SessionReady)) == (False, [])


def test_an_unanswered_test_request_is_repeated_with_another_id(scene: Scene) -> None:
    scene.peer.accept()
    scene.peer.log_on(10)
    first, second = scene.peer.read("1"), scene.peer.read("1")
    assert first["112"] != second["112"]


def test_ready_is_told_once_though_every_test_request_is_answered(scene: Scene) -> None:
    scene.peer.accept()
    scene.peer.log_on(10)
    ids = [scene.peer.read("1")["112"] for _ in range(2)]
    scene.peer.send("0", 11, f"112={ids[0]}|")
    scene.peer.send("0", 12, f"112={ids[1]}|")
    scene.recorder.wait_text(ids[1], AdminIn)
    assert len(scene.recorder.of(SessionReady)) == 1


def test_an_open_gap_keeps_the_session_from_being_ready(scene: Scene) -> None:
    scene.peer.accept()
    scene.peer.log_on(12)
    assert scene.peer.read("2")["7"] == "10"
    scene.peer.answer_test(13)
    scene.peer.send("1", 14, "112=seen?|")
    scene.peer.send("4", 10, "43=Y|123=Y|36=12|")
    ready(scene.recorder)
    told = [fields(value.text) for value in scene.recorder.of(AdminIn)]
    assert [(t["35"], t["34"]) for t in told[:3]] == [("A", "12"), ("4", "10"), ("0", "13")]


def test_a_logon_far_above_the_expected_number_tells_the_expected_one(scene: Scene) -> None:
    scene.peer.accept()
    scene.peer.log_on(50)
    assert scene.recorder.wait(AdminIn).expected == 10


def test_the_peers_resend_request_is_told_before_it_counts_and_gap_filled(scene: Scene) -> None:
    scene.peer.accept()
    scene.peer.log_on(10)
    scene.peer.answer_test(11)
    ready(scene.recorder)
    scene.brokers.send("broker", ORDER)
    scene.peer.read("D")
    scene.peer.send("2", 12, "7=5|16=0|")
    filled = scene.peer.read("4")
    told = [v for v in scene.recorder.inputs if isinstance(v, PeerResend | AdminIn)][-2:]
    assert told[0] == PeerResend(session="broker", begin=5, end=0)
    assert isinstance(told[1], AdminIn)
    assert (filled["34"], filled["123"], filled["36"]) == ("5", "Y", "24")


def test_a_next_expected_number_below_ours_is_told_as_a_resend_request(scene: Scene) -> None:
    scene.peer.accept()
    scene.peer.log_on(10, "789=15|")
    resend = scene.recorder.wait(PeerResend)
    assert resend == PeerResend(session="broker", begin=15, end=0)


def test_reset_seq_num_flag_of_the_peer_starts_an_epoch_before_we_answer(scene: Scene) -> None:
    scene.peer.accept()
    scene.peer.log_on(1, "141=Y|")
    answer = scene.peer.read("A")
    epoch = scene.recorder.wait(SessionEpoch)
    reserved = scene.recorder.wait(SeqReserved, count=2)
    assert (answer["34"], answer["141"]) == ("1", "Y")
    assert (epoch.epoch, epoch.next_in, epoch.next_out) == (4, 1, 1)
    assert reserved == SeqReserved(session="broker", epoch=4, through=1001)
    scene.peer.answer_test(2)
    ready(scene.recorder)
    left = scene.brokers.send("broker", ORDER)
    assert left == (4, int(scene.peer.read("D")["34"]))


def test_a_sequence_reset_in_reset_mode_starts_an_epoch(scene: Scene) -> None:
    scene.peer.accept()
    scene.peer.log_on(10)
    scene.peer.answer_test(11)
    ready(scene.recorder)
    scene.peer.send("4", 12, "123=N|36=100|")
    epoch = scene.recorder.wait(SessionEpoch)
    scene.peer.send("8", 100, REPORT.format("e1"))
    assert scene.recorder.wait(FixIn).expected == 100
    assert (epoch.epoch, epoch.next_in, epoch.next_out) == (4, 100, 23)


def test_a_password_that_the_peer_repeats_is_masked_everywhere(scene: Scene) -> None:
    scene.peer.accept()
    scene.peer.log_on(10, f"554={PASSWORD}|58=welcome {PASSWORD}|")
    scene.peer.answer_test(11)
    scene.peer.send("5", 12, f"58=your password {PASSWORD} ends|")
    down = scene.recorder.wait(SessionDown)
    assert down.reason == "the peer logged out: your password *** ends"
    assert PASSWORD not in repr(scene.recorder.inputs)


def test_a_refused_logon_is_told_once_however_often_it_is_tried(scene: Scene) -> None:
    for _ in range(3):
        scene.peer.accept()
        scene.peer.send("5", 10, "58=who are you?|")
        scene.peer.read("5")
    scene.peer.accept()
    assert [value.reason for value in scene.recorder.of(SessionDown)] == [
        "the peer logged out: who are you?"
    ]


def test_a_lost_connection_is_told_and_taken_up_again(scene: Scene) -> None:
    scene.peer.accept()
    scene.peer.log_on(10)
    scene.peer.answer_test(11)
    ready(scene.recorder)
    logon = scene.peer.accept()
    assert scene.recorder.wait(SessionDown).reason == "the connection was lost"
    assert (logon["34"], scene.brokers.send("broker", ORDER)) == ("23", None)


def test_a_number_too_low_ends_the_session_with_the_reason(scene: Scene) -> None:
    scene.peer.accept()
    scene.peer.log_on(4)
    logout = scene.peer.read("5")
    down = scene.recorder.wait(SessionDown)
    assert down.reason == f"we logged out: {logout['58']}"
    assert fields(scene.recorder.wait(AdminOut).text)["58"] == logout["58"]


def test_bytes_that_are_no_utf8_arrive_as_latin_1(scene: Scene) -> None:
    scene.peer.accept()
    scene.peer.log_on(10)
    scene.peer.send_bytes("8", 11, soh(REPORT.format("e1")).encode() + b"58=gr\xf6\xdfer\x01")
    assert fields(scene.recorder.wait(FixIn).text)["58"] == "größer"


def test_garbage_between_messages_harms_nobody(scene: Scene) -> None:
    scene.peer.accept()
    scene.peer.log_on(10)
    scene.peer.send_bytes("8", 11, b"58=\x01\x01=\x0195=-1\x0196=x\x01no equal sign\x01")
    scene.peer.send("8", 11, REPORT.format("e1"))
    assert fields(scene.recorder.wait(FixIn).text)["17"] == "e1"


def test_a_listener_that_fails_gives_a_fault_and_a_logout_and_the_message_comes_again(
    scene: Scene,
) -> None:
    scene.peer.accept()
    scene.peer.log_on(10)
    scene.peer.answer_test(11)
    ready(scene.recorder)
    scene.recorder.raise_on = lambda value: isinstance(value, FixIn)
    scene.peer.send("8", 12, REPORT.format("e1"))
    scene.peer.send("8", 13, REPORT.format("e2"))
    scene.peer.read("5")
    scene.peer.send("5", 14)
    fault = scene.recorder.wait(Fault)
    scene.recorder.wait(SessionDown)
    scene.recorder.raise_on = lambda _: False
    scene.brokers.act("broker", "logon")
    scene.peer.accept()
    scene.peer.log_on(15)
    asked = scene.peer.read("2")
    assert fault == Fault(where="session broker: fromApp", error="RuntimeError: the listener fails")
    assert (asked["7"], asked["16"]) == ("12", "0")


def test_after_a_fault_the_session_stays_out(scene: Scene) -> None:
    scene.peer.accept()
    scene.recorder.raise_on = lambda value: isinstance(value, SessionUp)
    scene.peer.log_on(10)
    scene.peer.read("5")
    scene.peer.send("5", 11)
    down = scene.recorder.wait(SessionDown)
    assert down.reason == "after a fault: waits for an operator's logon"
    assert scene.brokers.send("broker", ORDER) is None


def test_a_peer_that_stops_reading_is_given_up_and_the_sender_comes_back(
    dictionaries_dir: Path,
) -> None:
    port, recorder = free_port(), Recorder()
    body = soh(ORDER_WITH_TEXT.format("x" * 60_000))
    with (
        RawPeer(port) as peer,
        initiators(
            recorder, broker(port=port, heartbeat_s=1), work_dir=dictionaries_dir
        ) as brokers,
    ):
        peer.accept()
        peer.send("A", 1, "98=0|108=1|")
        peer.answer_test(2)
        ready(recorder)
        sent = 0
        while brokers.send("broker", body) is not None:  # until the socket is full, and cut
            sent += 1
        down = recorder.wait(SessionDown)
        peer.close()
    assert (sent > 1, down.reason != "") == (True, True)


def test_set_next_out_leaves_the_inbound_number_alone(scene: Scene) -> None:
    scene.peer.accept()
    scene.peer.log_on(10)
    scene.peer.answer_test(11)
    ready(scene.recorder)
    scene.brokers.act("broker", "set-next", next_out=5000)
    scene.peer.answer_test(12)
    ready(scene.recorder, count=2)
    scene.peer.send("8", 13, REPORT.format("e1"))
    assert scene.recorder.wait(FixIn).expected == 13
