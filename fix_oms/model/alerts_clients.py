"""The alerts that FIX clients cause: rows of the catalogue."""

from __future__ import annotations

from typing import Final

from fix_oms.model.severities import INFO, SEVERE, WARNING, AlertCode

CLIENTS: Final[dict[str, AlertCode]] = {
    "client": AlertCode(
        (INFO, WARNING),
        False,
        "A client has logged on or is gone, or its numbers began again at 1. Warning: it is gone "
        "with orders open, or has sent what cannot be read.",
        "`fix-oms clients`; ask the client's people about what cannot be read.",
    ),
    "client_away": AlertCode(
        (WARNING,),
        True,
        "A client that has orders open is not logged on. What becomes of them is kept for it.",
        "Ask the client's people. `fix-oms mass-cancel --strategy` takes its orders out.",
    ),
    "client_trouble": AlertCode(
        (SEVERE,),
        False,
        "A client and we may not have the same picture of an order: it rejects a message of ours "
        "or does not accept an execution, a report could not be put into its version, or an order "
        "works of which it was told that it had ended.",
        "Telephone the client's people; `fix-oms explain ORDER` shows what is so.",
    ),
}
