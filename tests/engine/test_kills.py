"""A kill shuts its scope, takes what works out, and is not done until the broker says so."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model import inputs
from fix_oms.model.messages import OrderMassCancelReport
from fix_oms.model.outputs import Accepted, Refused, Send, Withdraw
from fix_oms.model.units import SCALE
from tests.engine.desk import Desk, plain_settings


def kill(desk: Desk, **scope: Any) -> Accepted | Refused:
    return desk.answer(inputs.Kill(by="ann", reason="wild", **scope))


def unconfirmed(desk: Desk) -> list[str]:
    return [text for halt in desk.shown.halt_views() for text in halt.unconfirmed]


def kinds(messages: list[Send]) -> list[str]:
    return [message.text[3 : message.text.index("\x01")] for message in messages]


def by_order() -> Desk:
    """A desk whose broker takes no mass cancel."""
    plain = plain_settings(strategies={"algo": {}, "slow": {}})
    plain["sessions"]["ALPHA"]["supports"] = {"mass_cancel": False}
    return Desk(plain)


def resting(desk: Desk, **more: Any) -> str:
    name = desk.buy(100, **more)
    desk.report(name, "0", "0", leaves=100)
    return name


def test_nothing_new_leaves() -> None:
    desk = Desk()
    kill(desk)
    answer = desk.ask_new()
    assert isinstance(answer, Refused)
    assert (answer.control, desk.sent) == ("kill", [])


def test_a_replace_does_not_leave_either_not_even_one_that_reduces() -> None:
    desk = Desk()
    name = resting(desk)
    kill(desk)
    assert isinstance(desk.replace(name, order_qty=50 * SCALE), Refused)


def test_one_mass_cancel_leaves_where_the_broker_takes_it() -> None:
    desk = Desk()
    resting(desk), resting(desk)
    before = len(desk.sent)
    kill(desk)
    assert kinds(desk.sent[before:]) == ["q"]


def test_else_one_cancel_for_each_order() -> None:
    desk = by_order()
    resting(desk), resting(desk)
    before = len(desk.sent)
    kill(desk)
    assert kinds(desk.sent[before:]) == ["F", "F"]


def test_a_scope_that_a_mass_cancel_cannot_say_is_cancelled_order_by_order() -> None:
    desk = Desk()
    resting(desk), resting(desk, account="HEDGE")
    before = len(desk.sent)
    kill(desk, account="HEDGE")
    assert kinds(desk.sent[before:]) == ["F"]


def test_cancels_are_urgent_and_bear_their_orders_chain() -> None:
    desk = by_order()
    name = resting(desk)
    kill(desk)
    assert (desk.sent[-1].urgent, desk.sent[-1].chain) == (True, name)


def test_an_order_is_unconfirmed_until_its_own_report() -> None:
    desk = by_order()
    name = resting(desk)
    kill(desk)
    before = unconfirmed(desk)
    desk.report("1-2", "4", "4")
    assert (before, unconfirmed(desk)) == ([f"{name}: cancel 1-2 awaits its answer"], [])


def test_a_mass_cancel_that_was_accepted_proves_nothing() -> None:
    desk = Desk()
    name = resting(desk)
    kill(desk)
    desk.hear(
        "ALPHA",
        OrderMassCancelReport(
            cl_ord_id="1-2",
            order_id="M",
            mass_cancel_request_type="7",
            mass_cancel_response="7",
        ),
    )
    assert unconfirmed(desk) == [f"{name}: a mass cancel has been asked for"]


def test_what_a_mass_cancel_did_not_get_out_is_cancelled_by_name() -> None:
    desk = Desk()
    resting(desk)
    kill(desk)
    desk.hear(
        "ALPHA",
        OrderMassCancelReport(
            cl_ord_id="1-2",
            order_id="M",
            mass_cancel_request_type="7",
            mass_cancel_response="7",
        ),
    )
    before = len(desk.sent)
    desk.wait(11)
    assert kinds(desk.sent[before:]) == ["F"]


def test_a_cancel_that_was_refused_is_asked_for_again() -> None:
    desk = by_order()
    name = resting(desk)
    kill(desk)
    desk.cancel_reject("1-2", name, "0")
    before = len(desk.sent)
    desk.wait(11)
    assert (kinds(desk.sent[before:])[-1], len(unconfirmed(desk))) == ("F", 1)


def test_it_is_not_asked_again_before_the_broker_has_had_its_time() -> None:
    desk = by_order()
    name = resting(desk)
    kill(desk)
    desk.cancel_reject("1-2", name, "0")
    before = len(desk.sent)
    desk.wait(9)
    assert desk.sent[before:] == []


def test_an_order_that_has_not_left_is_withdrawn() -> None:
    desk = by_order()
    out = desk.engine.step(desk.now + 1, order())
    told = desk.engine.step(desk.now + 2, inputs.Kill(by="ann", reason="wild"))
    name = next(o.order for o in out if isinstance(o, Accepted))
    assert [o.chain for o in told if isinstance(o, Withdraw)] == [name]


def test_nothing_is_cancelled_of_what_is_withdrawn() -> None:
    desk = by_order()
    desk.engine.step(desk.now + 1, order())
    told = desk.engine.step(desk.now + 2, inputs.Kill(by="ann", reason="wild"))
    assert [o for o in told if isinstance(o, Send)] == []


def test_what_has_left_all_the_same_is_cancelled_when_its_record_comes() -> None:
    desk = by_order()
    out = desk.engine.step(desk.now + 1, order())
    message = next(o for o in out if isinstance(o, Send))
    desk.engine.step(desk.now + 2, inputs.Kill(by="ann", reason="wild"))
    desk.now += 3
    desk.leaves(message)
    assert kinds(desk.sent) == ["F"]


def test_a_mass_cancel_takes_back_what_has_not_left() -> None:
    desk = by_order()
    desk.engine.step(desk.now + 1, order())
    told = desk.engine.step(desk.now + 2, inputs.MassCancel(by="ann"))
    assert [o.chain for o in told if isinstance(o, Withdraw)] == ["1-1"]


def test_after_unknown_order_the_next_cancel_names_the_last_id_accepted() -> None:
    desk = Desk()
    name = resting(desk)
    desk.replace(name, order_qty=120 * SCALE)
    desk.cancel(name)
    refused = desk.last_fields()
    desk.cancel_reject(refused[11], refused[41], "8", cxl_rej_reason="1")
    desk.cancel(name)
    assert (refused[41], desk.last_fields()[41]) == ("1-2", name)


def order() -> inputs.NewOrder:
    return inputs.NewOrder(by="tom", terms=Desk().terms("1", 100, "10"), venue="ALPHA")


def test_an_order_that_is_withdrawn_ends_and_is_confirmed() -> None:
    desk = by_order()
    out = desk.engine.step(desk.now + 1, order())
    message = next(o for o in out if isinstance(o, Send))
    desk.engine.step(desk.now + 2, inputs.Kill(by="ann", reason="wild"))
    desk.now += 3
    told = {"cl_ord_id": message.cl_ord_id, "text": message.text, "reason": "killed"}
    desk.give(inputs.NotSent(session="ALPHA", **told))
    assert (desk.state_of("1-1"), unconfirmed(desk)) == (("8", 0, 0), [])


def test_an_order_without_an_answer_is_taken_out_as_well() -> None:
    desk = by_order()
    name = desk.buy(100)
    kill(desk)
    assert desk.last_fields()[41] == name


def test_a_session_that_is_down_is_said_and_its_orders_are_cancelled_when_it_is_back() -> None:
    desk = by_order()
    name = resting(desk)
    desk.down("ALPHA")
    kill(desk)
    away = unconfirmed(desk)
    desk.ready("ALPHA")
    assert (away, kinds(desk.sent)[-1]) == ([f"{name}: session ALPHA is down"], "F")


def test_a_filled_order_cannot_be_made_more_while_killed() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.report(name, "F", "2", last=100, cum=100)
    kill(desk)
    assert isinstance(desk.replace(name, order_qty=200 * SCALE), Refused)


def test_a_fill_that_crosses_the_kill_counts_and_confirms_nothing_else() -> None:
    desk = by_order()
    name = resting(desk)
    kill(desk)
    desk.report(name, "F", "1", last=40, cum=40, leaves=60)
    assert (desk.position(), len(unconfirmed(desk))) == (40, 1)


SCOPES: dict[str, tuple[dict[str, str], list[bool]]] = {
    "everything": ({}, [True, True, True, True]),
    "an account": ({"account": "HEDGE"}, [False, True, False, False]),
    "a strategy": ({"strategy": "algo"}, [False, False, True, False]),
    "a symbol": ({"symbol": "MSFT"}, [False, False, False, True]),
    "a venue": ({"venue": "BETA"}, [False, False, False, True]),
    "a strategy at a venue": ({"strategy": "algo", "venue": "ALPHA"}, [False, False, True, False]),
    "a strategy where it does not trade": (
        {"strategy": "algo", "venue": "BETA"},
        [False, False, False, False],
    ),
}


@pytest.mark.parametrize(("scope", "hit"), SCOPES.values(), ids=SCOPES.keys())
def test_it_takes_out_exactly_its_scope(scope: dict[str, str], hit: list[bool]) -> None:
    desk = by_order()
    names = [
        desk.buy(100),
        desk.buy(100, account="HEDGE"),
        desk.buy(100, strategy="algo"),
        desk.buy(100, symbol="MSFT", venue="BETA", price="400"),
    ]
    kill(desk, **scope)
    assert ["cancel" in desk.order(name).pending for name in names] == hit


@pytest.mark.parametrize(("scope", "hit"), SCOPES.values(), ids=SCOPES.keys())
def test_it_shuts_exactly_its_scope(scope: dict[str, str], hit: list[bool]) -> None:
    desk = by_order()
    kill(desk, **scope)
    answers = [
        desk.ask_new(),
        desk.ask_new(account="HEDGE"),
        desk.ask_new(strategy="algo"),
        desk.ask_new(symbol="MSFT", venue="BETA", price="400"),
    ]
    assert [isinstance(answer, Refused) for answer in answers] == hit


@pytest.mark.parametrize("kind", ["account", "strategy", "symbol", "venue"])
def test_a_scope_that_does_not_exist_is_refused_by_name(kind: str) -> None:
    answer = kill(Desk(), **{kind: "NOWHERE"})
    assert isinstance(answer, Refused)
    assert answer.text == f"no {kind} named 'NOWHERE' is configured"


def test_it_closes_the_parents_of_its_scope() -> None:
    desk = Desk()
    desk.answer(inputs.NewParent(by="t", ref="P", symbol="AAPL", side="1", order_qty=SCALE))
    kill(desk)
    desk.answer(inputs.Resume(by="ann", reason="calm"))
    child = inputs.NewOrder(by="t", terms=desk.terms("1", 1, "10"), venue="ALPHA", parent="P")
    answer = desk.answer(child)
    assert isinstance(answer, Refused)
    assert answer.text == "parent P is closed: killed by ann: wild"


def test_it_stays_over_a_restart() -> None:
    desk = Desk()
    kill(desk)
    desk.start(2)
    desk.ready("ALPHA")
    assert isinstance(desk.ask_new(), Refused)


def test_it_is_lifted_by_a_resume_of_its_scope_and_of_no_other() -> None:
    desk = Desk()
    kill(desk, symbol="AAPL")
    other = desk.answer(inputs.Resume(by="ann", reason="calm"))
    exact = desk.answer(inputs.Resume(by="ann", reason="calm", symbol="AAPL"))
    assert (type(other), type(exact), type(desk.ask_new())) == (Refused, Accepted, Accepted)


def test_a_halt_does_not_take_the_place_of_a_kill() -> None:
    desk = Desk()
    kill(desk)
    desk.answer(inputs.Halt(by="bob", reason="less"))
    answer = desk.ask_new()
    assert isinstance(answer, Refused)
    assert answer.control == "kill"


def test_an_order_of_somebody_elses_is_listed_and_left_to_people() -> None:
    desk = by_order()
    desk.report("PHONE", "0", "0", leaves=100, order_id="P-1", order_qty=100 * SCALE)
    kill(desk)
    assert unconfirmed(desk) == ["ALPHA/P-1: not sent by us: ask the broker"]


def test_after_a_loss_a_session_that_asks_for_it_is_cleared() -> None:
    plain = plain_settings()
    plain["sessions"]["ALPHA"] |= {"cancel_on_disconnect": True, "supports": {"mass_cancel": False}}
    desk = Desk(plain)
    name = resting(desk)
    desk.down("ALPHA")
    desk.ready("ALPHA")
    assert desk.order(name).pending == ("cancel",)


def test_a_loss_clears_nothing_where_nobody_asked_for_it() -> None:
    desk = Desk()
    name = resting(desk)
    desk.down("ALPHA")
    desk.ready("ALPHA")
    assert desk.order(name).pending == ()
