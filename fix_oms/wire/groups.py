"""Which tags belong to which repeating group, and which fields carry raw data.

FIX text does not mark where a repeating group ends: only the list of its members tells. The lists
are the union over FIX 4.2, 4.4 and 5.0 SP2 of the groups in the messages that fix_oms handles (tags
up to 1700), so one table serves every version; a group of a version that does not have it is
still recognised. A counter that stands in no list is an ordinary field, and its repeated members
are then duplicates.

Data fields are the other exception to "a field ends at SOH": the field before states their length
in bytes, and they may hold any byte, SOH included (FIX 4.4 volume 1, data types).
"""

from __future__ import annotations

from typing import Final


def tag_set(text: str) -> frozenset[str]:
    """``"79-81 209"`` as the set of the texts 79, 80, 81 and 209."""
    found: set[str] = set()
    for part in text.split():
        first, _, last = part.partition("-")
        found.update(map(str, range(int(first), int(last or first) + 1)))
    return frozenset(found)


def tag_row(text: str) -> tuple[str, ...]:
    """``"37 11 17"`` as the texts 37, 11 and 17, in this order."""
    return tuple(text.split())


GROUPS: Final[dict[str, frozenset[str]]] = {
    "78": tag_set("79-80 209 467 539 661 736"),  # NoAllocs
    "85": tag_set("165 781 787"),  # NoDlvyInst
    "124": tag_set("17"),  # NoExecs
    "136": tag_set("137-139 891"),  # NoMiscFees
    "146": tag_set(  # NoRelatedSym
        "15 22 48 55 63-65 106-107 167 200-202 205-207 218 220-228 231 239-240 255 271 "
        "336 348-351 454 460-461 470-472 537 541 543 555 662-663 667-668 691 699 711 "
        "761-762 788 864 869-870 873-876 898 913-919 947 965-971 996-997 1018 1049 1079 "
        "1146-1147 1151 1184-1186 1191-1200 1227 1242 1244 1435 1439 1449-1452 1457-1458 "
        "1478-1483 1500 1513 1524-1525 1527 1575 1577 1580-1581 1647 1678 1687 1697-1698 "
    ),
    "215": tag_set("216-217"),  # NoRoutingIDs
    "232": tag_set("233-234"),  # NoStipulations
    "267": tag_set("269"),  # NoMDEntryTypes
    "268": tag_set(  # NoMDEntries
        "15 18 22 31 37 40 48 55 58-60 63-65 83 106-107 110 120 126 167 198 200-202 "
        "205-207 218 220-228 231 235-236 239-240 255 264 269-280 282-292 299 326-327 "
        "332-333 336 346 348-351 354-355 387 423 432 451 453-454 460-461 470-472 483 528 "
        "541 543 546 555 570 574 625 654 662-663 667-668 691 696-699 701 711 731 761-762 "
        "788 811 819 828-829 855 864 869-870 873-876 898 913-919 947 965-971 996-997 1003 "
        "1018 1020 1023-1027 1048-1049 1070 1079 1093 1115 1143 1146-1151 1173 1175 1177 "
        "1184-1186 1191-1200 1227 1242 1244 1306 1390 1435 1439 1445 1449-1452 1457-1458 "
        "1478-1483 1500 1513 1524-1525 1527 1575 1577 1580-1581 1592 1629 1647 1678 1687 "
        "1697-1698 "
    ),
    "382": tag_set("337 375 437-438 655"),  # NoContraBrokers
    "386": tag_set("336 625"),  # NoTradingSessions
    "453": tag_set("447-448 452 802"),  # NoPartyIDs
    "454": tag_set("455-456"),  # NoSecurityAltID
    "457": tag_set("458-459"),  # NoUnderlyingSecurityAltID
    "518": tag_set("519-521"),  # NoContAmts
    "534": tag_set("41 535-536"),  # NoAffectedOrders
    "539": tag_set("524-525 538 804"),  # NoNestedPartyIDs
    "555": tag_set(  # NoLegs
        "248-254 257 539 556 564-566 587-588 596-604 607-624 637 654 670 675 683 685 687 "
        "690 739-740 764 942 948 955-956 999 1001 1017 1073-1075 1212 1224 1358 1366 1379 "
        "1381 1383-1384 1418 1420-1422 1436 1440 1528 1594 1689 "
    ),
    "604": tag_set("605-606"),  # NoLegSecurityAltID
    "627": tag_set("628-630"),  # NoHops
    "670": tag_set("671-674 756 1367"),  # NoLegAllocs
    "683": tag_set("688-689"),  # NoLegStipulations
    "702": tag_set("539 703-706 976 1654"),  # NoPositions
    "711": tag_set(  # NoUnderlyings
        "241-247 256 305-313 315-318 362-365 435-436 457 462-463 542 592-595 732-733 763 810 "
        "877-879 882-887 941 972-975 984 998 1000 1037-1039 1044-1046 1058 1213 1419 "
        "1423-1425 1437 1441 1453-1456 1459-1460 1526 "
    ),
    "753": tag_set("707-708 1055 1585"),  # NoPosAmt
    "756": tag_set("757-759 806"),  # NoNested2PartyIDs
    "768": tag_set("769-771 1033-1035"),  # NoTrdRegTimestamps
    "781": tag_set("782-784 801"),  # NoSettlPartyIDs
    "801": tag_set("785-786"),  # NoSettlPartySubIDs
    "802": tag_set("523 803"),  # NoPartySubIDs
    "804": tag_set("545 805"),  # NoNestedPartySubIDs
    "806": tag_set("760 807"),  # NoNested2PartySubIDs
    "816": tag_set("817"),  # NoAltMDSource
    "864": tag_set("865-868 1145 1578-1579"),  # NoEvents
    "870": tag_set("871-872"),  # NoInstrAttrib
    "887": tag_set("888-889"),  # NoUnderlyingStips
    "897": tag_set("571 818"),  # NoTrades
    "948": tag_set("949-952"),  # NoNested3PartyIDs
    "952": tag_set("953-954"),  # NoNested3PartySubIDs
    "957": tag_set("958-960"),  # NoStrategyParameters
    "984": tag_set("985-988"),  # NoUnderlyingAmounts
    "1018": tag_set("1019 1050-1052"),  # NoInstrumentParties
    "1052": tag_set("1053-1054"),  # NoInstrumentPartySubIDs
    "1058": tag_set("1059-1062"),  # NoUndlyInstrumentParties
    "1062": tag_set("1063-1064"),  # NoUndlyInstrumentPartySubIDs
    "1175": tag_set("1176"),  # NoStatsIndicators
    "1177": tag_set("1178-1179"),  # NoOfSecSizes
    "1310": tag_set("1300-1301"),  # NoMarketSegments
    "1362": tag_set("1363-1365 1414 1443 1622-1623"),  # NoFills
    "1370": tag_set("1371-1372"),  # NoNotAffectedOrders
    "1413": tag_set("1411-1412"),  # NoNested4PartySubIDs
    "1414": tag_set("1413 1415-1417"),  # NoNested4PartyIDs
    "1445": tag_set("1446-1448"),  # NoRateSources
    "1461": tag_set("1462-1464"),  # NoTargetPartyIDs
    "1483": tag_set("1484-1491"),  # NoComplexEvents
    "1491": tag_set("1492-1494"),  # NoComplexEventDates
    "1494": tag_set("1495-1496"),  # NoComplexEventTimes
    "1624": tag_set("1625-1627 1673"),  # NoMatchInst
    "1630": tag_set("1631-1634"),  # NoLimitAmts
    "1647": tag_set("1648-1653"),  # NoRelatedInstruments
}
"""Members by counter. A member that is a counter itself opens a nested group."""

SNAPSHOT_ENTRY: Final = GROUPS["268"] - {"55"}
"""NoMDEntries(268) in a snapshot, where Symbol(55) is said once, for the whole message."""

DATA_LENGTH: Final[dict[int, int]] = {
    89: 93,
    91: 90,
    96: 95,
    213: 212,
    349: 348,
    351: 350,
    353: 352,
    355: 354,
    357: 356,
    359: 358,
    361: 360,
    363: 362,
    365: 364,
    446: 445,
    619: 618,
    622: 621,
    1185: 1184,
    1278: 1277,
    1281: 1280,
    1283: 1282,
    1398: 1397,
    1402: 1401,
    1404: 1403,
    1469: 1468,
    1527: 1525,
    1579: 1578,
    1621: 1620,
    1665: 1664,
    1697: 1678,
}
"""The tag of the length, by the tag of the data."""
