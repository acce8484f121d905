"""The share of a message rate that is reserved for hedges: to the message, in both directions."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.engine import Engine
from fix_oms.journal.freeze import freeze, thaw
from fix_oms.model import inputs
from fix_oms.model.limits import Limit
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import SCALE, fixed
from fix_oms.risk.pace import reserved
from tests.engine.hedge_desk import HedgeDesk, hedge_settings, started


def desk(count: int = 5, share: str = "40", **more: Any) -> HedgeDesk:
    """At most ``count`` messages of both kinds in a second; a maker works, which is one."""
    settings = hedge_settings()
    limit = {"control": "message_rate", "limit": str(count), "reserve_hedge_pct": share}
    settings["limits"] = [limit | more]
    return started(HedgeDesk(settings))


def others(desk: HedgeDesk, count: int) -> list[str]:
    """Orders that are no hedges; the control that refuses each, or nothing."""
    found = [desk.ask_new("1", 1, "9", venue="ALPHA") for _ in range(count)]
    return [answer.control if isinstance(answer, Refused) else "" for answer in found]


def test_others_have_what_is_left_beside_the_share() -> None:
    assert others(desk(), 3) == ["", "", "message_rate"]


def test_hedges_have_the_share_when_others_have_used_theirs() -> None:
    full = desk()
    others(full, 3)
    for _ in range(3):
        full.executes(10)
    assert len(full.leg()) == 2
    assert full.adds()[-1] == "10"


def test_hedges_may_use_all_and_others_then_have_nothing() -> None:
    full = desk()
    for _ in range(5):
        full.executes(10)
    assert len(full.leg()) == 4
    assert others(full, 1) == ["message_rate"]


def test_what_is_reserved_is_said() -> None:
    answer = [desk().ask_new("1", 1, "9", venue="ALPHA") for _ in range(1)]
    assert isinstance(answer[0], Accepted)
    full = desk()
    others(full, 2)
    refused = full.ask_new("1", 1, "9", venue="ALPHA")
    assert isinstance(refused, Refused)
    assert refused.text == (
        "3 new messages within 1 s are all that may leave beside the 2 reserved for hedges; "
        "cancels still leave"
    )
    assert (refused.limit, refused.value) == ("3", "4")


def test_the_share_is_free_again_when_the_window_has_passed() -> None:
    full = desk()
    others(full, 3)
    full.wait(1)
    assert others(full, 4) == ["", "", "", "message_rate"]


def test_replaces_of_a_maker_are_no_hedges() -> None:
    full = desk()
    maker = full.leg("maker")[0].cl_ord_id
    asked = [full.replace(maker, price=fixed(f"9.9{n}")) for n in range(4)]
    assert [isinstance(answer, Accepted) for answer in asked] == [True, True, True, False]


def test_hedges_that_the_router_sends_may_use_the_share() -> None:
    settings = hedge_settings()
    limit = {"control": "message_rate", "limit": "2", "reserve_hedge_pct": "50"}
    settings["limits"] = [limit]
    full = started(HedgeDesk(settings), hedge_venue="", hedge_policy="sweep")
    assert others(full, 1) == ["message_rate"]
    full.executes(10)
    [cover] = full.shown.routing.parent("H1.hedge2").children
    assert cover.order_qty == 10 * SCALE


def test_a_share_that_is_set_later_counts_what_has_left() -> None:
    full = desk(share="0")
    others(full, 2)
    put = {"control": "message_rate", "limit": "5", "reserve_hedge_pct": "40"}
    full.answer(inputs.SetLimits(by="ann", reason="hedges", put=(put,)))
    assert others(full, 1) == ["message_rate"]


def test_a_snapshot_keeps_what_others_have_used() -> None:
    full = desk()
    others(full, 2)
    engine = Engine.resumed(thaw(*freeze(full.engine.state)))
    engine.state.restored()
    assert engine.shown(full.now).live_hash() == full.shown.live_hash()


@pytest.mark.parametrize(
    ("count", "share", "kept"),
    [(10, "25", 3), (10, "10", 1), (10, "99", 9), (1, "50", 0), (2, "50", 1), (5, "0", 0)],
)
def test_a_share_is_rounded_up_and_never_all(count: int, share: str, kept: int) -> None:
    assert reserved(count, fixed(share)) == kept


@pytest.mark.parametrize(
    ("control", "share", "said"),
    [
        ("message_rate", "100", "reserve_hedge_pct: must be 0 or more, and less than 100"),
        ("message_rate", "-1", "reserve_hedge_pct: must be 0 or more, and less than 100"),
        ("max_order_qty", "5", "reserve_hedge_pct: does not go with max_order_qty"),
    ],
)
def test_a_share_that_means_nothing_is_refused(control: str, share: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Limit(control=control, limit=5 * SCALE, reserve_hedge_pct=fixed(share))
