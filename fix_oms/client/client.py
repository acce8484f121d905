"""The Python API of a running engine: typed, synchronous, over its control socket.

    with Client(Path("config/var/fix-oms.sock")) as engine:
        answer = engine.submit(NewOrder(by="ann", terms=Terms(...)))
        if isinstance(answer, Accepted):
            order = engine.settled(answer.order, answer.cl_ord_id, timeout_s=2.0)

A refusal is an answer and not an exception: it is the ordinary word of a risk gate. Exceptions
(:mod:`fix_oms.client.errors`) are for a reply that did not come. One that is lost leaves a doubt;
give each order a ``client_ref`` and send it again: the engine takes the same one only once.

A Client may be used from several threads; its requests go one after another.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TypeVar

import msgspec

import fix_oms
from fix_oms.client.errors import (
    FOREIGN,
    Disconnected,
    EngineFailed,
    Incompatible,
    NoAnswer,
    NotRunning,
    Unsendable,
)
from fix_oms.client.looking import Looking
from fix_oms.local.unix_socket import is_engines
from fix_oms.model import protocol
from fix_oms.model.commands import AnyCommand
from fix_oms.model.fix import OrdStatus
from fix_oms.model.inputs import DontKnow, Kill, Override, Rearm, Resolve, Resume, SetLimits
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.protocol import Outcome, Outcomes, Status
from fix_oms.model.views import (
    OrderView,
)

R = TypeVar("R")

_FIRST_PAUSE_S: Final = 0.001
_LONGEST_PAUSE_S: Final = 0.05
_WORKING: Final = frozenset({OrdStatus.PENDING_NEW, OrdStatus.NEW, OrdStatus.PARTIALLY_FILLED})


class Client(Looking):
    """A connection to the engine that listens at ``path``.

    ``timeout_s`` bounds each request. Raises NotRunning, Incompatible.
    """

    def __init__(self, path: Path | str, timeout_s: float = 10.0) -> None:
        self.path: Final = Path(path)
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout_s)
        try:
            welcome = self._connect()
        except BaseException:
            self.close()
            raise
        self.engine_version: Final = welcome.version
        self.engine_pid: Final = welcome.pid

    def _connect(self) -> protocol.Welcome:
        try:
            self._socket.connect(str(self.path))
        except OSError as error:
            raise NotRunning(self.path, error.strerror or str(error)) from None
        if not is_engines(self._socket):
            raise NotRunning(self.path, FOREIGN)
        hello = protocol.Hello(protocol=protocol.PROTOCOL, version=fix_oms.__version__)
        try:
            return self._ask(hello, protocol.Welcome)
        except EngineFailed as error:
            if error.code == "protocol":
                raise Incompatible(str(error)) from None
            raise
        except Disconnected:
            raise NotRunning(self.path, "it closed the connection at once") from None

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection. Orders are not touched by that, but where
        :meth:`cancel_on_disconnect` asked for it."""
        self._socket.close()

    # -- doing ----------------------------------------------------------------------------------

    def submit(self, command: AnyCommand) -> Accepted | Refused:
        """Do this; returns when the engine has it durably."""
        return self.outcome(command).answer

    def outcome(self, command: AnyCommand) -> Outcome:
        """As :meth:`submit`, with the alerts that the command raised."""
        return self._ask(protocol.Submit(command=command), Outcome)

    def submit_all(self, commands: Sequence[AnyCommand], *, check_only: bool = False) -> Outcomes:
        """All of these, or none: the engine checks every one before the first is done."""
        asked = protocol.SubmitAll(commands=tuple(commands), check_only=check_only)
        return self._ask(asked, Outcomes)

    def resolve(
        self, order: str, outcome: str, *, by: str, reason: str, request: str | None = None
    ) -> Accepted | Refused:
        """Decide, as a named person, what the broker's evidence leaves open.

        ``outcome`` is ``accepted`` or ``refused``, of the request in doubt (``request`` says which,
        where there are several), or ``canceled``, ``expired`` or ``rejected``, of the order.
        """
        command = Resolve(by=by, order=order, outcome=outcome, reason=reason, request=request)
        return self.submit(command)

    def dont_know(
        self, order: str, exec_id: str, dk_reason: str, *, by: str, text: str = ""
    ) -> Accepted | Refused:
        """Tell the broker (35=Q) that an execution is not accepted; ``dk_reason`` is a DKReason.

        It counts until the broker busts it.
        """
        command = DontKnow(by=by, order=order, exec_id=exec_id, dk_reason=dk_reason, text=text)
        return self.submit(command)

    def kill(
        self,
        *,
        by: str,
        reason: str,
        venue: str | None = None,
        symbol: str | None = None,
        account: str | None = None,
        strategy: str | None = None,
    ) -> Accepted | Refused:
        """Let nothing new out of the scope and take out what works there (none given: all of it).

        It is over when no order is ``unconfirmed`` in its row of :meth:`halts`, and stays in force
        until :meth:`resume` of exactly this scope.
        """
        command = Kill(
            by=by, reason=reason, venue=venue, symbol=symbol, account=account, strategy=strategy
        )
        return self.submit(command)

    def resume(
        self,
        *,
        by: str,
        reason: str,
        venue: str | None = None,
        symbol: str | None = None,
        account: str | None = None,
        strategy: str | None = None,
    ) -> Accepted | Refused:
        """Lift the halt or kill of exactly this scope."""
        command = Resume(
            by=by, reason=reason, venue=venue, symbol=symbol, account=account, strategy=strategy
        )
        return self.submit(command)

    def rearm(self, limit: str, *, by: str, reason: str) -> Accepted | Refused:
        """Lift what the limit of this name has latched."""
        return self.submit(Rearm(by=by, limit=limit, reason=reason))

    def set_limits(
        self,
        put: Sequence[dict[str, Any]] = (),
        *,
        by: str,
        reason: str,
        remove: Sequence[str] = (),
        whole: bool = False,
    ) -> Accepted | Refused:
        """Change limits while the engine runs, all of it or nothing: see SetLimits."""
        command = SetLimits(by=by, reason=reason, put=tuple(put), remove=tuple(remove), whole=whole)
        return self.submit(command)

    def override(
        self,
        limit: str,
        *,
        by: str,
        reason: str,
        for_s: int = 300,
        uses: int = 1,
        account: str | None = None,
        symbol: str | None = None,
    ) -> Accepted | Refused:
        """Let the next ``uses`` orders pass a soft limit, within ``for_s`` seconds."""
        command = Override(
            by=by,
            limit=limit,
            reason=reason,
            for_s=for_s,
            uses=uses,
            account=account,
            symbol=symbol,
        )
        return self.submit(command)

    def cancel_on_disconnect(
        self,
        *,
        by: str,
        venue: str | None = None,
        symbol: str | None = None,
        account: str | None = None,
        strategy: str | None = None,
        armed: bool = True,
    ) -> Status:
        """Have the working orders of the scope cancelled when this connection ends.

        However it ends: by :meth:`close`, with the process, by a reply that came too late (which
        closes it). One scope a connection: the last one asked for. ``armed`` False takes it back.
        """
        asked = protocol.CancelOnDisconnect(
            armed=armed, by=by, venue=venue, symbol=symbol, account=account, strategy=strategy
        )
        return self._ask(asked, Status)

    # -- waiting --------------------------------------------------------------------------------

    def settled(
        self, ref: str, cl_ord_id: str, timeout_s: float, *, to_the_end: bool = False
    ) -> OrderView | None:
        """The order once the request ``cl_ord_id`` has its first answer from the broker.

        ``to_the_end`` waits on until nothing of it is open, as is right for orders that cannot
        rest. After ``timeout_s`` the order as it stands: its ``requests`` tell what is pending.
        """
        deadline = time.monotonic() + timeout_s
        pause = _FIRST_PAUSE_S
        while True:
            order = self.order(ref)
            left = deadline - time.monotonic()
            if order is None or left <= 0:
                return order
            if answered(order, cl_ord_id) and not (to_the_end and _may_fill(order)):
                return order
            time.sleep(min(pause, left))
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    # -- the wire -------------------------------------------------------------------------------

    def _ask(self, asked: protocol.Request, expected: type[R]) -> R:
        """Send a request and return its reply, which must be ``expected``."""
        try:
            framed = protocol.frame(asked)
        except protocol.FrameError as error:
            raise Unsendable(f"nothing was sent: {error}") from None
        in_doubt = isinstance(asked, protocol.Submit | protocol.SubmitAll)
        with self._lock:
            try:
                self._socket.sendall(framed)
                body = protocol.read_frame(self._socket.recv)
            except TimeoutError:
                self.close()
                reason = f"no answer within {self._timeout_s:g} s"
                raise NoAnswer(reason, in_doubt=in_doubt) from None
            except (OSError, protocol.FrameError) as error:
                self.close()
                reason = f"the connection to the engine broke ({error})"
                raise Disconnected(reason, in_doubt=in_doubt) from None
        if body is None:
            raise Disconnected("the engine closed the connection", in_doubt=in_doubt)
        return expected_reply(body, expected)


def answered(order: OrderView, cl_ord_id: str) -> bool:
    """Whether the broker has answered the request (or it is proven that it never left)."""
    return all(r.outcome != "pending" for r in order.requests if r.cl_ord_id == cl_ord_id)


def _may_fill(order: OrderView) -> bool:
    """Whether more may come. Of a cash order nobody knows how much, until OrderQty(38) is told."""
    is_cash = order.cash_order_qty is not None and not order.order_qty
    return order.leaves_qty > 0 or (is_cash and order.ord_status in _WORKING)


def expected_reply(body: bytes, expected: type[R]) -> R:
    """The reply in a frame's body. Raises EngineFailed where it is another one."""
    try:
        reply = protocol.reply(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise EngineFailed("reply", f"its reply cannot be read: {error}") from None
    if isinstance(reply, expected):
        return reply
    if isinstance(reply, protocol.Failed):
        raise EngineFailed(reply.code, reply.text)
    raise EngineFailed("reply", f"it replied {type(reply).__name__}")
