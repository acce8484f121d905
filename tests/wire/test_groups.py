"""Repeating groups stay apart from the body, and market data is made of them."""

from __future__ import annotations

from typing import Final

import pytest

from fix_oms.model.counterparty import Supports
from fix_oms.model.errors import BadValue, DuplicateField, MissingField
from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import (
    MarketDataIncremental,
    MarketDataRequest,
    MarketDataSnapshot,
    MDEntry,
)
from fix_oms.wire import Codec, fields
from tests.wire.texts import CODECS, FILL, VERSIONS, report, soh

FIX44: Final = FixVersion.FIX44
GROUPED: Final = [
    "453=2|448=A|447=D|452=1|448=B|447=D|452=3|",
    "453=1|448=A|452=1|802=2|523=x|803=1|523=y|803=2|",
    "382=2|375=B1|337=T|437=10|375=B2|437=30|",
    "136=1|137=1.5|138=USD|139=4|",
    "78=2|79=A1|80=60|79=A2|80=40|",
    "555=2|600=L1|624=1|539=1|524=P|538=1|600=L2|624=2|",
    "518=1|519=1|520=5|",
    "711=1|311=U|",
    "1362=2|1363=E1|1364=10|1365=40|1363=E2|1364=11|1365=1|",
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("group", GROUPED)
def test_a_group_before_the_body_changes_nothing_in_it(group: str, version: FixVersion) -> None:
    head, rest = FILL[version].split("|", 1)
    told, plain = report(f"{head}|{group}{rest}", version), report(FILL[version], version)
    plain.extra, plain.misc_fees = told.extra, told.misc_fees  # the fees are a group's own
    assert told == plain


@pytest.mark.parametrize("group", GROUPED)
def test_a_group_is_kept_by_path_and_leaves_as_it_came(group: str) -> None:
    codec = CODECS[FIX44]
    text = soh(FILL[FIX44] + group)
    assert codec.encode(codec.decode(text)).endswith(soh(group))


def test_the_path_of_a_member_names_counter_and_position() -> None:
    told = report(f"{FILL[FIX44]}453=2|448=A|802=1|523=x|448=B|")
    assert told.extra == {
        "453": "2",
        "453.1.448": "A",
        "453.1.802": "1",
        "453.1.802.1.523": "x",
        "453.2.448": "B",
    }


def test_a_member_with_the_tag_of_a_body_field_does_not_replace_it() -> None:
    told = CODECS[FIX44].decode(soh("35=r|37=O1|11=c1|530=7|531=7|534=1|41=c0|535=O9|"))
    assert told.extra == {"534": "1", "534.1.41": "c0", "534.1.535": "O9"}


def test_a_field_twice_in_one_entry_is_a_duplicate() -> None:
    with pytest.raises(DuplicateField, match=r"PartyRole\(452\) '3': stands twice in NoPartyIDs"):
        report(f"{FILL[FIX44]}453=1|448=A|452=1|452=3|")


def test_a_counter_that_is_no_number_is_named() -> None:
    with pytest.raises(BadValue, match=r"NoPartyIDs\(453\) 'two': is not a number of entries"):
        report(f"{FILL[FIX44]}453=two|448=A|")


def test_an_empty_group_is_kept_as_its_counter() -> None:
    assert report(f"{FILL[FIX44]}453=0|58=x|").extra == {"453": "0"}


SNAPSHOT: Final = "35=W|262=r1|55=AAPL|268=2|269=0|270=10.5|271=300|290=1|269=1|270=10.6|271=200|"
CHANGES: Final = "35=X|262=r1|268=2|279=0|269=0|278=b1|55=A|270=10|271=5|279=2|269=1|278=o1|55=B|"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_snapshot_is_its_symbol_and_entries(version: FixVersion) -> None:
    assert CODECS[version].decode(soh(SNAPSHOT)) == MarketDataSnapshot(
        symbol="AAPL",
        md_req_id="r1",
        entries=(
            MDEntry(entry_type="0", price=1_050_000_000, size=300 * 10**8, position=1),
            MDEntry(entry_type="1", price=1_060_000_000, size=200 * 10**8),
        ),
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_an_incremental_is_its_changes(version: FixVersion) -> None:
    bid = MDEntry(
        entry_type="0", price=10 * 10**8, size=5 * 10**8, action="0", symbol="A", entry_id="b1"
    )
    offer = MDEntry(entry_type="1", price=None, size=None, action="2", symbol="B", entry_id="o1")
    assert CODECS[version].decode(soh(CHANGES)) == MarketDataIncremental(
        md_req_id="r1", entries=(bid, offer)
    )


MARKETS: Final = [
    ("275=XNAS|", "XNAS"),
    ("207=ARCX|", "ARCX"),
    ("207=ARCX|275=XNAS|", "XNAS"),
    ("", None),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("fields_", "market"), MARKETS)
def test_a_changes_market_is_what_it_names(
    fields_: str, market: str | None, version: FixVersion
) -> None:
    told = CODECS[version].decode(soh(f"35=X|268=1|279=0|269=0|55=A|{fields_}270=1|"))
    assert isinstance(told, MarketDataIncremental)
    assert told.entries[0].market == market


@pytest.mark.parametrize("version", VERSIONS)
def test_changes_are_numbered_each(version: FixVersion) -> None:
    text = "35=X|268=2|279=0|269=0|55=A|270=1|83=7|279=0|269=1|55=A|270=2|83=8|"
    told = CODECS[version].decode(soh(text))
    assert isinstance(told, MarketDataIncremental)
    assert [entry.rpt_seq for entry in told.entries] == [7, 8]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_snapshot_may_name_its_market_and_its_last_change(version: FixVersion) -> None:
    told = CODECS[version].decode(soh("35=W|55=A|207=XNAS|83=12|268=1|269=0|270=1|"))
    assert isinstance(told, MarketDataSnapshot)
    assert (told.market, told.rpt_seq, told.extra) == ("XNAS", 12, {})


def test_a_symbol_said_once_for_all_changes_is_every_entrys() -> None:
    told = CODECS[FIX44].decode(soh("35=X|55=A|268=2|279=0|269=0|270=1|279=0|269=1|270=2|"))
    assert isinstance(told, MarketDataIncremental)
    assert [entry.symbol for entry in told.entries] == ["A", "A"]


def test_a_deletion_needs_no_entry_type() -> None:
    told = CODECS[FIX44].decode(soh("35=X|268=1|279=2|278=b1|55=A|"))
    assert isinstance(told, MarketDataIncremental)
    assert told.entries[0].entry_type == ""


WRONG: Final = [
    ("35=W|55=A|268=3|269=0|270=1|", BadValue, "NoMDEntries(268)"),
    ("35=W|55=A|268=1|269=0|270=x|", BadValue, "MDEntryPx(270)"),
    ("35=W|55=A|268=1|269=0|270=1|290=x|", BadValue, "MDEntryPositionNo(290)"),
    ("35=W|55=A|268=1|269=0|270=1|83=x|", BadValue, "RptSeq(83)"),
    ("35=W|55=A|83=x|268=1|269=0|270=1|", BadValue, "RptSeq(83)"),
    ("35=W|55=A|268=1|270=1|", MissingField, "MDEntryType(269)"),
    ("35=X|268=1|269=0|270=1|", MissingField, "MDUpdateAction(279)"),
    ("35=V|262=r|263=1|264=0|146=2|55=A|", BadValue, "NoRelatedSym(146)"),
    ("35=V|262=r|263=1|264=x|146=1|55=A|", BadValue, "MarketDepth(264)"),
]


@pytest.mark.parametrize(("text", "error", "name"), WRONG)
def test_market_data_that_cannot_be_read_names_the_field(
    text: str, error: type[BadValue | MissingField], name: str
) -> None:
    with pytest.raises(error) as found:
        CODECS[FIX44].decode(soh(text))
    assert found.value.label == name


def test_a_subscription_asks_for_bids_offers_and_trades_and_then_changes() -> None:
    codec = Codec(FIX44, Supports(market_data=True))
    asked = MarketDataRequest(md_req_id="r1", subscription_request_type="1", symbols=("A", "B"))
    assert fields(codec.encode(asked)) == [
        (35, "V"),
        (262, "r1"),
        (263, "1"),
        (264, "1"),
        (265, "1"),
        (267, "3"),
        (269, "0"),
        (269, "1"),
        (269, "2"),
        (146, "2"),
        (55, "A"),
        (55, "B"),
    ]
