"""The door with sessions behind it, for the tests of it: a client and an address for each case."""

from __future__ import annotations

import attrs

from fix_oms.model.clients import FixClient
from fix_oms.model.fix import FixVersion
from fix_oms.model.outputs import Alert
from fix_oms.server.door.gatekeeper import Gatekeeper
from fix_oms.server.door.words import Guest
from fix_oms.sessions import ClientSessions
from tests.server.door.caller import Caller
from tests.sessions.peers import Memory, Recorder, soh

NAMES = (
    *("plain", "versed", "guess", "wipes", "twice", "flood", "large", "garbled", "mute", "killed"),
    *("slow", "again", "faulty", "other", "silent"),
)
PASSWORD = "correct horse"
REPORT = soh("35=8|37=o1|17=e1|150=F|39=1|55=AAPL|54=1|38=100|151=40|14=60|6=10|")
ORDER = "11={}|21=1|38=100|40=2|44=10.5|54=1|55=AAPL|59=0|60=20240105-10:00:00|"


class Alerts(Memory):
    """What people are told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Alert] = []

    def __repr__(self) -> str:
        return repr(self.told)

    def put(self, alert: Alert) -> None:
        with self._changed:
            self.told.append(alert)
            self._changed.notify_all()

    def wait(self, part: str) -> Alert:
        def found() -> list[Alert]:
            return [alert for alert in self.told if part in alert.text]

        self._await(found, part)
        return found()[0]


@attrs.frozen
class House:
    """All that a test may look at."""

    port: int
    sessions: ClientSessions
    door: Gatekeeper
    recorder: Recorder
    alerts: Alerts

    def call(self, name: str, *, sender: str | None = None) -> Caller:
        return Caller(self.port, address(name), sender or name)

    def logged_on(self, name: str, body: str = "", *, number: int = 1) -> Caller:
        caller = self.call(name)
        caller.number = number - 1
        caller.log_on(f"553=desk|554={PASSWORD}|{body}")
        caller.read("A")
        return caller


def address(name: str) -> str:
    return f"127.0.0.{NAMES.index(name) + 10}"


def client(name: str) -> FixClient:
    return FixClient(
        name=name,
        version=FixVersion.FIX44,
        sender_comp_id="US",
        target_comp_id=name,
        allowed=(address(name),),
        heartbeat_s=5,
        accounts=("DESK",),
        flood_per_s=50,
        max_message_bytes=2000,
        username="desk",
        reset_on_logon=name == "again",
    )


def guest(of: FixClient, port: int) -> Guest:
    return Guest(
        name=of.name,
        port=port,
        begin_string="FIX.4.4",
        sender_comp_id=of.sender_comp_id,
        target_comp_id=of.target_comp_id,
        allowed=of.allowed,
        username="desk",
        password=PASSWORD,
        longest_heartbeat_s=60,
        flood_per_s=of.flood_per_s,
        max_message_bytes=of.max_message_bytes,
    )
