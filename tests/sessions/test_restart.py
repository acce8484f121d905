"""Numbers and epochs over the process's life: clean stops, crashes, resets while it was down."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fix_oms.model.counterparty import Schedule
from fix_oms.model.fix import FixVersion
from fix_oms.model.inputs import (
    AdminIn,
    FixIn,
    Input,
    PeerResend,
    SeqReserved,
    SessionDown,
    SessionEpoch,
    decode,
)
from fix_oms.sessions import SessionState
from tests.sessions.peers import (
    LIMIT_S,
    Recorder,
    Venue,
    acceptors,
    broker,
    fields,
    free_port,
    initiators,
    ready,
    restored_from,
    soh,
    venue_for,
)

DAY_NS = 86_400 * 1_000_000_000
ORDER = "35=D|11={}|21=1|38=100|40=2|44=10.5|54=1|55=AAPL|59=0|60=20240105-10:00:00.000|"
REPORT = "35=8|37=o1|17={}|20=0|150=F|39=1|55=AAPL|54=1|38=100|151=40|14=60|6=10|31=10|32=60|"


@pytest.mark.parametrize("version", list(FixVersion))
def test_after_a_clean_stop_numbers_go_on_and_what_was_sent_meanwhile_arrives(
    version: FixVersion, tmp_path: Path, dictionaries_dir: Path
) -> None:
    port, venue, first, second = free_port(), Venue(), Recorder(), Recorder()
    session = broker(version=version, port=port)
    with acceptors(venue, venue_for(session), port=port, work_dir=tmp_path) as venues:
        with initiators(first, session, work_dir=dictionaries_dir) as brokers:
            ready(first)
            brokers.send("broker", soh(ORDER.format("1-1")))
            next_out = brokers.stop()["broker"]
        venue.wait_event("broker", "out")
        for number in (1, 2, 3):
            assert venues.send("broker", soh(REPORT.format(f"e{number}")))
        state = restored_from(first.inputs, "broker", time.time_ns())
        state = SessionState(next_in=state.next_in, next_out=next_out)
        with initiators(
            second, session, work_dir=dictionaries_dir, restored={"broker": state}
        ) as brokers:
            ready(second)
            second.wait_text(soh("|17=e3|"))
            left = brokers.send("broker", soh(ORDER.format("1-2")))
    got = [fields(value.text) for value in second.of(FixIn)]
    assert [(told["17"], told["43"]) for told in got] == [("e1", "Y"), ("e2", "Y"), ("e3", "Y")]
    assert left is not None
    assert next_out < left[1] < next_out + 10


CHILD = """
import os, sys, time
from pathlib import Path
from fix_oms.model.inputs import encode
from tests.sessions.peers import broker, no_secrets
from fix_oms.sessions import Initiators

class ToFile:
    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    def input(self, value, received_ns):
        payload = encode(value)
        os.write(self.file, len(payload).to_bytes(4, "big") + payload)

port, journal, work_dir, order = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4]
listener = ToFile(journal)
brokers = Initiators([broker(port=port)], {}, listener, work_dir=work_dir, secrets=no_secrets)
brokers.start()
while not brokers.is_ready("broker"):
    time.sleep(0.01)
