"""How long orders took, read from the journal: its stage times are the only stopwatch needed.

*Command to wire*: from when the command came in until QuickFIX had handed the message to the
socket. *Wire to answer*: from there until the first message that names the order was received,
which is the counterparty's time and the network's, and ours to take it in.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from fix_oms.journal.follower import records
from fix_oms.model.inputs import FixIn, Sent, decode


class Latency(NamedTuple):
    """Nanoseconds of each new order, in the order in which they left."""

    to_wire: tuple[int, ...]
    to_answer: tuple[int, ...]
    to_acknowledged: tuple[int, ...]
    """From command to answer: the sum of both, for the orders that have an answer."""


def latency(directory: Path, start: int = 0) -> Latency:
    """The times of all new orders from record ``start`` on."""
    sent: dict[str, Sent] = {}
    answered: dict[str, int] = {}
    for record in records(directory, start):
        value = decode(record.payload)
        if isinstance(value, Sent) and value.text.startswith("35=D\x01"):
            sent[value.cl_ord_id] = value
        elif isinstance(value, FixIn):
            cl_ord_id = value.text.partition("\x0111=")[2].partition("\x01")[0]
            answered.setdefault(cl_ord_id, record.time_ns)
    both = [(s, answered[name]) for name, s in sent.items() if name in answered]
    return Latency(
        to_wire=tuple(s.sent_ns - s.received_ns for s in sent.values()),
        to_answer=tuple(max(0, at - s.sent_ns) for s, at in both),
        to_acknowledged=tuple(max(0, at - s.received_ns) for s, at in both),
    )


def percentile(values: Sequence[int], share: float) -> int:
    """The smallest value that at least ``share`` (0 to 1) of all do not exceed; 0 of nothing."""
    if not values:
        return 0
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered), -int(-share * len(ordered) // 1)) - 1)]
