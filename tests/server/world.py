"""A runner with everything around it: a real journal, a real engine, and a peer for one session."""

from __future__ import annotations

import threading
from pathlib import Path

from fix_oms.engine import Engine
from fix_oms.journal.follower import records
from fix_oms.journal.writer import JournalWriter
from fix_oms.model import inputs
from fix_oms.model.errors import JournalError
from fix_oms.model.outputs import Alert, SessionAct
from fix_oms.server.outbox import Outbox
from fix_oms.server.runner import Runner
from tests.engine.desk import Desk, plain_settings

NOW = 1_700_000_000_000_000_000


class Peer:
    """Where messages leave to: it keeps them, and may be told to be away or to wait."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.away = False
        self.may_go = threading.Event()
        self.may_go.set()
        self.busy = threading.Event()

    def send(self, name: str, text: str) -> tuple[int, int] | None:
        self.busy.set()
        self.may_go.wait(10)
        if self.away:
            return None
        self.got.append(text)
        return 1, len(self.got)


class World:
    """A runner on a real journal, with a peer behind ALPHA's outbox."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.writer = JournalWriter.open(
            directory, durability="process", now_ns=NOW, day="2023-11-14"
        )
        self.engine = Engine()
        self.alerts: list[Alert] = []
        self.failures: list[JournalError] = []
        self.acts: list[SessionAct] = []
        self.clock_ns = NOW
        self.peer = Peer()
        self.runner = Runner(
            self.engine,
            self.writer,
            clock_ns=lambda: self.clock_ns,
            last_ns=0,
            alert=self.alerts.append,
            failed=self.failures.append,
        )
        self.outbox = Outbox(
            "ALPHA",
            self.peer,
            min_interval_ms=0,
            wait_durable=self.writer.wait_durable,
            tell=self.runner.submit,
            left=self.runner.left,
            clock_ns=lambda: self.clock_ns,
        )
        self.runner.attach({"ALPHA": self.outbox}, self.acts.append)
        self.outbox.start()
        self.runner.submit(inputs.Started(run=1, version="test", settings=plain_settings()))
        for value in (inputs.SessionUp(session="ALPHA"), inputs.SessionReady(session="ALPHA")):
            self.runner.submit(value)

    def close(self) -> None:
        self.peer.may_go.set()
        self.outbox.stop(5)
        self.writer.close()

    def kinds(self) -> list[str]:
        self.runner.record_left()
        return [type(inputs.decode(r.payload)).__name__ for r in records(self.directory)]


def order() -> inputs.NewOrder:
    desk = Desk(ready=False)
    desk.ready("ALPHA")
    desk.buy(100)
    asked = [value for _, value in desk.log if isinstance(value, inputs.NewOrder)]
    return asked[0]


ORDER = order()
