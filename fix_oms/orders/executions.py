"""The executions of one order: a set that only grows, and what it adds up to.

Brokers repeat executions, send them late, bust them and correct them, and the bust may arrive
before what it busts. So nothing here is a running total that a message moves: each message adds
one member to a set, and quantity and notional are what the set says.

- A *trade* is identified by its ExecID(17). The same ExecID again with the same LastQty(32) and
  LastPx(31) is a repetition and changes nothing; with others it is a *conflict*: both are held and
  counted, and the order shows a break.
- A *correction* names, by ExecRefID(19), the trade or an earlier correction of it, and states the
  corrected size and price, not a difference (J.1.a). The newest of the chain counts: the latest by
  TransactTime(60), else the one furthest along the references. Two that only their arrival tells
  apart are *tied*: the order is uncertain, and by ``larger`` and ``smaller`` the truth may be more
  or less than what counts.
- A *bust* names any member of the chain and ends it: nothing of it counts. A bust is never busted;
  a re-established execution comes as a new trade (FIX 4.4 volume 4, execution cancel/correct).
- A bust or correction of something unknown waits until that is known.
- A *split* rescales what executed before it: quantity by its ratio, notional not at all (H.1.b).

Identity is by class (trade, correction, bust), for brokers that reuse one ExecID for a trade and
its bust. It is never by day or session: a correction on day 2 names day 1's ExecID.

``gross`` counts each trade at its largest version and ignores busts: the most that the broker's
CumQty(14) can have stood at. ``Order`` measures told quantities against it.
"""

from __future__ import annotations

from typing import Final, final

from fix_oms.model.units import Fixed, Notional
from fix_oms.orders.execution import Execution, Split, rescaled, variant

MOST_SUMS: Final = 4096
"""Beyond so many possible sums a told CumQty(14) is not judged: nearly anything could be true."""


MOST_STEPS: Final = 20_000
"""And beyond so much work, which an order of two hundred equal fills takes: some 2 ms."""
_NO_REFS: Final[frozenset[str]] = frozenset()
_NONE: Final[dict[str, Execution]] = {}
"""Stands for "none yet" in every order: most never hold a correction or a bust. Never written."""


