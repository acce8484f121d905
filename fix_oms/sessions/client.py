"""One client's session: what is known of it from before, and what goes on in it."""

from __future__ import annotations

import socket
import threading
from typing import Any, Final

import attrs

from fix_oms.model.clients import FixClient
from fix_oms.sessions.listening import AcceptorSpec, Served


@attrs.frozen(kw_only=True)
class ClientState:
    """What the journal knows of a client's session when the process starts: its ``epoch``, and
    whether anything has been sent in it."""

    epoch: int = 0
    has_sent: bool = False


class Client:
    """One client's session, and what goes on in it."""

    def __init__(self, served: Served, state: ClientState) -> None:
        self.served: Final = served
        self.name: Final = served.spec.name
        self.epoch = state.epoch
        self.has_sent: Final = state.has_sent
        self.next_out = 0
        """QuickFIX's next number, as it last was: it only falls by a reset."""
        self.sending: Final = threading.Lock()
        self.changed: Final = threading.Condition()
        self.resetting = False
        """A Logon(A) that resets is being answered: nothing of ours leaves before its answer."""
        self.is_behind = False
        """QuickFIX has reset the numbers, and we have not been told yet."""
        self.sender = 0
        self.left: tuple[int, int] | None = None
        self.admitted = False
        self.is_down_told = True
        self.farewell = ""
        self.faulted = False
        self.held_until = 0.0
        self.redo_from: int | None = None

    @property
    def session(self) -> Any:
        return self.served.session

    def is_logged_on(self) -> bool:
        session = self.served.session
        return session is not None and bool(session.isLoggedOn())

    def settle(self) -> None:
        """The numbers are what we have been told that they are."""
        with self.changed:
            self.resetting = False
            self.changed.notify_all()


def spec_of(client: FixClient, secret: tuple[str | None, str | None]) -> AcceptorSpec:
    """The client as a session that is listened for; ``secret`` is its user name and password."""
    return AcceptorSpec(
        name=client.name,
        version=client.version,
        sender_comp_id=client.sender_comp_id,
        target_comp_id=client.target_comp_id,
        heartbeat_s=client.heartbeat_s,
        reset_on_logon=client.reset_on_logon,
        dictionary=client.dictionary,
        username=secret[0],
        password=secret[1],
    )


def unused_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
