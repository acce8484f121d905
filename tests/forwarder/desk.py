"""A forwarder as the engine has it: a process of doors, and what it tells."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from fix_oms.forwarder import talk
from fix_oms.forwarder.supervised import PATIENCE_S, Forwarder, listening
from fix_oms.model.tls import BrokerTls

LIMIT_S = 20.0
E = TypeVar("E", bound=talk.Event)


class Desk:
    """``doors`` maps a name to the broker's port and how TLS is spoken to it."""

    def __init__(
        self,
        doors: Mapping[str, tuple[int, BrokerTls]],
        dial_s: float = 10.0,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.events: list[talk.Event] = []
        self.downs: list[str] = []
        self._changed = threading.Condition()
        made, self.ports = [], {}
        for name, (port, tls) in doors.items():
            listener = listening("127.0.0.1", 0)
            self.ports[name] = int(listener.getsockname()[1])
            door = talk.Outward(
                name=name,
                key=f"sessions.{name}.tls",
                host="127.0.0.1",
                port=port,
                heartbeat_s=30,
                tls=tls,
                dial_s=dial_s,
            )
            made.append((listener, door))
        self.forwarder = Forwarder(made, told=self._told, down=self._down, patience_s=patience_s)
        self.forwarder.start()

    def wait(self, true: Callable[[], object], what: str) -> None:
        with self._changed:
            if not self._changed.wait_for(true, LIMIT_S):
                raise AssertionError(f"never came: {what}; {self.events[-9:]} {self.downs}")

    def first(self, kind: type[E], where: Callable[[E], bool] = lambda _: True) -> E:
        """The first event of a kind, as soon as it is there."""

        def found() -> list[E]:
            return [e for e in list(self.events) if isinstance(e, kind) and where(e)]

        self.wait(found, kind.__name__)
        return found()[0]

    def dial(self, name: str) -> talk.Dialled | talk.Failed:
        """Dial, and what came of it."""
        known = len(self.events)
        self.forwarder.dial(name)
        kinds = talk.Dialled | talk.Failed

        def found() -> list[talk.Dialled | talk.Failed]:
            return [e for e in self.events[known:] if isinstance(e, kinds) and e.door == name]

        self.wait(found, f"what came of {name}")
        return found()[0]

    def connect(self, name: str) -> socket.socket:
        """Dial, and connect from inside."""
        said = self.dial(name)
        assert isinstance(said, talk.Dialled), said
        made = socket.create_connection(("127.0.0.1", self.ports[name]), LIMIT_S)
        made.settimeout(LIMIT_S)
        return made

    def _told(self, event: talk.Event) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def _down(self, why: str) -> None:
        with self._changed:
            self.downs.append(why)
            self._changed.notify_all()


@contextmanager
def desk(doors: Mapping[str, tuple[int, BrokerTls]], **patience: float) -> Iterator[Desk]:
    """A desk whose process ends with the block."""
    made = Desk(doors, **patience)
    try:
        yield made
    finally:
        made.forwarder.stop()
