"""Market data: V, W and X, the messages that are made of repeating groups.

Their readers get the groups beside the body. Of an entry they take what a book needs; the rest of
an entry is not kept, for it would cost more than the book itself.

RptSeq(83) stands in an entry since FIX 5.0; who sends it in an older version does so by agreement,
and some say it once for a whole W. It is read wherever it stands.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from fix_oms.model.errors import BadValue, MissingField
from fix_oms.model.fix import MDEntryType, SubscriptionRequestType
from fix_oms.model.messages import (
    MarketDataIncremental,
    MarketDataRequest,
    MarketDataSnapshot,
    MDEntry,
)
from fix_oms.model.tags import label
from fix_oms.model.units import Fixed, rounded
from fix_oms.wire.reports import Body, Pairs
from fix_oms.wire.text import Entry
from fix_oms.wire.values import fixed_text, leftover, whole, whole_text
from fix_oms.wire.versions import Version

Groups: TypeAlias = dict[str, list[Entry]]
"""By counter, the entries of each group of a message."""

_ASKED: Final = (MDEntryType.BID, MDEntryType.OFFER, MDEntryType.TRADE)
_INCREMENTAL: Final = "1"
"""MDUpdateType(265): changes only, after the first snapshot."""


def _need(entry: Entry, tag: int) -> str:
    value = entry.get(str(tag))
    if not value:
        raise MissingField(tag, label(tag), None, "is needed in each entry")
    return value


def _number(entry: Entry, tag: int) -> Fixed | None:
    """A price or size of an entry, rounded to 8 places where it has more."""
    text = entry.get(str(tag))
    if not text:
        return None
    try:
        return rounded(text)[0]
    except ValueError as error:
        raise BadValue(tag, label(tag), text, str(error)) from None


def _count(entry: Entry, tag: int) -> int | None:
    text = entry.get(str(tag))
    try:
        return whole(text) if text else None
    except ValueError as error:
        raise BadValue(tag, label(tag), text, str(error)) from None


def _entry(entry: Entry, incremental: bool) -> MDEntry:
    action = _need(entry, 279) if incremental else None
    return MDEntry(
        entry_type=_need(entry, 269) if action != "2" else entry.get("269", ""),
        price=_number(entry, 270),
        size=_number(entry, 271),
        action=action,
        symbol=entry.get("55") or None,
        entry_id=entry.get("278") or None,
        position=_count(entry, 290),
        market=entry.get("275") or entry.get("207") or None,
        rpt_seq=_count(entry, 83),
    )


def read_market_data_request(body: Body, groups: Groups, version: Version) -> MarketDataRequest:
    """35=V. Which entry types were asked for is not kept: bids, offers and trades are answered."""
    pop = body.pop
    pop("265", None)
    return MarketDataRequest(
        md_req_id=pop("262"),
        subscription_request_type=pop("263"),
        symbols=tuple(_need(entry, 55) for entry in groups["146"]),
        market_depth=whole(pop("264")) or 0,
        extra=leftover(body),
    )


def write_market_data_request(request: MarketDataRequest, version: Version) -> Pairs:
    """35=V."""
    if not request.symbols:
        raise MissingField(146, label(146), None, "needs at least one symbol")
    subscribes = request.subscription_request_type == SubscriptionRequestType.SUBSCRIBE
    return [
        ("262", request.md_req_id),
        ("263", request.subscription_request_type),
        ("264", whole_text(request.market_depth)),
        ("265", _INCREMENTAL if subscribes else None),
        ("267", str(len(_ASKED))),
        *(("269", kind.value) for kind in _ASKED),
        ("146", str(len(request.symbols))),
        *(("55", symbol) for symbol in request.symbols),
    ]


def read_snapshot(body: Body, groups: Groups, version: Version) -> MarketDataSnapshot:
    """35=W."""
    pop = body.pop
    return MarketDataSnapshot(
        symbol=pop("55"),
        entries=tuple(_entry(entry, incremental=False) for entry in groups["268"]),
        market=pop("207", None),
        rpt_seq=whole(pop("83", None)),
        md_req_id=pop("262", None),
        msg_seq_num=whole(pop("34", "0")) or 0,
        extra=leftover(body),
    )


def write_snapshot(snapshot: MarketDataSnapshot, version: Version) -> Pairs:
    """35=W."""
    pairs: Pairs = [
        ("262", snapshot.md_req_id),
        ("55", snapshot.symbol),
        ("207", snapshot.market),
        ("83", whole_text(snapshot.rpt_seq)),
        ("268", str(len(snapshot.entries))),
    ]
    for entry in snapshot.entries:
        pairs += _entry_pairs(entry)
    return pairs


def read_incremental(body: Body, groups: Groups, version: Version) -> MarketDataIncremental:
    """35=X. Where the symbol is said once for all (some brokers do), each entry gets it."""
    pop = body.pop
    said_once = pop("55", None)
    if said_once is not None:
        for entry in groups["268"]:
            entry.setdefault("55", said_once)
    return MarketDataIncremental(
        entries=tuple(_entry(entry, incremental=True) for entry in groups["268"]),
        md_req_id=pop("262", None),
        msg_seq_num=whole(pop("34", "0")) or 0,
        extra=leftover(body),
    )


def write_incremental(changes: MarketDataIncremental, version: Version) -> Pairs:
    """35=X."""
    pairs: Pairs = [("262", changes.md_req_id), ("268", str(len(changes.entries)))]
    for entry in changes.entries:
        if entry.action is None:
            raise MissingField(279, label(279), None, "is needed in each entry")
        pairs.append(("279", entry.action))
        pairs += _entry_pairs(entry)
    return pairs


def _entry_pairs(entry: MDEntry) -> Pairs:
    """An entry's fields; the absent ones are left out here, as the body has the same tags."""
    try:
        pairs = [
            ("269", entry.entry_type or None),
            ("278", entry.entry_id),
            ("55", entry.symbol),
            ("270", fixed_text(entry.price)),
            ("271", fixed_text(entry.size)),
            ("275", entry.market),
            ("83", whole_text(entry.rpt_seq)),
            ("290", whole_text(entry.position)),
        ]
    except (TypeError, ValueError) as error:
        raise BadValue(268, label(268), repr(entry), f"has an entry that {error}") from None
    return [(tag, value) for tag, value in pairs if value is not None]
