"""What algos may do while they are paused, held or ending, and what holds them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fix_oms.algos.algo import Algo, Desk, Mine
from fix_oms.algos.kinds import KINDS
from fix_oms.model import inputs
from fix_oms.model.algos import AnyAct, Change, Place, Tell, Wake
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import SCALE, Fixed
from tests.engine.algo_desk import OWN, AlgoDesk
from tests.engine.routed import routed_settings


class Stubborn(Algo, kw_only=True):
    """Sends again whatever goes, and wakes each second."""

    n: int = 0
    times: int = 0
    at: str = "ALPHA"
    whose: str = ""
    bound: Fixed = 0
    REMEMBERS = frozenset({"n", "times"})

    def most(self) -> dict[tuple[str, bool], Fixed]:
        return {("AAPL", True): self.bound} if self.bound else {}

    def on_start(self, desk: Desk) -> Iterator[AnyAct]:
        yield from self.more()
        yield Wake(at_ns=desk.now + 10**9)

    def on_order(self, desk: Desk, mine: Mine) -> Iterator[AnyAct]:
        if not mine.is_open:
            yield from self.more()

    def on_time(self, desk: Desk) -> Iterator[AnyAct]:
        self.times += 1
        yield Wake(at_ns=desk.now + 10**9)

    def on_tell(self, desk: Desk, word: str, params: Any) -> Iterator[AnyAct]:
        if word == "change":
            yield Change(name="o1", qty=int(params["qty"]) * SCALE)
        elif word == "fail":
            raise KeyError(word)
        elif word == "float":
            yield Place(name="f", symbol="AAPL", side="1", qty=1.5)  # type: ignore[arg-type]  # what an author may get wrong
        elif word == "loud":
            yield Tell(severity="loud", text="")  # type: ignore[arg-type]  # what an author may get wrong
        elif word == "garbage":
            yield "buy"  # type: ignore[misc]  # what an author may get wrong
        else:
            yield Wake(at_ns=1)

    def more(self) -> Iterator[AnyAct]:
        self.n += 1
        px, whose = 10 * SCALE, self.whose or None
        name = f"o{self.n}"
        yield Place(
            name=name, symbol="AAPL", side="1", qty=SCALE, price=px, venue=self.at, account=whose
        )


KINDS["stubborn"] = Stubborn


@pytest.fixture
def desk() -> AlgoDesk:
    return AlgoDesk(routed_settings(algos=OWN | {"stubborn": {"code": "tests:Stubborn"}}))


def canceled(desk: AlgoDesk, name: str = "o1") -> None:
    """The broker has canceled the order."""
    order = desk.order(desk.of_algo(name))
    newest = order.requests[-1].cl_ord_id
    desk.report(newest, "4", "4", session=order.session, orig_cl_ord_id=order.cl_ord_id)


def say(desk: AlgoDesk, word: str, **params: Any) -> Accepted | Refused:
    return desk.answer(inputs.TellAlgo(by="ann", ref="A1", word=word, params=params))


@pytest.mark.parametrize(
    ("what", "state"),
    [
        (inputs.PauseAlgo(by="ann", ref="A1"), "paused"),
        (inputs.MassCancel(by="ann"), "held"),
        (inputs.MassCancel(by="ann", account="DESK"), "held"),
        (inputs.MassCancel(by="ann", venue="ALPHA", symbol="AAPL"), "held"),
        (inputs.StopAlgo(by="ann", ref="A1"), "ended"),
    ],
)
def test_what_was_taken_out_is_not_sent_again(desk: AlgoDesk, what: Any, state: str) -> None:
    desk.algo("stubborn")
    desk.answer(what)
    canceled(desk)
    assert (desk.view().state, list(desk.view().orders)) == (state, ["o1"])


@pytest.mark.parametrize(
    "scope", [{"venue": "BETA"}, {"account": "HEDGE"}, {"strategy": "S"}, {"symbol": "MSFT"}]
)
def test_what_is_taken_out_elsewhere_holds_nobody(scope: dict[str, str]) -> None:
    settings = routed_settings(algos=OWN, strategies={"S": {}})
    settings["instruments"]["MSFT"] = {"venues": ["BETA"], "tick": "0.01", "lot": "1"}
    desk = AlgoDesk(settings)
    desk.algo("stubborn")
    desk.answer(inputs.MassCancel(by="ann", **scope))
    assert desk.view().state == "running"


def test_what_is_taken_out_of_another_account_holds_the_one_that_sent_there(
    desk: AlgoDesk,
) -> None:
    desk.algo("stubborn", whose="HEDGE")
    desk.answer(inputs.MassCancel(by="ann", account="HEDGE"))
    assert desk.view().state == "held"


def test_a_wake_whose_time_comes_in_a_pause_comes_when_it_goes_on(desk: AlgoDesk) -> None:
    desk.algo("stubborn")
    desk.answer(inputs.PauseAlgo(by="ann", ref="A1"))
    desk.wait(5)
    due = desk.engine.is_due(desk.now)
    desk.answer(inputs.ResumeAlgo(by="ann", ref="A1"))
    desk.wait(0.001)
    assert (due, len(desk.acts[-1].acts), desk.acts[-1].cause) == (False, 1, "its time has come")


def test_one_that_ends_asks_again_once_its_session_is_back(desk: AlgoDesk) -> None:
    desk.algo("stubborn")
    desk.down("ALPHA")
    desk.answer(inputs.StopAlgo(by="ann", ref="A1"))
    order = desk.of_algo("o1")
    before = desk.order(order).pending
    desk.ready("ALPHA")
    assert ("cancel" in before, "cancel" in desk.order(order).pending) == (False, True)


def test_one_that_ends_asks_again_after_a_cancel_was_rejected(desk: AlgoDesk) -> None:
    desk.algo("stubborn")
    order = desk.order(desk.of_algo("o1"))
    desk.report(order.cl_ord_id, "0", "0", leaves=1)
    desk.answer(inputs.StopAlgo(by="ann", ref="A1"))
    asked = desk.order(order.cl_ord_id).requests[-1].cl_ord_id
    desk.cancel_reject(asked, order.cl_ord_id, "0")
    desk.wait(6)
    again = desk.order(order.cl_ord_id).requests[-1].cl_ord_id
    assert (again != asked, desk.view().state) == (True, "ending")


def test_a_time_that_is_over_comes_a_millisecond_later(desk: AlgoDesk) -> None:
    desk.algo("stubborn")
    said = desk.now + 1000
    say(desk, "wake")
    assert desk.engine.state.algos.wake_ns == said + 1_000_000


def test_a_change_may_not_exceed_the_bound_either(desk: AlgoDesk) -> None:
    desk.algo("stubborn", bound="3")
    say(desk, "change", qty=4)
    beyond = len(desk.order(desk.of_algo("o1")).requests)
    say(desk, "change", qty=3)
    assert (beyond, len(desk.order(desk.of_algo("o1")).requests)) == (1, 2)


@pytest.mark.parametrize(
    ("word", "said"),
    [("fail", "algo A1: KeyError: 'fail'")],
)
def test_an_error_in_its_answer_to_a_word_refuses_it(desk: AlgoDesk, word: str, said: str) -> None:
    desk.algo("stubborn")
    answer = say(desk, word)
    assert (isinstance(answer, Refused), answer.text, desk.view().state) == (True, said, "running")


@pytest.mark.parametrize("word", ["float", "loud", "garbage"])
def test_acts_that_no_journal_could_read_hold_it(desk: AlgoDesk, word: str) -> None:
    desk.algo("stubborn")
    say(desk, word)
    for _, value in desk.log:
        inputs.decode(inputs.encode(value))
    assert (desk.view().state, list(desk.view().orders)) == ("held", ["o1"])


def test_a_start_is_told_to_algos_also_where_the_router_decides_in_that_step(
    desk: AlgoDesk,
) -> None:
    desk.algo("echo", "E", qty="5")
    desk.algo("stubborn")
    desk.book("ALPHA", [("9.98", 500)], [("10.05", 100)])
    desk.route(100, "10.00", policy="sweep")
    desk.answer(inputs.MassCancel(by="ann", symbol="AAPL"))
    assert desk.view().state == desk.view("E").state == "held"


def test_nothing_is_kept_of_orders_that_are_out_but_their_names(desk: AlgoDesk) -> None:
    desk.algo("stubborn")
    for n in range(1, 6):
        canceled(desk, f"o{n}")
    running = desk.engine.state.algos.algos["A1"]
    assert (list(running.working), list(running.told), len(running.names)) == (["o6"], [], 6)
