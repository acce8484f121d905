"""What one execution cost, as money: Commission(12) and the group NoMiscFees(136).

Both may be stated as an amount or as a rate. CommType(13) says which: 1 per unit of LastQty(32),
2 percent of LastQty x LastPx(31), 3 or absent an amount; MiscFeeBasis(891) says the same with
0 for an amount, 1 and 2. A percentage is written as a part of one: "Commission of 5% should be
represented as .05" (FIX 4.4 volume 6, field 12), and lies between 0 and 1 (FIX Latest, code 2 of
891). So ``12=5|13=2``, which some mean as 5 %, is 500 % by the letter and nonsense: it is not
worked out.

Nothing is guessed. A rate is worked out only on a report that tells an execution (a trade or its
correction, with a LastQty); a percentage only where LastQty x LastPx is the money traded: no
ContractMultiplier(231) but 1, no PriceType(423) but 2, a price per unit. What is not worked out
stays in ``extra`` as it came. The result is rounded half to even at 8 places, and the field then
named in ``inexact``.

The fees of one report are one sum, in one currency: that of the trade, Currency(15), where it is
stated. The group stays in ``extra``, for it says what the fees are for, unless it is the one entry
that we write ourselves where only the sum is known.
"""

from __future__ import annotations

from typing import Final

from fix_oms.model.codes import EXEC_TRADE, EXEC_TRADE_CORRECT
from fix_oms.model.messages import ExecutionReport
from fix_oms.model.tags import label
from fix_oms.model.units import LARGEST, SCALE, Fixed, average, rounded

OTHER_FEE: Final = "7"
"""MiscFeeType(139): Other, the only kind that a bare sum can be."""

_PER_UNIT: Final = "1"
_PERCENT: Final = "2"
_AMOUNT: Final = "3"
_BASES: Final = {"0": _AMOUNT, "1": _PER_UNIT, "2": _PERCENT}
"""MiscFeeBasis(891) in the codes of CommType(13)."""
_PER_UNIT_PRICE: Final = "2"
_OUR_ENTRY: Final = frozenset({"136", "136.1.137", "136.1.139"})


def charge_commission(report: ExecutionReport) -> None:
    """Turn a rate that ``extra`` holds in 12 and 13 into ``commission``, where it can be.

    Raises ValueError where Commission(12) is no number.
    """
    extra = report.extra
    rate, exact = rounded(extra["12"])
    money = _money(extra["13"], rate, report)
    if money is not None:
        del extra["12"], extra["13"]
        report.commission = money[0]
        _note_rounding(report, "Commission", exact and money[1])


def sum_misc_fees(report: ExecutionReport) -> None:
    """Set ``misc_fees`` from the group 136 in ``extra``; what is wrong in it is noted."""
    try:
        total = _total(report)
    except ValueError as error:
        report.tolerated = (*report.tolerated, str(error))
        return
    if total is not None:
        report.misc_fees = total[0]
        _note_rounding(report, "MiscFeeAmt", total[1])
        extra = report.extra
        ours = {path for path in extra if path.partition(".")[0] == "136"} == _OUR_ENTRY
        if ours and extra["136"] == "1" and extra["136.1.139"] == OTHER_FEE:
            for path in _OUR_ENTRY:
                del extra[path]


def _note_rounding(report: ExecutionReport, name: str, exact: bool) -> None:
    if not exact and name not in report.inexact:
        report.inexact = (*report.inexact, name)


def _total(report: ExecutionReport) -> tuple[Fixed, bool] | None:
    """The sum and whether it is exact; None where there is nothing to add, or a rate is left.

    Raises ValueError, in words for people, where an entry does not state an amount.
    """
    extra = report.extra
    count = int(extra["136"])
    sum_, exact = 0, True
    currencies = {extra["15"]} if "15" in extra else set()
    for number in range(1, count + 1):
        entry = f"136.{number}."
        text = extra.get(f"{entry}137")
        if text is None:
            raise ValueError(f"{label(136)}: entry {number} states no {label(137)}")
        try:
            rate, plain = rounded(text)
        except ValueError as error:
            raise ValueError(f"{label(137)} {text[:32]!r} {error}") from None
        money = _money(_BASES.get(extra.get(f"{entry}891", "0"), ""), rate, report)
        if money is None:
            return None
        if f"{entry}138" in extra:
            currencies.add(extra[f"{entry}138"])
        sum_ += money[0]
        exact = exact and plain and money[1]
    if len(currencies) > 1:
        raise ValueError(f"{label(136)}: fees in more than one currency are not added up")
    if abs(sum_) > LARGEST:
        raise ValueError(f"{label(136)}: the sum is larger than 9 x 10^10")
    return (sum_, exact) if count else None


def _money(kind: str, rate: Fixed, report: ExecutionReport) -> tuple[Fixed, bool] | None:
    """The money of a rate or amount, and whether it was not rounded; None where it is unknown."""
    if kind == _AMOUNT:
        return rate, True
    quantity = report.last_qty
    if report.exec_type not in (EXEC_TRADE, EXEC_TRADE_CORRECT) or not quantity:
        return None
    if kind == _PER_UNIT:
        product, scale = rate * quantity, SCALE
    elif kind == _PERCENT and abs(rate) <= SCALE and _is_money_traded(report):
        product, scale = rate * quantity * (report.last_px or 0), SCALE * SCALE
    else:
        return None
    money = average(product, scale)
    return None if abs(money) > LARGEST else (money, product % scale == 0)


def _is_money_traded(report: ExecutionReport) -> bool:
    """Whether LastQty x LastPx is the money that changed hands."""
    extra = report.extra
    per_unit = extra.get("423", _PER_UNIT_PRICE) == _PER_UNIT_PRICE
    return report.last_px is not None and per_unit and extra.get("231", "1") == "1"
