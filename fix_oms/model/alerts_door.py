"""The alerts that whoever logs on to us causes, or tries to: rows of the catalogue."""

from __future__ import annotations

from typing import Final

from fix_oms.model.severities import SEVERE, WARNING, AlertCode

DOOR: Final[dict[str, AlertCode]] = {
    "client_refused": AlertCode(
        (WARNING, SEVERE),
        False,
        "Somebody who wanted to log on as a FIX client was not let in, or a client was cut off for "
        "what it sent; the text says from where and why. Told once, and then once a minute with "
        "how often. Severe: by a wrong name, password or address.",
        "A client of ours: compare its configuration with `clients.NAME`. Nobody's: let the "
        "network keep that address out.",
    ),
    "client_flood": AlertCode(
        (SEVERE,),
        False,
        "A client sent `flood_per_s` messages within a second and was logged out.",
        "Telephone the client. What it sent after that is asked for again at its next logon.",
    ),
    "client_door": AlertCode(
        (SEVERE,),
        False,
        "The process that lets FIX clients in ended and is started again; the clients log on "
        "again.",
        "Nothing at first. If it stays, the log says why it does not start.",
    ),
}
