"""The control socket's language: what a client may ask of a running engine, and the answers.

A frame is four bytes of length (big-endian) and that many bytes of msgpack. The first frame of a
connection is the client's :class:`Hello`; the server answers :class:`Welcome`, or :class:`Failed`
when it speaks another protocol version. After that each request has exactly one reply, in order.

The structs are tagged (field ``m``), so an unknown message is named and not guessed. Commands and
views are the model's own, unchanged: what crosses this socket is what the journal holds and what
the engine shows. Any change that an older peer would misread raises :data:`PROTOCOL`.

Nothing here does I/O: :func:`read_frame` is given the function that reads.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final

import msgspec

from fix_oms.model.commands import AnyCommand
from fix_oms.model.outputs import Accepted, Alert, Refused
from fix_oms.model.stream import GetHead as GetHead
from fix_oms.model.stream import GetStream as GetStream
from fix_oms.model.stream import Head as Head
from fix_oms.model.stream import StreamAt as StreamAt
from fix_oms.model.talk import Failed as Failed
from fix_oms.model.talk import Hello as Hello
from fix_oms.model.talk import Rows as Rows
from fix_oms.model.talk import Tagged
from fix_oms.model.talk import Welcome as Welcome
from fix_oms.model.talk_algos import ALGOS_PAGE as ALGOS_PAGE
from fix_oms.model.talk_algos import AlgoFound as AlgoFound
from fix_oms.model.talk_algos import Algos as Algos
from fix_oms.model.talk_algos import GetAlgo as GetAlgo
from fix_oms.model.talk_algos import GetAlgos as GetAlgos
from fix_oms.model.talk_clients import Clients as Clients
from fix_oms.model.talk_clients import GetClients as GetClients
from fix_oms.model.talk_contracts import Contracts as Contracts
from fix_oms.model.talk_contracts import GetContracts as GetContracts
from fix_oms.model.talk_routing import PARENTS_PAGE as PARENTS_PAGE
from fix_oms.model.talk_routing import Book as Book
from fix_oms.model.talk_routing import GetBook as GetBook
from fix_oms.model.talk_routing import GetParent as GetParent
from fix_oms.model.talk_routing import GetParents as GetParents
from fix_oms.model.talk_routing import GetVenues as GetVenues
from fix_oms.model.talk_routing import ParentFound as ParentFound
from fix_oms.model.talk_routing import Parents as Parents
from fix_oms.model.talk_routing import Venues as Venues
from fix_oms.model.talk_standing import Asked as Asked
from fix_oms.model.talk_standing import GetAsked as GetAsked
from fix_oms.model.views import (
    AlertView,
    BalanceView,
    ExposureView,
    FeedView,
    FillView,
    HaltView,
    LimitView,
    OrderView,
    PositionView,
    SessionView,
)

PROTOCOL: Final = 3
MAX_FRAME: Final = 16 << 20
"""No frame is larger."""
MAX_REQUEST: Final = 4 << 20
"""Larger requests are refused unread: decoding one holds up every thread of the engine's."""
MOST_COMMANDS: Final = 1_000
"""In one batch: they are checked in one piece, and a report that comes meanwhile waits for that."""
PAGE: Final = 500
"""The most orders or fills in one reply: a large query must not hold the engine's lock."""

_LENGTH: Final = struct.Struct(">I")
HEAD_SIZE: Final = _LENGTH.size
"""Bytes before each body: its length."""


class FrameError(ValueError):
    """The bytes on the socket are no frame of ours."""


# -- requests --------------------------------------------------------------------------------------


class Submit(Tagged, frozen=True, kw_only=True, tag="submit"):
    """Do this. Answered by :class:`Outcome` once it is durable."""

    command: AnyCommand


class SubmitAll(Tagged, frozen=True, kw_only=True, tag="submit_all"):
    """Check all of these, and do them only if the engine would take every one.

    Answered by :class:`Outcomes`. ``check_only`` stops after the check.
    """

    commands: tuple[AnyCommand, ...]
    check_only: bool = False