print(brokers.send("broker", order.replace("|", chr(1))), flush=True)
time.sleep(600)
"""


def test_after_kill_9_the_session_goes_on_at_the_blocks_end_and_misses_nothing(
    tmp_path: Path, dictionaries_dir: Path
) -> None:
    port, venue, recorder, journal = free_port(), Venue(), Recorder(), tmp_path / "journal"
    session = broker(port=port)
    with acceptors(venue, venue_for(session), port=port, work_dir=tmp_path) as venues:
        _send_one_and_die(port, journal, dictionaries_dir)
        venue.wait("broker", soh("|11=1-1|"))
        venue.wait_event("broker", "out")
        venues.send("broker", soh(REPORT.format("e1")))
        state = restored_from(_journaled(journal), "broker", time.time_ns())
        with initiators(
            recorder, session, work_dir=dictionaries_dir, restored={"broker": state}
        ) as brokers:
            ready(recorder)
            recorder.wait_text(soh("|17=e1|"))
            left = brokers.send("broker", soh(ORDER.format("2-1")))
            arrived = fields(venue.wait("broker", soh("|11=2-1|")))
    assert state.next_out == 1001
    assert recorder.of(SeqReserved)[0] == SeqReserved(session="broker", epoch=0, through=2001)
    # Logon 1, TestRequest 2, the order 3: the venue asks from 4 on and gets a gap fill.
    assert recorder.of(PeerResend) == [PeerResend(session="broker", begin=4, end=0)]
    assert left == (0, int(arrived["34"]))
    assert left is not None
    assert left[1] > 1001
    assert [text for _, text in venue.texts if soh("|11=1-1|") in text and "43=Y" in text] == []


def _send_one_and_die(port: int, journal: Path, work_dir: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(port), str(journal), str(work_dir), ORDER.format("1-1")],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "(0, 3)\n"
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait(LIMIT_S)
        if child.stdout is not None:
            child.stdout.close()


def _journaled(journal: Path) -> list[Input]:
    content, found, at = journal.read_bytes(), [], 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        found.append(decode(content[at + 4 : at + 4 + length]))
        at += 4 + length
    return list(found)


def test_a_reset_that_passed_while_we_were_down_makes_the_logon_a_new_epoch(
    tmp_path: Path, dictionaries_dir: Path
) -> None:
    port, venue, recorder = free_port(), Venue(), Recorder()
    session = broker(port=port, schedule=Schedule(reset="00:00"))
    state = SessionState(
        epoch=4, next_in=77, next_out=2001, last_seen_ns=time.time_ns() - 2 * DAY_NS
    )
    with (
        acceptors(venue, venue_for(session), port=port, work_dir=tmp_path),
        initiators(recorder, session, work_dir=dictionaries_dir, restored={"broker": state}),
    ):
        ready(recorder)
    assert recorder.inputs[:2] == [
        SessionEpoch(session="broker", epoch=5, next_in=1, next_out=1, reason="scheduled reset"),
        SeqReserved(session="broker", epoch=5, through=1001),
    ]
    assert recorder.of(AdminIn)[0].expected == 1


def test_no_reset_passed_means_the_same_epoch(tmp_path: Path, dictionaries_dir: Path) -> None:
    port, recorder, now = free_port(), Recorder(), 1_704_455_000_000_000_000  # 11:43:20 UTC
    session = broker(port=port, schedule=Schedule(reset="11:00"))
    state = SessionState(epoch=4, next_in=77, next_out=2001, last_seen_ns=now - 10**12)
    with initiators(
        recorder,
        session,
        work_dir=dictionaries_dir,
        restored={"broker": state},
        clock_ns=lambda: now,
    ):
        first = recorder.wait(SeqReserved)
    assert first == SeqReserved(session="broker", epoch=4, through=3001)


class Clock:
    """A clock that a test sets forward; it runs on from there."""

    def __init__(self) -> None:
        self.ahead_ns = 0

    def __call__(self) -> int:
        return time.time_ns() + self.ahead_ns


def test_a_reset_that_comes_while_the_session_is_up_logs_out_and_on_again_at_1(
    tmp_path: Path, dictionaries_dir: Path
) -> None:
    port, venue, recorder, clock = free_port(), Venue(), Recorder(), Clock()
    session = broker(port=port, schedule=Schedule(reset="00:00"))
    spec = venue_for(session, reset_on_logon=True)
    with (
        acceptors(venue, spec, port=port, work_dir=tmp_path),
        initiators(recorder, session, work_dir=dictionaries_dir, clock_ns=clock) as brokers,
    ):
        ready(recorder)
        clock.ahead_ns = DAY_NS
        ready(recorder, count=2)
        left = brokers.send("broker", soh(ORDER.format("1-1")))
    down = recorder.of(SessionDown)[0]
    assert down.reason == "for a reset of the sequence numbers"
    assert [value.reason for value in recorder.of(SessionEpoch)] == ["scheduled reset"]
    assert left == (1, 3)


def test_reset_on_logon_is_a_new_epoch_each_time_with_141(
    tmp_path: Path, dictionaries_dir: Path
) -> None:
    port, venue, recorder = free_port(), Venue(), Recorder()
    session = broker(port=port, reset_on_logon=True)
    state = SessionState(epoch=2, next_in=500, next_out=9001)
    with (
        acceptors(venue, venue_for(session), port=port, work_dir=tmp_path) as venues,
        initiators(
            recorder, session, work_dir=dictionaries_dir, restored={"broker": state}
        ) as brokers,
    ):
        ready(recorder)
        venues.log_out("broker")
        ready(recorder, count=2)
        left = brokers.send("broker", soh(ORDER.format("1-1")))
    logons = [fields(value.text) for value in recorder.of(AdminIn) if "\x0135=A" in value.text]
    assert [(logon["34"], logon["141"]) for logon in logons] == [("1", "Y"), ("1", "Y")]
    assert [value.epoch for value in recorder.of(SessionEpoch)] == [3, 4]
    assert left == (4, 3)


def test_a_reset_that_was_never_answered_is_asked_for_again_after_a_restart(
    tmp_path: Path, dictionaries_dir: Path
) -> None:
    port, venue, first, second = free_port(), Venue(), Recorder(), Recorder()
    session = broker(port=port)
    with acceptors(venue, venue_for(session), port=port, work_dir=tmp_path) as venues:
        with initiators(first, session, work_dir=dictionaries_dir) as brokers:
            ready(first)
            for number in range(9):
                brokers.send("broker", soh(ORDER.format(f"1-{number}")))
        venue.wait_event("broker", "out")
        assert venues.send("broker", soh(REPORT.format("e1")))
        asked = SessionState(epoch=1, next_in=1, next_out=1, reset_asked=True)
        with initiators(
            second, session, work_dir=dictionaries_dir, restored={"broker": asked}
        ) as brokers:
            ready(second)
    assert [(value.epoch, value.asked) for value in second.of(SessionEpoch)] == [(2, True)]
