"""One session's messages, without a network: QuickFIX's side is a stand-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fix_oms.model.fix import MsgType
from fix_oms.sessions import SessionState
from fix_oms.sessions.binding import fix
from fix_oms.sessions.traffic import BrokerTraffic
from tests.sessions.peers import Recorder


class QuickFix:
    """What is sent is kept."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    def getExpectedSenderNum(self) -> int:  # noqa: N802 - QuickFIX's name
        return 21

    def send(self, message: Any) -> bool:
        self.sent.append(message)
        return True


class Owner:
    """The session's thread: does at once what is posted."""

    def post(self, act: Callable[[], None]) -> None:
        act()

    def connected(self) -> None: ...
    def came_up(self) -> None: ...
    def faulted(self) -> None: ...
    def went_down(self, reason: str) -> None: ...


def admin(kind: MsgType) -> Any:
    message = fix.Message()
    message.getHeader().setField(35, kind.value)
    return message


def test_a_logout_said_between_two_connections_keeps_the_second_from_nothing() -> None:
    # QuickFIX goes on with what it has read when it has hung up, and may say Logout(5) once more.
    session, owner = QuickFix(), Owner()
    traffic = BrokerTraffic(
        "broker",
        SessionState(epoch=3, next_in=10, next_out=21),
        Recorder(),
        owner,
        build=lambda _: None,
        heartbeat_s=30,
        clock_ns=lambda: 1,
    )
    traffic.session = session
    traffic.begin_attempt()
    traffic.to_admin(admin(MsgType.LOGOUT), None)
    traffic.logged_on(None)
    assert [m.getHeader().getField(35) for m in session.sent] == [MsgType.TEST_REQUEST]
