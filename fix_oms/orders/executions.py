"""The executions of one order: a set that only grows, and what it adds up to.

Brokers repeat executions, send them late, bust them and correct them, and the bust may arrive
before what it busts. So nothing here is a running total that a message moves: each message adds
one member to a set, and quantity and notional are what the set says.

- A *trade* is identified by its ExecID(17). The same ExecID again with the same LastQty(32) and
  LastPx(31) is a repetition and changes nothing; with others it is a *conflict*: both are held and
  counted, and the order shows a break.
- A *correction* names, by ExecRefID(19), the trade or an earlier correction of it, and states the
  corrected size and price, not a difference (J.1.a). The chain's newest version counts: the one
  furthest along the references, then the latest TransactTime(60).
- A *bust* names any member of the chain and ends it: nothing of it counts. A bust is never busted;
  a re-established execution comes as a new trade (FIX 4.4 volume 4, execution cancel/correct).
- A bust or correction of something unknown waits until that is known.

Identity is by class (trade, correction, bust), for brokers that reuse one ExecID for a trade and
its bust. It is never by day or session: a correction on day 2 names day 1's ExecID.

``gross`` counts each trade at its largest version and ignores busts: the most that the broker's
CumQty(14) can have stood at. ``Order`` measures told quantities against it.
"""

from __future__ import annotations

from typing import Final

from fix_oms.model.units import Fixed, Notional


class Execution:
    """One held member: a trade (``ref`` empty) or a correction (``ref`` names what it corrects)."""

    __slots__ = ("exec_id", "px", "qty", "ref", "time")

    def __init__(self, exec_id: str, qty: Fixed, px: Fixed, time: int, ref: str) -> None:
        self.exec_id: Final = exec_id
        self.qty: Final = qty
        self.px: Final = px
        self.time: Final = time
        self.ref: Final = ref


class Executions:
    """The set and its sums: ``qty`` and ``notional`` are effective, ``gross`` as defined above."""

    __slots__ = ("busts", "conflicts", "corrections", "gross", "notional", "qty", "trades")

    def __init__(self) -> None:
        self.trades: dict[str, Execution] = {}
        self.corrections: dict[str, Execution] = {}
        self.busts: dict[str, str] = {}
        self.conflicts = 0
        self.qty: Fixed = 0
        self.notional: Notional = 0
        self.gross: Fixed = 0

    def trade(self, exec_id: str, qty: Fixed, px: Fixed, time: int) -> bool:
        """Hold a trade. Returns whether anything changed (a repetition changes nothing)."""
        held = self.trades.get(exec_id)
        if held is not None:
            if held.qty == qty and held.px == px:
                return False
            # The variant gets a key of its own that no wire value can equal: SOH never is in one.
            exec_id = f"{exec_id}\x01{qty}\x01{px}"
            if exec_id in self.trades:
                return False
            self.conflicts += 1
        self.trades[exec_id] = Execution(exec_id, qty, px, time, "")
        if self.busts or self.corrections:
            self._recount()
        else:
            self.qty += qty
            self.notional += qty * px
            self.gross += qty
        return True

    def correct(self, exec_id: str, ref: str, qty: Fixed, px: Fixed, time: int) -> bool:
        """Hold a correction of ``ref``. Returns whether anything changed."""
        held = self.corrections.get(exec_id)
        if held is not None:
            if held.qty == qty and held.px == px and held.ref == ref:
                return False
            exec_id = f"{exec_id}\x01{qty}\x01{px}\x01{ref}"
            if exec_id in self.corrections:
                return False
            self.conflicts += 1
        self.corrections[exec_id] = Execution(exec_id, qty, px, time, ref)
        self._recount()
        return True

    def bust(self, exec_id: str, ref: str) -> bool:
        """Hold a bust of ``ref``. Returns whether anything changed."""
        if self.busts.get(exec_id, ref) != ref:
            exec_id = f"{exec_id}\x01{ref}"
            self.conflicts += exec_id not in self.busts
        if exec_id in self.busts:
            return False
        self.busts[exec_id] = ref
        self._recount()
        return True

    def waiting(self) -> list[str]:
        """The ExecIDs of busts and corrections whose trade is not known (yet)."""
        return [e for e, c in self.corrections.items() if self._root(c.ref) is None] + [
            e for e, ref in self.busts.items() if self._root(ref) is None
        ]

    def states(self) -> list[tuple[Execution, str]]:
        """Each held trade and correction with its state: effective, corrected, busted, waiting."""
        effective, busted = self._effective(), self._busted()
        found = []
        for execution in (*self.trades.values(), *self.corrections.values()):
            root = self._root(execution.exec_id)
            if root is None:
                state = "waiting"
            elif root in busted:
                state = "busted"
            else:
                state = "effective" if effective[root] is execution else "corrected"
            found.append((execution, state))
        return found

    def _root(self, exec_id: str) -> str | None:
        """The ExecID of the trade at the start of the chain that ``exec_id`` is a member of."""
        for _ in range(len(self.corrections) + 1):
            if exec_id in self.trades:
                return exec_id
            correction = self.corrections.get(exec_id)
            if correction is None:
                return None
            exec_id = correction.ref
        return None  # references that run in a circle lead to no trade

    def _depth(self, execution: Execution) -> int:
        depth = 0
        while execution.ref and execution.ref not in self.trades:
            execution = self.corrections[execution.ref]
            depth += 1
        return depth

    def _busted(self) -> set[str | None]:
        return {self._root(ref) for ref in self.busts.values()}

    def _effective(self) -> dict[str, Execution]:
        """For each trade, the version that counts (were it not busted)."""
        newest = dict(self.trades)
        rank: dict[str, tuple[int, int, str]] = {}
        for exec_id, correction in self.corrections.items():
            root = self._root(correction.ref)
            if root is not None:
                mine = (self._depth(correction), correction.time, exec_id)
                if root not in rank or mine > rank[root]:
                    rank[root], newest[root] = mine, correction
        return newest

    def _recount(self) -> None:
        busted = self._busted()
        largest = {root: trade.qty for root, trade in self.trades.items()}
        for correction in self.corrections.values():
            root = self._root(correction.ref)
            if root is not None:
                largest[root] = max(largest[root], correction.qty)
        self.gross = sum(largest.values())
        counted = [e for root, e in self._effective().items() if root not in busted]
        self.qty = sum(e.qty for e in counted)
        self.notional = sum(e.qty * e.px for e in counted)

    def _check(self) -> None:
        """Assert what must hold at every moment; for property tests and the simulated world."""
        kept = (self.qty, self.notional, self.gross)
        self._recount()
        assert kept == (self.qty, self.notional, self.gross), "sums differ from the set"
        assert 0 <= self.qty <= self.gross
