"""The clients: several connections at once that send, cancel and replace until the engine is gone.

Each thread is a client of its own with its own stream of chance and remembers across rounds which
orders it believes to be open, so that it also cancels what an earlier engine had sent. What it was
told is kept as evidence: accepted, refused, or nothing, which is a request in doubt.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

import attrs

from fix_oms.client import Client, ClientError
from fix_oms.model.commands import AnyCommand
from fix_oms.model.inputs import CancelOrder, NewOrder, ReplaceOrder
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import SCALE, fixed

CLIENTS: Final = 4
BATCH: Final = 10
MOST_OPEN: Final = 8
LONGEST_PAUSE_S: Final = 0.006
VENUES: Final = ("ALPHA", "BETA")
SYMBOLS: Final = ("AAPL", "MSFT")
RESTS: Final = {"1": "149.00", "2": "151.00"}
CROSSES: Final = {"1": "150.05", "2": "149.95"}


@attrs.frozen(kw_only=True)
class Told:
    """What was asked for and what the client was told; None is no answer at all."""

    what: str
    answer: Accepted | Refused | None
    ref: str = ""


class Trader:
    """One client. ``told`` and ``open`` may be read while it does not run."""

    def __init__(self, number: int, seed: str) -> None:
        self.told: list[Told] = []
        self.open: list[str] = []
        self.errors: list[str] = []
        self._random: Final = Random(f"{seed} {number}")
        self._name: Final = f"trader-{number}"
        self._made = 0

    def trade(self, socket: Path, stop: threading.Event) -> None:
        """Until the engine is gone, or somebody says stop."""
        try:
            with Client(socket, timeout_s=30) as client:
                while not stop.wait(self._random.uniform(0, LONGEST_PAUSE_S)):
                    self._act(client)
        except ClientError as error:
            self.errors.append(str(error))  # what was under way is ``told`` without an answer

    def _act(self, client: Client) -> None:
        chance = self._random.random()
        if len(self.open) > MOST_OPEN or (self.open and chance < 0.2):
            at = self._random.randrange(len(self.open))
            self._ask(client, [CancelOrder(by=self._name, order=self.open.pop(at))])
        elif self.open and chance < 0.4:
            self._ask(client, [self._replace()])
        elif chance < 0.44:
            self._ask(client, [self._new() for _ in range(BATCH)])
        else:
            self._ask(client, [self._new()])

    def _new(self) -> NewOrder:
        self._made += 1
        random = self._random
        side = random.choice("12")
        rests = random.random() < 0.5
        terms = Terms(
            symbol=random.choice(SYMBOLS),
            side=side,
            order_qty=random.randint(1, 9) * 10 * SCALE,
            ord_type="2",
            price=fixed((RESTS if rests else CROSSES)[side]),
        )
        ref = f"{self._name}-{self._made}"
        return NewOrder(by=self._name, terms=terms, venue=random.choice(VENUES), client_ref=ref)

    def _replace(self) -> ReplaceOrder:
        qty = self._random.randint(1, 12) * 10 * SCALE
        return ReplaceOrder(by=self._name, order=self._random.choice(self.open), order_qty=qty)

    def _ask(self, client: Client, commands: Sequence[AnyCommand]) -> None:
        answers: Sequence[Accepted | Refused | None] = [None] * len(commands)
        try:
            if len(commands) == 1:
                answers = [client.submit(commands[0])]
            else:
                answers = client.submit_all(commands).answers
        finally:
            for command, answer in zip(commands, answers, strict=True):
                self._remember(command, answer)

    def _remember(self, command: AnyCommand, answer: Accepted | Refused | None) -> None:
        what, ref = type(command).__name__, ""
        if isinstance(command, NewOrder):
            ref = command.client_ref or ""
            if isinstance(answer, Accepted):
                self.open.append(answer.order)
        self.told.append(Told(what=what, answer=answer, ref=ref))


class Load:
    """All clients together."""

    def __init__(self, socket: Path, seed: str) -> None:
        self._socket: Final = socket
        self._traders: Final = [Trader(number, seed) for number in range(CLIENTS)]
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def begin(self) -> None:
        """Every client connects and starts."""
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=trader.trade, args=(self._socket, self._stop))
            for trader in self._traders
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Let every client finish what it is at. Returns when none runs."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    @property
    def errors(self) -> list[str]:
        """How the clients were told that the engine is gone."""
        return [error for trader in self._traders for error in trader.errors]

    @property
    def told(self) -> list[Told]:
        """What the clients were told, all of it; asked for while none runs."""
        return [each for trader in self._traders for each in trader.told]
