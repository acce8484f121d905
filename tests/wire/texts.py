"""FIX text for tests, with ``|`` for SOH."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fix_oms.model.counterparty import Supports
from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import ExecutionReport
from fix_oms.wire import SOH, Codec

VERSIONS: Final = tuple(FixVersion)
ALL: Final = Supports(market_data=True, positions=True, security_status=True)
"""A counterparty that takes every message."""
CODECS: Final = {version: Codec(version, ALL) for version in FixVersion}

SPEC: Final = Path(__file__).parents[2] / "spec" / "order_state_matrices.yaml"
FIELDS: Final = {
    "cl_ord_id": "11",
    "orig_cl_ord_id": "41",
    "exec_id": "17",
    "exec_ref_id": "19",
    "exec_trans_type_code": "20",
    "exec_type_code": "150",
    "ord_status_code": "39",
    "order_qty": "38",
    "cum_qty": "14",
    "leaves_qty": "151",
    "last_qty": "32",
    "last_px": "31",
    "avg_px": "6",
}
"""The published scenarios, and the tag of each of their columns that a report carries."""

FILL: Final = {
    FixVersion.FIX42: "35=8|37=O1|11=c1|17=E1|20=0|150=1|39=1|55=AAPL|54=1|38=100|32=40|31=10.5|"
    "151=60|14=40|6=10.5|60=20260102-14:30:00.000|",
    FixVersion.FIX44: "35=8|37=O1|11=c1|17=E1|150=F|39=1|55=AAPL|54=1|38=100|32=40|31=10.5|"
    "151=60|14=40|6=10.5|60=20260102-14:30:00.000|",
    FixVersion.FIX50SP2: "35=8|37=O1|11=c1|17=E1|150=F|39=1|55=AAPL|54=1|38=100|32=40|31=10.5|"
    "151=60|14=40|6=10.5|60=20260102-14:30:00.000|",
}
"""A partial fill of 40 at 10.5, in each version's own words."""

ORDER: Final = "35=D|11=c1|21=1|55=AAPL|54=1|38=100|40=2|44=10.5|59=0|60=20260102-14:30:00.000|"


def soh(text: str) -> str:
    """``35=8|`` as FIX text."""
    return text.replace("|", SOH)


def changed(text: str, change: str) -> str:
    """``text`` with fields set (``58=x``), emptied (``58=``) or left out (``-58``), by ``|``."""
    parts = dict(part.split("=", 1) for part in text.rstrip("|").split("|"))
    for field in change.split("|"):
        if field.startswith("-"):
            del parts[field[1:]]
        else:
            tag, value = field.split("=", 1)
            parts[tag] = value
    return soh("".join(f"{tag}={value}|" for tag, value in parts.items()))


def report(text: str, version: FixVersion = FixVersion.FIX44) -> ExecutionReport:
    """The ExecutionReport that ``text`` is, with ``|`` or SOH."""
    message = CODECS[version].decode(soh(text))
    assert isinstance(message, ExecutionReport)
    return message


def fill(change: str, version: FixVersion = FixVersion.FIX44) -> ExecutionReport:
    """The partial fill with a change."""
    return report(changed(FILL[version], change), version)
