"""The parser: what a line becomes, and what is said of a line that cannot be read."""

from __future__ import annotations

from decimal import Decimal

import pytest

from acceptance.scn.parser import (
    Check,
    Fill,
    Repeat,
    ScriptError,
    Send,
    Step,
    Tell,
    Value,
    Wait,
    parse,
)
from fix_oms.model.fix import FixVersion
from tests.tidy.source import ROOT

OPENING = "# a title\nversions FIX.4.4\n"
ORDER = "> D ClOrdID=c1 Symbol=AAPL Side=Buy OrderQty=100 OrdType=Limit Price=10\n"


def step(line: str, before: str = ORDER) -> Step:
    """The step that a line becomes after an order named c1."""
    return parse(f"{OPENING}{before}{line}\n", "x.scn").steps[-1]


def complaint(text: str) -> str:
    with pytest.raises(ScriptError) as raised:
        parse(text, "x.scn")
    return str(raised.value)


def test_a_script_has_the_title_of_its_first_comment() -> None:
    assert parse(OPENING + ORDER, "x.scn").title == "a title"


def test_a_script_has_its_versions() -> None:
    script = parse(f"# t\nversions FIX.4.2 FIX.5.0SP2\n{ORDER}", "x.scn")
    assert script.versions == (FixVersion.FIX42, FixVersion.FIX50SP2)


def test_a_comment_after_a_line_is_not_read() -> None:
    assert step("venue repeat  # once more") == Repeat(4, "venue repeat")


def test_a_sent_line_has_its_codes_as_characters() -> None:
    found = step(ORDER.strip(), before="")
    assert isinstance(found, Send)
    assert found.fields == {
        11: Value("name", "c1"),
        55: Value("text", "AAPL"),
        54: Value("text", "1"),
        38: Value("text", "100"),
        40: Value("text", "2"),
        44: Value("text", "10"),
    }


def test_a_line_of_two_arrows_was_not_asked_for() -> None:
    found = step(">> H ClOrdID=c1")
    assert isinstance(found, Send)
    assert (found.msg_type, found.asked) == ("H", False)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("OrdStatus=PartiallyFilled", Value("text", "1")),
        ("OrdStatus=partiallyfilled", Value("text", "1")),
        ("OrdStatus=1", Value("text", "1")),
        ('OrdStatus="Z"', Value("text", "Z")),
        ("OrdStatus=-", Value("absent")),
        ("OrdStatus=$s", Value("capture", "s")),
    ],
)
def test_a_value_is_read_by_its_form(written: str, value: Value) -> None:
    found = step(f"< 8 ClOrdID=c1 ExecType=Trade {written}")
    assert isinstance(found, Tell)
    assert found.fields[39] == value


def test_quotes_keep_blanks_together() -> None:
    found = step('< j BusinessRejectReason=Other Text="not for you"')
    assert isinstance(found, Tell)
    assert found.fields[58] == Value("text", "not for you")


def test_a_field_may_be_given_by_its_number() -> None:
    found = step("< 8 ClOrdID=c1 ExecType=New OrdStatus=New 9999=x")
    assert isinstance(found, Tell)
    assert found.fields[9999] == Value("text", "x")


def test_a_venue_fills_a_quantity_at_a_price() -> None:
    expected = Fill(4, "venue fill c1 40 @ 9.5", "c1", Decimal(40), Decimal("9.5"))
    assert step("venue fill c1 40 @ 9.5") == expected


def test_an_oms_line_has_fields_and_facts() -> None:
    found = step("oms c1 OrdStatus=Filled position=+100 breaks=none")
    assert isinstance(found, Check)
    assert found.fields == {39: Value("text", "2")}
    assert found.facts == {"position": "+100", "breaks": "none"}


def test_time_passes_in_seconds() -> None:
    assert step("wait 2.5 s") == Wait(4, "wait 2.5 s", Decimal("2.5"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("send it", "'send' begins no line (>, >>, <, venue, oms, wait do)"),
        ("> Z ClOrdID=c2", "a message that we send is one of D F G H q"),
        ("< D ClOrdID=c1", "a message that the venue sends is one of 3 8 9 j"),
        ("> F OrigClOrdID=c1", "ClOrdID(11) is missing: it gives the request its name"),
        ("> F ClOrdID=c1 OrigClOrdID=c1", "ClOrdID(11)=c1 was given before"),
        (
            "> F ClOrdID=c2 OrigClOrdID=c9",
            "no request was named 'c9' before (quote an id that nobody knows)",
        ),
        ("< 8 ClOrdID=c1 OrdStatus=New", "ExecType(150) is missing: say it, or say 150=-"),
        ("< 8 ClOrdID=c1 ClOrdID=c1", "ClOrdID(11) stands twice"),
        ("< 8 ClOrdId=c1", "no field is named 'ClOrdId'"),
        ("< 8 ClOrdID", "'ClOrdID' is no field (NAME=value)"),
        ("< 8 CumQty=ten", "'ten' is no number (quote it to send it all the same)"),
        ("< 9 CxlRejResponseTo=Neither", "CxlRejResponseTo(434) has no code 'Neither' (it has "),
        ("venue fill c1 40", "a venue can `fill ID QTY @ PX` and `repeat`"),
        ("oms c1", "`oms` states nothing"),
        ("oms c1 colour=red", "an order has no 'colour' to state ("),
        ("wait for it", "time passes as `wait NUMBER s`"),
        ("versions FIX.4.4", "`versions` stands once, before the first step"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_the_reason(line: str, said: str) -> None:
    assert complaint(f"{OPENING}{ORDER}{line}\n").startswith(f"x.scn:4: {said}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# t\n" + ORDER, "x.scn:2: the line `versions ...` must come before the first step"),
        ("# t\nversions\n", "x.scn:2: `versions` names none"),
        ("# t\nversions FIX.3\n", "x.scn:2: 'FIX.3' is not a valid FixVersion"),
        (OPENING, "x.scn: a script opens with a comment and has steps"),
        ("versions FIX.4.4\n" + ORDER, "x.scn: a script opens with a comment and has steps"),
    ],
)
def test_a_script_that_cannot_be_read_is_named_with_the_reason(text: str, said: str) -> None:
    assert complaint(text) == said


def test_the_example_of_the_grammar_can_be_read() -> None:
    text = (ROOT / "acceptance/GRAMMAR.md").read_text(encoding="utf-8")
    example = text.partition("\n    # FIX 4.4 B.1.c")[2].partition("\n\n")[0]
    assert len(parse(f"# FIX 4.4 B.1.c{example}", "GRAMMAR.md").steps) == 7


def test_the_grammar_keeps_to_60_lines() -> None:
    text = (ROOT / "acceptance/GRAMMAR.md").read_text(encoding="utf-8")
    assert text.count("\n") <= 60
