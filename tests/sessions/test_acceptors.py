"""The acceptors' side: what is kept, who is let in, what a failing handler does."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from fix_oms.model.errors import SessionError
from fix_oms.model.fix import FixVersion
from fix_oms.model.inputs import FixIn, SessionDown
from fix_oms.sessions import Acceptors
from tests.sessions.peers import (
    RawPeer,
    Recorder,
    Venue,
    acceptors,
    broker,
    free_port,
    initiators,
    ready,
    soh,
    venue_for,
)

ORDER = soh("35=D|11=1-1|21=1|38=100|40=2|44=10.5|54=1|55=AAPL|59=0|60=20240105-10:00:00|")
REPORT = soh("35=8|37=o1|17=e1|150=F|39=1|55=AAPL|54=1|38=100|151=40|14=60|6=10|")


def test_what_was_sent_before_a_restart_is_sent_again_after_it(
    tmp_path: Path, dictionaries_dir: Path
) -> None:
    port, recorder = free_port(), Recorder()
    session = broker(port=port)
    with acceptors(Venue(), venue_for(session), port=port, work_dir=tmp_path) as venues:
        assert venues.send("broker", REPORT)
    with (
        acceptors(Venue(), venue_for(session), port=port, work_dir=tmp_path),
        initiators(recorder, session, work_dir=dictionaries_dir),
    ):
        ready(recorder)
        assert soh("|43=Y|") in recorder.wait(FixIn).text


def test_sessions_may_listen_on_ports_of_their_own(tmp_path: Path, dictionaries_dir: Path) -> None:
    ports, recorder = (free_port(), free_port()), Recorder()
    one, other = broker("one", port=ports[0]), broker("other", FixVersion.FIX42, port=ports[1])
    specs = venue_for(one), venue_for(other, port=ports[1])
    with (
        acceptors(Venue(), *specs, port=ports[0], work_dir=tmp_path) as venues,
        initiators(recorder, one, other, work_dir=dictionaries_dir),
    ):
        ready(recorder, "one")
        ready(recorder, "other")
        assert (venues.is_logged_on("one"), venues.is_logged_on("other")) == (True, True)


def test_a_wrong_password_is_refused_with_the_reason(
    tmp_path: Path, dictionaries_dir: Path
) -> None:
    port, recorder = free_port(), Recorder()
    session = broker(port=port)
    spec = venue_for(session, username="desk", password="right")
    with (
        acceptors(Venue(), spec, port=port, work_dir=tmp_path),
        initiators(
            recorder, session, work_dir=dictionaries_dir, secrets=lambda _: ("desk", "n0t-it")
        ),
    ):
        down = recorder.wait(SessionDown)
    assert down.reason == "".join(
        (
            "the peer logged out: Rejected Logon Attempt: ",
            "Username(553) or Password(554) is wrong",
        )
    )


class Failing(Venue):
    def received(self, name: str, text: str) -> None:
        raise RuntimeError("the handler fails")


def test_a_failing_handler_ends_its_session_and_not_the_process(
    tmp_path: Path, dictionaries_dir: Path
) -> None:
    port, recorder = free_port(), Recorder()
    session = broker(port=port)
    with (
        acceptors(Failing(), venue_for(session), port=port, work_dir=tmp_path),
        initiators(recorder, session, work_dir=dictionaries_dir) as brokers,
    ):
        ready(recorder)
        brokers.send("broker", ORDER)
        down = recorder.wait(SessionDown)
        ready(recorder, count=2)
    assert down.reason == "the peer logged out: internal error"


def test_a_paused_session_reads_nothing_until_it_goes_on(
    tmp_path: Path, dictionaries_dir: Path
) -> None:
    port, recorder, venue = free_port(), Recorder(), Venue()
    session = broker(port=port)
    with (
        acceptors(venue, venue_for(session), port=port, work_dir=tmp_path) as venues,
        initiators(recorder, session, work_dir=dictionaries_dir) as brokers,
    ):
        ready(recorder)
        venues.pause("broker")
        left = brokers.send("broker", ORDER)
        before = list(venue.texts)
        venues.unpause("broker")
        venue.wait("broker", soh("|11=1-1|"))
    assert (left is not None, before) == (True, [])


def test_two_sessions_of_one_identity_are_refused(tmp_path: Path) -> None:
    spec = venue_for(broker(port=1))
    with pytest.raises(SessionError, match="other: has the same identity as broker"):
        Acceptors([spec, attrs.evolve(spec, name="other")], Venue(), port=1, work_dir=tmp_path)


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    port = free_port()
    with (
        RawPeer(port),
        pytest.raises(SessionError, match=f"cannot accept sessions: .*{port}"),
        acceptors(Venue(), venue_for(broker(port=port)), port=port, work_dir=tmp_path),
    ):
        pass


def test_a_message_after_the_stop_is_not_taken(tmp_path: Path) -> None:
    port = free_port()
    with acceptors(Venue(), venue_for(broker(port=port)), port=port, work_dir=tmp_path) as venues:
        venues.stop()
        assert (venues.send("broker", REPORT), venues.is_logged_on("broker")) == (False, False)
