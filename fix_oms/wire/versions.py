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
    absent_in: dict[str, frozenset[str]] = attrs.field(factory=dict)
    """Fields that the version does not have in messages of a MsgType: left out when written."""
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
    has_misc_fees: bool = True
    """ExecutionReport has NoMiscFees(136)."""
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
    "AN": tag_set("710 724 453 1 581 715 60"),
    "AO": tag_set("721 728 729 453 1 581"),
    "AP": tag_set("721 728 715 453 1 581 730 731 734 702"),
    "BA": tag_set("908 910"),
    "e": tag_set("324 55 263"),
    "f": tag_set("55"),
}

_CUSTOMER: Final = {"581": "1"}
"""AccountType(581): carried on the customer side of the books, as the account of a broker's client
is. An ``extra`` or an overlay says otherwise."""
_NO_SETTLEMENT: Final = {"731": "2", "734": "0"}
"""SettlPriceType(731): theoretical, as a price within the day is; PriorSettlPrice(734): not told.
FIX 4.4 requires both in each PositionReport."""

_SHARED: Final = frozenset("03456789ABCDE")
"""ExecType(150) that all three versions share."""

FIX42: Final = Version(
    name=FixVersion.FIX42,
    without=frozenset({"q", "r", "AF", "AN", "AO", "AP", "BA"}),
    names={32: "LastShares", 64: "FutSettDate"},
    absent=tag_set("526 527 584 585 790 851 880 911 912"),
    absent_in={"f": tag_set("58")},
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
        "f": {"326": {"21": "18", "22": "18", "23": "17"}},  # whether it trades, and no more
    },
    has_misc_fees=False,
)

FIX44: Final = Version(
    name=FixVersion.FIX44,
    absent_in={"AP": tag_set("60"), "BA": tag_set("60")},
    constants={"AN": _CUSTOMER, "AO": _CUSTOMER, "AP": _CUSTOMER | _NO_SETTLEMENT},
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
        "AN": tag_set("710 724 453 715 60"),
        "AO": tag_set("721 728 729 453"),
        "AP": tag_set("721 715 453 702"),
    },
    exec_types=_SHARED | frozenset("FGHIL"),
    narrower={
        "f": {"327": {"D": "0", "E": "1", "I": "2", "M": "3", "P": "4", "X": "5"}},
    },
    mass_action_report_id=True,
    places=6,
)

VERSIONS: Final[dict[FixVersion, Version]] = {v.name: v for v in (FIX42, FIX44, FIX50SP2)}