@final
class Executions:
    """The set and its sums: ``qty``, ``notional``, ``fees`` are effective, ``gross`` as above."""

    __slots__ = (
        "_reach",
        "busts",
        "conflicts",
        "corrections",
        "fees",
        "gross",
        "larger",
        "notional",
        "plain",
        "qty",
        "refs",
        "smaller",
        "splits",
        "tied",
        "trades",
    )

    def __init__(self) -> None:
        self.trades: dict[str, Execution] = _NONE
        self.corrections: dict[str, Execution] = _NONE
        self.busts: dict[str, Execution] = _NONE
        self.refs: frozenset[str] = _NO_REFS
        self._reach: set[Fixed] | None = None
        self.splits: tuple[Split, ...] = ()
        self.plain = True
        self.tied = False
        self.larger: Fixed = 0
        self.smaller: Fixed = 0
        self.conflicts = 0
        self.qty: Fixed = 0
        self.notional: Notional = 0
        self.fees: Fixed = 0
        self.gross: Fixed = 0

    def trade(self, new: Execution) -> bool:
        """Hold a trade. Returns whether anything changed (a repetition changes nothing)."""
        if not self.trades:
            self.trades = {}
        if not self._hold(self.trades, new):
            return False
        if self.plain or not (self.splits or new.exec_id in self.refs):
            self.qty += new.qty
            self.notional += new.qty * new.px
            self.fees += new.fee
            self.gross += new.qty
            self._reach = None
        else:
            self._recount()
        return True

    def correct(self, new: Execution) -> bool:
        """Hold a correction of ``new.ref``. Returns whether anything changed."""
        if not self.corrections:
            self.corrections = {}
        return self._amend(self.corrections, new)

    def bust(self, new: Execution) -> bool:
        """Hold a bust of ``new.ref``. Returns whether anything changed."""
        if not self.busts:
            self.busts = {}
        return self._amend(self.busts, new)

    def _amend(self, held: dict[str, Execution], new: Execution) -> bool:
        if not self._hold(held, new):
            return False
        self.refs = self.refs | {new.ref}
        self._recount()
        return True

    def _hold(self, held: dict[str, Execution], new: Execution) -> bool:
        known = held.get(new.exec_id)
        if known is not None and not known.is_same(new):
            # Of two under one id the smaller keeps the name, so that arrival decides nothing.
            if (new.qty, new.px, new.ref) < (known.qty, known.px, known.ref):
                held[new.exec_id], new = new, known
            new = variant(new)
            known = held.get(new.exec_id)
            if known is None:
                self.conflicts += 1
        if known is None:
            held[new.exec_id] = new
        elif new.details() > known.details():
            held[new.exec_id] = new
            self._recount()
        return known is None

    def rescale(self, splits: tuple[Split, ...]) -> None:
        """The splits that the restatements amount to by now."""
        self.splits = splits
        self._recount()

    # -- what the set says --------------------------------------------------------------------

    def waiting(self) -> list[str]:
        """The ExecIDs of busts and corrections whose trade is not known (yet)."""
        places = self._places()
        found = [e for e in self.corrections if e not in places]
        known = self.trades.keys() | places.keys()
        return sorted(found + [b.exec_id for b in self.busts.values() if b.ref not in known])

    def states(self) -> list[tuple[Execution, str]]:
        """Each held trade and correction with its state: effective, corrected, busted, waiting."""
        places = self._places()
        effective, busted = self._effective(places), self._busted(places)
        rooted: list[tuple[Execution, str | None]] = [(t, e) for e, t in self.trades.items()]
        rooted += [(c, places[e][0] if e in places else None) for e, c in self.corrections.items()]
        found = []
        for execution, root in rooted:
            if root is None:
                state = "waiting"
            elif root in busted:
                state = "busted"
            else:
                state = "effective" if effective[root] is execution else "corrected"
            found.append((execution, state))
        return found

    def counted(self) -> list[tuple[Execution, Fixed, Execution]]:
        """Each effective version, its quantity today (splits applied), and its trade."""
        places = self._places()
        busted = self._busted(places)
        return [
            (version, self._scaled(version.qty, self.trades[root]), self.trades[root])
            for root, version in self._effective(places).items()
            if root not in busted
        ]

    def told_scaled(self, trade: Execution) -> Fixed:
        """The CumQty(14) that came with the trade, in today's shares."""
        return self._scaled(trade.told, trade)

    def fits(self, trade: Execution) -> bool:
        """Whether the CumQty(14) told with this trade agrees with the other executions held.

        Without busts and corrections CumQty only grows, so between two trades that stand next to
        each other by CumQty told there is room for the later one. With them, it must be a sum that
        the executions can have come to with this one in it.
        """
        if self.plain:
            told = sorted((e.told, e.qty, e is trade) for e in self.trades.values() if e.told >= 0)
            below: Fixed = 0
            for cum, qty, mine in told:
                if cum - below < qty and (mine or below == trade.told):
                    return False
                below = cum
            return True
        if self.splits:
            return True
        others = [s for root, s in self._sizes() if root != trade.exec_id]
        sums = _sums(others)
        return not sums or trade.told - trade.qty in sums

    def unreachable(self, told: Fixed) -> Fixed:
        """How far ``told`` is above the next lower sum that the executions can have come to."""
        if told > self.gross or self.splits:
            return 0
        if self._reach is None:
            self._reach = _sums([sizes for _, sizes in self._sizes()])
        if not self._reach or told in self._reach:
            return 0
        return told - max(s for s in self._reach if s <= told)

    def root(self, exec_id: str) -> str | None:
        """The ExecID of the trade at the start of the chain that ``exec_id`` is a member of."""
        for _ in range(len(self.corrections) + 1):
            if exec_id in self.trades:
                return exec_id
            correction = self.corrections.get(exec_id)
            if correction is None:
                return None
            exec_id = correction.ref
        return None  # references that run in a circle lead to no trade

    # -- inside -------------------------------------------------------------------------------

    def _sizes(self) -> list[tuple[str, set[Fixed]]]:
        """For each trade the sizes that it ever had: none, its own, those of its corrections."""
        sizes = {root: {0, trade.qty} for root, trade in self.trades.items()}
        for exec_id, (root, _) in self._places().items():
            sizes[root].add(self.corrections[exec_id].qty)
        return list(sizes.items())

    def _places(self) -> dict[str, tuple[str, int]]:
        """For each correction whose trade is known: that trade, and how far it is from it."""
        found: dict[str, tuple[str, int]] = {}
        for exec_id in self.corrections:
            # A correction may bear a trade's ExecID: it is its reference that leads to its trade.
            walked, at = [exec_id], self.corrections[exec_id].ref
            while at not in self.trades and at not in found and at in self.corrections:
                walked.append(at)
                at = self.corrections[at].ref
                if len(walked) > len(self.corrections):
                    break  # references that run in a circle lead to no trade
            if at in self.trades or at in found:
                root, depth = (at, -1) if at in self.trades else found[at]
                for one in reversed(walked):
                    depth += 1
                    found[one] = root, depth
        return found

    def _scaled(self, qty: Fixed, trade: Execution) -> Fixed:
        return rescaled(qty, trade, self.splits)

    def _busted(self, places: dict[str, tuple[str, int]]) -> set[str]:
        refs = [bust.ref for bust in self.busts.values()]
        return {ref if ref in self.trades else places.get(ref, ("", 0))[0] for ref in refs}

    def _effective(self, places: dict[str, tuple[str, int]]) -> dict[str, Execution]:
        """For each trade, the version that counts (were it not busted)."""
        newest = dict(self.trades)
        chains: dict[str, list[tuple[Execution, int]]] = {}
        for exec_id, (root, depth) in places.items():
            chains.setdefault(root, []).append((self.corrections[exec_id], depth))
        self.tied, self.larger, self.smaller = False, 0, 0
        for root, chain in chains.items():
            newest[root] = self._newest(chain)
        return newest

    def _newest(self, chain: list[tuple[Execution, int]]) -> Execution:
        """By time where all have one, else the furthest along the references, else by arrival."""
        timed = all(c.time for c, _ in chain)
        ranked = [
            ((c.time if timed else 0, depth, c.time), (c.arrival, c.exec_id), c)
            for c, depth in chain
        ]
        ranked.sort(key=lambda one: one[:2])
        rank, _, best = ranked[-1]
        tied = [c for other, _, c in ranked if other == rank]
        if any((c.qty, c.px) != (best.qty, best.px) for c in tied):
            self.tied = True
            self.larger += max(c.qty for c in tied) - best.qty
            self.smaller += best.qty - min(c.qty for c in tied)
        same = [c for c in tied if (c.qty, c.px) == (best.qty, best.px)]
        return max(same, key=lambda c: c.exec_id)

    def _recount(self) -> None:
        self.plain = not (self.corrections or self.busts or self.splits)
        self._reach = None
        self.gross = sum(
            max(self._scaled(size, self.trades[root]) for size in sizes)
            for root, sizes in self._sizes()
        )
        counted = self.counted()
        self.qty = sum(qty for _, qty, _ in counted)
        self.notional = sum(version.qty * version.px for version, _, _ in counted)
        self.fees = sum(version.fee for version, _, _ in counted)

    def _check(self) -> None:
        """Assert what must hold at every moment; for property tests and the simulated world."""
        kept = (self.qty, self.notional, self.fees, self.gross)
        self._recount()
        now = (self.qty, self.notional, self.fees, self.gross)
        assert kept == now, "sums differ from the set"
        assert 0 <= self.qty <= self.gross


NOTHING: Final = Executions()
"""Of every order that has not executed; never written to."""


def _sums(choices: list[set[Fixed]]) -> set[Fixed]:
    """Every sum of one choice of each; empty when there are too many to tell anything."""
    sums: set[Fixed] = {0}
    steps = 0
    for sizes in choices:
        sums = {s + size for s in sums for size in sizes}
        steps += len(sums)
        if len(sums) > MOST_SUMS or steps > MOST_STEPS:
            return set()
    return sums
