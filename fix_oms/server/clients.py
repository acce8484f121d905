"""Everything about FIX clients that runs: their sessions, the door in front, what is sent to them.

Start: the sessions listen (on this machine only), the engine is told that messages are taken, what
earlier runs owe the clients leaves, and the door listens, so that a port that is taken is found
before any broker is spoken to; it opens when everything else is up. Stop, in two steps around that
of the brokers: first the door closes and the clients are logged out, while everything that they
have sent is still worked through; and only when no broker can report any more do the sessions go,
because what is reported meanwhile is kept for the clients.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Final

from fix_oms.journal.writer import JournalWriter
from fix_oms.model.clients import FixClient
from fix_oms.model.errors import SessionError
from fix_oms.model.settings import Settings
from fix_oms.server.alerting import Alerting
from fix_oms.server.clock import Clock
from fix_oms.server.config_file import LoadedConfig
from fix_oms.server.door.gatekeeper import Gatekeeper
from fix_oms.server.door.words import Guest
from fix_oms.server.expiries import Expiries
from fix_oms.server.outbox import Outbox
from fix_oms.server.runner import Runner
from fix_oms.sessions import ClientSessions, ClientState

LONGEST_HEARTBEAT_S: Final = 60
"""HeartBtInt(108) may be as long, or twice what is configured."""


class Clients:
    """The clients of one configuration; without any, nothing of this is there."""

    def __init__(
        self,
        loaded: LoadedConfig,
        restored: Mapping[str, ClientState],
        runner: Runner,
        writer: JournalWriter,
        alerting: Alerting,
        clock: Clock,
    ) -> None:
        clients, expiries = list(loaded.settings.clients.values()), Expiries(alerting.conditions)
        self._sessions: Final = ClientSessions(
            clients,
            restored,
            runner,
            work_dir=loaded.journal / "sessions",
            secrets=loaded.client_secrets,
            clock_ns=clock.now_ns,
        )
        self.outboxes: Final = {
            client.name: Outbox(
                client.name,
                self._sessions,
                min_interval_ms=0,
                wait_durable=writer.wait_durable,
                tell=runner.submit,
                left=runner.left,
                clock_ns=clock.now_ns,
            )
            for client in clients
        }
        self._door: Final = Gatekeeper(
            [_guest(c, loaded.settings, loaded.client_secrets(c)) for c in clients],
            self._sessions,
            inner_port=lambda: self._sessions.port,
            hidden=loaded.secret_variables(),
            alert=alerting.put,
            tls=loaded.settings.acceptor.tls,
            expires=lambda e: expiries.tell(e.key, e.end_s, e.trouble),
        )

    def start(self) -> None:
        """Listen: who comes waits for :meth:`open`. Raises SessionError, naming the setting, for a
        port that is taken."""
        if not self.outboxes:
            return
        self._sessions.start()
        try:
            for outbox in self.outboxes.values():
                outbox.start()
            self._door.start()
        except BaseException:
            self._sessions.stop()
            raise

    def open(self) -> None:
        """Let the clients in."""
        self._sessions.open()

    def log_out(self, reason: str, timeout_s: float) -> None:
        """Let nobody in any more, and log out who is there."""
        if self.outboxes:
            self._door.close()
            self._sessions.log_out_all(reason, timeout_s)
            self._door.stop()

    def stop(self, timeout_s: float) -> None:
        """Keep what is still to be sent, and go."""
        if not self.outboxes:
            return
        for outbox in self.outboxes.values():
            outbox.stop(timeout_s)
        with contextlib.suppress(SessionError):  # it does not stop: the process ends all the same
            self._sessions.stop()


def _guest(client: FixClient, settings: Settings, secret: tuple[str | None, str | None]) -> Guest:
    port = client.port if client.port is not None else settings.acceptor.port
    if port is None:  # refused when the settings were read
        raise SessionError(f"clients.{client.name}.port: is missing")
    return Guest(
        name=client.name,
        port=port,
        port_key=f"clients.{client.name}.port" if client.port is not None else "acceptor.port",
        begin_string=client.version.begin_string,
        sender_comp_id=client.sender_comp_id,
        target_comp_id=client.target_comp_id,
        allowed=client.allowed,
        username=secret[0],
        password=secret[1],
        longest_heartbeat_s=max(LONGEST_HEARTBEAT_S, 2 * client.heartbeat_s),
        flood_per_s=client.flood_per_s,
        max_message_bytes=client.max_message_bytes,
        certificate_names=client.certificate_names,
    )
