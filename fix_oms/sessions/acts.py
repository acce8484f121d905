"""What an operator may do to a session (``Initiators.act`` says what each does)."""

from __future__ import annotations

from typing import Final

from fix_oms.model.errors import SessionError

ACTIONS: Final = ("logon", "logout", "disable", "enable", "reset", "set-next")


def check(action: str, next_in: int | None, next_out: int | None) -> None:
    """Raise SessionError unless this is something that can be done to a session."""
    if action not in ACTIONS:
        raise SessionError(f"{action!r} is no act on a session: {', '.join(ACTIONS)}")
    if action == "set-next" and next_in is None and next_out is None:
        raise SessionError("set-next needs the next number in, out, or both")
    if any(number is not None and number < 1 for number in (next_in, next_out)):
        raise SessionError("a sequence number is 1 or more")
