"""Algos from a program: start one inside the engine, see how far it is, and say things to it.

    twap = await oms.algo("twap", symbol="AAPL", amount=1000, venue="ALPHA", minutes=30)
    await twap.pause("lunch")
    print(twap.state, twap.progress)

An algo lives in the engine and not in the program: it goes on when the program has ended, and after
a restart of the engine. ``oms.algos`` is the live page of all of them. Parameters are those of the
kind (``fix-oms algo kinds``): quantities and prices are exact numbers as anywhere here, ``amount``
stands for ``side`` and ``qty``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any, Final, get_type_hints

import attrs

from fix_oms.algos.kinds import KINDS, is_amount
from fix_oms.client import terms
from fix_oms.client.contract import Number
from fix_oms.client.errors import BadArgument
from fix_oms.client.pages import Page
from fix_oms.model import protocol
from fix_oms.model.commands import (
    AmendAlgo,
    AnyCommand,
    NewAlgo,
    PauseAlgo,
    ResumeAlgo,
    StopAlgo,
    TellAlgo,
)
from fix_oms.model.outputs import Accepted
from fix_oms.model.talk_algos import AlgoView
from fix_oms.model.units import text_of

Submit = Callable[[AnyCommand], Awaitable[Accepted]]
Ask = Callable[[protocol.GetAlgo, type[protocol.AlgoFound]], Awaitable[protocol.AlgoFound]]
RUNNING: Final = "running"
ENDED: Final = "ended"


@attrs.frozen(kw_only=True)
class Leg:
    """One side of a hedge order. Of the maker everything is its own; of the hedge ``amount`` is
    left out, for it follows the maker's executions, and ``price`` is the most that it may cost."""

    symbol: str
    amount: Number | None = None
    price: Number | None = None
    venue: str | None = None
    policy: str | None = None
    account: str | None = None
    tif: str = "DAY"


class Algo:
    """An algo in the engine, by its ``ref``. What is read of it is as new as the pages are."""

    def __init__(
        self, ref: str, by: str, submit: Submit, ask: Ask, page: Page[str, AlgoView]
    ) -> None:
        self.ref: Final = ref
        self._ask: Final = ask
        self._by: Final = by
        self._submit: Final = submit
        self._page: Final = page

    def __repr__(self) -> str:
        return f"<Algo {self.ref}: {self.state}>"

    @property
    def view(self) -> AlgoView:
        """What the page shows of it. Raises KeyError where it shows nothing."""
        return self._page[self.ref]

    @property
    def kind(self) -> str:
        return self.view.kind

    @property
    def state(self) -> str:
        """running, paused, held (a person has to look), ending or ended."""
        return self.view.state

    @property
    def why(self) -> str:
        """The reason of its state."""
        return self.view.why

    @property
    def has_ended(self) -> bool:
        return self.state == ENDED

    @property
    def progress(self) -> Mapping[str, str]:
        """How far it is, in its kind's own words."""
        return self.view.progress

    async def look(self) -> AlgoView:
        """All of it, by a request: with its ``schedule``, and its ``orders`` (its own name for each
        to the first ClOrdID or the parent's ref), which the page leaves out."""
        found = await self._ask(protocol.GetAlgo(ref=self.ref), protocol.AlgoFound)
        return found.algo or self.view

    async def amend(self, reason: str = "", **params: Any) -> None:
        """Other parameters: those that its kind lets be amended. Raises AskRefused."""
        kind = self.view.kind
        await self._submit(
            AmendAlgo(by=self._by, ref=self.ref, params=as_text(kind, params), reason=reason)
        )

    async def pause(self, reason: str = "") -> None:
        """Send nothing new until it is resumed. Raises AskRefused."""
        await self._submit(PauseAlgo(by=self._by, ref=self.ref, reason=reason))

    async def resume(self, reason: str = "") -> None:
        """Go on. Raises AskRefused."""
        await self._submit(ResumeAlgo(by=self._by, ref=self.ref, reason=reason))

    async def stop(self, reason: str = "") -> None:
        """End it: what works of it is taken out. Raises AskRefused."""
        await self._submit(StopAlgo(by=self._by, ref=self.ref, reason=reason))

    async def tell(self, word: str, **params: Any) -> None:
        """Say something that its kind understands: a hedge is told to ``flush``. Raises
        AskRefused."""
        await self._submit(TellAlgo(by=self._by, ref=self.ref, word=word, params=params))


def new_algo(
    ref: str, kind: str, params: Mapping[str, Any], by: str, account: str, strategy: str | None
) -> NewAlgo:
    """The command that starts it. Raises BadArgument."""
    told = dict(params)
    if "amount" in told:
        told["side"], qty = terms.side_and_quantity(told.pop("amount"), told.get("side"))
        told["qty"] = Decimal(text_of(qty))
    return NewAlgo(
        by=by,
        ref=ref,
        kind=terms.text("kind", kind),
        params=as_text(kind, told),
        account=account,
        strategy=strategy,
    )


def as_text(kind: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as the command carries them: quantities and prices as exact text. Of a kind that
    is not known here (it may be known to the engine), every Decimal."""
    known = KINDS.get(kind)
    hints = {} if known is None else get_type_hints(known, include_extras=True)
    found: dict[str, Any] = {}
    for name, value in params.items():
        is_number = isinstance(value, Decimal) or is_amount(hints.get(name))
        if value is not None and is_number:
            value = text_of(terms.number(name, value))
        found[name] = value
    return found


def hedge_params(
    maker: Leg, hedge: Leg, ratio: Number | str, more: Mapping[str, Any]
) -> dict[str, Any]:
    """The parameters of the hedge algo. Raises BadArgument."""
    if maker.amount is None:
        raise BadArgument("maker_order", "needs an amount")
    if hedge.amount is not None:
        raise BadArgument("hedge_order", "has no amount: it follows the maker's executions")
    side, qty = terms.side_and_quantity(maker.amount, None)
    found: dict[str, Any] = {
        "maker_symbol": maker.symbol,
        "maker_side": side,
        "maker_qty": Decimal(text_of(qty)),
        "maker_price": maker.price,
        "maker_venue": maker.venue or "",
        "maker_policy": maker.policy,
        "maker_tif": terms.tif(maker.tif),
        "hedge_symbol": hedge.symbol,
        "hedge_venue": hedge.venue or "",
        "hedge_policy": hedge.policy,
        "hedge_account": hedge.account or "",
        "hedge_limit": hedge.price,
        "ratio": str(ratio),
    }
    return {name: value for name, value in found.items() if value is not None} | dict(more)
