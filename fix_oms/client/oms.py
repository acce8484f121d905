"""The Python API on an event loop: send orders, and have the engine's state live beside.

    async with await connect("config/var/fix-oms.sock", by="ann") as oms:
        order = await oms.limit_order("AAPL", 100, "150.25", venue="ALPHA")
        order = await oms.ended(order)
        print(order.status, order.cum_qty, oms.get_position("AAPL").amount)

*Sending.* An order stands in ``oms.orders`` as PENDING before its command leaves; when
``limit_order`` returns, the engine has it durably, or has refused it (status REJECTED, with
``refused`` and why in ``text``: the ordinary word of a risk gate is no exception). What the broker
says comes later, by the stream: :meth:`Oms.answered` and :meth:`Oms.ended` wait for it. Each order
bears a ``client_ref``, made here unless given, that the engine takes only once: where a reply is
lost the same order is asked for again until it is known what became of it, and never sent twice.
Only when that is not known within ``timeout_s`` an exception says so (NoReply, ``in_doubt``).

*Looking.* ``orders``, ``trades``, ``positions`` and ``balances`` are pages (``client.pages``) that
a mirror of the engine keeps current, and cost no request. They may be a few milliseconds behind the
engine: :meth:`Oms.synced` waits until they are not. When a connection is lost (the engine
restarted, the mirror died) they stay as they are, ``is_current`` False, and are right again as soon
as it is: what was missed comes, and is told to the handlers as if it happened then.

*Asking the broker.* The methods that end in ``_get`` put the question to the broker and wait for
its answer; see ``client.forced``.

An ``Oms`` belongs to the event loop on which it was made. Pages may be read from any thread.
"""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import structlog

from fix_oms.client.books import OrderBook
from fix_oms.client.contract import Contract, contract_of
from fix_oms.client.entry import Entry
from fix_oms.client.errors import BadArgument, ClientError, NoAnswer
from fix_oms.client.faults import Faults, Hook
from fix_oms.client.forced import Forced
from fix_oms.client.pages import Orders, Page, Positions, Trades
from fix_oms.client.schema import Balance, Order, Position, Status, Told, Trade
from fix_oms.client.stream import Stream, StreamDown, StreamUp
from fix_oms.client.translate import balance_of, told_of
from fix_oms.model import protocol, stream
from fix_oms.model.stream import Lagging
from fix_oms.model.talk_algos import AlgoView

TOPICS: Final = (
    stream.ORDERS,
    stream.FILLS,
    stream.POSITIONS,
    stream.BALANCES,
    stream.PARENTS,
    stream.ALGOS,
)
_PENDING: Final = frozenset({Status.PENDING, Status.PENDING_CANCEL, Status.PENDING_REPLACE})
_log = structlog.get_logger("client")


async def connect(
    path: Path | str,
    *,
    by: str | None = None,
    account: str | None = None,
    strategy: str | None = None,
    timeout_s: float = 10.0,
    history: int = stream.HISTORY,
) -> Oms:
    """Connect to the engine whose control socket is at ``path``, and wait until all that it shows
    is here.

    ``by`` is who asks, for the record: the login name unless given. ``account`` and ``strategy``
    are those of orders that name none. ``timeout_s`` bounds each request. The ``history`` newest
    orders are held whatever their state, and all open ones. Raises NotRunning, Incompatible,
    NoAnswer.
    """
    made = Oms(path, by or getpass.getuser(), account, strategy, timeout_s, history)
    try:
        await made._begin()
    except BaseException:
        await made.close()
        raise
    return made


