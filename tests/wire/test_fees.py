"""What one execution cost is money, worked out where the text says enough, and never guessed."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import ExecutionReport
from fix_oms.model.units import from_decimal, text_of, to_decimal
from fix_oms.wire import Codec, shown
from fix_oms.wire.shapes import LEARNED_IN
from tests.wire.texts import CODECS, FILL, VERSIONS, changed, fill, soh

FIX42, FIX44, FIX50 = VERSIONS
# The fill is of 40 at 10.5: 420 of money.
CHARGED: Final = [
    ("absolute, said", "12=1.25|13=3", "1.25"),
    ("absolute, unsaid", "12=1.25", "1.25"),
    ("per unit", "12=0.005|13=1", "0.2"),
    ("percent", "12=0.05|13=2", "21"),
    ("percent, all of it", "12=1|13=2", "420"),
    ("a rebate", "12=-0.0001|13=2", "-0.042"),
    ("per unit, a multiplier", "12=0.5|13=1|231=100", "20"),
    ("percent, a multiplier of 1", "12=0.01|13=2|231=1", "4.2"),
    ("percent, a price per unit", "12=0.01|13=2|423=2", "4.2"),
    ("a correction", "12=0.05|13=2|150=G|19=E0", "21"),
]


@pytest.mark.parametrize("version", [FIX44, FIX50])
@pytest.mark.parametrize(("change", "money"), [row[1:] for row in CHARGED], ids=lambda v: str(v))
def test_commission_is_money(change: str, money: str, version: FixVersion) -> None:
    told = fill(change, version)
    assert (told.commission, {"12", "13"} & told.extra.keys()) == (from_decimal(money), set())


def test_so_it_is_in_the_words_of_42() -> None:
    assert fill("12=0.05|13=2", FIX42).commission == 21 * 10**8


KEPT: Final = [
    ("percent beyond 1, which FIX writes as 0.05", "12=5|13=2"),
    ("per unit, on a report of no execution", "12=0.005|13=1|150=0|39=0|-32|-31"),
    ("percent, of no quantity", "12=0.05|13=2|32=0"),
    ("percent, of no price", "12=0.05|13=2|-31"),
    ("percent, of a bust", "12=0.05|13=2|150=H|19=E0"),
    ("percent, times a multiplier", "12=0.05|13=2|231=100"),
    ("percent, of a price in percent", "12=0.05|13=2|423=1"),
    ("percentage waived", "12=0.05|13=4"),
    ("points per bond", "12=1|13=6"),
    ("more than there is", "12=90000000000|13=1"),
    ("no Commission(12)", "13=2"),
]


@pytest.mark.parametrize("change", [row[1] for row in KEPT], ids=[row[0] for row in KEPT])
def test_a_rate_that_cannot_be_worked_out_is_kept_as_it_came(change: str) -> None:
    told = fill(change)
    pair = {tag: v for tag, _, v in (f.partition("=") for f in change.split("|"))}
    kept = {tag: told.extra[tag] for tag in ("12", "13") if tag in told.extra}
    assert (told.commission, kept) == (None, {t: pair[t] for t in ("12", "13") if t in pair})


@pytest.mark.parametrize(
    ("change", "money", "inexact"),
    [
        ("12=0.00000001|13=2|32=0.5|31=1", 0, ("Commission",)),  # half a unit, to even
        ("12=0.00000001|13=2|32=1.5|31=1", 2, ("Commission",)),
        ("12=0.00000001|13=2|32=2|31=1", 2, ()),
    ],
)
def test_commission_is_rounded_half_to_even_and_says_so(
    change: str, money: int, inexact: tuple[str, ...]
) -> None:
    told = fill(change)
    assert (told.commission, told.inexact) == (money, inexact)


@given(
    rate=st.integers(-(10**8), 10**8),
    quantity=st.integers(1, 10**14),
    price=st.integers(0, 10**12),
    kind=st.sampled_from("12"),
)
def test_a_rate_is_worked_out_as_decimals_have_it(
    rate: int, quantity: int, price: int, kind: str
) -> None:
    told = fill(f"12={text_of(rate)}|13={kind}|32={text_of(quantity)}|31={text_of(price)}")
    money = to_decimal(rate) * to_decimal(quantity) * (1 if kind == "1" else to_decimal(price))
    assert told.commission is not None
    assert abs(to_decimal(told.commission) - money) <= Decimal("5e-9")
    assert (told.inexact == ()) is (to_decimal(told.commission) == money)


FEES: Final = [
    ("one amount", "136=1|137=1.5|138=USD|139=4|", "1.5"),
    ("amounts", "136=2|137=1.5|139=4|137=0.25|139=1|", "1.75"),
    ("a rebate", "136=2|137=1.5|139=4|137=-2|139=7|", "-0.5"),
    ("absolute, said", "136=1|137=1.5|139=4|891=0|", "1.5"),
    ("per unit", "136=1|137=0.01|139=4|891=1|", "0.4"),
    ("percent", "136=1|137=0.01|139=4|891=2|", "4.2"),
    ("one of each", "136=3|137=1|139=4|137=0.01|139=4|891=1|137=0.01|139=4|891=2|", "5.6"),
    ("in the trade's currency", "15=USD|136=1|137=2|138=USD|139=4|", "2"),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("group", "money"), [r[1:] for r in FEES], ids=[r[0] for r in FEES])
def test_fees_are_one_sum_and_stay_one_by_one(group: str, money: str, version: FixVersion) -> None:
    told = CODECS[version].decode(soh(FILL[version] + group))
    assert isinstance(told, ExecutionReport)
    assert (told.misc_fees, "136.1.137" in told.extra) == (from_decimal(money), True)


UNKNOWN: Final = [
    ("none", "136=0|", ()),
    ("a rate, by a basis of its own", "136=1|137=1|139=4|891=9|", ()),
    ("percent beyond 1", "136=1|137=5|139=4|891=2|", ()),
    (
        "one amount short",
        "136=2|137=1|139=4|",
        (
            "NoMiscFees(136) says 2 entries, but 1 follow",
            "NoMiscFees(136): entry 2 states no MiscFeeAmt(137)",
        ),
    ),
    (
        "two currencies",
        "136=2|137=1|138=USD|137=1|138=EUR|",
        ("NoMiscFees(136): fees in more than one currency are not added up",),
    ),
    (
        "another currency than the trade's",
        "15=USD|136=1|137=1|138=EUR|",
        ("NoMiscFees(136): fees in more than one currency are not added up",),
    ),
    ("no number", "136=1|137=x|139=4|", ("MiscFeeAmt(137) 'x' is not a FIX number",)),
    (
        "too much",
        "136=2|137=80000000000|137=80000000000|",
        ("NoMiscFees(136): the sum is larger than 9 x 10^10",),
    ),
]


@pytest.mark.parametrize(("group", "notes"), [r[1:] for r in UNKNOWN], ids=[r[0] for r in UNKNOWN])
def test_fees_that_make_no_sum_are_kept_and_noted(group: str, notes: tuple[str, ...]) -> None:
    told = CODECS[FIX44].decode(soh(FILL[FIX44] + group))
    assert isinstance(told, ExecutionReport)
    assert (told.misc_fees, told.tolerated, "136" in told.extra) == (None, notes, True)


def test_a_rate_of_fees_on_a_report_of_no_execution_makes_no_sum() -> None:
    text = changed(FILL[FIX44], "150=0|39=0|-32|-31") + soh("136=1|137=0.01|139=4|891=2|")
    assert getattr(CODECS[FIX44].decode(text), "misc_fees", 0) is None


def test_a_fee_of_more_than_8_places_is_rounded_and_named() -> None:
    told = CODECS[FIX44].decode(soh(f"{FILL[FIX44]}136=1|137=0.123456785|139=4|"))
    assert isinstance(told, ExecutionReport)
    assert (told.misc_fees, told.inexact) == (12_345_678, ("MiscFeeAmt",))


COSTS: Final = [
    "12=0.05|13=2|",
    "12=5|13=2|",
    "12=0.005|13=1|",
    "136=1|137=1.5|139=4|",
    "136=1|137=1.5|139=7|",
    "136=2|137=0.01|139=4|891=2|137=1|139=1|",
    "136=1|137=x|139=4|",
    "12=0.05|13=2|136=1|137=0.01|139=4|891=1|",
    "12=0.00000001|13=2|136=1|137=0.00000001|139=4|891=2|6=1.123456789|",
]


@pytest.mark.parametrize("costs", COSTS)
@pytest.mark.parametrize("numbers", ["32=40|31=10.5", "32=7|31=3.3", "32=0"])
def test_costs_read_by_shape_are_those_read_without(costs: str, numbers: str) -> None:
    text = changed(FILL[FIX44], "-6") + soh(costs)
    reader = Codec(FIX44)
    for _ in range(LEARNED_IN):
        reader.decode(text)
    other = changed(FILL[FIX44], f"-6|{numbers}") + soh(costs)
    found = reader.shapes.read(other)
    assert found is not None
    assert found == Codec(FIX44).decode(other)


@pytest.mark.parametrize(
    ("version", "said"), [(FIX42, False), (FIX44, True), (FIX50, True)], ids=str
)
def test_a_bare_sum_leaves_as_one_fee_where_the_version_has_them(
    version: FixVersion, said: bool
) -> None:
    told = fill("11=c1", version)
    told.misc_fees = 150_000_000
    text = shown(CODECS[version].encode(told))
    assert text.endswith("|136=1|137=1.5|139=7|") is said


def test_a_commission_worked_out_leaves_as_an_amount() -> None:
    assert "|12=21|13=3|" in shown(CODECS[FIX44].encode(fill("12=0.05|13=2")))
