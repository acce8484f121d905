"""The catalogue of alerts: every code that is raised, what it means and what to do about it.

Two kinds. An *event* has happened and is told once. What *lasts* is a condition that holds until
something ends it: it is told when it opens and when it clears, again while it stays, and listed by
``fix-oms alerts`` meanwhile. Its code is told as an event too, in the same step in which it begins,
to whoever sent the command and to the log.

Severities: ``severe`` wants a person now, ``warning`` wants one today, ``info`` is for the record.

``spec/ALERTS.md`` is drawn from this table. A test holds that every code in the sources stands here
and that every one here is raised somewhere.
"""

from __future__ import annotations

from typing import Final

from fix_oms.model.alerts_clients import CLIENTS
from fix_oms.model.alerts_door import DOOR
from fix_oms.model.alerts_inside import ENGINE, RISK
from fix_oms.model.alerts_outside import ORDERS, SESSIONS
from fix_oms.model.severities import AlertCode

CATALOGUE: Final[dict[str, dict[str, AlertCode]]] = {
    "Orders": ORDERS,
    "Sessions and brokers": SESSIONS,
    "FIX clients at the door": DOOR,
    "Clients": CLIENTS,
    "Positions and risk": RISK,
    "The engine itself": ENGINE,
}
"""By chapter, as the page shows them."""

CODES: Final[dict[str, AlertCode]] = {
    code: row for chapter in CATALOGUE.values() for code, row in chapter.items()
}

BREACHES: Final[dict[str, str]] = {
    "position_feed": "stale_feed",
    "position_break": "position_break",
}
"""The code by which a broken limit of a control is told, where it is not ``limit_breach``."""
