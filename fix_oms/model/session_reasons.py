"""Why a session is not up, where that is our own doing or no connection has been made yet.

They stand in the journal as text (``SessionDown.reason``). Any other reason is the peer's doing,
the network's, or an error's, and somebody should know of it.
"""

from __future__ import annotations

from typing import Final

OUTSIDE_HOURS: Final = "outside the session's hours"
FOR_RESET: Final = "for a reset of the sequence numbers"
STOPPED: Final = "stopped"
DISABLED: Final = "disabled by an operator"
LOGGED_OUT: Final = "logged out by an operator"

WE_LOG_OUT: Final = "we logged it out: "
WE_GO: Final = "fix-oms stops"
WE_STOP: Final = WE_LOG_OUT + WE_GO
"""How the reason begins for a client, when it is we who go (``ClientDown.reason``)."""

NOT_YET: Final = "not connected yet"
NOBODY_THERE: Final = "no connection to"
"""How the reason begins while nobody listens at the other end."""

BY_OPERATOR: Final = frozenset({DISABLED, LOGGED_OUT})
BY_OURSELVES: Final = BY_OPERATOR | {OUTSIDE_HOURS, FOR_RESET, STOPPED}
