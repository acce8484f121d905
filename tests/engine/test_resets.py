"""A reset of sequence numbers that was asked for stays asked for until the peer has answered."""

from __future__ import annotations

from fix_oms.model import inputs
from fix_oms.routing.links import Link
from tests.engine.desk import Desk

LOGON = "8=FIX\x019=0\x0135=A\x0134={}\x0110=000\x01"


def _link(desk: Desk) -> Link:
    return desk.engine.state.links["ALPHA"]


def _ask(desk: Desk) -> None:
    desk.give(
        inputs.SessionCommand(by="ann", session="ALPHA", action="reset", reason="numbers are off")
    )


def _begin(desk: Desk, *, asked: bool = True) -> None:
    desk.give(
        inputs.SessionEpoch(
            session="ALPHA", epoch=2, next_in=1, next_out=1, reason="reset", asked=asked
        )
    )


def _hear(desk: Desk, number: int, expected: int) -> None:
    text = LOGON.format(number)
    desk.give(inputs.AdminIn(session="ALPHA", text=text, expected=expected))


def test_it_is_remembered_from_the_command_on() -> None:
    desk = Desk()
    _ask(desk)
    _hear(desk, 7, 7)  # before the session has even logged out
    assert _link(desk).reset_asked


def test_it_is_remembered_after_the_epoch_has_begun() -> None:
    desk = Desk()
    _ask(desk)
    _begin(desk)
    desk.start(2)
    assert _link(desk).reset_asked


def test_the_first_message_of_the_new_epoch_answers_it() -> None:
    desk = Desk()
    _ask(desk)
    _begin(desk)
    _hear(desk, 1, 1)
    assert not _link(desk).reset_asked


def test_an_epoch_that_the_peer_began_needs_no_answer() -> None:
    desk = Desk()
    _begin(desk, asked=False)
    assert not _link(desk).reset_asked
