"""A limit that changes forgets nothing, an override ends when it should, a batch meets itself.

Stories that a review of the gate told, as those of ``tests/engine/test_hard_risks.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fix_oms.model import inputs
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import SCALE, fixed
from tests.engine.desk import SECOND, Desk, plain_settings
from tests.risk.acts import bust, limit, put


def desk_with(*limits: dict[str, Any]) -> Desk:
    return Desk(plain_settings(limits=list(limits)))


def one(control: str, value: str = "", **more: Any) -> dict[str, Any]:
    return limit(control, value, **more)[0]


def leaves(desk: Desk, qty: int = 1, **more: Any) -> bool:
    return isinstance(desk.ask_new(qty=qty, **more), Accepted)


def changed(desk: Desk, *limits: dict[str, Any], **more: Any) -> Accepted | Refused:
    return desk.answer(inputs.SetLimits(**{"by": "ann", "reason": "now", "put": limits} | more))


# -- limits that change ----------------------------------------------------------------------------


def at_nine(desk: Desk) -> None:
    for _ in range(9):
        desk.buy(1)


def silent(desk: Desk) -> None:
    row = inputs.Holding(account="DESK", symbol="AAPL", quantity=0)
    desk.answer(inputs.TellPositions(by="ann", source="clearer", rows=(row,)))
    desk.passes(40 * SECOND)


def quiet(desk: Desk) -> None:
    """An order before the feed has ever spoken, and 40 s."""
    desk.buy(1)
    desk.passes(40 * SECOND)


CHANGES: dict[str, tuple[dict[str, Any], Callable[[Desk], None], dict[str, Any]]] = {
    "a rate that is tightened keeps what it has counted": (
        one("order_rate", "10"),
        at_nine,
        one("order_rate", "8"),
    ),
    "beyond_terms that is lowered shuts at once": (
        one("beyond_terms", "5"),
        bust,
        one("beyond_terms", "0"),
    ),
    "a latch outlives a change of what is counted apart": (
        one("beyond_terms", "0"),
        bust,
        one("beyond_terms", "0", per=["account"]),
    ),
    "a throttle that counts by other things knows what has left": (
        one("message_rate", "9"),
        at_nine,
        one("message_rate", "9", per=["account"]),
    ),
    "another limit of the feed does not wind the clock of the first": (
        one("position_feed", "30", id="first"),
        quiet,
        one("position_feed", "100", id="second"),
    ),
    "another limit does not wind the feed's clock": (
        one("position_feed", "30"),
        silent,
        one("max_order_qty", "5"),
    ),
}


@pytest.mark.parametrize(("held", "acts", "new"), CHANGES.values(), ids=CHANGES.keys())
def test_a_change_forgets_nothing(
    held: dict[str, Any], acts: Callable[[Desk], None], new: dict[str, Any]
) -> None:
    desk = desk_with(held)
    acts(desk)
    changed(desk, new)
    assert not leaves(desk)


def test_a_replace_that_only_reduces_leaves_under_a_tighter_limit() -> None:
    desk = desk_with(one("max_order_qty", "1000"))
    name = desk.buy(1000)
    desk.report(name, "0", "0", leaves=1000)
    put("max_order_qty", limit="100")(desk)
    assert isinstance(desk.replace(name, order_qty=500 * SCALE), Accepted)


WRONG: dict[str, dict[str, Any]] = {
    "one name put and removed": {"put": (one("max_order_qty", "5"),), "remove": ("max_order_qty",)},
    "a name taken over by another control": {
        "put": (one("gross_notional", "5", id="max_order_qty"),)
    },
    "by nobody": {"put": (one("max_order_qty", "5"),), "by": " "},
    "for no reason": {"put": (one("max_order_qty", "5"),), "reason": ""},
}


@pytest.mark.parametrize("more", WRONG.values(), ids=WRONG.keys())
def test_a_change_that_cannot_be_is_refused(more: dict[str, Any]) -> None:
    assert isinstance(changed(desk_with(one("max_order_qty", "10")), **more), Refused)


# -- overrides -------------------------------------------------------------------------------------

SOFT = one("max_order_qty", "10", soft=True)


def override(desk: Desk, **more: Any) -> Accepted | Refused:
    return desk.answer(inputs.Override(by="ann", limit="max_order_qty", reason="block", **more))


def test_an_override_of_an_account_that_is_none_of_ours_is_refused() -> None:
    assert isinstance(override(desk_with(SOFT), account="NOPE"), Refused)


def test_overrides_of_two_accounts_stand_side_by_side() -> None:
    desk = desk_with(SOFT)
    for account in ("DESK", "HEDGE"):
        override(desk, account=account)
    assert (leaves(desk, qty=11), leaves(desk, qty=11, account="HEDGE")) == (True, True)


def test_an_override_ends_with_its_limit() -> None:
    desk = desk_with(SOFT)
    override(desk)
    changed(desk, remove=("max_order_qty",))
    changed(desk, SOFT)
    assert not leaves(desk, qty=11)


@pytest.mark.parametrize("limits", [[], [one("max_order_qty", "1", soft=True)]])
def test_an_override_ends_with_its_limit_over_a_restart(limits: list[dict[str, Any]]) -> None:
    desk = desk_with(SOFT)
    override(desk)
    for run, held in ((2, limits), (3, [SOFT])):
        desk.settings = desk.settings | {"limits": held}
        desk.start(run)
        desk.ready("ALPHA")
    assert leaves(desk, qty=11) is bool(limits)


def test_an_order_by_telephone_counts_once_for_a_limit_over_all_accounts() -> None:
    desk = desk_with(one("beyond_terms", "1", per=[]))
    desk.report("PHONE", "0", "0", leaves=10, order_qty=10 * SCALE, order_id="X1")
    assert leaves(desk)


# -- batches ---------------------------------------------------------------------------------------


def order(side: str = "1", venue: str = "ALPHA", **terms: Any) -> inputs.NewOrder:
    asked = Terms(
        symbol="AAPL", side=side, order_qty=10 * SCALE, ord_type="2", price=fixed("10"), **terms
    )
    return inputs.NewOrder(by="tom", terms=asked, venue=venue)


BATCHES: dict[str, tuple[dict[str, Any], inputs.NewOrder, bool]] = {
    "each other": (one("self_match"), order("2"), False),
    "the override that the first uses up": (one("max_order_qty", "5", soft=True), order(), False),
    "duplicates as the limit counts them": (
        one("duplicate_order", "1", per=["account"]),
        order(venue="BETA"),
        False,
    ),
    "each other, where the first is cancelled for the second": (
        one("self_match", action="cancel_resting"),
        order("2"),
        True,
    ),
    "messages as the limit counts them": (
        one("message_rate", "1", per=["account"]),
        order(account="HEDGE"),
        True,
    ),
}


@pytest.mark.parametrize(("held", "second", "passes"), BATCHES.values(), ids=BATCHES.keys())
def test_the_second_of_a_batch_meets(
    held: dict[str, Any], second: inputs.NewOrder, passes: bool
) -> None:
    desk = desk_with(held)
    override(desk)
    batch = (order(), second)
    found = [refused is None for refused in desk.engine.check(desk.now, batch)]
    answers = [isinstance(desk.answer(asked), Accepted) for asked in batch]
    assert (found, answers) == ([True, passes], [True, passes])


def test_a_batch_meets_the_latch_that_it_will_shut() -> None:
    desk = desk_with(one("order_rate", "2"))
    batch = [order() for _ in range(5)]
    found = [refused is None for refused in desk.engine.check(desk.now, batch)]
    assert found == [isinstance(desk.answer(asked), Accepted) for asked in batch]
