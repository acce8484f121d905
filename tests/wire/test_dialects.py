"""A broker's overlay is data, each line with its reason, and cannot change what an order is."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fix_oms.model.errors import BadValue, DuplicateField, SettingsError
from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import ExecutionReport, NewOrderSingle, Terms
from fix_oms.wire import PLAIN, Codec, Dialect, dialect_from, fields, shown
from tests.wire.strategies import messages
from tests.wire.texts import FILL, changed, soh

FIX44: Final = FixVersion.FIX44
EXAMPLES: Final = Path(__file__).parents[2] / "config" / "dialects"
ORDER: Final = NewOrderSingle(
    cl_ord_id="c1",
    terms=Terms(
        symbol="AAPL",
        side="1",
        order_qty=10**8,
        ord_type="2",
        price=10**8,
        time_in_force="3",
        ex_destination="XNAS",
    ),
    transact_time=0,
)
WHY: Final = {"reason": "rules of engagement 4.2"}
OVERLAY: Final[dict[str, Any]] = {
    "name": "Example",
    "time_places": 0,
    "tag": [{"number": 9001, "name": "DeskCode", **WHY}],
    "extra": [
        {"messages": ["D", "G"], "tag": 9001, "value": "EQ7", **WHY},
        {"messages": ["D"], "tag": 15, "value": "USD", **WHY},
    ],
    "code": [
        {"tag": 59, "ours": "3", "theirs": "I", **WHY},
        {"tag": 39, "ours": "C", "theirs": "X", "messages": ["8"], **WHY},
    ],
    "drop": [{"messages": ["D"], "tag": 100, **WHY}, {"messages": ["8"], "tag": 6, **WHY}],
}


def overlay(**changes: object) -> Dialect:
    return dialect_from({**OVERLAY, **changes}, "x.toml")


def test_an_order_leaves_in_the_brokers_words() -> None:
    assert shown(Codec(FIX44, dialect=overlay()).encode(ORDER)) == (
        "35=D|11=c1|55=AAPL|54=1|38=1|40=2|44=1|59=I|60=19700101-00:00:00|9001=EQ7|15=USD|"
    )


def test_a_report_in_the_brokers_words_reads_as_usual() -> None:
    codec = Codec(FIX44, dialect=overlay())
    told = codec.decode(changed(FILL[FIX44], "150=C|39=X|59=I|6=garbage"))
    assert isinstance(told, ExecutionReport)
    assert (told.ord_status, told.time_in_force, told.avg_px) == ("C", "3", None)
    assert told.tolerated == ()


def test_a_dropped_group_goes_with_its_members() -> None:
    dialect = overlay(drop=[{"messages": ["D"], "tag": 453, **WHY}], extra=[], code=[])
    order = msgspec.structs.replace(ORDER, extra={"453": "1", "453.1.448": "A", "15": "USD"})
    assert shown(Codec(FIX44, dialect=dialect).encode(order)) == (
        "35=D|11=c1|100=XNAS|55=AAPL|54=1|38=1|40=2|44=1|59=3|60=19700101-00:00:00|15=USD|"
    )


def test_a_dropped_field_is_not_required() -> None:
    codec = Codec(FIX44, dialect=overlay())
    told = codec.decode(soh(FILL[FIX44]))
    assert 6 not in dict(fields(codec.encode(told)))


def test_a_code_renamed_for_one_message_stays_in_the_others() -> None:
    told = Codec(FIX44, dialect=overlay()).decode(soh("35=9|11=c2|41=c1|39=X|434=1|"))
    assert getattr(told, "ord_status", None) == "X"


def test_a_field_of_the_brokers_own_has_its_name_in_errors() -> None:
    with pytest.raises(DuplicateField) as found:
        Codec(FIX44, dialect=overlay()).decode(soh("35=8|9001=a|9001=b|"))
    assert found.value.label == "DeskCode(9001)"


def test_a_constant_gives_way_to_what_the_message_says_itself() -> None:
    dialect = overlay(extra=[{"messages": ["D"], "tag": 100, "value": "XNYS", **WHY}], drop=[])
    assert dict(fields(Codec(FIX44, dialect=dialect).encode(ORDER)))[100] == "XNAS"


def test_a_constant_of_the_version_gives_way_to_the_brokers() -> None:
    dialect = overlay(extra=[{"messages": ["D"], "tag": 21, "value": "2", **WHY}])
    assert dict(fields(Codec(FixVersion.FIX42, dialect=dialect).encode(ORDER)))[21] == "2"


def test_an_injected_constant_is_refused_where_it_is_configured() -> None:
    with pytest.raises(SettingsError, match="printable characters"):
        overlay(extra=[{"messages": ["D"], "tag": 15, "value": "USD\x0138=9", **WHY}])


def test_two_codes_may_change_places() -> None:
    dialect = overlay(
        code=[
            {"tag": 59, "ours": "3", "theirs": "4", **WHY},
            {"tag": 59, "ours": "4", "theirs": "3", **WHY},
        ],
        drop=[],
    )
    codec = Codec(FIX44, dialect=dialect)
    assert dict(fields(codec.encode(ORDER)))[59] == "4"
    told = codec.decode(codec.encode(ORDER))
    assert isinstance(told, NewOrderSingle)
    assert told.terms == ORDER.terms


@pytest.mark.parametrize("version", FixVersion)
@settings(max_examples=settings().max_examples // 3)
@given(data=st.data())
def test_renamed_codes_lose_nothing(version: FixVersion, data: st.DataObject) -> None:
    dialect = overlay(time_places=9, extra=[], drop=[])
    codec, kind = Codec(version, dialect=dialect), data.draw(st.sampled_from(["D", "8"]))
    message = data.draw(messages(version)[kind])
    if kind == "8":
        message.time_in_force, message.ord_type = "3", "2"
    assert codec.decode(codec.encode(message)) == message


WRONG: Final = [
    ({"nmae": "x"}, "nmae", "is not a key of this table; did you mean name?"),
    ({"zzz": "x"}, "zzz", "is not a key of this table (known: name, time_places, tag, extra"),
    ({"name": ""}, "name", "'' must be text"),
    ({"name": 7}, "name", "7 must be text"),
    ({"time_places": 2}, "time_places", "2 must be 0, 3, 6 or 9"),
    ({"time_places": True}, "time_places", "True must be 0, 3, 6 or 9"),
    ({"time_places": "3"}, "time_places", "'3' must be 0, 3, 6 or 9"),
    ({"tag": {}}, "tag", "must be a list of tables: [[tag]]"),
    ({"tag": ["x"]}, "tag[0]", "must be a table"),
    ({"tag": [{"number": 9001, "name": "A"}]}, "tag[0].reason", "is missing"),
    ({"tag": [{"number": 9001, "name": "A b", **WHY}]}, "tag[0].name", "'A b' must be letters"),
    ({"tag": [{"number": 11, "name": "A", **WHY}]}, "tag[0].number", "11 has a name already"),
    ({"tag": [{"number": "9", "name": "A", **WHY}]}, "tag[0].number", "'9' must be a tag number"),
    ({"tag": [{"name": "A", **WHY}]}, "tag[0].number", "is missing"),
    ({"extra": [{"messages": ["D"], "tag": 15, "value": "USD"}]}, "extra[0].reason", "is missing"),
    (
        {"extra": [{"messages": ["D"], "tag": 38, "value": "1", **WHY}]},
        "extra[0].tag",
        "OrderQty(38) is not an overlay's to change",
    ),
    (
        {"extra": [{"messages": ["D"], "tag": 15, "value": v, **WHY} for v in "ab"]},
        "extra[1].tag",
        "Currency(15) is stated twice for one message",
    ),
    (
        {"extra": [{"messages": [], "tag": 15, "value": "USD", **WHY}]},
        "extra[0].messages",
        "must be a list of MsgTypes",
    ),
    ({"drop": [{"messages": ["A"], "tag": 15, **WHY}]}, "drop[0].messages", "'A' is not one of"),
    (
        {"drop": [{"messages": ["D"], "tag": 44, **WHY}]},
        "drop[0].tag",
        "Price(44) is not an overlay's to change",
    ),
    (
        {"code": [{"tag": 55, "ours": "A", "theirs": "B", **WHY}]},
        "code[0].tag",
        "Symbol(55) is no field whose codes are known",
    ),
    (
        {"code": [{"tag": 59, "ours": "Q", "theirs": "I", **WHY}]},
        "code[0].ours",
        "'Q' is no code of TimeInForce(59) (0 1 2 3 4 6 7)",
    ),
    ({"code": [{"tag": 59, "ours": "3", "theirs": "I"}]}, "code[0].reason", "is missing"),
    (
        {"code": [{"tag": 59, "ours": "3", "theirs": "4", **WHY}]},
        "code[0].theirs",
        "'4' would mean both '4' and '3' of TimeInForce(59)",
    ),
    (
        {"code": [{"tag": 59, "ours": o, "theirs": "I", **WHY} for o in "34"]},
        "code[1].theirs",
        "'I' would mean both '3' and '4' of TimeInForce(59)",
    ),
    (
        {"code": [{"tag": 59, "ours": "3", "theirs": t, **WHY} for t in "IJ"]},
        "code[1].ours",
        "'3' is renamed twice",
    ),
]


@pytest.mark.parametrize(("change", "key", "reason"), WRONG)
def test_an_overlay_that_cannot_be_used_names_file_and_key(
    change: dict[str, object], key: str, reason: str
) -> None:
    with pytest.raises(SettingsError) as found:
        overlay(**change)
    assert (found.value.file, found.value.key) == ("x.toml", key)
    assert found.value.reason.startswith(reason)


def test_an_overlay_without_a_name_is_refused() -> None:
    with pytest.raises(SettingsError) as found:
        dialect_from({}, "x.toml")
    assert (found.value.key, found.value.reason) == ("name", "is missing")


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.name)
def test_each_example_overlay_can_be_used(path: Path) -> None:
    dialect = dialect_from(tomllib.loads(path.read_text(encoding="utf-8")), path.name)
    order = NewOrderSingle(
        cl_ord_id="c1",
        terms=Terms(symbol="AAPL", side="5", order_qty=10**8, ord_type="1", time_in_force="3"),
        transact_time=0,
    )
    for version in FixVersion:
        codec = Codec(version, dialect=dialect)
        told = codec.decode(codec.encode(order))
        assert isinstance(told, NewOrderSingle)
        assert told.terms == order.terms


def test_there_are_example_overlays() -> None:
    assert len(list(EXAMPLES.glob("*.toml"))) >= 3


def test_no_overlay_is_the_standard() -> None:
    assert Codec(FIX44, dialect=PLAIN).encode(ORDER) == Codec(FIX44).encode(ORDER)


def test_a_constant_never_hides_a_bad_value() -> None:
    with pytest.raises(BadValue):
        Codec(FIX44, dialect=overlay()).decode(changed(FILL[FIX44], "9001=EQ7|32=x"))
