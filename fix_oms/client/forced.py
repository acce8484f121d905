"""Questions put to the brokers themselves, and their answers waited for.

What the engine shows is the sum of all evidence, and it asks by itself wherever there is a doubt;
these are for who wants to hear it again now. What FIX has for each:

- *Orders*: OrderStatusRequest (H) of one, OrderMassStatusRequest (AF) of all; a counterparty
  without the latter is asked about its open orders one by one. An order is answered when the broker
  has spoken of it after the question; its answer is evidence like any report, so what is returned
  is the order as it is then, by everything that is known.

- *Positions*: RequestForPositions (AN), of each account at each session that tells positions
  (``supports.positions``; FIX 4.2 has none). The reports are statements, which the engine compares
  with its own executions and never obeys: what is returned is both beside each other.
- *Balances*: FIX 4.2 has none. In 4.4 and 5.0 SP2 a broker states money in CollateralReports (BA),
  as its own agreement with a client says when; CollateralInquiry (BB) asks about collateral that is
  assigned, and is not sent here. So nothing is asked: what is returned is the last statement of
  each account, a broker's or a person's (``fix-oms balance``), with its time and source, and an
  account of which there is none is an error.

What a counterparty does not support is refused by name (AskRefused), what it does not answer in
time is told by name (NoAnswer). Several brokers are asked at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from fix_oms.client.errors import AskRefused, BadArgument, NoAnswer
from fix_oms.client.link import Link
from fix_oms.model import protocol
from fix_oms.model.commands import AnyCommand, AskPositions, AskStatus
from fix_oms.model.outputs import Refused
from fix_oms.model.views import FeedView, OrderView

FIRST_PAUSE_S: Final = 0.002
LONGEST_PAUSE_S: Final = 0.1


class Forced:
    """Asks over ``link``, in the name of ``by``."""

    def __init__(self, link: Link, by: str) -> None:
        self._link: Final = link
        self._by: Final = by

    async def order(self, name: str, timeout_s: float | None = None) -> None:
        """Ask about one order. Returns when it was answered. Raises AskRefused, NoAnswer."""
        before = await self._view(name)
        if before is None:
            raise BadArgument("order", f"no order is known as {name!r}")
        refused = await self._ask(AskStatus(by=self._by, order=before.reference))
        if refused is not None:
            raise AskRefused(refused)
        await self._spoken({before.reference: before}, timeout_s)

    async def orders(self, sessions: Iterable[str], timeout_s: float | None = None) -> None:
        """Ask about all open orders of these sessions. Raises AskRefused once all the others have
        answered, NoAnswer."""
        asked: dict[str, OrderView] = {}
        refusals: list[Refused] = []
        held = await self._open()
        for session in dict.fromkeys(sessions):
            mine = {ref: view for ref, view in held.items() if view.session == session}
            if not mine:
                continue
            refused = await self._ask(AskStatus(by=self._by, session=session))
            if refused is None:
                asked.update(mine)
            else:
                refusals.append(refused)
        await self._spoken(asked, timeout_s)
        if refusals:
            raise AskRefused(refusals[0])

    async def positions(
        self, sessions: Iterable[str], accounts: Iterable[str], timeout_s: float | None = None
    ) -> list[FeedView]:
        """Ask these sessions for the positions of these accounts; what position feeds say then.
        Raises AskRefused where one does not tell them, once all others have answered, NoAnswer."""
        waiting: dict[str, str] = {}
        refusals: list[Refused] = []
        names = tuple(accounts)
        for session in dict.fromkeys(sessions):
            for account in names:
                command = AskPositions(by=self._by, session=session, account=account)
                answer = (await self._link.outcome(command)).answer
                if isinstance(answer, Refused):
                    refusals.append(answer)
                    break
                waiting[answer.cl_ord_id] = session

        async def all_told() -> bool:
            for name, session in tuple(waiting.items()):
                asked = await self._link.ask(
                    protocol.GetAsked(session=session, name=name), protocol.Asked
                )
                if asked.outcome == "waiting":
                    return False
                del waiting[name]
                if asked.outcome != "told":
                    text = f"{session}: {asked.text or f'the question was {asked.outcome}'}"
                    refusals.append(Refused(control="positions", text=text))
            return True

        if not await self.waited(all_told, timeout_s):
            silent = ", ".join(sorted(set(waiting.values())))
            raise NoAnswer(f"{silent} has not told its positions", in_doubt=False)
        if refusals:
            raise AskRefused(refusals[0])
        found = await self._link.ask(protocol.GetFeeds(), protocol.Feeds)
        return [feed for feed in found.feeds if feed.account in names]

    async def _ask(self, command: AnyCommand) -> Refused | None:
        answer = (await self._link.outcome(command)).answer
        return answer if isinstance(answer, Refused) else None

    async def _view(self, name: str) -> OrderView | None:
        return (await self._link.ask(protocol.GetOrder(ref=name), protocol.OrderFound)).order

    async def _open(self) -> dict[str, OrderView]:
        """The open orders, by reference."""
        found: dict[str, OrderView] = {}
        after = ""
        while True:
            asked = protocol.GetOrders(open_only=True, after=after)
            page = await self._link.ask(asked, protocol.Orders)
            found.update({view.reference: view for view in page.orders})
            if not page.more or not page.orders:
                return found
            after = page.orders[-1].reference

    async def _spoken(self, before: dict[str, OrderView], timeout_s: float | None) -> None:
        """Wait until the broker has spoken of each of these. Raises NoAnswer."""
        silent = dict(before)

        async def all_told() -> bool:
            for reference, was in tuple(silent.items()):
                now = await self._view(reference)
                if now is None or now.updated_ns <= was.updated_ns:
                    return False
                del silent[reference]
            return True

        if not await self.waited(all_told, timeout_s):
            names = ", ".join(sorted(silent)[:10])
            more = f" and {len(silent) - 10} more" if len(silent) > 10 else ""
            raise NoAnswer(f"the broker has not told of {names}{more}", in_doubt=False)

    async def waited(self, true: Callable[[], Awaitable[bool]], timeout_s: float | None) -> bool:
        """Look until this is true. False: not within ``timeout_s`` (None: the connection's)."""
        allowed_s = self._link.timeout_s if timeout_s is None else timeout_s
        until, pause_s = time.monotonic() + allowed_s, FIRST_PAUSE_S
        while not await true():
            if time.monotonic() > until:
                return False
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        return True