class GetOrder(Tagged, frozen=True, kw_only=True, tag="order"):
    """One order by any of its names. Answered by :class:`OrderFound`."""

    ref: str


class GetOrders(Tagged, frozen=True, kw_only=True, tag="orders"):
    """A page of orders, oldest first, those after the reference ``after``."""

    open_only: bool = False
    limit: int = PAGE
    after: str = ""


class GetFills(Tagged, frozen=True, kw_only=True, tag="fills"):
    """A page of executions of one order, or of all; ``after`` counts those already seen."""

    order: str | None = None
    limit: int = PAGE
    after: int = 0


class GetPositions(Tagged, frozen=True, kw_only=True, tag="positions"):
    """All positions."""


class GetSessions(Tagged, frozen=True, kw_only=True, tag="sessions"):
    """All FIX sessions."""


class GetHalts(Tagged, frozen=True, kw_only=True, tag="halts"):
    """The halts in force."""


class GetLimits(Tagged, frozen=True, kw_only=True, tag="limits"):
    """The limits in force, with what they count."""


class GetExposure(Tagged, frozen=True, kw_only=True, tag="exposure"):
    """The worst case of each account, strategy, symbol and venue, and of the firm."""


class GetBalances(Tagged, frozen=True, kw_only=True, tag="balances"):
    """The accounts' money as it was stated."""


class GetFeeds(Tagged, frozen=True, kw_only=True, tag="feeds"):
    """What position feeds say, beside our executions."""


class GetAlerts(Tagged, frozen=True, kw_only=True, tag="alerts"):
    """The conditions that are open, the severest first. Answered by :class:`Alerts`."""


class CancelOnDisconnect(Tagged, frozen=True, kw_only=True, tag="cod"):
    """When this connection ends, however it ends, cancel the working orders of this scope.

    ``armed`` False takes it back. Answered by :class:`Status`.
    """

    armed: bool
    by: str = ""
    venue: str | None = None
    symbol: str | None = None
    account: str | None = None
    strategy: str | None = None


class GetStatus(Tagged, frozen=True, kw_only=True, tag="status"):
    """Who is there? Answered by :class:`Status`."""


Request = (
    Hello
    | Submit
    | SubmitAll
    | GetOrder
    | GetOrders
    | GetFills
    | GetPositions
    | GetSessions
    | GetHalts
    | GetLimits
    | GetExposure
    | GetBalances
    | GetFeeds
    | GetAlerts
    | CancelOnDisconnect
    | GetStatus
    | GetParent
    | GetParents
    | GetAlgo
    | GetAlgos
    | GetVenues
    | GetBook
    | GetStream
    | GetContracts
    | GetHead
    | GetAsked
    | GetClients
)


# -- replies ---------------------------------------------------------------------------------------


class Outcome(Tagged, frozen=True, kw_only=True, tag="outcome"):
    """What the engine said to one command.

    ``index`` is the command's record in the journal: a stream that has come through it has seen
    what the command did (``stream``).
    """

    answer: Accepted | Refused
    alerts: tuple[Alert, ...] = ()
    index: int = -1


class Outcomes(Tagged, frozen=True, kw_only=True, tag="outcomes"):
    """What the engine said to a batch, one answer for each command.

    ``submitted`` False: nothing was done. An answer is then the refusal, or None for a command that
    was in order itself. ``index`` is the record of the last command that was done.
    """

    submitted: bool
    answers: tuple[Accepted | Refused | None, ...]
    alerts: tuple[Alert, ...] = ()
    index: int = -1


class OrderFound(Tagged, frozen=True, kw_only=True, tag="order"):
    """The order, or None where no order has that name."""

    order: OrderView | None


class Orders(Tagged, frozen=True, kw_only=True, tag="orders"):
    """A page; ``more`` says that another one follows."""

    orders: tuple[OrderView, ...]
    more: bool


class Fills(Tagged, frozen=True, kw_only=True, tag="fills"):
    """A page; ``more`` says that another one follows."""

    fills: tuple[FillView, ...]
    more: bool


