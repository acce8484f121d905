"""What is left of a dictionary once it is derived, and what a broken one is told."""

from __future__ import annotations

import importlib.metadata
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from fix_oms.model.errors import SessionError
from fix_oms.model.fix import FixVersion
from fix_oms.sessions.binding import fix
from fix_oms.sessions.dictionaries import derived, installed_dictionary, installed_file

BROKERS = """<fix type="FIX" major="4" minor="4">
<header><field name="MsgType" required="Y"/></header><trailer/>
<messages><message name="ExecutionReport" msgtype="8" msgcat="app">
<field name="OrdStatus" required="Y"/>{}</message></messages>
<components><component name="Parties"><group name="NoPartyIDs" required="Y">
<field name="PartyID" required="Y"/></group></component>
<component name="Loop"><component name="Loop" required="N"/></component></components>
<fields><field number="35" name="MsgType" type="STRING"/>
<field number="39" name="OrdStatus" type="CHAR"><value enum="0" description="NEW"/></field>
<field number="448" name="PartyID" type="STRING"/>
<field number="453" name="NoPartyIDs" type="NUMINGROUP"/></fields></fix>"""


@pytest.fixture(params=list(FixVersion))
def roots(request: pytest.FixtureRequest, dictionaries_dir: Path) -> list[ET.Element]:
    made = derived(request.param, None, dictionaries_dir)
    return [ET.parse(path).getroot() for path in (made.application, made.transport) if path]


def test_nothing_is_required(roots: list[ET.Element]) -> None:
    required = {e.get("required") for root in roots for e in root.iter() if e.get("required")}
    assert required == {"N"}


def test_no_field_has_enumerated_values(roots: list[ET.Element]) -> None:
    assert [e for root in roots for e in root.iter("value")] == []


def test_every_type_is_string(roots: list[ET.Element]) -> None:
    assert {e.get("type") for root in roots for e in root.iterfind("fields/field")} == {"STRING"}


def test_no_tag_is_defined_twice(roots: list[ET.Element]) -> None:
    for root in roots:
        numbers = [e.get("number") for e in root.iterfind("fields/field")]
        assert len(numbers) == len(set(numbers))


def test_every_message_of_the_installed_dictionary_is_known(roots: list[ET.Element]) -> None:
    stock = {
        ("FIX", "4", "2"): "FIX42.xml",
        ("FIX", "4", "4"): "FIX44.xml",
        ("FIX", "5", "0"): "FIX50SP2.xml",
        ("FIXT", "1", "1"): "FIXT11.xml",
    }
    for root in roots:
        name = stock[root.get("type", "FIX"), root.get("major", ""), root.get("minor", "")]
        wanted = {m.get("msgtype") for m in ET.parse(installed_file(name)).iter("message")}
        assert {m.get("msgtype") for m in root.iter("message")} == wanted


def test_quickfix_takes_every_derived_file(dictionaries_dir: Path) -> None:
    for version in FixVersion:
        made = derived(version, None, dictionaries_dir)
        for path in filter(None, (made.application, made.transport)):
            assert fix.DataDictionary(str(path)).isMsgType("0" if path == made.transport else "8")


def test_a_derived_file_is_made_once(dictionaries_dir: Path) -> None:
    first = derived(FixVersion.FIX44, None, dictionaries_dir).application
    made = first.stat().st_mtime_ns
    again = derived(FixVersion.FIX44, None, dictionaries_dir).application
    assert (again, again.stat().st_mtime_ns) == (first, made)


def test_an_answer_to_a_4_2_order_may_have_the_parties_of_4_4(dictionaries_dir: Path) -> None:
    made = derived(FixVersion.FIX42, None, dictionaries_dir)
    report = ET.parse(made.application).getroot().find("messages/message[@msgtype='8']")
    assert report is not None
    numbers = {
        f.get("name"): f.get("number") for f in ET.parse(made.application).iterfind("fields/field")
    }
    assert "453" in {numbers[group.get("name")] for group in report}


def test_a_brokers_own_dictionary_is_derived_with_its_groups(tmp_path: Path) -> None:
    source = tmp_path / "broker.xml"
    source.write_text(BROKERS.format('<component name="Parties" required="Y"/>'))
    made = derived(FixVersion.FIX44, str(source), tmp_path)
    message = ET.parse(made.application).getroot().find("messages/message")
    assert message is not None
    assert [group.get("name") for group in message] == ["NoPartyIDs"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<fix", "is not XML"),
        ("<html/>", "is for FIX.., not FIX.4.4"),
        (BROKERS.replace('minor="4"', 'minor="2"'), "is for FIX.4.2, not FIX.4.4"),
        ('<fix type="FIX" major="4" minor="4"/>', "defines no fields"),
        (BROKERS.replace("ExecutionReport", "X").replace('msgtype="8"', ""), "has no msgtype"),
        (BROKERS.format('<component name="Lost"/>'), "component 'Lost' is not defined"),
        (BROKERS.format('<component name="Loop"/>'), "component 'Loop' contains itself"),
        (BROKERS.format('<group name="NoLost"/>'), "field 'NoLost' is not defined"),
        (BROKERS.replace('number="448"', 'number="x"'), "'PartyID' has no name or no number"),
    ],
)
def test_a_dictionary_that_cannot_be_used_is_named_with_the_reason(
    tmp_path: Path, content: str, reason: str
) -> None:
    source = tmp_path / "broker.xml"
    source.write_text(content)
    with pytest.raises(SessionError) as caught:
        derived(FixVersion.FIX44, str(source), tmp_path)
    assert (str(caught.value).startswith(str(source)), reason in str(caught.value)) == (True, True)


def test_a_missing_dictionary_is_named(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match=r"nowhere\.xml: dictionary cannot be read: No such"):
        derived(FixVersion.FIX44, str(tmp_path / "nowhere.xml"), tmp_path)


def test_a_missing_installed_dictionary_is_named_with_where_it_was_looked_for() -> None:
    with pytest.raises(SessionError, match=r"FIX99.xml: no such dictionary in .*share/quickfix"):
        installed_file("FIX99.xml")


def test_the_installed_dictionary_is_found_without_the_packages_file_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.metadata, "files", lambda _: None)
    assert installed_dictionary(FixVersion.FIX44).name == "FIX44.xml"
