"""Per MsgType, what the codec holds an incoming message to: one row each, for all versions.

``needed`` are the fields without which the message cannot be taken at all; they are fewer than the
standard requires. ``checked`` are the fields that are read as numbers, times or flags, by
kind. A time in a report is a courtesy, not evidence, and is dropped when it cannot be read
(``lenient_times``); in a request it is the client's word and has to be right. A field that
is ``lenient`` is dropped as such a time is: what is wrong beside a position, a balance or a halt
must not lose it.
"""

from __future__ import annotations

from typing import Final

import attrs

from fix_oms.wire.groups import tag_row, tag_set

QUANTITIES: Final = tag_set("14 32 38 151 152 424 425")
PRICES: Final = tag_set("6 12 31 44 99 426 730 899-901")
COUNTS: Final = tag_set("34 45 83 264 371 533 727 911")
FLAGS: Final = tag_set("43 97 912")
TIMES: Final = tag_set("52 60 126")


@attrs.frozen
class Form:
    """What one MsgType has to have and which of its fields are not text."""

    name: str
    needed: tuple[str, ...]
    checked: frozenset[str]
    lenient_times: bool = True
    groups: frozenset[str] = frozenset()
    """Counters of the groups that the message is about: they have to count right."""
    lenient: frozenset[str] = frozenset()
    """Of ``checked``, what is left out, with a note, where it cannot be read."""


_REQUEST_NUMBERS: Final = tag_set("38 44 99 60 126 97 152")
_REPORT_NUMBERS: Final = tag_set("38 44 99 32 31 14 151 152 6 424-426 12 60 911 912")
_REPORT_HEADER: Final = tag_set("34 43 97 52")
_HEADER: Final = tag_set("34 43 52")
_NUMBERED: Final = tag_set("34")
_BOOK: Final = tag_set("34 83")
_TIMED: Final = tag_set("60")
_NONE: Final[frozenset[str]] = frozenset()
_ENTRIES: Final = frozenset({"268"})
_SYMBOLS: Final = frozenset({"146"})
_POSITIONS: Final = frozenset({"702"})
_HELD: Final = tag_set("727 730 60")
_MONEY: Final = tag_set("899-901 60")
_LAST: Final = tag_set("31 60")

FORMS: Final[dict[str, Form]] = {
    "D": Form("NewOrderSingle", tag_row("11 55 54 40 60"), _REQUEST_NUMBERS, False),
    "F": Form("OrderCancelRequest", tag_row("11 41 55 54 60"), tag_set("38 60 152"), False),
    "G": Form("OrderCancelReplaceRequest", tag_row("11 41 55 54 40 60"), _REQUEST_NUMBERS, False),
    "H": Form("OrderStatusRequest", tag_row("11 55 54"), _NONE, False),
    "q": Form("OrderMassCancelRequest", tag_row("11 530 60"), _TIMED, False),
    "AF": Form("OrderMassStatusRequest", tag_row("584 585"), _NONE, False),
    "Q": Form("DontKnowTrade", tag_row("37 17 127 55 54"), tag_set("31 32 38 152"), False),
    "V": Form("MarketDataRequest", tag_row("262 263 264 146"), tag_set("264"), False, _SYMBOLS),
    "8": Form("ExecutionReport", tag_row("150"), _REPORT_NUMBERS | _REPORT_HEADER),
    "9": Form("OrderCancelReject", tag_row("11"), _TIMED | _REPORT_HEADER),
    "r": Form("OrderMassCancelReport", tag_row("531"), tag_set("533 34 43")),
    "j": Form("BusinessMessageReject", tag_row("380"), tag_set("45 34 43")),
    "3": Form("Reject", tag_row("45"), tag_set("45 371 34 43")),
    "W": Form("MarketDataSnapshotFullRefresh", tag_row("55 268"), _BOOK, groups=_ENTRIES),
    "X": Form("MarketDataIncrementalRefresh", tag_row("268"), _NUMBERED, groups=_ENTRIES),
    "Y": Form("MarketDataRequestReject", tag_row("262"), _NUMBERED),
    "AN": Form("RequestForPositions", tag_row("710 724 60"), _TIMED, False),
    "AO": Form("RequestForPositionsAck", tag_row("728"), _HELD | _HEADER, lenient=_HELD),
    "AP": Form("PositionReport", (), _HELD | _HEADER, groups=_POSITIONS, lenient=_HELD),
    "BA": Form("CollateralReport", (), _MONEY | _HEADER, lenient=_MONEY),
    "e": Form("SecurityStatusRequest", tag_row("324 55 263"), _NONE, False),
    "f": Form("SecurityStatus", tag_row("55"), _LAST | _HEADER, lenient=_LAST),
}
