"""What operators do to a session, and what a session does when nobody is there."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from fix_oms.model.counterparty import Schedule, Session
from fix_oms.model.errors import SessionError
from fix_oms.model.inputs import Fault, SeqReserved, SessionDown, SessionEpoch, SessionUp
from fix_oms.sessions import Acceptors, Initiators
from tests.sessions.peers import (
    Recorder,
    Venue,
    acceptors,
    broker,
    fields,
    free_port,
    initiators,
    ready,
    soh,
    venue_for,
)

ORDER = soh("35=D|11=1-1|21=1|38=100|40=2|44=10.5|54=1|55=AAPL|59=0|60=20240105-10:00:00|")


class Desk:
    def __init__(self, recorder: Recorder, brokers: Initiators, venues: Acceptors) -> None:
        self.recorder = recorder
        self.brokers = brokers
        self.venues = venues

    def act(self, action: str, next_in: int | None = None, next_out: int | None = None) -> None:
        self.brokers.act("broker", action, next_in, next_out)


@pytest.fixture
def desk(tmp_path: Path, dictionaries_dir: Path) -> Iterator[Desk]:
    port, recorder, venue = free_port(), Recorder(), Venue()
    session = broker(port=port)
    with (
        acceptors(venue, venue_for(session), port=port, work_dir=tmp_path) as venues,
        initiators(recorder, session, work_dir=dictionaries_dir) as brokers,
    ):
        ready(recorder)
        yield Desk(recorder, brokers, venues)


def test_logout_holds_until_logon(desk: Desk) -> None:
    desk.act("logout")
    down = desk.recorder.wait(SessionDown)
    refused = desk.brokers.send("broker", ORDER)
    desk.act("logon")
    ready(desk.recorder, count=2)
    assert (down.reason, refused) == ("logged out by an operator", None)
    assert desk.brokers.send("broker", ORDER) is not None


def test_disable_holds_through_a_logon_until_enable(desk: Desk) -> None:
    desk.act("disable")
    down = desk.recorder.wait(SessionDown)
    desk.act("logon")
    desk.act("set-next", next_in=7)  # done after the logon was looked at
    desk.recorder.wait(SessionEpoch)
    ups = len(desk.recorder.of(SessionUp))
    desk.act("set-next", next_in=5)
    desk.act("enable")
    ready(desk.recorder, count=2)
    assert (down.reason, ups) == ("disabled by an operator", 1)


def test_reset_logs_on_with_141_in_a_new_epoch(desk: Desk) -> None:
    desk.act("reset")
    ready(desk.recorder, count=2)
    epoch = desk.recorder.of(SessionEpoch)[0]
    assert (epoch.epoch, epoch.next_in, epoch.next_out) == (1, 1, 1)
    assert epoch.reason == "reset by an operator"
    assert desk.brokers.send("broker", ORDER) == (1, 3)


def test_a_second_reset_is_made_as_the_first_was(desk: Desk) -> None:
    for count in (2, 3):
        desk.act("reset")
        ready(desk.recorder, count=count)
    assert [epoch.epoch for epoch in desk.recorder.of(SessionEpoch)] == [1, 2]


def test_set_next_while_up_takes_effect_at_once(desk: Desk) -> None:
    desk.act("set-next", next_out=5000)
    ready(desk.recorder, count=2)
    epoch = desk.recorder.of(SessionEpoch)[0]
    reserved = desk.recorder.of(SeqReserved)[-1]
    left = desk.brokers.send("broker", ORDER)
    assert (epoch.epoch, epoch.next_out) == (1, 5000)
    assert reserved == SeqReserved(session="broker", epoch=1, through=6000)
    assert left is not None
    assert (left[0], left[1] > 5000) == (1, True)


def test_the_next_block_is_reserved_before_this_one_ends(desk: Desk) -> None:
    for number in range(1200):
        body = ORDER.replace("11=1-1", f"11=1-{number}")
        left = desk.brokers.send("broker", body)
        assert left is not None
        assert left[1] < desk.recorder.of(SeqReserved)[-1].through
    assert len(desk.recorder.of(SeqReserved)) >= 3


@pytest.mark.parametrize(
    ("action", "next_in", "message"),
    [
        ("restart", None, "'restart' is no act on a session"),
        ("set-next", None, "needs the next number"),
        ("set-next", 0, "1 or more"),
    ],
)
def test_an_act_that_cannot_be_done_is_refused_at_once(
    dictionaries_dir: Path, action: str, next_in: int | None, message: str
) -> None:
    with (
        initiators(Recorder(), broker(port=1), work_dir=dictionaries_dir, start=False) as brokers,
        pytest.raises(SessionError, match=message),
    ):
        brokers.act("broker", action, next_in)


def test_nobody_listening_is_told_once_and_costs_no_number(dictionaries_dir: Path) -> None:
    port, recorder = free_port(), Recorder()
    with initiators(recorder, broker(port=port), work_dir=dictionaries_dir) as brokers:
        down = recorder.wait(SessionDown)
        with socket.create_server(("127.0.0.1", port)) as listening:
            listening.settimeout(20)
            connection, _ = listening.accept()
            with connection:
                connection.settimeout(20)
                logon = fields(connection.recv(4096).decode())
        next_out = brokers.stop()["broker"]
    assert down.reason == f"no connection to 127.0.0.1:{port}"
    assert (logon["34"], next_out, len(recorder.of(SeqReserved))) == ("1", 2, 1)


def test_outside_its_hours_a_session_does_not_connect(dictionaries_dir: Path) -> None:
    now = 1_704_455_000_000_000_000  # Friday 2024-01-05 11:43:20 UTC
    port, recorder = free_port(), Recorder()
    closed = broker(port=port, schedule=Schedule(logon="12:00", logout="13:00"))
    with initiators(recorder, closed, work_dir=dictionaries_dir, clock_ns=lambda: now) as brokers:
        brokers.act("broker", "set-next", next_out=9)
        recorder.wait(SessionEpoch)
        assert recorder.of(SessionDown) == []
        brokers.act("broker", "logon")
        recorder.wait(SeqReserved, count=1)


def test_the_end_of_its_hours_logs_a_session_out(tmp_path: Path, dictionaries_dir: Path) -> None:
    noon = 1_704_456_000_000_000_000  # Friday 2024-01-05 12:00:00 UTC
    port, recorder, venue, ahead = free_port(), Recorder(), Venue(), [0]
    session = broker(port=port, schedule=Schedule(logon="12:00", logout="13:00"))
    with (
        acceptors(venue, venue_for(session), port=port, work_dir=tmp_path),
        initiators(recorder, session, work_dir=dictionaries_dir, clock_ns=lambda: noon + ahead[0]),
    ):
        ready(recorder)
        ahead[0] = 3_600_000_000_000
        down = recorder.wait(SessionDown)
        venue.wait_event("broker", "out")
    assert down.reason == "outside the session's hours"


def test_two_sessions_of_one_identity_are_refused(dictionaries_dir: Path) -> None:
    one, other = broker(port=1), broker(port=2)
    other = Session(
        name="other",
        version=one.version,
        sender_comp_id=one.sender_comp_id,
        target_comp_id=one.target_comp_id,
        port=2,
    )
    with pytest.raises(SessionError, match=r"sessions\.other: has the same identity as"):
        Initiators(
            [one, other],
            {},
            Recorder(),
            work_dir=dictionaries_dir,
            secrets=lambda _: (None, None),
        )


def test_a_missing_secret_ends_the_start(dictionaries_dir: Path) -> None:
    def secrets(_: Session) -> tuple[str | None, str | None]:
        raise SessionError("environment variable FIX_PASSWORD is not set")

    with (
        initiators(
            Recorder(), broker(port=1), work_dir=dictionaries_dir, secrets=secrets, start=False
        ) as brokers,
        pytest.raises(SessionError, match="FIX_PASSWORD"),
    ):
        brokers.start()


def test_a_secret_that_goes_missing_later_is_a_fault_and_keeps_the_session_out(
    dictionaries_dir: Path,
) -> None:
    calls: list[str] = []

    def secrets(session: Session) -> tuple[str | None, str | None]:
        calls.append(session.name)
        if len(calls) > 1:
            raise OSError("the password file is gone")
        return None, None

    recorder = Recorder()
    with initiators(recorder, broker(port=free_port()), work_dir=dictionaries_dir, secrets=secrets):
        fault = recorder.wait(Fault)
    assert fault == Fault(
        where="session broker: session thread", error="OSError: the password file is gone"
    )


def test_stop_can_be_called_twice_and_gives_the_same_numbers(desk: Desk) -> None:
    first = desk.brokers.stop()
    assert (desk.brokers.stop(), desk.brokers.send("broker", ORDER)) == (first, None)


def test_stop_before_start_does_nothing(dictionaries_dir: Path) -> None:
    with initiators(Recorder(), broker(port=1), work_dir=dictionaries_dir, start=False) as brokers:
        assert brokers.stop() == {}


def test_a_stop_ends_though_the_peer_has_stopped_reading(desk: Desk) -> None:
    desk.venues.pause("broker")
    next_out = desk.brokers.stop(1.0)
    desk.venues.unpause("broker")
    assert next_out.keys() == {"broker"}
