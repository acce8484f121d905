"""Whether a journal can be believed: whole, replayable, and true to the laws of an order book.

Three questions, each the ground of the next: is every byte as it was written (length, CRC, chain);
did only messages leave that this engine asks for; does the state add up (DESIGN: invariants 1, 2).
The laws are recomputed here from the executions themselves, not read from the sums that the engine
keeps while it runs, so that a wrong sum is found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from fix_oms.engine import Engine
from fix_oms.engine.state import State
from fix_oms.journal import anchor, verify_snapshots
from fix_oms.journal.check import Check, check
from fix_oms.journal.replay import replay
from fix_oms.journal.verify_algos import broken_by_algos
from fix_oms.journal.verify_snapshots import NONE
from fix_oms.model.errors import JournalCorrupt, JournalError
from fix_oms.model.units import text_of


class Verified(NamedTuple):
    """What was found; ``ok`` is that nothing was. ``cut`` tells of a half-written tail, and
    ``snapshots`` how many are kept that lead to the same state; ``notes`` are of the others."""

    ok: bool
    segments: int
    records: int
    sent: int
    orders: int
    head: str
    state_hash: str
    cut: str
    snapshots: int
    notes: tuple[str, ...]
    findings: tuple[str, ...]
    anchors: anchor.Compared | None
    """What the anchors say, where files of them were given."""
    origin: str
    """The head of the journal that this one was converted from, or empty."""


def verified(directory: Path, anchors: Sequence[Path] = ()) -> Verified:
    """Check a journal as far as it can be read, also against what files of anchors hold.

    Raises JournalError where it, or an anchor file, cannot be read at all.
    """
    held = anchor.read(anchors)  # before the journal, which a running engine goes on with
    files = check(directory, (a.records for a in held.anchors))
    findings = [str(files.damage)] if files.damage is not None else []
    chain = chain_of(directory, files)
    compared = anchor.compare(chain, held) if held.files else None
    if compared is not None:
        findings += compared.findings
    engine = Engine()
    sent = orders = 0
    state_hash, snapshots = "", NONE
    notes: tuple[str, ...] = ()
    try:
        found = replay(directory, engine)
    except JournalError as error:
        if not findings:
            findings.append(str(error))
    else:
        sent = found.sent
        findings += found.mismatches
        if found.otherwise:
            text = f"{found.otherwise} routing decisions would be made otherwise by this version: "
            notes = (f"{text}what was decided stands",)
        if found.records:
            findings += broken_laws(engine.state)
            orders = len(engine.state.book.orders)
            state_hash = engine.shown(found.last_ns).hash()
            snapshots = verify_snapshots.compared(directory, found, state_hash)
            findings += snapshots.findings
    return Verified(
        ok=not findings,
        segments=files.segments,
        records=files.records,
        sent=sent,
        orders=orders,
        head=files.head,
        state_hash=state_hash,
        cut=str(files.cut) if files.cut is not None else "",
        snapshots=snapshots.same,
        notes=snapshots.notes + notes,
        findings=tuple(findings),
        anchors=compared,
        origin=chain.origin,
    )


def chain_of(directory: Path, files: Check) -> anchor.Chain:
    """What anchors of this journal are compared with."""
    try:
        name, origin = anchor.journal_name(directory), anchor.origin(directory)
    except JournalCorrupt:
        name, origin = anchor.UNNAMED, ""  # the first header is the damage: the anchors may tell
    return anchor.Chain(name, files.records, files.heads, origin, files.damage is not None)


def broken_laws(state: State) -> list[str]:
    """Each law of the state that does not hold, in words."""
    broken = []
    bought = defaultdict(int, state.forgotten.executed)
    opened: dict[tuple[str, str, bool], int] = defaultdict(int)
    committed: dict[str, int] = defaultdict(int)
    parents = state.gate.parents
    committed.update((ref, parent.forgotten) for ref, parent in parents.parents.items())
    for order in state.book.orders:
        effective = sum(qty for _, qty, _ in order.executions.counted())
        bought[order.account, order.symbol, order.buys] += effective
        opened[order.account, order.symbol, order.buys] += order.open_qty
        parent = parents.of(order)
        if parent is not None:
            committed[parent.ref] += effective + order.open_qty
        if order.cum_qty != effective + order.provisional:
            broken.append(
                f"order {order.reference}: CumQty(14) {text_of(order.cum_qty)} is not the sum of "
                f"its executions {text_of(effective)}"
            )
        if order.leaves_qty < 0:
            broken.append(f"order {order.reference}: LeavesQty(151) is negative")
    for routed in state.routed.parents.values():
        held = routed.held
        opened[held.account, held.symbol, held.buys] += routed.reserved
    for (account, symbol), position in state.ledger.positions.items():
        for what, side, kept, sums in (
            ("bought", True, position.bought, bought),
            ("sold", False, position.sold, bought),
            ("open to buy", True, position.open_buy, opened),
            ("open to sell", False, position.open_sell, opened),
        ):
            if kept != sums[account, symbol, side]:
                broken.append(
                    f"position {account} {symbol}: {what} {text_of(kept)} is not the sum of its "
                    f"orders {text_of(sums[account, symbol, side])}"
                )
    for ref, parent in parents.parents.items():
        open_qty = parent.committed - parent.executed
        if parent.executed < 0 or open_qty < 0:
            broken.append(f"parent {ref}: its children come to less than nothing")
        if parent.committed != committed[ref]:
            broken.append(
                f"parent {ref}: {text_of(parent.committed)} committed is not the sum of its "
                f"children {text_of(committed[ref])}"
            )
    return broken + broken_by_algos(state)
