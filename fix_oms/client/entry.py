"""Orders out: new ones, cancels, replaces, and what is certain of each when the call returns.

See ``client.oms``, of which this is the part that speaks to the engine.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Unpack

import attrs

from fix_oms.client import queue_price, terms
from fix_oms.client.algos import RUNNING, Algo, Leg, hedge_params, new_algo
from fix_oms.client.contract import Contract, Number
from fix_oms.client.errors import AskRefused, BadArgument, ClientError
from fix_oms.client.handlers import Crew
from fix_oms.client.link import Link
from fix_oms.client.local import Local
from fix_oms.client.schema import Order
from fix_oms.client.terms import Asked, More
from fix_oms.model import protocol
from fix_oms.model.commands import (
    AnyCommand,
    CancelOrder,
    MassCancel,
    NewOrder,
    NewParent,
    ReplaceOrder,
)
from fix_oms.model.fix import OrdType, Side
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.protocol import Outcome
from fix_oms.model.units import Fixed

MOOT: Final[dict[type, str]] = {NewOrder: "duplicate_ref", NewParent: "parent"}
"""The control that refuses a second one of the same name."""
ORDER_STATE: Final = "order_state"


class Entry:
    """What can be asked of the engine about orders."""

    def __init__(
        self, path: Path | str, by: str, account: str, strategy: str | None, timeout_s: float
    ) -> None:
        self.by: Final = terms.text("by", by)
        self.account = account
        """Whose orders are that name no account."""
        self.strategy: Final = strategy
        self.timeout_s: Final = timeout_s
        self._crew: Final = Crew()
        self._link: Final = Link(path, timeout_s)
        self._local: Final = Local(self._crew)
        self._contracts: Final[dict[tuple[str, str], Contract]] = {}
        self._told = asyncio.Event()
        self._token: Final = secrets.token_hex(4)
        self._sent = 0
        self._pids: Final[dict[str, int]] = {}

    # -- sending ----------------------------------------------------------------------------------

    async def limit_order(
        self,
        symbol: str,
        amount: Number,
        price: Number | None = None,
        *,
        price_match: str | None = None,
        **more: Unpack[More],
    ) -> Order:
        """Send a limit order; an ``amount`` below 0 sells. ``more`` is in ``client.terms.More``.

        Instead of a ``price``, ``price_match`` says its place in the order book now: QUEUE_1 is the
        best price of the own side, OPPONENT_1 of the other one (``client.queue_price``). Raises
        BadArgument, NoPrice, and other ClientErrors where there is no reply.
        """
        if (price is None) is (price_match is None):
            raise BadArgument("price", "give a price or a price_match")
        asked = self._asked(symbol, amount, OrdType.LIMIT, more, price=price)
        if price_match is not None:
            px = await self._matched(symbol, price_match, asked.side, asked.venue)
            asked = attrs.evolve(asked, price=px)
        return await self._send(asked)

    async def market_order(self, symbol: str, amount: Number, **more: Unpack[More]) -> Order:
        """Send a market order. Where there are none the engine makes it a limit that takes at once,
        within the session's ``market_order_bps`` of the touch."""
        return await self._send(self._asked(symbol, amount, OrdType.MARKET, more))

    async def stop_order(
        self,
        symbol: str,
        amount: Number,
        stop_px: Number,
        price: Number | None = None,
        **more: Unpack[More],
    ) -> Order:
        """Send a stop order: a market order, or with ``price`` a limit order, once ``stop_px``
        trades."""
        kind = OrdType.STOP if price is None else OrdType.STOP_LIMIT
        asked = self._asked(symbol, amount, kind, more, price=price, stop_px=stop_px)
        return await self._send(asked)

    def _asked(
        self,
        symbol: str,
        amount: Number,
        ord_type: OrdType,
        more: More,
        *,
        price: Number | None = None,
        stop_px: Number | None = None,
    ) -> Asked:
        unknown = more.keys() - More.__annotations__.keys()
        if unknown:
            raise TypeError(f"no order has {', '.join(sorted(unknown))}")
        side, qty = terms.side_and_quantity(amount, more.get("side"))
        ref = more.get("client_ref")
        return Asked(
            name=self._next_name() if ref is None else terms.text("client_ref", ref),
            symbol=terms.text("symbol", symbol),
            side=side,
            order_qty=qty,
            ord_type=ord_type.value,
            price=terms.price("price", price),
            stop_px=terms.price("stop_px", stop_px),
            tif=terms.tif(more.get("tif", "DAY")),
            account=more.get("account") or self.account,
            strategy=more.get("strategy") or self.strategy,
            venue=more.get("venue"),
            policy=more.get("policy"),
            reduce_only=more.get("reduce_only", False),
            parent=more.get("parent"),
            expire_ns=terms.expiry(more.get("expire_at")),
            text=more.get("text"),
            tp=terms.price("tp", more.get("tp")),
            sl=terms.price("sl", more.get("sl")),
        )

    def _next_name(self) -> str:
        """A client_ref that no other program, connection or order of it has."""
        self._sent += 1
        return f"{self.by}-{self._token}-{self._sent}"

    async def _matched(self, symbol: str, price_match: str, side: str, venue: str | None) -> Fixed:
        queue_price.place_of(price_match)
        book = await self._link.ask(protocol.GetBook(symbol=symbol), protocol.Book)
        price = queue_price.matched(book, price_match, buys=side == Side.BUY, venue=venue)
        spec = self._contracts.get((symbol, venue or ""))
        return price if spec is None else spec.terms.price(price, side == Side.BUY)

    async def _bracketed(self, asked: Asked) -> Order:
        """Start the bracket; returns its entry, which it has sent as its first order."""
        name, local = asked.name, self._local
        try:
            bracket = await self.algo(
                "bracket",
                ref=name,
                account=asked.account,
                strategy=asked.strategy,
                **asked.bracket(),
            )
        except AskRefused as error:
            local.sent(asked.pending(self.account))
            return local.refused(name, str(error))
        await self.until(lambda: bracket.view.number or bracket.state != RUNNING)
        entry = next(iter((await bracket.look()).orders.values()), "")
        if await self.until(lambda: local.orders.find(entry) or bracket.state != RUNNING):
            found = local.orders.find(entry)
            if found is not None:
                return found
        local.sent(asked.pending(self.account))
        return local.refused(name, f"bracket {name} is {bracket.state}: {bracket.why}")

    async def _send(self, asked: Asked) -> Order:
        if asked.is_bracket:
            return await self._bracketed(asked)
        command, name = asked.command(self.by), asked.name
        if name in self._local.orders:
            raise BadArgument("client_ref", f"{name!r} is an order already: nothing is sent twice")
        self._local.sent(asked.pending(self.account))
        self._pids[name] = self._link.pid
        try:
            outcome, was_taken = await self._link.once(command, MOOT[type(command)])
        except ClientError as error:
            if getattr(error, "in_doubt", False):
                self._local.doubted(name, str(error))
            else:
                self._local.refused(name, str(error))
            raise
        answer = outcome.answer
        known = await self._known(name) if was_taken else ""
        if known:
            return self._local.accepted(name, known)
        if isinstance(answer, Refused):
            return self._local.refused(name, f"{answer.control}: {answer.text}")
        return self._local.accepted(name, answer.order)

    async def _known(self, name: str) -> str:
        """The first ClOrdID of an order of ours that the engine has, or the ref of a parent; empty
        for none."""
        found = await self._link.ask(protocol.GetOrder(ref=name), protocol.OrderFound)
        if found.order is not None:
            return found.order.reference
        parent = await self._link.ask(protocol.GetParent(ref=name), protocol.ParentFound)
        return name if parent.parent is not None else ""

    async def _settle_doubts(self) -> None:
        """Of what was sent and never heard of: another process of the engine than that it was sent
        to, which does not know it, proves that it was never taken."""
        for order in self._local.sending:
            try:
                known = await self._known(order.name)
            except ClientError:
                return  # the next connection
            if not known and self._pids.get(order.name) != self._link.pid:
                self._local.refused(order.name, "the engine that it was sent to never took it")

    # -- changing ---------------------------------------------------------------------------------

    async def cancel_order(self, order: Order | str) -> Order | None:
        """Ask for a cancel, by the order or any name of it: client_ref, ClOrdID, OrderID; of a
        parent, of all its children. Returns the order as it is then: PENDING_CANCEL, or beyond.

        Raises AskRefused where it is not open, or a cancel is pending already.
        """
        name = _name_of(order)
        outcome, was_done = await self._link.once(CancelOrder(by=self.by, order=name), ORDER_STATE)
        await self._is_taken(outcome, was_done=was_done)
        return self._local.orders.find(name)

    async def replace_order(
        self,
        order: Order | str,
        *,
        amount: Number | None = None,
        price: Number | None = None,
        price_match: str | None = None,
        stop_px: Number | None = None,
        tif: str | None = None,
    ) -> Order | None:
        """Ask for other terms; None keeps one. ``amount`` is the new total, with what has filled,
        and of the order's own sign or without one.

        Returns the order as it is then: PENDING_REPLACE, or beyond. Raises AskRefused.
        """
        name = _name_of(order)
        held = self._local.orders.find(name)
        qty = None if amount is None else terms.number("amount", amount)
        if qty is not None and qty <= 0:
            if not qty or held is None or held.buys:
                raise BadArgument("amount", f"{amount} is no total of this order: cancel it")
            qty = -qty
        px = terms.price("price", price)
        if price_match is not None:
            if px is not None or held is None:
                raise BadArgument("price_match", "goes with an order that is known, and no price")
            side = Side.BUY.value if held.buys else Side.SELL.value
            px = await self._matched(held.symbol, price_match, side, held.venue or None)
        command = ReplaceOrder(
            by=self.by,
            order=name,
            order_qty=qty,
            price=px,
            stop_px=terms.price("stop_px", stop_px),
            time_in_force=None if tif is None else terms.tif(tif),
        )
        await self._is_taken(await self._link.outcome(command))
        return self._local.orders.find(name)

    async def cancel_all(
        self,
        *,
        symbol: str | None = None,
        venue: str | None = None,
        account: str | None = None,
        strategy: str | None = None,
        firm: bool = False,
    ) -> Accepted:
        """Cancel all working orders of the scope, and end its parents. The account is that of the
        connection unless one is given; ``firm`` True: of every account. Raises AskRefused."""
        if firm and account:
            raise BadArgument("firm", "is every account: name one, or none")
        command = MassCancel(
            by=self.by,
            symbol=symbol,
            venue=venue,
            account=None if firm else account or self.account,
            strategy=strategy,
        )
        return await self._is_taken(await self._link.outcome(command))

    # -- algos ------------------------------------------------------------------------------------

    async def algo(
        self,
        kind: str,
        *,
        ref: str | None = None,
        account: str | None = None,
        strategy: str | None = None,
        **params: Any,
    ) -> Algo:
        """Start an algo of this kind in the engine (``client.algos``). ``ref`` is its name, made up
        unless given. Raises BadArgument, AskRefused."""
        name = self._next_name() if ref is None else terms.text("ref", ref)
        whose, what = account or self.account, strategy or self.strategy
        await self.submit(new_algo(name, kind, params, self.by, whose, what))
        await self.until(lambda: name in self._local.algos)
        return Algo(name, self.by, self.submit, self._link.ask, self._local.algos)

    async def hedge_order(
        self, maker_order: Leg, hedge_order: Leg, ratio: Number | str = 1, **more: Any
    ) -> Algo:
        """Send the maker's order, and cover each execution of it at once by the hedge.

        ``ratio`` of the maker's exposure is hedged ("1/3" is exact); ``more`` are parameters of the
        kind ``hedge`` (``slippage_bps``, ``on_trouble``, ``hedge_side``, ``provisional`` …) and
        those of :meth:`algo`. What is carried below a lot is flushed by ``tell("flush")``.
        """
        params = hedge_params(maker_order, hedge_order, ratio, more)
        params.setdefault("account", maker_order.account)
        return await self.algo("hedge", **params)

    async def submit(self, command: AnyCommand) -> Accepted:
        """Do anything else that the engine can be asked (``model.commands``). Raises AskRefused."""
        return await self._is_taken(await self._link.outcome(command))

    async def _is_taken(self, outcome: Outcome, *, was_done: bool = False) -> Accepted:
        """The engine's word, once the pages show what came of it."""
        answer = outcome.answer
        if isinstance(answer, Refused) and not was_done:
            raise AskRefused(answer)
        local = self._local
        await self.until(lambda: local.through >= outcome.index or not local.orders.is_current)
        return answer if isinstance(answer, Accepted) else Accepted(text=answer.text)

    # -- waiting --------------------------------------------------------------------------------

    def _wake(self) -> None:
        """Let those look again who wait for something."""
        self._told.set()
        self._told = asyncio.Event()

    async def until(self, true: Callable[[], object], timeout_s: float | None = None) -> bool:
        """Wait until this is true, looking whenever a page may have changed. False: not in time."""
        until = time.monotonic() + (self.timeout_s if timeout_s is None else timeout_s)
        while not true():
            told, left = self._told, until - time.monotonic()
            if left <= 0:
                return False
            try:
                async with asyncio.timeout(left):
                    await told.wait()
            except TimeoutError:
                return bool(true())
        return True


def _name_of(order: Order | str) -> str:
    """What the engine knows the order by."""
    return order.reference or order.name if isinstance(order, Order) else terms.text("order", order)
