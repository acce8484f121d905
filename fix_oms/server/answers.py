"""One request of the control socket to its reply: what is asked of the engine, and how much.

The engine is reached through :class:`Running` alone, which the server's runner implements and the
tests stand in for. ``read`` runs under the engine's lock, so each reply is one consistent moment;
nothing is formatted or encoded in there, and nothing larger than a page is copied.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

import attrs

import fix_oms
from fix_oms.model import protocol
from fix_oms.model.inputs import Command, Input
from fix_oms.model.outputs import Accepted, Alert, Output, Refused
from fix_oms.model.talk_algos import AlgoView
from fix_oms.model.talk_clients import ClientView
from fix_oms.model.views import (
    AlertView,
    BalanceView,
    ExposureView,
    FeedView,
    FillView,
    HaltView,
    LimitView,
    OrderView,
    ParentView,
    PositionView,
    SessionView,
    VenueView,
)

T = TypeVar("T")
NO_MIRROR: Final = protocol.Failed(code="stream", text="this engine starts no mirror")
Table = (
    protocol.GetPositions
    | protocol.GetSessions
    | protocol.GetHalts
    | protocol.GetLimits
    | protocol.GetExposure
    | protocol.GetBalances
    | protocol.GetFeeds
    | protocol.GetClients
)

Routing = (
    protocol.GetParent
    | protocol.GetParents
    | protocol.GetAlgo
    | protocol.GetAlgos
    | protocol.GetVenues
    | protocol.GetBook
    | protocol.GetContracts
    | protocol.GetAsked
)


class RoutingViews(Protocol):
    """What it shows of routing."""

    def parent(self, ref: str) -> protocol.ParentFound: ...
    def parents(self, open_only: bool, limit: int, after: str) -> list[ParentView]: ...
    def venues(self) -> list[VenueView]: ...
    def contracts(self) -> protocol.Contracts: ...
    def book(self, symbol: str, depth: int) -> protocol.Book: ...


class AlgoViews(Protocol):
    """What it shows of algos."""

    def algo(self, ref: str) -> protocol.AlgoFound: ...
    def algos(self, open_only: bool, limit: int, after: str) -> list[AlgoView]: ...


class Views(Protocol):
    """What the engine shows. Each call copies; nothing returned changes later."""

    @property
    def routing(self) -> RoutingViews: ...
    @property
    def algos(self) -> AlgoViews: ...

    def order_view(self, ref: str) -> OrderView | None: ...
    def order_views(self, open_only: bool, limit: int, after: str) -> list[OrderView]: ...
    def fill_views(self, order: str | None, limit: int, after: int) -> list[FillView]: ...
    def position_views(self) -> list[PositionView]: ...
    def session_views(self) -> list[SessionView]: ...
    def client_views(self) -> list[ClientView]: ...
    def halt_views(self) -> list[HaltView]: ...
    def limit_views(self) -> list[LimitView]: ...
    def exposure_views(self) -> list[ExposureView]: ...
    def balance_views(self) -> list[BalanceView]: ...
    def feed_views(self) -> list[FeedView]: ...
    def open_alerts(self) -> list[AlertView]: ...
    def asked(self, session: str, name: str) -> protocol.Asked: ...


class Running(Protocol):
    """A running engine. Each call takes its lock, and returns when the result may be told."""

    def submit(self, value: Input) -> list[Output]:
        """Journal and do it; returns when it is durable."""

    def taken(self, value: Input) -> tuple[int, list[Output]]:
        """As :meth:`submit`, with the index of its record in the journal."""

    def taken_all(self, values: Sequence[Input]) -> tuple[int, list[list[Output]]]:
        """The same for many, in order, with the index of the last one's record. What comes from
        elsewhere meanwhile is done in between."""

    def check(self, commands: Sequence[Command]) -> Sequence[Refused | None]:
        """What each command would be refused for, if all were done in order; nothing is done."""

    def head(self) -> int:
        """The index of the journal's last record."""

    def read(self, fn: Callable[[Views], T]) -> T:
        """``fn`` of the engine, with nothing moving meanwhile."""


@attrs.frozen(kw_only=True)
class Process:
    """What the running process says of itself. ``run`` is the number of this start."""

    run: int
    config: str
    journal: str
    durability: str
    open_alerts: Callable[[], tuple[AlertView, ...]] = tuple
    """What is open, without the engine's lock: it may be the engine that is stuck."""
    stream: Callable[[], protocol.StreamAt | protocol.Failed] = lambda: NO_MIRROR
    """Where the mirror is; starts it. Without the engine's lock too."""
    started_s: float = attrs.field(factory=time.monotonic)

    def status(self) -> protocol.Status:
        return protocol.Status(
            version=fix_oms.__version__,
            pid=os.getpid(),
            run=self.run,
            uptime_s=int(time.monotonic() - self.started_s),
            config=self.config,
            journal=self.journal,
            durability=self.durability,
        )


def answer(asked: protocol.Request, engine: Running, process: Process) -> protocol.Reply:
    """The reply to one request. What the engine itself raises passes through."""
    match asked:
        case protocol.Submit(command=command):
            return _outcome(*engine.taken(command))
        case protocol.SubmitAll():
            return _outcomes(asked, engine)
        case protocol.GetOrder(ref=ref):
            return protocol.OrderFound(order=engine.read(lambda views: views.order_view(ref)))
        case protocol.GetOrders():
            return _orders(asked, engine)
        case protocol.GetFills():
            return _fills(asked, engine)
        case protocol.GetStatus() | protocol.GetAlerts() | protocol.GetStream():
            return _of_process(asked, process)
        case protocol.GetHead():
            return protocol.Head(index=engine.head())
        case protocol.Hello() | protocol.CancelOnDisconnect():
            # The connection's own affairs, which it does not hand on: this Hello is its second.
            return protocol.Failed(code="request", text="Hello was said already")
        case _:
            return _of_routing(asked, engine)