class Oms(Entry):
    """A connection to a running engine; made by :func:`connect`."""

    def __init__(
        self,
        path: Path | str,
        by: str,
        account: str | None,
        strategy: str | None,
        timeout_s: float,
        history: int,
    ) -> None:
        super().__init__(path, by, account or "", strategy, timeout_s)
        self.down = "not yet connected"
        """Why what is shown is not current; empty while it is."""
        self._stream: Final = Stream(path, topics=TOPICS, history=history)
        self._forced: Final = Forced(self._link, by)
        self._following: asyncio.Task[None] | None = None

    # -- the connection -------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _begin(self) -> None:
        found = await self._link.ask(protocol.GetContracts(), protocol.Contracts)
        self.account = self.account or found.default_account
        for view in found.contracts:
            self._contracts[view.symbol, view.venue] = contract_of(view)
            self._local.multipliers[view.symbol] = view.multiplier
        self._following = asyncio.create_task(self._follow(), name="oms stream")
        await self.current()

    async def close(self) -> None:
        """End the connection: handlers are told nothing more. Orders are not touched."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        await self._stream.close()
        await self._crew.close()
        await self._link.close()

    @property
    def is_current(self) -> bool:
        """Whether the pages are the engine's of this moment, but for the time that it takes."""
        return not self.down

    async def current(self, timeout_s: float | None = None) -> None:
        """Wait until they are. Raises NoAnswer, or why they never will be."""
        await self.until(lambda: self.is_current or self._has_ended(), timeout_s)
        if self._following is not None and self._following.done():
            self._following.result()
        if not self.is_current:
            raise NoAnswer(f"no stream of the engine: {self.down}", in_doubt=False)

    def _has_ended(self) -> bool:
        return self._following is not None and self._following.done()

    async def synced(self, timeout_s: float | None = None) -> bool:
        """Wait until the pages account for all that the engine has taken until now. False: not
        within ``timeout_s``."""
        head = await self._link.ask(protocol.GetHead(), protocol.Head)
        return await self.until(
            lambda: self.is_current and self._local.through >= head.index, timeout_s
        )

    async def _follow(self) -> None:
        """Take what the stream tells, for as long as there is an engine that speaks to us."""
        try:
            async for event in self._stream:
                match event:
                    case StreamUp():
                        await self._settle_doubts()
                    case StreamDown(reason=reason):
                        if self.is_current:
                            _log.warning("the stream is down", reason=reason)
                        self._is_down(reason)
                    case Lagging():
                        self._is_down("this program read too slowly: a snapshot is coming")
                    case _:
                        self._local.apply(event)
                        if self._local.orders.is_current:
                            self.down = ""
                self._wake()
        except ClientError as error:
            self._is_down(str(error))
            _log.error("the stream has ended", error=str(error))
            raise
        finally:
            self._wake()

    def _is_down(self, why: str) -> None:
        self.down = why
        self._local.down()

    # -- looking, without a request ---------------------------------------------------------------

    @property
    def orders(self) -> Orders:
        """Orders by name, parents among them."""
        return self._local.orders

    @property
    def trades(self) -> Trades:
        """Executions, oldest first."""
        return self._local.trades

    fills = trades

    @property
    def positions(self) -> Positions:
        """Positions by account and symbol."""
        return self._local.positions

    @property
    def balances(self) -> Page[str, Balance]:
        """Money by account, as its broker or a person last stated it."""
        return self._local.balances

    @property
    def algos(self) -> Page[str, AlgoView]:
        """Algos by their refs."""
        return self._local.algos

    def get_order(self, order: Order | str) -> Order | None:
        """The order as it is now, by any of its names."""
        return self.orders.find(order.name if isinstance(order, Order) else order)

    def get_fills(self, order: Order | str) -> list[Trade]:
        """The executions of one order, oldest first."""
        found = self.get_order(order)
        return [] if found is None else self.trades.of(found.name)

    def get_position(self, symbol: str, account: str | None = None) -> Position:
        """What the account (unless given, that of the connection) holds: 0 of what it never did."""
        key = (account or self.account, symbol)
        return self.positions.get(key) or Position(account=key[0], symbol=symbol)

    @property
    def contracts(self) -> tuple[Contract, ...]:
        """Every instrument at every venue of it."""
        return tuple(self._contracts.values())

    def contract_specs(self, symbol: str, venue: str | None = None) -> Contract:
        """What an order in it must be like at the venue, or at the first of the instrument's.

        Raises BadArgument.
        """
        found = {spec.venue: spec for spec in self._contracts.values() if spec.symbol == symbol}
        if not found:
            known = ", ".join(dict.fromkeys(spec.symbol for spec in self._contracts.values()))
            raise BadArgument("symbol", f"no instrument {symbol!r} (there are: {known or 'none'})")
        if venue is not None and venue not in found:
            venues = ", ".join(found)
            raise BadArgument("venue", f"{symbol} is not traded at {venue!r} (it is at {venues})")
        return found[venue or next(iter(found))]

    async def order_book(self, symbol: str, depth: int = 0, venue: str | None = None) -> OrderBook:
        """The live order book, once its first levels are here: ``depth`` levels of each side (0:
        all), of one venue or of all together. Raises BadArgument, NoAnswer."""
        self.contract_specs(symbol, venue)
        if not isinstance(depth, int) or depth < 0:
            raise BadArgument("depth", f"{depth!r} is no number of levels")
        book, is_new = self._local.books.watch(symbol, depth, venue)
        if is_new:
            await self._stream.watch(self._local.books.symbols)
        if not await self.until(lambda: book.is_current):
            raise NoAnswer(f"the stream tells no book of {symbol}: {self.down}", in_doubt=False)
        return book

    # -- waiting for the broker -------------------------------------------------------------------

    async def answered(self, order: Order | str, timeout_s: float | None = None) -> Order:
        """The order once its broker has answered what was asked of it: it is not PENDING, nor
        PENDING_CANCEL or _REPLACE. Raises NoAnswer."""
        return await self._once(order, lambda found: found.status not in _PENDING, timeout_s)

    async def ended(self, order: Order | str, timeout_s: float | None = None) -> Order:
        """The order once it can trade no more. Raises NoAnswer."""
        return await self._once(order, lambda found: not found.is_open, timeout_s)

    async def _once(
        self, order: Order | str, true: Callable[[Order], bool], timeout_s: float | None
    ) -> Order:
        def is_so() -> bool:
            found = self.get_order(order)
            return found is not None and true(found)

        is_in_time = await self.until(is_so, timeout_s)
        found = self.get_order(order)
        name = order.name if isinstance(order, Order) else order
        if found is None:
            raise BadArgument("order", f"no order is known as {name!r}")
        if not is_in_time:
            raise NoAnswer(f"order {name} is still {found.status}", in_doubt=False)
        return found

    # -- handlers ---------------------------------------------------------------------------------

    @property
    def faults(self) -> Faults:
        """Handlers that raised, are slow or lagged."""
        return self._crew.faults

    def on_fault(self, hook: Hook) -> Hook:
        """Call this at each fault of a handler, on the event loop."""
        self._crew.faults.hook(hook)
        return hook

    async def drained(self, timeout_s: float | None = None) -> bool:
        """Wait until every handler has been told all there is. False: not in time."""
        return await self._crew.drained(self.timeout_s if timeout_s is None else timeout_s)

    # -- asking the broker ------------------------------------------------------------------------

    async def orders_get(
        self, order: Order | str | None = None, *, timeout_s: float | None = None
    ) -> list[Order]:
        """Ask the broker for the state of one order, or every broker for all, and wait for the
        answers: see ``client.forced``."""
        if order is None:
            sessions = [spec.session for spec in self._contracts.values()]
            await self._forced.orders(sessions, timeout_s)
            await self.synced()
            return self.orders.open()
        name = order.name if isinstance(order, Order) else order
        await self._forced.order(name, timeout_s)
        await self.synced()
        found = self.get_order(name)
        return [] if found is None else [found]

    async def positions_get(
        self,
        symbol: str | None = None,
        *,
        account: str | None = None,
        venue: str | None = None,
        timeout_s: float | None = None,
    ) -> list[Told]:
        """Ask the brokers (of a venue, or of every one that the symbol is traded at, or all) what
        they hold for the account, and wait for the answers: see ``client.forced``."""
        specs = [
            spec
            for spec in self.contracts
            if symbol in (None, spec.symbol) and venue in (None, spec.venue)
        ]
        if not specs:
            self.contract_specs(symbol or "", venue)
        sessions, accounts = [spec.session for spec in specs], (account or self.account,)
        found = await self._forced.positions(sessions, accounts, timeout_s)
        return [told_of(feed) for feed in found if symbol in (None, feed.symbol)]

    async def balances_get(self, account: str | None = None) -> list[Balance]:
        """The money of one account, or of all, as last stated: see ``client.forced`` for why
        nobody is asked. Raises NoAnswer where nothing was ever stated."""
        told = await self._link.ask(protocol.GetBalances(), protocol.Balances)
        found = [balance_of(view) for view in told.balances if account in (None, view.account)]
        if not found:
            raise NoAnswer(
                f"nobody has stated the money of {account or 'any account'}", in_doubt=False
            )
        return found
