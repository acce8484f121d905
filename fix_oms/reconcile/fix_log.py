"""Executions in a log of FIX messages: a broker's drop copy as a file, or its messages to us.

Any log with one message on a line or several: as QuickFIX, a terminal or a support desk writes
them, with or without times before them, with SOH, ``|`` or ``^A`` between fields. What counts are
executions: ExecutionReports (35=8) that are a trade, a correction or a bust, and
TradeCaptureReports (35=AE). All other messages are passed over. A report that cannot be read is an
error with its line; a last line that is cut off is none, for the log may still be written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from fix_oms.model.codes import EXEC_TRADE, EXEC_TRADE_CANCEL, EXEC_TRADE_CORRECT
from fix_oms.model.errors import BadFile, FixOmsError
from fix_oms.model.messages import ExecutionReport
from fix_oms.reconcile.broker import Clock, Names, number_of
from fix_oms.reconcile.captures import captured
from fix_oms.reconcile.trades import BUST, BUYS, CORRECT, TRADE, Row
from fix_oms.wire import SOH, Codec

SHOWN_ERRORS: Final = 20
_KINDS: Final = {EXEC_TRADE: TRADE, EXEC_TRADE_CORRECT: CORRECT, EXEC_TRADE_CANCEL: BUST}
_MESSAGE: Final = re.compile(r"8=FIX.*?\x0110=[0-9]{3}(?:\x01|$)")


def read_log(
    lines: Iterable[str], codec: Codec, clock: Clock, names: Names, file: str
) -> tuple[Row, ...]:
    """The executions of a log. Raises BadFile."""
    found: list[Row] = []
    errors: list[str] = []
    torn = ""
    for number, line in enumerate(lines, 1):
        if torn and line.strip():
            errors.append(torn)
            torn = ""
        for text in _messages(line):
            if text is None:
                torn = f"line {number}: the message is cut off: it has no CheckSum(10)"
                continue
            try:
                row = _row(text, codec, clock, names, f"line {number}")
            except (FixOmsError, ValueError) as error:
                errors.append(f"line {number}: {error}")
            else:
                found += [row] if row is not None else []
    if errors:
        shown = errors[:SHOWN_ERRORS]
        shown += [f"... and {len(errors) - len(shown)} more"] if len(errors) > len(shown) else []
        raise BadFile("\n  ".join([f"{file}: nothing was compared, {len(errors)} bad:", *shown]))
    return tuple(found)


def _messages(line: str) -> Iterator[str | None]:
    """Each message on a line; None for one that is cut off."""
    start = line.find("8=FIX")
    if start < 0:
        return
    text = line[start:].rstrip("\r\n")
    if SOH not in text:
        text = text.replace("^A", SOH).replace("|", SOH)
    end = 0
    for found in _MESSAGE.finditer(text):
        whole, end = found[0], found.end()
        yield whole if whole.endswith(SOH) else whole + SOH
    if "8=FIX" in text[end:]:
        yield None


def _row(text: str, codec: Codec, clock: Clock, names: Names, where: str) -> Row | None:
    report = captured(text) or _reported(text, codec)
    if report is None or report.exec_type not in _KINDS:
        return None
    kind = _KINDS[report.exec_type]
    needs_amounts = kind != BUST
    missing = [
        name
        for name, value in (
            ("ExecID(17)", report.exec_id),
            ("Symbol(55)", report.symbol),
            ("Side(54)", report.side),
            ("LastQty(32)", report.last_qty if needs_amounts else 0),
            ("LastPx(31)", report.last_px if needs_amounts else 0),
        )
        if value is None
    ]
    if missing:
        raise ValueError(f"the {kind} has no {missing[0]}")
    ids = (report.order_id, report.cl_ord_id, report.orig_cl_ord_id)
    account, symbol, time_ns = report.account or "", report.symbol or "", report.transact_time or 0
    return Row(
        kind=kind,
        exec_id=report.exec_id or "",
        ref=report.exec_ref_id or "",
        orders=tuple(dict.fromkeys(name for name in ids if name)),
        account=names.accounts.get(account, account),
        symbol=names.symbols.get(symbol, symbol),
        buys=report.side in BUYS,
        qty=report.last_qty or 0,
        px=report.last_px or 0,
        time_ns=time_ns,
        day=_day(report, clock),
        where=where,
    )


def _reported(text: str, codec: Codec) -> ExecutionReport | None:
    if f"{SOH}35=8{SOH}" not in text:
        return None
    report = codec.decode(text)
    return report if isinstance(report, ExecutionReport) else None


def _day(report: ExecutionReport, clock: Clock) -> int:
    told = report.trade_date
    if told is None:
        return clock.day(report.transact_time) if report.transact_time else 0
    try:
        return number_of(date.fromisoformat(told))
    except ValueError:
        raise ValueError(f"TradeDate(75) {told!r} is no date (YYYYMMDD)") from None
