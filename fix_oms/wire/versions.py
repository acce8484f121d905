"""What differs between FIX 4.2, 4.4 and 5.0 SP2, as one table.

Everything else in this package is the same for all versions. Sources: FIX 4.2 with Errata 20010501,
FIX 4.4 with Errata 20030618 and FIX 5.0 SP2, volumes 4 and 6, and the dictionaries that QuickFIX
installs. ``required`` binds what we write; what we read is held to :mod:`fix_oms.wire.forms`, which
is far more lenient, because a fill must not be thrown away for a field that nobody needs.
"""

from __future__ import annotations

from typing import Final

import attrs

from fix_oms.model.fix import FixVersion
from fix_oms.wire.groups import tag_set


@attrs.frozen(kw_only=True)
class Version:
    """One version's peculiarities. Tags are texts, as in the dicts of the codec."""

    name: FixVersion
    without: frozenset[str] = frozenset()
    """MsgTypes that the version does not have."""
    names: dict[int, str] = attrs.field(factory=dict)
    """Field names that differ from those of later versions."""
    absent: frozenset[str] = frozenset()
    """Fields that the version does not have: left out when written."""
    constants: dict[str, dict[str, str]] = attrs.field(factory=dict)
    """Required fields by MsgType that fix_oms always fills in the same way."""
    required: dict[str, frozenset[str]]
    exec_types: frozenset[str]
    """ExecType(150) as the version itself defines it."""
    has_exec_trans_type: bool = False
    """ExecTransType(20) tells trade, bust, correction and status apart, not ExecType(150)."""
    replaced_is_a_status: bool = False
    """OrdStatus(39)=5 is legal, not only tolerated."""
    narrower: dict[str, dict[str, dict[str, str]]] = attrs.field(factory=dict)
    """Codes of later versions, by MsgType and tag, and what to say instead."""
    mass_action_report_id: bool = False
    """OrderMassCancelReport requires MassActionReportID(1369)."""
    places: int = 3
    """Decimals of the seconds in what we write."""


_REQUEST: Final = "11 55 54 60 40"
_CANCEL: Final = "11 41 55 54 60"
_FROM_44: Final[dict[str, frozenset[str]]] = {
    "D": tag_set(_REQUEST),
    "F": tag_set(_CANCEL),
    "G": tag_set(f"{_REQUEST} 41"),
    "H": tag_set("11 54 55"),
    "q": tag_set("11 530 60"),
    "AF": tag_set("584 585"),
    "Q": tag_set("37 17 127 55 54"),
    "V": tag_set("262 263 264 146 267"),
    "8": tag_set("37 17 150 39 54 151 14 6"),
    "9": tag_set("37 11 41 39 434"),
    "r": tag_set("37 530 531"),
    "j": tag_set("372 380"),
    "3": tag_set("45"),
    "W": tag_set("55 268"),
    "X": tag_set("268"),
    "Y": tag_set("262"),
}

_SHARED: Final = frozenset("03456789ABCDE")
"""ExecType(150) that all three versions share."""

FIX42: Final = Version(
    name=FixVersion.FIX42,
    without=frozenset({"q", "r", "AF"}),
    names={32: "LastShares", 64: "FutSettDate"},
    absent=tag_set("526 527 584 585 790 851 880 911 912"),
    constants={"D": {"21": "1"}, "G": {"21": "1"}},
    required={
        **_FROM_44,
        "D": tag_set(f"{_REQUEST} 21"),
        "G": tag_set(f"{_REQUEST} 41 21"),
        "8": tag_set("37 17 20 150 39 55 54 151 14 6"),
    },
    exec_types=_SHARED | frozenset("12"),
    has_exec_trans_type=True,
    replaced_is_a_status=True,
    narrower={
        "8": {
            "103": {"11": "0", "13": "0", "99": "0"},
            "378": {"6": "4", "7": "4", "8": "4", "9": "4", "99": "4"},
        },
        "9": {"102": {"6": "2", "99": "2"}},
        "j": {"380": {"6": "0"}},
        "Q": {"127": {"F": "Z", "G": "Z"}},
    },
)

FIX44: Final = Version(
    name=FixVersion.FIX44,
    required=_FROM_44,
    exec_types=_SHARED | frozenset("FGHI"),
    narrower={"Q": {"127": {"G": "Z"}}},
)

FIX50SP2: Final = Version(
    name=FixVersion.FIX50SP2,
    required={
        **_FROM_44,
        "F": _FROM_44["F"] - {"41"},
        "8": _FROM_44["8"] - {"6"},
        "9": _FROM_44["9"] - {"41"},
        "r": tag_set("37 530 531 1369"),
        "X": frozenset(),
    },
    exec_types=_SHARED | frozenset("FGHIL"),
    mass_action_report_id=True,
    places=6,
)

VERSIONS: Final[dict[FixVersion, Version]] = {v.name: v for v in (FIX42, FIX44, FIX50SP2)}
