"""The desk's door to a running venue: a Unix socket, its words, and the client that speaks them.

One socket for each venue, mode 0600 in the venue's own directory of mode 0700, and the peer's uid
must be ours or root's. A frame is four bytes of length and that much msgpack, as on the engine's
control socket; each request has exactly one reply, and a client may ask as often as it likes.

A Unix socket's path may have 107 bytes. A venue in a deep directory is reached all the same: by the
directory's file descriptor under ``/proc/self/fd``.
"""

from __future__ import annotations

import contextlib
import os
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from fix_oms.model.errors import FixOmsError
from fix_oms.model.protocol import FrameError, read_frame
from fix_oms.model.units import Fixed
from fix_oms.simulator.acts import AnyAct
from fix_oms.simulator.floor import ActRefused

SOCKET: Final = "control.sock"
_LONGEST_PATH: Final = 107
_LENGTH: Final = struct.Struct(">I")
_PEER: Final = struct.Struct("3i")


class VenueUnreachable(FixOmsError):
    """No venue answers at its socket; names it."""


class _Asked(msgspec.Struct, frozen=True, kw_only=True, tag_field="k"):
    """The base of requests that change nothing in the venue."""


class Say(_Asked, frozen=True, kw_only=True, tag="say"):
    """Send this body (35 first, SOH-separated) to a session, whatever it says."""

    session: str
    text: str


class AskBooks(_Asked, frozen=True, kw_only=True, tag="books"):
    """The books of all symbols, or of one."""

    symbol: str | None = None


class AskOrders(_Asked, frozen=True, kw_only=True, tag="orders"):
    """The clients' orders: the venue's own truth about them."""


class AskState(_Asked, frozen=True, kw_only=True, tag="state"):
    """How it behaves, and who is logged on."""


class AskPlay(_Asked, frozen=True, kw_only=True, tag="play_state"):
    """How far the latest play of a session is, as soon as it is further than ``after`` lines or
    over, or else after ``wait_ms``."""

    session: str
    after: int = -1
    wait_ms: int = 0


Request = AnyAct | Say | AskBooks | AskOrders | AskState | AskPlay


class _Answer(msgspec.Struct, frozen=True, kw_only=True, tag_field="k"):
    """The base of replies."""


class Done(_Answer, frozen=True, kw_only=True, tag="done"):
    """The act is done; ``sent`` messages left because of it, at once."""

    sent: int


class Failed(_Answer, frozen=True, kw_only=True, tag="failed"):
    """Nothing was done; why."""

    text: str


class BookView(msgspec.Struct, frozen=True, kw_only=True):
    """One book: (price, quantity) levels, best first, and the last trade's price."""

    symbol: str
    bids: tuple[tuple[Fixed, Fixed], ...]
    asks: tuple[tuple[Fixed, Fixed], ...]
    last_px: Fixed | None


class ExecutionView(msgspec.Struct, frozen=True, kw_only=True):
    """A trade of an order, under its latest ExecID(17)."""

    exec_id: str
    last_qty: Fixed
    last_px: Fixed
    busted: bool


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """One order as the venue knows it. ``ahead`` is how much at its price trades before it, where
    it rests; ``display`` how much of it is shown at a time, None all."""

    order_id: str
    session: str
    cl_ord_id: str
    symbol: str
    side: str
    ord_type: str
    time_in_force: str
    order_qty: Fixed
    price: Fixed | None
    stop_px: Fixed | None
    cum_qty: Fixed
    leaves_qty: Fixed
    ord_status: str
    executions: tuple[ExecutionView, ...]
    display: Fixed | None = None
    ahead: Fixed | None = None


class Books(_Answer, frozen=True, kw_only=True, tag="books"):
    books: tuple[BookView, ...]


class Orders(_Answer, frozen=True, kw_only=True, tag="orders"):
    orders: tuple[OrderView, ...]


class State(_Answer, frozen=True, kw_only=True, tag="state"):
    """``behaviour`` as it would stand in TOML, a table's values under dotted keys; ``logged_on``
    names the clients."""

    name: str
    is_closed: bool
    behaviour: dict[str, bool | int | float | str]
    logged_on: tuple[str, ...]


class PlayView(_Answer, frozen=True, kw_only=True, tag="play"):
    """A play: ``at`` of the ``of`` lines of its script are done, ``awaited`` says what must come
    next, ``error`` why it ended before its time. ``order_ids`` and ``requests`` lead from the
    scenario's names to OrderID(37) and ClOrdID(11)."""

    name: str
    at: int
    of: int
    awaited: str
    error: str
    order_ids: dict[str, str]
    requests: dict[str, str]

    @property
    def is_over(self) -> bool:
        return bool(self.error) or self.at == self.of


