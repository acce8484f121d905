"""The codec of each session and each client: what its text means, in its version and dialect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fix_oms.model.settings import Settings
from fix_oms.wire import PLAIN, Codec, dialect_from


def codecs(settings: Settings, dialects: Mapping[str, Mapping[str, Any]]) -> dict[str, Codec]:
    """By name; sessions and clients have no name in common."""
    made: dict[str, Codec] = {}
    for name, session in settings.sessions.items():
        overlay = dialects.get(name)
        dialect = dialect_from(overlay, session.dialect or name) if overlay else PLAIN
        made[name] = Codec(session.version, session.supports, dialect)
    for name, client in settings.clients.items():
        made[name] = Codec(client.version)
    return made
