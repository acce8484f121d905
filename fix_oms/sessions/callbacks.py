"""QuickFIX's callbacks, made safe: nothing but what QuickFIX allows ever leaves one.

Any other exception would print a traceback and call Py_Exit on an engine thread, which hangs the
process for ever with its sockets open (tried). So each callback is wrapped in a catch-all that
hands the error to the session's own ``fault``. The translated exceptions leak their traceback and
the locals of their frames, so they are raised from the shallow helpers here and nowhere else.

The message in a callback is borrowed: it must not be used after the return, only its text.
"""

from __future__ import annotations

from typing import Any, Protocol

from fix_oms.sessions.binding import fix


class Refuse(Exception):
    """Raised by ``to_app`` to keep a message from leaving, by ``from_admin`` to refuse a Logon."""


class BadValue(Exception):
    """Raised by ``from_admin``: the message is answered by a Reject(3) that names ``tag``."""

    def __init__(self, tag: int) -> None:
        super().__init__(f"tag {tag}")
        self.tag = tag


class Traffic(Protocol):
    """What one session, or all sessions of an acceptor, do with the callbacks. ``sid`` is borrowed.

    ``to_app``, ``to_admin`` and ``logged_out`` run under the session's mutex: they take no lock.
    ``fault`` must not raise.
    """

    def created(self, sid: Any) -> None: ...
    def logged_on(self, sid: Any) -> None: ...
    def logged_out(self, sid: Any) -> None: ...
    def to_admin(self, message: Any, sid: Any) -> None: ...
    def to_app(self, message: Any, sid: Any) -> None: ...
    def from_admin(self, message: Any, sid: Any) -> None: ...
    def from_app(self, message: Any, sid: Any) -> None: ...
    def fault(self, where: str, error: BaseException, sid: Any) -> None: ...


class Callbacks(fix.Application):  # type: ignore[misc]  # quickfix has no types
    """The application that QuickFIX calls; method names are QuickFIX's."""

    def __init__(self, traffic: Traffic) -> None:
        super().__init__()
        self._traffic = traffic

    def onCreate(self, sid: Any) -> None:  # noqa: N802 - QuickFIX's name
        try:
            self._traffic.created(sid)
        except BaseException as error:  # noqa: BLE001 - nothing may leave a callback
            self._traffic.fault("onCreate", error, sid)

    def onLogon(self, sid: Any) -> None:  # noqa: N802 - QuickFIX's name
        try:
            self._traffic.logged_on(sid)
        except BaseException as error:  # noqa: BLE001 - nothing may leave a callback
            self._traffic.fault("onLogon", error, sid)

    def onLogout(self, sid: Any) -> None:  # noqa: N802 - QuickFIX's name
        try:
            self._traffic.logged_out(sid)
        except BaseException as error:  # noqa: BLE001 - nothing may leave a callback
            self._traffic.fault("onLogout", error, sid)

    def toAdmin(self, message: Any, sid: Any) -> None:  # noqa: N802 - QuickFIX's name
        try:
            self._traffic.to_admin(message, sid)
        except BaseException as error:  # noqa: BLE001 - nothing may leave a callback
            self._traffic.fault("toAdmin", error, sid)

    def toApp(self, message: Any, sid: Any) -> None:  # noqa: N802 - QuickFIX's name
        if not self._may_leave(message, sid):
            raise fix.DoNotSend()

    def fromAdmin(self, message: Any, sid: Any) -> None:  # noqa: N802 - QuickFIX's name
        refusal = self._refusal(message, sid)
        if isinstance(refusal, int):
            raise fix.IncorrectTagValue(refusal)
        if refusal is not None:
            raise fix.RejectLogon(refusal)

    def fromApp(self, message: Any, sid: Any) -> None:  # noqa: N802 - QuickFIX's name
        try:
            self._traffic.from_app(message, sid)
        except BaseException as error:  # noqa: BLE001 - nothing may leave a callback
            self._traffic.fault("fromApp", error, sid)

    def _may_leave(self, message: Any, sid: Any) -> bool:
        try:
            self._traffic.to_app(message, sid)
        except Refuse:
            return False
        except BaseException as error:  # noqa: BLE001 - nothing may leave a callback
            self._traffic.fault("toApp", error, sid)
            return False
        return True

    def _refusal(self, message: Any, sid: Any) -> str | int | None:
        try:
            self._traffic.from_admin(message, sid)
        except BadValue as bad:
            return bad.tag
        except Refuse as refusal:
            return str(refusal)
        except BaseException as error:  # noqa: BLE001 - nothing may leave a callback
            self._traffic.fault("fromAdmin", error, sid)
        return None