def _of_routing(asked: Routing | Table, engine: Running) -> protocol.Reply:
    """Of parents, algos, venues and books."""
    match asked:
        case protocol.GetParent() | protocol.GetParents():
            return _parents(asked, engine)
        case protocol.GetAlgo(ref=ref):
            return engine.read(lambda views: views.algos.algo(ref))
        case protocol.GetAlgos():
            return _algos(asked, engine)
        case protocol.GetVenues():
            return protocol.Venues.of(engine.read(lambda views: views.routing.venues()))
        case protocol.GetAsked(session=session, name=name):
            return engine.read(lambda views: views.asked(session, name))
        case protocol.GetContracts():
            return engine.read(lambda views: views.routing.contracts())
        case protocol.GetBook(symbol=symbol, depth=depth):
            return engine.read(lambda views: views.routing.book(symbol, depth))
        case _:
            return _table(asked, engine)


def _of_process(
    asked: protocol.GetStatus | protocol.GetAlerts | protocol.GetStream, process: Process
) -> protocol.Reply:
    """What the process answers without its engine."""
    match asked:
        case protocol.GetStatus():
            return process.status()
        case protocol.GetAlerts():
            return protocol.Alerts(alerts=process.open_alerts())
        case protocol.GetStream():
            return process.stream()


def _table(asked: Table, engine: Running) -> protocol.Reply:
    """One of the short tables, whole."""
    match asked:
        case protocol.GetPositions():
            return protocol.Positions.of(engine.read(lambda views: views.position_views()))
        case protocol.GetSessions():
            sessions = engine.read(lambda views: views.session_views())
            return protocol.Sessions(sessions=tuple(sessions))
        case protocol.GetClients():
            clients = engine.read(lambda views: views.client_views())
            return protocol.Clients(clients=tuple(clients))
        case protocol.GetHalts():
            halts = engine.read(lambda views: views.halt_views())
            return protocol.Halts(halts=tuple(halts))
        case protocol.GetLimits():
            limits = engine.read(lambda views: views.limit_views())
            return protocol.Limits(limits=tuple(limits))
        case protocol.GetExposure():
            return protocol.Exposures.of(engine.read(lambda views: views.exposure_views()))
        case protocol.GetBalances():
            return protocol.Balances.of(engine.read(lambda views: views.balance_views()))
        case protocol.GetFeeds():
            feeds = engine.read(lambda views: views.feed_views())
            return protocol.Feeds(feeds=tuple(feeds))


def _parents(asked: protocol.GetParent | protocol.GetParents, engine: Running) -> protocol.Reply:
    """Of the routed and the registered parents."""
    if isinstance(asked, protocol.GetParent):
        return engine.read(lambda views: views.routing.parent(asked.ref))
    limit = max(1, min(asked.limit, protocol.PARENTS_PAGE))
    found = engine.read(
        lambda views: views.routing.parents(asked.open_only, limit + 1, asked.after)
    )
    return protocol.Parents(parents=tuple(found[:limit]), more=len(found) > limit)


def _algos(asked: protocol.GetAlgos, engine: Running) -> protocol.Algos:
    limit = max(1, min(asked.limit, protocol.ALGOS_PAGE))
    found = engine.read(lambda views: views.algos.algos(asked.open_only, limit + 1, asked.after))
    return protocol.Algos(algos=tuple(found[:limit]), more=len(found) > limit)


def _orders(asked: protocol.GetOrders, engine: Running) -> protocol.Orders:
    limit = _page(asked.limit)
    found = engine.read(lambda views: views.order_views(asked.open_only, limit + 1, asked.after))
    return protocol.Orders(orders=tuple(found[:limit]), more=len(found) > limit)


def _fills(asked: protocol.GetFills, engine: Running) -> protocol.Fills:
    limit = _page(asked.limit)
    found = engine.read(lambda views: views.fill_views(asked.order, limit + 1, asked.after))
    return protocol.Fills(fills=tuple(found[:limit]), more=len(found) > limit)


def _page(limit: int) -> int:
    return max(1, min(limit, protocol.PAGE))


def _outcome(index: int, outputs: list[Output]) -> protocol.Outcome:
    return protocol.Outcome(answer=said(outputs), alerts=_alerts(outputs), index=index)


def _outcomes(asked: protocol.SubmitAll, engine: Running) -> protocol.Outcomes | protocol.Failed:
    """All or none. A command that another input spoils between check and submit is refused alone,
    and its answer says so."""
    if not asked.commands:
        return protocol.Outcomes(submitted=True, answers=())
    if (count := len(asked.commands)) > protocol.MOST_COMMANDS:
        text = f"{count:,} commands are over the limit of {protocol.MOST_COMMANDS:,} in one batch"
        return protocol.Failed(code="request", text=f"{text}: nothing was done")
    checked = tuple(engine.check(asked.commands))
    if asked.check_only or any(checked):
        return protocol.Outcomes(submitted=False, answers=checked)
    index, done = engine.taken_all(asked.commands)
    alerts = tuple(alert for outputs in done for alert in _alerts(outputs))
    answers = tuple(said(outputs) for outputs in done)
    return protocol.Outcomes(submitted=True, answers=answers, alerts=alerts, index=index)


def said(outputs: list[Output]) -> Accepted | Refused:
    """The engine's word on a command. A command without one is a defect and is reported as such."""
    for output in outputs:
        if isinstance(output, Accepted | Refused):
            return output
    raise RuntimeError("the engine neither accepted nor refused the command")


def _alerts(outputs: list[Output]) -> tuple[Alert, ...]:
    return tuple(output for output in outputs if isinstance(output, Alert))
