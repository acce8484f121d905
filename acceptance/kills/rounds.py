"""The rounds of one place: load, kill, start again, wait until it is quiet, judge."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from random import Random
from typing import Final

import attrs

from acceptance.kills import judge, points
from acceptance.kills.evidence import Ours, Theirs
from acceptance.kills.load import VENUES, Load
from acceptance.kills.place import VERSIONS, Place
from acceptance.kills.points import Plan
from fix_oms.client import ClientError
from fix_oms.model.inputs import MassCancel, SessionCommand
from fix_oms.model.outputs import Accepted
from fix_oms.orders.requests import NEW
from fix_oms.simulator import acts
from fix_oms.simulator.control import VenueUnreachable
from fix_oms.simulator.floor import ActRefused

LOAD_S: Final = 3.0
"""A trap that was not passed so long is not waited for: the harness kills."""
SETTLE_S: Final = 30.0
LOOK_S: Final = 0.03
LATEST_KILL_S: Final = 0.4


class Failed(AssertionError):
    """A law was broken; says which, and where."""


@attrs.frozen(kw_only=True)
class Fell:
    """Where a kill fell, by the evidence of both journals."""

    plan: Plan
    by_trap: bool
    appended: int
    """Requests in our journal that never reached the venue."""
    sent: int
    """Requests at the venue whose answer was not in our journal."""
    took_s: float


@contextlib.contextmanager
def rounds_at(place: Place, seed: str) -> Iterator[Rounds]:
    """Start all of it, for rounds; whatever runs then ends with the block."""
    try:
        place.start("venue")
        place.await_venues()
        place.start("engine")
        rounds = Rounds(place, seed)
        try:
            yield rounds
        finally:
            rounds.close()
    finally:
        place.close()


class Rounds:
    """The rounds of one place."""

    def __init__(self, place: Place, seed: str) -> None:
        self.ours: Final = Ours(place.directory / "journal")
        self.by_hand = 0
        """Requests in doubt that only a person could end."""
        self._place: Final = place
        self._random: Final = Random(seed)
        self._load: Final = Load(place.directory / "oms.sock", seed)
        work = place.directory / "venues"
        self._theirs: Final = [Theirs(n, v, work / n) for n, v in VERSIONS.items()]

    def close(self) -> None:
        """Close the journals."""
        self.ours.close()
        for venue in self._theirs:
            venue.close()

    def play(self, plan: Plan) -> Fell:
        """One round. Raises Failed for a finding; whatever else goes wrong, as it is."""
        begun = time.monotonic()
        asked_before = len(self.ours.asked)
        self._load.begin()
        try:
            by_trap = self._kill(plan)
        finally:
            self._load.end()
        self._poll()
        fresh = list(self.ours.asked)[asked_before:]
        unsent = [c for c in fresh if c not in self.ours.left and c not in self.ours.not_sent]
        unanswered = [c for c in fresh if c not in self.ours.answered]
        self._trade_meanwhile()
        if plan.point in points.AT_START:
            self._place.start("engine", trap=plan.trap)
            by_trap = self._dies_at_start()
        if not self._place.is_up():
            self._place.start("engine")
        self._settle()
        arrived = {cl_ord_id for venue in self._theirs for cl_ord_id in venue.received}
        return Fell(
            plan=plan,
            by_trap=by_trap,
            appended=sum(c not in arrived for c in unsent),
            sent=sum(c in arrived for c in unanswered),
            took_s=time.monotonic() - begun,
        )

    def endure(self, fault: Callable[[], object]) -> None:
        """Under load, let something happen to the processes; judge when it is over."""
        self._load.begin()
        try:
            fault()
        finally:
            self._load.end()
        if not self._place.is_up():
            self._place.start("engine")
        self._settle()

    @property
    def errors(self) -> list[str]:
        """How the clients were told that the engine is gone."""
        return self._load.errors

    # -- the kill -----------------------------------------------------------------------------

    def _kill(self, plan: Plan) -> bool:
        """Under load: kill as planned, and see that it is dead. Whether the trap did it."""
        if plan.group == points.VENUE:
            self.trade_for(self._random.uniform(0.05, LATEST_KILL_S))
            self._place.kill("venue")
            if self._random.random() < 0.5:
                self._place.kill("engine")
            else:
                self.trade_for(self._random.uniform(0, 0.2))
            self._place.start("venue")
            self._place.await_venues()
            return True
        if plan.point and plan.point not in points.AT_START:
            if plan.group == points.STOP:
                self.trade_for(0.1)
                self._place.arm(plan.trap)
                self._place.terminate()
            else:
                self._place.arm(plan.trap)
            if plan.point.startswith("epoch"):
                self._reset()
            if self.trade_for(LOAD_S):
                return True
        else:
            self.trade_for(self._random.uniform(0.05, LATEST_KILL_S))
        self._place.kill("engine")
        return not plan.point

    def _reset(self) -> None:
        """The desk resets the numbers of one session in the middle of it all."""
        command = SessionCommand(
            by="desk", session=self._random.choice(VENUES), action="reset", reason="a kill test"
        )
        with contextlib.suppress(ClientError), self._place.client() as client:
            client.submit(command)

    def trade_for(self, seconds: float) -> bool:
        """Let the venues' desks fill and cancel by hand meanwhile; whether the engine died."""
        limit = time.monotonic() + seconds
        while (left := limit - time.monotonic()) > 0:
            if self._place.dies(min(left, LOOK_S)):
                return True
            self._trade_by_hand()
        return False

    def _dies_at_start(self) -> bool:
        """Whether an engine whose trap was set dies before it is ready."""
        limit = time.monotonic() + 10
        while time.monotonic() < limit:
            if self._place.dies(0.05):
                return True
            if self._place.is_up() and self._place.is_ready():
                return False
        return False

    def _trade_meanwhile(self) -> None:
        for _ in range(3):
            self._trade_by_hand()

    def _trade_by_hand(self) -> None:
        """One act at one venue: a part of an order is filled, or it is cancelled unasked."""
        venue = self._random.choice(self._theirs)
        venue.poll()
        resting = [o for o in venue.orders() if o.is_live and not o.slices_left]
        if not resting:
            return
        order = self._random.choice(resting)
        act: acts.AnyAct = acts.Cancel(order=order.order_id)
        if self._random.random() < 0.7 and order.price is not None:
            part = max(order.leaves_qty // 2, 1)
            act = acts.Fill(order=order.order_id, quantity=part, price=order.price)
        with contextlib.suppress(ActRefused, VenueUnreachable):  # it ended meanwhile, or died
            self._place.act(venue.name, act)

    # -- afterwards ---------------------------------------------------------------------------

    def _poll(self) -> None:
        self.ours.poll()
        for venue in self._theirs:
            venue.poll()

    def _settle(self) -> None:
        """Wait until both sides are quiet and agree; judge on the way."""
        limit = time.monotonic() + SETTLE_S
        while True:
            self._poll()
            is_ready = self._place.is_ready()
            left = judge.unsettled(self.ours, self._theirs)
            wrong = judge.broken(self.ours, self._theirs, self._load.told)
            if wrong:
                raise Failed(_said(wrong))
            if is_ready and not left:
                return
            if time.monotonic() > limit:
                raise Failed(_said(left) if left else "the sessions are not ready")
            time.sleep(LOOK_S)

    def finish(self) -> None:
        """Take everything out: then nothing at all may be open or in doubt. Verify the place.

        What no answer of a broker ends is ended by a person who has looked into the broker's log.
        """
        with self._place.client() as client:
            client.submit(MassCancel(by="desk"))
            self._settle()
            for cl_ord_id, request in self.ours.waiting().items():
                is_new = request.kind == NEW
                said = client.resolve(
                    cl_ord_id,
                    "rejected" if is_new else "refused",
                    by="desk",
                    reason="not in its log",
                    request=None if is_new else cl_ord_id,
                )
                self.by_hand += isinstance(said, Accepted)  # else it went with its order
        limit = time.monotonic() + SETTLE_S
        while left := [*self.ours.waiting(), *self._working()]:
            if time.monotonic() > limit:
                raise Failed(f"{judge.WAITS}: not out after a mass cancel: {left[:8]}")
            time.sleep(LOOK_S)
            self._poll()
        self._settle()
        self._verify()

    def _working(self) -> list[str]:
        return [order.reference for order in self.ours.orders() if order.may_trade]

    def _verify(self) -> None:
        """The living engine, our follower and a replay from the first byte say the same."""
        ours = self.ours
        with self._place.client() as client:
            live = [(o.reference, o.ord_status, o.cum_qty) for o in client.orders()]
        self._poll()
        book = ours.engine.state.book.orders
        assert live == [(o.reference, o.ord_status, o.cum_qty) for o in book]
        code = self._place.stop("engine")
        self._poll()
        found = self._place.verified()
        followed = ours.engine.shown(ours.last_ns).hash()
        if code or not found.ok or found.state_hash != followed:
            raise Failed(
                f"{self._place.directory}: stopped with {code}; {found.findings}; "
                f"replayed {found.state_hash}, followed {followed}"
            )


def _said(findings: list[judge.Finding]) -> str:
    first = "; ".join(f"{f.law}: {f.text}" for f in findings[:8])
    return f"{dict(judge.counted(findings))}: {first}"
