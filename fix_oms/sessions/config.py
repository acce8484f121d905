"""What QuickFIX is told about a session: one place, for both sides.

Everything that would make QuickFIX refuse, reset, resend or log on by its own lights is off: our
schedule and our numbers decide (D6), and validation is the wire package's (D7). CheckLatency is off
because a peer's wrong clock would throw its reports away. No value comes from a secret: user names
and passwords are put into the Logon as it leaves.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from fix_oms.model.fix import FixVersion
from fix_oms.sessions.binding import fix
from fix_oms.sessions.dictionaries import Dictionaries

LOGON_TIMEOUT_S: Final = 10
LOGOUT_TIMEOUT_S: Final = 2
APPL_VER_ID: Final = "9"
"""DefaultApplVerID(1137) of FIX 5.0SP2."""

_COMMON: Final = {
    "NonStopSession": "Y",
    "UseDataDictionary": "Y",
    "ValidateFieldsHaveValues": "N",
    "ValidateFieldsOutOfOrder": "N",
    "ValidateUserDefinedFields": "N",
    "AllowUnknownMsgFields": "Y",
    "CheckLatency": "N",
    "SocketNodelay": "Y",
    "LogonTimeout": str(LOGON_TIMEOUT_S),
    "LogoutTimeout": str(LOGOUT_TIMEOUT_S),
}

Settings = dict[str, str]


def identity(version: FixVersion, sender: str, target: str) -> tuple[str, str, str]:
    """What tells sessions apart: BeginString(8), SenderCompID(49), TargetCompID(56)."""
    return version.begin_string, sender, target


def initiator(
    dictionaries: Dictionaries, *, host: str, port: int, heartbeat_s: int, reconnect_s: int
) -> Settings:
    """A session to a broker: nothing kept, so that no order is ever sent again stale."""
    return {
        **_COMMON,
        **_dictionaries(dictionaries),
        "ConnectionType": "initiator",
        "SocketConnectHost": host,
        "SocketConnectPort": str(port),
        "HeartBtInt": str(heartbeat_s),
        "ReconnectInterval": str(reconnect_s),
        "PersistMessages": "N",
    }


def acceptor(
    dictionaries: Dictionaries, *, port: int, store: Path, reset_on_logon: bool
) -> Settings:
    """A session from a client: kept in files, because ExecutionReports must be sent again."""
    return {
        **_COMMON,
        **_dictionaries(dictionaries),
        "ConnectionType": "acceptor",
        "SocketAcceptPort": str(port),
        "SocketReuseAddress": "Y",
        "FileStorePath": str(store),
        "PersistMessages": "Y",
        "ResetOnLogon": "Y" if reset_on_logon else "N",
    }


def session_settings(
    sessions: dict[tuple[str, str, str], Settings], defaults: Settings | None = None
) -> Any:
    """QuickFIX's SessionSettings, made in memory: no value can break out of its line."""
    settings = fix.SessionSettings()
    settings.set(_as_dictionary(defaults or {}))
    for (begin_string, sender, target), values in sessions.items():
        settings.set(fix.SessionID(begin_string, sender, target), _as_dictionary(values))
    return settings


def _dictionaries(dictionaries: Dictionaries) -> Settings:
    if dictionaries.transport is None:
        return {"DataDictionary": str(dictionaries.application)}
    return {
        "TransportDataDictionary": str(dictionaries.transport),
        "AppDataDictionary": str(dictionaries.application),
        "DefaultApplVerID": APPL_VER_ID,
    }


def _as_dictionary(values: Settings) -> Any:
    dictionary = fix.Dictionary()
    for key, value in values.items():
        dictionary.setString(key, value)
    return dictionary