Reply = Done | Failed | Books | Orders | State | PlayView

_encoder: Final = msgspec.msgpack.Encoder()
_requests: Final = msgspec.msgpack.Decoder(Request)
_replies: Final = msgspec.msgpack.Decoder(Reply)
_R = TypeVar("_R", Done, Books, Orders, State, PlayView)


def _frame(message: msgspec.Struct) -> bytes:
    body = _encoder.encode(message)
    return _LENGTH.pack(len(body)) + body


@contextlib.contextmanager
def _address(directory: Path) -> Iterator[str]:
    """A text by which the socket in ``directory`` can be bound or reached."""
    path = str(directory / SOCKET)
    if len(path.encode()) <= _LONGEST_PATH:
        yield path
        return
    fd = os.open(directory, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{fd}/{SOCKET}"
    finally:
        os.close(fd)


class _Conversation(socketserver.BaseRequestHandler):
    server: ControlServer

    def handle(self) -> None:
        if not _is_ours(self.request):
            return
        with contextlib.suppress(FrameError, OSError):
            while (body := read_frame(self.request.recv)) is not None:
                self.request.sendall(self.server.replied(body))


def _is_ours(connection: socket.socket) -> bool:
    peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    return _PEER.unpack(peer)[1] in (os.geteuid(), 0)


class ControlServer(socketserver.ThreadingUnixStreamServer):
    """Serves ``answer`` at the socket in ``directory``, from :meth:`begin` to :meth:`end`.

    The caller holds the venue's journal, so a socket that is there already is left over.
    """

    daemon_threads = True

    def __init__(self, directory: Path, answer: Callable[[Request], Reply]) -> None:
        self._path: Final = directory / SOCKET
        self._answer: Final = answer
        self._path.unlink(missing_ok=True)
        with _address(directory) as address:
            super().__init__(address, _Conversation)
        self._path.chmod(0o600)
        self._thread: Final = threading.Thread(
            target=self.serve_forever, args=(0.1,), name="venue control", daemon=True
        )

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        self.server_close()
        self._path.unlink(missing_ok=True)

    def replied(self, body: bytes) -> bytes:
        """The frame that answers the request in ``body``."""
        try:
            return _frame(self._answer(_requests.decode(body)))
        except msgspec.MsgspecError as error:
            return _frame(Failed(text=f"is no request of ours: {error}"))
        except OverflowError:  # msgpack holds 64 bits; an order may be larger
            return _frame(Failed(text="a number in the answer is too large to be shown"))
        except FixOmsError as error:
            return _frame(Failed(text=str(error)))


class VenueClient:
    """The desk of the venue whose directory this is. Raises VenueUnreachable when nobody answers,
    ActRefused for what the venue does not do."""

    def __init__(self, directory: Path, timeout_s: float = 10.0) -> None:
        self._path: Final = directory / SOCKET
        self._socket: Final = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout_s)
        self._timeout_s: Final = timeout_s
        try:
            with _address(directory) as address:
                self._socket.connect(address)
        except OSError as error:
            self._socket.close()
            raise self._unreachable(error.strerror or str(error)) from None

    def __enter__(self) -> VenueClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def perform(self, act: AnyAct) -> int:
        """Do it; how many messages left at once because of it."""
        return self._ask(act, Done).sent

    def say(self, session: str, text: str) -> None:
        self._ask(Say(session=session, text=text), Done)

    def books(self, symbol: str | None = None) -> tuple[BookView, ...]:
        return self._ask(AskBooks(symbol=symbol), Books).books

    def orders(self) -> tuple[OrderView, ...]:
        return self._ask(AskOrders(), Orders).orders

    def state(self) -> State:
        return self._ask(AskState(), State)

    def play(self, session: str, after: int = -1) -> PlayView:
        """The latest play of a session, when it is further than ``after`` lines or over."""
        wait_ms = int(self._timeout_s * 500)
        while True:
            view = self._ask(AskPlay(session=session, after=after, wait_ms=wait_ms), PlayView)
            if view.at > after or view.is_over:
                return view

    def _ask(self, request: Request, kind: type[_R]) -> _R:
        try:
            self._socket.sendall(_frame(request))
            body = read_frame(self._socket.recv)
        except (OSError, FrameError) as error:
            raise self._unreachable(str(error)) from None
        if body is None:
            raise self._unreachable("it closed the connection")
        reply = _replies.decode(body)
        if isinstance(reply, Failed):
            raise ActRefused(reply.text)
        assert isinstance(reply, kind)
        return reply

    def _unreachable(self, reason: str) -> VenueUnreachable:
        return VenueUnreachable(f"no venue answers at {self._path}: {reason}")
