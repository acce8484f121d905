"""FIX text <-> messages, for each FIX version and each broker's dialect. No I/O, no clock.

    Codec(FixVersion.FIX44).decode("35=8|…")  ->  ExecutionReport(...)

A value object per session; both of its sides use the same one.
"""

from fix_oms.wire.codec import Codec
from fix_oms.wire.dialects import PLAIN, Dialect, dialect_from
from fix_oms.wire.text import SOH, fields, redacted, shown
from fix_oms.wire.times import parse_utc_timestamp, utc_timestamp

__all__ = [
    "PLAIN",
    "SOH",
    "Codec",
    "Dialect",
    "dialect_from",
    "fields",
    "parse_utc_timestamp",
    "redacted",
    "shown",
    "utc_timestamp",
]
