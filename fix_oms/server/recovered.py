"""The engine as its journal leaves it, and whether this configuration may go on with it."""

from __future__ import annotations

import structlog

from fix_oms.engine import Engine
from fix_oms.journal.recovery import Recovery
from fix_oms.journal.replay import Replay
from fix_oms.model.errors import SettingsError
from fix_oms.model.settings import Settings
from fix_oms.server.config_file import LoadedConfig
from fix_oms.sessions import ClientState, SessionState

_log = structlog.get_logger("engine")


def recovered(loaded: LoadedConfig) -> tuple[Engine, Replay]:
    """The engine at the journal's end, from the newest snapshot that can be used, and what the
    replay found; both are told.

    Raises JournalError for a journal that cannot be replayed, SettingsError where the configuration
    lacks what an open order needs.
    """
    recovery = Recovery.of(loaded.journal, _tell_unusable)
    try:
        recovery.catch_up()
    finally:
        recovery.close()
    engine, found = recovery.engine, recovery.replayer.found
    if found.records:
        tail = found.records - recovery.begun_at
        _log.info("replayed", records=tail, snapshot_of=recovery.begun_at, sent=found.sent)
        _require_configured(loaded, engine)
    for text in found.mismatches:
        _log.error("the replay differs from what left", what=text)
    return engine, found


def session_states(engine: Engine, settings: Settings) -> dict[str, SessionState]:
    """What the journal knows of the sessions that are still configured."""
    return {
        name: SessionState(
            epoch=link.epoch,
            next_in=link.next_in,
            next_out=link.next_out,
            last_seen_ns=link.seen_ns,
            reset_asked=link.reset_asked,
        )
        for name, link in engine.state.links.items()
        if name in settings.sessions
    }


def client_states(engine: Engine) -> dict[str, ClientState]:
    """What the journal knows of the clients' sessions."""
    return {
        name: ClientState(epoch=peer.epoch, has_sent=peer.counts[2] > 0)
        for name, peer in engine.state.clients.peers.items()
    }


def _tell_unusable(text: str) -> None:
    _log.warning("a snapshot cannot be used", what=text)


def _require_configured(loaded: LoadedConfig, engine: Engine) -> None:
    """Refuse to start without what open orders need: they could not be cancelled or filled."""
    settings = loaded.settings
    for order in engine.state.book.open.values():
        if order.external:
            continue
        for section, name, known in (
            ("sessions", order.session, settings.sessions.keys()),
            ("venues", order.venue, settings.venues.keys()),
            ("instruments", order.symbol, settings.instruments.keys()),
            ("accounts", order.account, settings.accounts.keys()),
        ):
            if name not in known:
                raise SettingsError(
                    str(loaded.path),
                    f"{section}.{name}",
                    f"is missing, and order {order.reference} of the journal is still open",
                )
