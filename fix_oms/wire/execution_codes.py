"""ExecTransType(20), ExecType(150) and OrdStatus(39), between each version's words and ours.

Inside, ExecType speaks FIX 4.4. FIX 4.2 says with ExecTransType(20) whether a report is new, a
bust, a correction or a status, and with ExecType(150) 1 and 2 how far a fill went; both are read,
whatever the session's version, since brokers mix them. One 4.2 report looks like a fill and is
none: 150=1 beside 39=7 with CumQty(14) 0 is a guarantee to a stopped order (FIX 4.2 appendix D,
D37).

Never guess: a code that nobody knows is read as Order Status, so that what it tells of quantities
counts as evidence, and nothing is booked by it.
"""

from __future__ import annotations

from typing import Final

import msgspec

from fix_oms.model.errors import UnknownCode, Unsupported
from fix_oms.model.fix import ExecTransType, ExecType, OrdStatus
from fix_oms.model.messages import ExecutionReport
from fix_oms.model.tags import label
from fix_oms.model.units import Fixed
from fix_oms.wire.versions import Version

_EXEC_TYPES: Final = frozenset(code.value for code in ExecType)
STATUSES: Final = frozenset(code.value for code in OrdStatus) - {OrdStatus.REPLACED.value}
"""What OrdStatus(39) may say without being worked out."""
FILLS: Final = frozenset({"1", "2"})
"""ExecType(150) of a partial fill and a fill, in FIX 4.2."""


_SAY_THEIR_STATUS: Final = frozenset("034679ABCE8")
"""ExecType(150) codes that are announced in OrdStatus(39) as well (X3), unless it outranks them."""


class Stated(msgspec.Struct, frozen=True):
    """What a report states about itself, as its fields stand."""

    exec_trans_type: str | None
    exec_type: str
    ord_status: str
    exec_ref_id: str | None
    order_qty: Fixed | None
    cum_qty: Fixed | None
    leaves_qty: Fixed | None


class Meaning(msgspec.Struct, frozen=True):
    """ExecType and OrdStatus in the words of 4.4, and what had to be tolerated."""

    exec_type: str
    ord_status: str
    notes: tuple[str, ...]


def plain_type(trans: str | None, exec_type: str, ord_status: str, version: Version) -> str | None:
    """ExecType of a report whose codes are the version's own and need no working out, or None."""
    if ord_status in STATUSES:
        if trans is None:
            if exec_type in version.exec_types and not version.has_exec_trans_type:
                return exec_type
        elif trans == "0" and version.has_exec_trans_type and ord_status != "7":
            if exec_type in FILLS:
                return "F"
            if exec_type in version.exec_types:
                return exec_type
    return None


def meaning(stated: Stated, version: Version) -> Meaning:
    """Read the three codes. Raises UnknownCode for a status that quantities cannot explain."""
    notes: list[str] = []
    ord_status = _ord_status(stated, version, notes)
    trans = stated.exec_trans_type
    if trans is None and version.has_exec_trans_type:
        notes.append("ExecTransType(20) is missing: read as New (0)")
    elif trans is not None and not version.has_exec_trans_type:
        notes.append(f"ExecTransType(20) {trans!r} is not a field of {version.name}")
    if trans is None or trans == ExecTransType.NEW:
        exec_type = _plain_type(stated, ord_status, version, notes)
    elif trans == ExecTransType.CANCEL:
        exec_type = ExecType.TRADE_CANCEL
        if stated.exec_type == ExecType.CANCELED and stated.exec_ref_id is None:
            exec_type = ExecType.CANCELED
            notes.append("ExecTransType(20) '1' without ExecRefID(19): the order's cancel, no bust")
    elif trans == ExecTransType.CORRECT:
        exec_type = ExecType.TRADE_CORRECT
    else:
        exec_type = ExecType.ORDER_STATUS
        if trans != ExecTransType.STATUS:
            notes.append(f"ExecTransType(20) {trans[:16]!r} is unknown: read as Status (3)")
    return Meaning(exec_type.value, ord_status, tuple(notes))