class Positions(Rows, frozen=True, kw_only=True, tag="positions"):
    @property
    def positions(self) -> tuple[PositionView, ...]:
        return self.views(PositionView)


class Exposures(Rows, frozen=True, kw_only=True, tag="exposures"):
    @property
    def exposures(self) -> tuple[ExposureView, ...]:
        return self.views(ExposureView)


class Balances(Rows, frozen=True, kw_only=True, tag="balances"):
    @property
    def balances(self) -> tuple[BalanceView, ...]:
        return self.views(BalanceView)


class Limits(Tagged, frozen=True, kw_only=True, tag="limits"):
    limits: tuple[LimitView, ...]


class Feeds(Tagged, frozen=True, kw_only=True, tag="feeds"):
    feeds: tuple[FeedView, ...]


class Alerts(Tagged, frozen=True, kw_only=True, tag="alerts"):
    alerts: tuple[AlertView, ...]


class Sessions(Tagged, frozen=True, kw_only=True, tag="sessions"):
    sessions: tuple[SessionView, ...]


class Halts(Tagged, frozen=True, kw_only=True, tag="halts"):
    halts: tuple[HaltView, ...]


class Status(Tagged, frozen=True, kw_only=True, tag="status"):
    """The running process: release, pid, number of this start, since when, where its log is."""

    version: str
    pid: int
    run: int
    uptime_s: int
    config: str
    journal: str
    durability: str


Reply = (
    Welcome
    | Failed
    | Outcome
    | Outcomes
    | OrderFound
    | Orders
    | Fills
    | Positions
    | Exposures
    | Balances
    | Limits
    | Feeds
    | Alerts
    | Sessions
    | Halts
    | Status
    | ParentFound
    | Parents
    | AlgoFound
    | Algos
    | Venues
    | Book
    | StreamAt
    | Contracts
    | Head
    | Asked
    | Clients
)

_encoder: Final = msgspec.msgpack.Encoder()
_requests: Final = msgspec.msgpack.Decoder(Request)
_replies: Final = msgspec.msgpack.Decoder(Reply)


def frame(message: Tagged) -> bytes:
    """The bytes to send. Raises FrameError for a message that no frame can hold."""
    try:
        body = _encoder.encode(message)
    except OverflowError as error:
        raise FrameError(f"a number in it is too large: {error}") from None
    if len(body) > MAX_FRAME:
        raise FrameError(f"a message of {len(body):,} bytes is over the limit of {MAX_FRAME:,}")
    return _LENGTH.pack(len(body)) + body


def read_frame(receive: Callable[[int], bytes], most: int = MAX_FRAME) -> bytes | None:
    """The next frame's body. ``receive(n)`` gives 1 to n bytes, or none when the peer has closed.

    None when it closed between two frames. Raises FrameError for one that is cut or too large.
    """
    head = _exactly(receive, HEAD_SIZE)
    if not head:
        return None
    if len(head) < HEAD_SIZE:
        raise FrameError("the connection ended inside a frame")
    size = body_size(head, most)
    body = _exactly(receive, size)
    if len(body) < size:
        raise FrameError("the connection ended inside a frame")
    return body


def body_size(head: bytes, most: int = MAX_FRAME) -> int:
    """The length of the body behind a frame's head. Raises FrameError where that is over most."""
    size: int = _LENGTH.unpack(head)[0]
    if size > most:
        raise FrameError(f"a frame of {size:,} bytes is over the limit of {most:,}")
    return size


def request(body: bytes) -> Request:
    """The request in a frame's body. Raises msgspec.DecodeError for one that holds none."""
    decoded: Request = _requests.decode(body)
    return decoded


def reply(body: bytes) -> Reply:
    """The reply in a frame's body. Raises msgspec.DecodeError for one that holds none."""
    decoded: Reply = _replies.decode(body)
    return decoded


def _exactly(receive: Callable[[int], bytes], size: int) -> bytes:
    """``size`` bytes, or fewer where the peer closed."""
    parts: list[bytes] = []
    while size > 0:
        part = receive(min(size, 1 << 20))
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
