"""The clients' part of a step: what their sessions bring, and what follows at its end.

**Cancel on disconnect.** A client that has asked for it by its configuration, and is gone for
``disconnect_grace_s``, has its working orders cancelled, by one request each, parents too; those
whose session is not ready are tried again each second until they are out. Should it come back
within the grace nothing is done; coming back later does not stop it. After a start of ours clients
have :data:`RETURN_S` more to come back: it is we who were gone. Nothing is done when we stop: then
nobody would see the cancels through.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fix_oms.engine.client_gate import ClientGate
from fix_oms.engine.client_reports import ClientReports
from fix_oms.engine.client_state import SECOND, Peer
from fix_oms.engine.entry import Entry
from fix_oms.engine.parent_acts import ParentActs
from fix_oms.engine.state import State
from fix_oms.model import inputs
from fix_oms.model.outputs import Alert, Output
from fix_oms.model.session_reasons import WE_STOP

RETURN_S: Final = 30
WITH_US: Final = -1
"""In place of when a client's orders are cancelled: it is counted from our next start."""
_AGAIN_NS: Final = SECOND


class ClientDesk:
    """One of an engine. ``tell`` ends each step."""

    def __init__(self, state: State, entry: Entry, parents: ParentActs) -> None:
        self._state: Final = state
        self._reports: Final = ClientReports(state)
        self._gate: Final = ClientGate(state, entry, parents, self._reports)
        self.tell: Final = self._reports.tell
        self.sent: Final = self._reports.sent
        self.not_sent: Final = self._reports.not_sent
        self.handlers: Final[dict[type, Callable[[int, Any, list[Output]], None]]] = {
            inputs.ClientIn: self._gate.take,
            inputs.ClientServed: self._served,
            inputs.ClientUp: self._reports.up,
            inputs.ClientDown: self._down,
            inputs.ClientEpoch: self._reports.epoch,
        }

    def started(self, now: int) -> None:
        """A run has begun: nobody is served, and who was there has to come back."""
        for peer in self._state.clients.peers.values():
            if peer.up or peer.leaving_ns == WITH_US:
                self._leaves(now + RETURN_S * SECOND, peer)
            if peer.up:
                peer.reason, peer.since_ns = "went down with us", now
            peer.served = peer.up = False

    def _served(self, now: int, value: inputs.ClientServed, out: list[Output]) -> None:
        self._reports.served(now, value, out)

    def _down(self, now: int, value: inputs.ClientDown, out: list[Output]) -> None:
        peer = self._state.clients.peers[value.session]
        if peer.up and value.reason.startswith(WE_STOP):
            peer.leaving_ns = WITH_US
        elif peer.up:
            text = f"client {peer.name} is gone: {value.reason}"
            severity = "warning" if peer.open else "info"
            out.append(Alert(severity=severity, code="client", text=text, session=peer.name))
            self._leaves(now, peer)
        peer.prune(now)
        peer.up, peer.reason, peer.since_ns = False, value.reason, now
        if 0 < peer.leaving_ns <= now:
            self._clear(now, peer, out)

    def _leaves(self, now: int, peer: Peer) -> None:
        settings = peer.settings
        if settings.cancel_on_disconnect:
            peer.leaving_ns = now + settings.disconnect_grace_s * SECOND

    def is_due(self, now: int) -> bool:
        """Whether :meth:`tick` would do anything."""
        return any(0 < p.leaving_ns <= now for p in self._state.clients.peers.values())

    def tick(self, now: int, out: list[Output]) -> None:
        """Clients that have been gone for long enough."""
        for peer in self._state.clients.peers.values():
            if 0 < peer.leaving_ns <= now:
                self._clear(now, peer, out)

    def _clear(self, now: int, peer: Peer, out: list[Output]) -> None:
        by = f"client {peer.name} (disconnected)"
        asked, failed = self._gate.cancel_open(now, peer, by, out)
        peer.leaving_ns = now + _AGAIN_NS if failed else 0
        if asked or failed:
            text = f"client {peer.name} is gone: cancel asked for {asked} of its orders"
            said = "; ".join([text, *failed])
            severity = "severe" if failed else "warning"
            out.append(
                Alert(severity=severity, code="cancel_on_disconnect", text=said, session=peer.name)
            )