def _plain_type(stated: Stated, ord_status: str, version: Version, notes: list[str]) -> ExecType:
    """ExecType of a report that is new and says no more about it."""
    code = stated.exec_type
    if code in FILLS:
        guarantee = ord_status == OrdStatus.STOPPED and _nothing_done(stated)
        read = ExecType.STOPPED if guarantee else ExecType.TRADE
    elif code in _EXEC_TYPES:
        read = ExecType(code)
    else:
        read = ExecType.ORDER_STATUS
    if code not in version.exec_types:
        notes.append(
            f"ExecType(150) {code[:16]!r} is not a code of {version.name}: "
            f"read as {read.name} ({read.value})"
        )
    elif read is ExecType.ORDER_STATUS and code != read:
        notes.append(f"ExecType(150) {code!r}: read as a status")
    return read


def _nothing_done(stated: Stated) -> bool:
    """LeavesQty(151) is asked first: where it and CumQty(14) disagree, what CumQty claims stays
    unproven, and what is missing from LeavesQty is an execution."""
    if stated.leaves_qty is not None and stated.order_qty is not None:
        return stated.leaves_qty == stated.order_qty
    return stated.cum_qty == 0


def _ord_status(stated: Stated, version: Version, notes: list[str]) -> str:
    """OrdStatus as stated, or the working status that Replaced (5) or an unknown code hides."""
    code = stated.ord_status
    if code in STATUSES:
        return code
    if not code:
        notes.append("OrdStatus(39) is missing")
        return stated.exec_type if stated.exec_type in _SAY_THEIR_STATUS else ""
    done, left, total = stated.cum_qty, stated.leaves_qty, stated.order_qty
    if done is None and left is not None and total is not None:
        done = max(0, total - left)
    status = OrdStatus.NEW if not done else OrdStatus.PARTIALLY_FILLED
    if done and (left == 0 or (total is not None and done >= total)):
        status = OrdStatus.FILLED
    if code != OrdStatus.REPLACED:
        ended = left == 0 and not (done and done == total)
        if done is None or ended:
            raise UnknownCode(39, label(39), code, "is no OrdStatus of any FIX version")
    elif version.replaced_is_a_status:
        return status.value
    notes.append(f"OrdStatus(39) {code[:16]!r}: read as {status.name} ({status.value})")
    return status.value


def codes(report: ExecutionReport, version: Version) -> tuple[str | None, str]:
    """ExecTransType(20), if the version has it, and ExecType(150) that say what ``report`` says.

    Raises UnknownCode for an ExecType that is none, Unsupported for one that the version lacks.
    """
    code = report.exec_type
    if code not in _EXEC_TYPES:
        raise UnknownCode(150, label(150), code, "is no ExecType")
    if report.ord_status not in STATUSES:
        raise UnknownCode(39, label(39), report.ord_status, "is no OrdStatus that a report states")
    if not version.has_exec_trans_type:
        if code not in version.exec_types:
            raise Unsupported(f"{version.name} has no ExecType(150)={code}")
        return None, code
    full = report.ord_status == OrdStatus.FILLED or (
        report.cum_qty is not None and report.cum_qty == report.order_qty and report.cum_qty > 0
    )
    fill = "2" if full else "1"
    match code:
        case ExecType.TRADE:
            return ExecTransType.NEW, fill
        case ExecType.TRADE_CANCEL:
            return ExecTransType.CANCEL, fill
        case ExecType.TRADE_CORRECT:
            return ExecTransType.CORRECT, fill
        case ExecType.ORDER_STATUS:
            status = report.ord_status
            return ExecTransType.STATUS, status if status in version.exec_types else "0"
    if code not in version.exec_types:
        raise Unsupported(f"{version.name} has no ExecType(150)={code}")
    return ExecTransType.NEW, code
