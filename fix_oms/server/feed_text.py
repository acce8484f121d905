"""What a feed's lines and datagrams say: one JSON object each (``spec/FEEDS.md``).

Prices and quantities are texts, because a JSON number is read as a float and has lost its value
then. What cannot be read is an error that says where in the message it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec

from fix_oms.model.feeds import Feed
from fix_oms.model.inputs import BookUpdate
from fix_oms.model.units import Fixed, fixed

_LONGEST_TIME = 2**63
_Pairs = list[tuple[str, str]]


class Told(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One message as it stands in JSON."""

    symbol: str
    kind: Literal["snapshot", "update"]
    seq: int | None = None
    bids: _Pairs = []
    offers: _Pairs = []
    trades: _Pairs = []
    time: int | str | None = None


_decoder = msgspec.json.Decoder(Told)


def told(data: bytes, feed: Feed) -> BookUpdate:
    """The input that a message is. Raises ValueError with the reason."""
    try:
        message = _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from None
    if not message.symbol:
        raise ValueError("symbol: is empty")
    if message.seq is not None and not 0 <= message.seq < 2**63:
        raise ValueError(f"seq: {message.seq} is not in 0 to 2^63")
    return BookUpdate(
        feed=feed.name,
        venue=feed.venue,
        symbol=message.symbol,
        whole=message.kind == "snapshot",
        bids=_levels("bids", message.bids),
        offers=_levels("offers", message.offers),
        trades=_levels("trades", message.trades),
        seq=-1 if message.seq is None else message.seq,
        time_ns=_time(message.time),
    )


def _levels(name: str, pairs: _Pairs) -> tuple[tuple[Fixed, Fixed], ...]:
    return tuple([_level(name, n, pair) for n, pair in enumerate(pairs)])


def _level(name: str, n: int, pair: Sequence[str]) -> tuple[Fixed, Fixed]:
    found = []
    for place, (what, text) in enumerate(zip(("price", "quantity"), pair, strict=True)):
        try:
            found.append(fixed(text))
        except ValueError as error:
            raise ValueError(f"{name}[{n}][{place}]: {what} {text[:40]!r} {error}") from None
    if found[1] < 0:
        raise ValueError(f"{name}[{n}][1]: quantity {pair[1]!r} is below 0")
    return found[0], found[1]


def _time(value: int | str | None) -> int:
    """Nanoseconds UTC; 0 where none is said."""
    if value is None:
        return 0
    if isinstance(value, int):
        if not 0 < value < _LONGEST_TIME:
            raise ValueError(f"time: {value} is no time in nanoseconds")
        return value
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"time: {value[:40]!r} is no time (2026-11-21T14:30:00.5Z)") from None
    if found.tzinfo is None:
        raise ValueError(f"time: {value!r} does not say of which zone it is (end it with Z)")
    past = found.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    if past.days < 0:
        raise ValueError(f"time: {value!r} is before 1970")
    return ((past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds) * 1000
