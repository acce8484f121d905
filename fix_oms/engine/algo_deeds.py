"""What an algo asks for is done: orders, changes and cancels through the gate, as anybody's are.

What is refused is told to the algo as an event. An algo's own bound (``Algo.most``) is held to
here: its orders can no more exceed it than the children of a parent can exceed the parent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fix_oms.algos import running as algos
from fix_oms.algos.carried import CarryKey
from fix_oms.algos.running import Event, RunningAlgo
from fix_oms.engine.algo_desk import AlgoDesk
from fix_oms.engine.entry import Entry
from fix_oms.engine.judging import rule
from fix_oms.engine.parent_acts import ParentActs
from fix_oms.engine.state import State
from fix_oms.model import inputs
from fix_oms.model.algos import AnyAct, Cancel, Carry, Change, Done, Hold, Place, Tell, Wake
from fix_oms.model.fix import OrdType
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Accepted, Alert, Output, Refused
from fix_oms.model.units import Fixed, text_of

SOONEST_NS: Final = 1_000_000
"""An algo that wants to be told of a time that is over is told so long from now."""


class AlgoDeeds:
    """Carries out acts on one state."""

    def __init__(self, state: State, entry: Entry, parents: ParentActs) -> None:
        self._state: Final = state
        self._entry: Final = entry
        self._parents: Final = parents
        self._do: Final[dict[type, Callable[[int, RunningAlgo, Any, list[Output]], None]]] = {
            Place: self._place,
            Change: self._change,
            Cancel: self._cancel,
            Carry: self._carry,
            Wake: self._wake,
            Tell: self._tell,
            Hold: self._hold,
            Done: self._done,
        }

    def do(self, now: int, running: RunningAlgo, act: AnyAct, out: list[Output]) -> None:
        """Carry out one act. An error in it holds the algo; what has been sent leaves."""
        try:
            self._do[type(act)](now, running, act, out)
        except Exception as error:  # noqa: BLE001 - the acts of others, and their step, go on
            what = type(act).__name__
            text = f"{what} of algo {running.ref} failed: {type(error).__name__}: {error}"
            out.append(Alert(severity="severe", code="fault", text=text, subject=running.ref))
            self.hold(running, text, out)

    def hold(self, running: RunningAlgo, why: str, out: list[Output]) -> None:
        """Nothing more of it is done until a person says so. One that is ending goes on to end."""
        if running.state in _ENDS or running.state == algos.HELD:
            return
        running.state, running.why = algos.HELD, why
        text = f"algo {running.ref} is held: {why}"
        out.append(Alert(severity="severe", code="algo_held", text=text, subject=running.ref))

    # -- orders -------------------------------------------------------------------------------

    def _place(self, now: int, running: RunningAlgo, act: Place, out: list[Output]) -> None:
        refused = self._wrong(now, running, act)
        name, said = f"{running.ref}.{act.name}", list[Output]()
        if refused is not None:
            said.append(refused)
        elif act.policy is not None:
            self._parents.new(now, self._as_parent(running, act, name), said)
        else:
            self._state.algos.sends_hedge = act.hedge
            self._entry.new(now, self._as_order(running, act, name), said)
            self._state.algos.sends_hedge = False
        accepted = self._heard(running, act.name, "place", said, out)
        if accepted is not None:
            self._state.algos.owns(running, act.name, accepted.order)
            if act.hedge:
                self._state.algos.hedging.add(accepted.order)

    def _as_parent(self, running: RunningAlgo, act: Place, name: str) -> inputs.NewParent:
        return inputs.NewParent(
            by=f"algo {running.ref}",
            ref=name,
            symbol=act.symbol,
            side=act.side,
            order_qty=act.qty,
            account=act.account or running.account,
            strategy=running.strategy or None,
            routed=True,
            policy=act.policy or "",
            price=act.price,
            time_in_force=act.time_in_force,
            venue=act.venue,
        )

    def _as_order(self, running: RunningAlgo, act: Place, name: str) -> inputs.NewOrder:
        return inputs.NewOrder(
            by=f"algo {running.ref}",
            terms=Terms(
                symbol=act.symbol,
                side=act.side,
                order_qty=act.qty,
                ord_type=_ord_type(act),
                price=act.price,
                stop_px=act.stop_px,
                time_in_force=act.time_in_force,
                account=act.account or running.account,
            ),
            venue=act.venue,
            client_ref=name,
            strategy=running.strategy or None,
            reduce_only=act.reduce_only,
        )

    def _wrong(self, now: int, running: RunningAlgo, act: Place) -> Refused | None:
        if act.name in running.names:
            text = f"algo {running.ref} has sent an order {act.name!r} before: names are new"
            return rule("algo", text, "name")
        return self._beyond(now, running, act.symbol, act.side in _BUYS, act.qty)

    def _beyond(
        self, now: int, running: RunningAlgo, symbol: str, buys: bool, more: Fixed
    ) -> Refused | None:
        """Refuse so much more than what has executed and is open, where a bound says so."""
        most = running.most.get((symbol, buys))
        if most is None or more <= 0:
            return None
        working = AlgoDesk(self._state, running, now).working()
        mine = [m for m in working if m.symbol == symbol and (m.side in _BUYS) == buys]
        could = running.executed.get((symbol, buys), 0) + sum([m.open_qty for m in mine]) + more
        if could <= most:
            return None
        text = f"all of algo {running.ref} would come to {text_of(could)}, more than its "
        return rule("conservation", f"{text}{text_of(most)}", "OrderQty(38)")

    def _change(self, now: int, running: RunningAlgo, act: Change, out: list[Output]) -> None:
        command = inputs.ReplaceOrder(
            by=f"algo {running.ref}",
            order=running.names.get(act.name, act.name),
            order_qty=act.qty,
            price=act.price,
            stop_px=act.stop_px,
        )
        said: list[Output] = []
        mine = AlgoDesk(self._state, running, now).mine(act.name)
        refused = _unknown(running, act.name) if mine is None else None
        if mine is not None and act.qty is not None:
            more = act.qty - mine.executed - mine.open_qty
            refused = self._beyond(now, running, mine.symbol, mine.side in _BUYS, more)
        if refused is None:
            self._state.algos.sends_hedge = command.order in self._state.algos.hedging
            self._parents.replace(now, command, said)
            self._state.algos.sends_hedge = False
        else:
            said.append(refused)
        self._heard(running, act.name, "change", said, out)

    def _cancel(self, now: int, running: RunningAlgo, act: Cancel, out: list[Output]) -> None:
        said: list[Output] = []
        if act.name in running.names:
            command = inputs.CancelOrder(by=f"algo {running.ref}", order=running.names[act.name])
            self._parents.cancel(now, command, said)
        else:
            said.append(_unknown(running, act.name))
        self._heard(running, act.name, "cancel", said, out)

    def _heard(
        self, running: RunningAlgo, name: str, act: str, said: list[Output], out: list[Output]
    ) -> Accepted | None:
        """What the gate said: a refusal is told to the algo, an acceptance returned."""
        accepted: Accepted | None = None
        for output in said:
            if type(output) is Accepted:
                accepted, running.refused = output, 0
            elif type(output) is Refused:
                running.refused += 1
                what = (act, output.control, output.text)
                self._state.algos.tell(running, Event(algos.REFUSED, name, what))
                if running.refused >= algos.MOST_REFUSED:
                    text = f"{running.refused} acts running were refused: {output.text}"
                    self.hold(running, text, out)
            else:
                out.append(output)
        return accepted

    # -- the algo itself ------------------------------------------------------------------------

    def _carry(self, now: int, running: RunningAlgo, act: Carry, out: list[Output]) -> None:
        key = CarryKey(act.account or running.account, act.venue, act.symbol, act.side)
        self._state.algos.carried.add(key, running.ref, act.qty)

    def _wake(self, now: int, running: RunningAlgo, act: Wake, out: list[Output]) -> None:
        self._state.algos.wake(running, act.at_ns and max(act.at_ns, now + SOONEST_NS))

    def _tell(self, now: int, running: RunningAlgo, act: Tell, out: list[Output]) -> None:
        text = f"algo {running.ref}: {act.text}"
        out.append(Alert(severity=act.severity, code="algo", text=text, subject=running.ref))

    def _hold(self, now: int, running: RunningAlgo, act: Hold, out: list[Output]) -> None:
        self.hold(running, act.why, out)

    def _done(self, now: int, running: RunningAlgo, act: Done, out: list[Output]) -> None:
        if running.state in _ENDS:
            return
        running.state, running.why, running.wake_ns = algos.ENDING, act.why, 0
        for mine in AlgoDesk(self._state, running, now).working():
            if mine.pending != "cancel":
                self._cancel(now, running, Cancel(name=mine.name), out)


_BUYS: Final = frozenset({"1", "3"})
_ENDS: Final = frozenset({algos.ENDING, algos.ENDED})


def _ord_type(act: Place) -> OrdType:
    if act.stop_px is not None:
        return OrdType.STOP if act.price is None else OrdType.STOP_LIMIT
    return OrdType.MARKET if act.price is None else OrdType.LIMIT


def _unknown(running: RunningAlgo, name: str) -> Refused:
    return rule("order", f"algo {running.ref} has no order {name!r}", "name")
