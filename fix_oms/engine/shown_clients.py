"""FIX clients as people and programs see them."""

from __future__ import annotations

from fix_oms.engine.client_state import Peer
from fix_oms.engine.state import State
from fix_oms.model.talk_clients import ClientView


def client_views(state: State) -> list[ClientView]:
    """All of them, in the order of the configuration."""
    return [_view(peer) for peer in state.clients.peers.values()]


def _view(peer: Peer) -> ClientView:
    taken, refused, sent = peer.counts
    away = "away" if peer.up_ns else "never"
    return ClientView(
        name=peer.name,
        version=peer.settings.version,
        state="up" if peer.up else away,
        reason=peer.reason,
        since_ns=peer.since_ns,
        epoch=peer.epoch,
        drop_copy=peer.settings.drop_copy,
        taken=taken,
        refused=refused,
        sent=sent,
        open_orders=len(peer.open),
        waiting=len(peer.unsent),
        recent=len(peer.recent),
        cancels_ns=max(0, peer.leaving_ns),
    )
