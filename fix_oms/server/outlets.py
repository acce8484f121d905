"""The sessions that speak TLS: their doors to the brokers (``forwarder``), as the engine has them.

Each is an outlet to its session (``sessions.way``). What the doors tell becomes what people see:
why a session is down, which certificate ends soon, that somebody else tried to get to a broker.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from fix_oms.forwarder import talk
from fix_oms.forwarder.supervised import Forwarder, listening
from fix_oms.model.counterparty import Session
from fix_oms.model.outputs import Alert
from fix_oms.server.alerting import Alerting
from fix_oms.server.expiries import Expiries
from fix_oms.sessions import Outlet, Told

LOOPBACK: Final = "127.0.0.1"


class _Outlet:
    """One session's."""

    def __init__(self, name: str, port: int) -> None:
        self.port = port
        self.forwarder: Forwarder | None = None
        self._name: Final = name
        self._told: Told = lambda _: None

    def dial(self, told: Told) -> None:
        self._told = told
        if self.forwarder is not None:
            self.forwarder.dial(self._name)

    def answer(self, why: str | None) -> None:
        """What became of the dialling."""
        self._told(why)


class Outlets:
    """All of them, in one process beside ours; none where no session has TLS.

    ``hidden`` are environment variables that it does not get. Raises SessionError where no port can
    be had.
    """

    def __init__(
        self, sessions: Iterable[Session], alerting: Alerting, *, hidden: Collection[str]
    ) -> None:
        self._alerting: Final = alerting
        self._expiries: Final = Expiries(alerting.conditions)
        self._outlets: dict[str, _Outlet] = {}
        doors = []
        for session in sessions:
            if session.tls is None:
                continue
            listener = listening(LOOPBACK, 0)
            outlet = _Outlet(session.name, int(listener.getsockname()[1]))
            self._outlets[session.name] = outlet
            door = talk.Outward(
                name=session.name,
                key=f"sessions.{session.name}.tls",
                host=session.host,
                port=session.port,
                heartbeat_s=session.heartbeat_s,
                tls=session.tls,
            )
            doors.append((listener, door))
        self.forwarder: Final = (
            Forwarder(doors, told=self.told, down=self.down, hidden=hidden) if doors else None
        )
        for outlet in self._outlets.values():
            outlet.forwarder = self.forwarder

    @property
    def of(self) -> Mapping[str, Outlet]:
        """By session."""
        return self._outlets

    def start(self) -> None:
        """Start the process."""
        if self.forwarder is not None:
            self.forwarder.start()

    def stop(self) -> None:
        """End it; the sessions have logged out."""
        if self.forwarder is not None:
            self.forwarder.stop()

    def told(self, event: talk.Event) -> None:
        """What the process tells."""
        if isinstance(event, talk.Dialled):
            self._outlets[event.door].answer(None)
        elif isinstance(event, talk.Failed):
            self._outlets[event.door].answer(event.reason)
        elif isinstance(event, talk.Expiry):
            self._expiries.tell(event.what, event.end_s, event.trouble)
        elif isinstance(event, talk.Refused):
            others = f", and {event.others} times before" if event.others else ""
            text = f"another user of this machine ({event.address}) tried to reach the broker of "
            text += f"session {event.door} through its port on loopback, and was refused{others}"
            alert = Alert(severity="warning", code="intruder", text=text, session=event.door)
            self._alerting.put(alert)

    def down(self, why: str) -> None:
        """The process has died, and will be there again in a moment."""
        text = f"the forwarder was lost ({why}) and is started again"
        self._alerting.put(Alert(severity="warning", code="forwarder", text=text))
        for outlet in self._outlets.values():
            outlet.answer(text)
