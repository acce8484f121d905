"""A door to one broker: dialled first, then connected to from inside.

The order matters. QuickFIX sends its Logon(A), and uses up a sequence number, as soon as anybody
accepts its connection; were the broker dialled only then, each attempt at a broker that is down
would take one, and the reason would be lost behind a connection that closes. So a session asks for
the broker first (:meth:`Outward.dial`), is told why there is none, and connects when there is one.

A connection that nobody comes for is closed: an idle one without a Logon(A) is rude to a broker.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from typing import Any, Final

from fix_oms.forwarder import owner, talk
from fix_oms.forwarder.contexts import BadTlsFile, Contexts, expiries
from fix_oms.forwarder.reasons import not_connected
from fix_oms.forwarder.relay import Side, TlsSide

SETTLE_S: Final = 0.25
"""In TLS 1.3 a server looks at our certificate after our handshake is done: what it says first is
awaited for so long, because it may be that it does not take it."""
FETCH_S: Final = 10.0
"""How long a broker that was dialled is kept for whoever asked for it."""
TELL_S: Final = 60.0
"""How often it is told that others try to get in here."""
CLOSED: Final = "it closed the connection after the handshake"
HEARTBEAT_MS: Final = 2400
"""After 2.4 heartbeats QuickFIX gives a silent peer up (``sessions.sockets``)."""

Tell = Callable[[talk.Event], None]


class Outward:
    """See the module. ``start`` once, then ``dial`` as often as needed."""

    def __init__(self, spec: talk.Outward, listener: socket.socket, tell: Tell) -> None:
        self._spec: Final = spec
        self._listener: Final = listener
        self._tell: Final = tell
        self._contexts: Final = Contexts(spec.tls, spec.key)
        self._where: Final = f"{spec.host}:{spec.port}"
        self._dialling: asyncio.Task[None] | None = None
        self._waiting: TlsSide | None = None
        self._given_up: asyncio.TimerHandle | None = None
        self._told_s, self._untold = -TELL_S, 0
        self.carried: Final[set[Side]] = set()

    async def start(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        await loop.create_server(lambda: _Arrival(self._arrived), sock=self._listener)

    def dial(self) -> None:
        """Connect to the broker; what comes of it is told."""
        if self._dialling is None or self._dialling.done():
            self._dialling = asyncio.get_running_loop().create_task(self._dial())

    def look(self) -> None:
        """Tell until when the certificates hold."""
        try:
            for what, _, end_s in expiries(self._spec.tls, self._spec.key):
                self._tell(talk.Expiry(door=self._spec.name, what=what, end_s=end_s))
        except BadTlsFile as error:
            trouble = talk.Expiry(door=self._spec.name, what=error.key, trouble=error.reason)
            self._tell(trouble)

    async def _dial(self) -> None:
        self._let_go()
        self.look()
        try:
            side = await self._connected()
        except BadTlsFile as error:
            self._failed(str(error))
            return
        except (OSError, ssl.SSLError, ValueError) as error:
            self._failed(self._reason(error))
            return
        self._waiting = side
        side.lost = self._lost
        self._given_up = asyncio.get_running_loop().call_later(FETCH_S, self._let_go)
        self._tell(talk.Dialled(door=self._spec.name, version=side.end.version))
        end = side.end.certificate.get("notAfter")
        if end is not None:
            end_s = ssl.cert_time_to_seconds(end)
            what = f"the broker of session {self._spec.name}"
            self._tell(talk.Expiry(door=self._spec.name, what=what, end_s=end_s))

    async def _connected(self) -> TlsSide:
        context = self._contexts.now()
        loop = asyncio.get_running_loop()
        side: TlsSide | None = None

        def made() -> TlsSide:
            nonlocal side
            side = TlsSide(context, self._name())
            return side

        try:
            async with asyncio.timeout(self._spec.dial_s):
                await loop.create_connection(made, self._spec.host, self._spec.port)
                assert side is not None
                side.limit(HEARTBEAT_MS * self._spec.heartbeat_s)
                await side.opened
        except BaseException:
            if side is not None and hasattr(side, "transport"):
                side.close()
            raise
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_S):
                await side.heard.wait()
        if side.failure is not None:
            raise side.failure
        if side.has_ended or side.is_gone:
            raise ConnectionResetError(CLOSED)
        return side

    def _name(self) -> str:
        return self._spec.tls.server_name or self._spec.host

    def _reason(self, error: BaseException) -> str:
        authorities = self._spec.tls.ca_file or "what the system trusts"
        name = self._name()
        return not_connected(error, where=self._where, name=name, authorities=authorities)

    def _failed(self, reason: str) -> None:
        self._tell(talk.Failed(door=self._spec.name, reason=reason))

    def _lost(self) -> None:
        """The broker has gone before anybody came."""
        side, self._waiting = self._waiting, None
        if side is None:
            return
        self._failed(self._reason(side.failure or ConnectionResetError(CLOSED)))

    def _let_go(self) -> None:
        side, self._waiting = self._waiting, None
        if self._given_up is not None:
            self._given_up.cancel()
        if side is not None:
            side.close()

    def _arrived(self, inner: Side) -> None:
        """Somebody connects from inside: join him with the broker, if it may be him."""
        transport: Any = inner.transport
        peer, local = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        side = self._waiting
        if not owner.is_ours(peer, local):
            self._refuse(f"{peer[0]}:{peer[1]}")
            transport.abort()
        elif side is None:
            transport.abort()
        else:
            self._waiting = None
            self._let_go()
            self._carry(side, inner)

    def _refuse(self, address: str) -> None:
        """Tell of it, of many once in a while."""
        now = asyncio.get_running_loop().time()
        if now < self._told_s + TELL_S:
            self._untold += 1
            return
        self._tell(talk.Refused(door=self._spec.name, address=address, others=self._untold))
        self._told_s, self._untold = now, 0

    def _carry(self, outer: TlsSide, inner: Side) -> None:
        self.carried.add(outer)
        outer.lost = lambda: self._carried(outer)
        inner.join(outer)
        outer.join(inner)

    def _carried(self, outer: TlsSide) -> None:
        """It is over. The broker may have said in TLS why it ended it."""
        self.carried.discard(outer)
        if outer.failure is not None:
            self._failed(self._reason(outer.failure))


class _Arrival(Side):
    """A connection from inside, before it is joined."""

    def __init__(self, arrived: Callable[[Side], None]) -> None:
        super().__init__()
        self._arrived: Final = arrived

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._arrived(self)
