"""A venue that plays the broker of a published scenario, in virtual time."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import (
    Message,
    OrderMassStatusRequest,
    OrderStatusRequest,
    SessionReject,
)
from fix_oms.model.units import SCALE
from fix_oms.scenarios import Role, Run
from fix_oms.simulator import acts
from fix_oms.simulator.control import PlayView
from fix_oms.simulator.floor import ActRefused
from fix_oms.simulator.script import Expect, Script, script_of
from fix_oms.simulator.station import AnyInput, Did, Opened, Received, Station, Tick
from fix_oms.wire import SOH, Codec, shown
from tests.simulator.test_script import RUNS, script
from tests.simulator.world import World, cancel, new, replace

SECOND = 1_000_000_000
START = 1_798_817_400 * SECOND
"""2027-01-01 14:30:00 UTC."""
ORDER = "buy 10000 ACME @ 100"


class Stage:
    """A station, the client of one session, and everything that was put in."""

    def __init__(self, version: FixVersion = FixVersion.FIX44) -> None:
        self.now = START
        self.inputs: list[tuple[int, AnyInput]] = []
        self.station = Station("ALPHA", version)
        self._codec = Codec(version)
        self.put(Opened(run="r", settings=World(version=version).settings))

    def put(self, value: AnyInput) -> list[str]:
        self.inputs.append((self.now, value))
        return [out.text for out in self.station.step(self.now, value)]

    def play(self, name_or_script: str | Script, **more: Any) -> list[dict[str, str]]:
        told = script(name_or_script) if isinstance(name_or_script, str) else name_or_script
        return read(self.put(Did(act=acts.Play(session="C", script=told, **more))))

    def send(self, *messages: Message) -> list[dict[str, str]]:
        """What is said to these, as fields by tag."""
        said = []
        for message in messages:
            said += self.put(Received(session="C", text=self._codec.encode(message)))
        return read(said)

    def view(self) -> PlayView:
        return self.station.stage.view("C")


def read(texts: list[str]) -> list[dict[str, str]]:
    return [dict(f.split("=", 1) for f in text.split(SOH) if f) for text in texts]


def kinds(said: list[dict[str, str]]) -> list[str]:
    """``11 150/39``, or ``11 refused 39``."""
    return [
        f"{r.get('11')} {r['150']}/{r['39']}" if r["35"] == "8" else f"{r['11']} refused {r['39']}"
        for r in said
    ]


def ask(cl_ord_id: str, **more: Any) -> OrderStatusRequest:
    return OrderStatusRequest(cl_ord_id=cl_ord_id, order_id=None, symbol="ACME", side="1", **more)


def begun(name: str, **more: Any) -> Stage:
    """A play whose order has come, as c1."""
    stage = Stage()
    stage.play(name, **more)
    stage.send(new("c1", ORDER))
    return stage


def test_what_stands_before_the_next_request_is_told_at_once() -> None:
    stage = Stage()
    assert stage.play("B.1.a") == []
    assert kinds(stage.send(new("c1", ORDER))) == ["c1 0/0"]
    assert kinds(stage.send(cancel("c2", "c1", ORDER))) == ["c2 6/6", "c2 4/4"]


def test_a_scenario_without_requests_is_told_at_its_beginning() -> None:
    assert kinds(Stage().play("E.1.a")) == ["None 0/0", "None F/1", "None F/1", "None F/2"]


def test_a_misprint_is_told_as_it_is_printed() -> None:
    assert Stage().play("E.1.a")[0]["151"] == "0"


def test_the_ids_are_the_sessions_own() -> None:
    stage = begun("B.1.a")
    last = stage.send(cancel("c2", "c1", ORDER))[-1]
    assert (last["11"], last["41"], last["37"]) == ("c2", "c1", stage.view().order_ids["X"])
    assert stage.view().requests == {"X": "c1", "Y": "c2"}


def test_order_ids_are_never_repeated() -> None:
    stage = begun("A.1.a")
    first = stage.view().order_ids["X"]
    stage.play("A.1.a")
    assert stage.view().order_ids["X"] != first


def test_symbol_and_side_are_those_of_the_order_that_came() -> None:
    stage = Stage()
    stage.play("A.1.a")
    assert {(r["55"], r["54"]) for r in stage.send(new("c1", "sell 10000 AAPL @ 150"))} == {
        ("AAPL", "2")
    }


def test_times_end_on_the_day_that_it_is_played_on() -> None:
    said = begun_of_two_days()
    assert [r["60"][:8] for r in (said[0], said[-1])] == ["20261231", "20270101"]


def begun_of_two_days() -> list[dict[str, str]]:
    stage = Stage()
    stage.play("H.1.a")
    return stage.send(new("c1", ORDER))


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run.version}-{run.name}")
def test_every_scenario_is_played_to_its_end(run: Run) -> None:
    stage = Stage(run.version)
    said = stage.play(script_of(run))
    ids: dict[str, str] = {}
    for line in script_of(run).lines:
        if isinstance(line, Expect):
            said += stage.send(answer(line, ids))
    rows = [act.step for act in run.acts if act.role is Role.REPORT]
    assert [r["39"] for r in said] == [row.ord_status for row in rows]
    assert (stage.view().is_over, stage.view().error) == (True, "")


def answer(line: Expect, ids: dict[str, str]) -> Message:
    """The message that is awaited, under an id of ours."""
    if line.msg_type == "H":
        return ask(ids[line.cl_ord_id])
    orig = ids.get(line.orig_cl_ord_id or "", "")
    ours = ids[line.cl_ord_id] = f"c{len(ids)}"
    text = f"buy {(line.order_qty or SCALE) // SCALE} ACME @ 100"
    if line.msg_type == "F":
        return cancel(ours, orig, text)
    if line.msg_type == "G":
        return replace(ours, orig, text)
    if line.cash_order_qty is not None:
        return new(ours, text, order_qty=0, cash_order_qty=line.cash_order_qty)
    return new(ours, text)


# -- what does not fit ----------------------------------------------------------------------------

CASH = new("c1", ORDER, order_qty=0, cash_order_qty=50_000 * SCALE)
MISFITS: tuple[tuple[str, tuple[Message, ...], str], ...] = (
    (
        "B.1.a",
        (new("c1", "buy 9000 ACME @ 100"),),
        "B.1.a, t 1: OrderQty(38) 10000 was awaited, 9000 came",
    ),
    (
        "B.1.a",
        (new("c1", ORDER), replace("c2", "c1", ORDER)),
        "B.1.a, t 3: OrderCancelRequest Y of X, OrderQty(38) 10000 was awaited, "
        "OrderCancelReplaceRequest c2 came",
    ),
    (
        "B.1.a",
        (new("c1", ORDER), cancel("c2", "c0", ORDER)),
        "B.1.a, t 3: OrigClOrdID(41) c1 (X) was awaited, c0 came",
    ),
    (
        "B.1.a",
        (new("c1", ORDER), cancel("c1", "c1", ORDER)),
        "B.1.a, t 3: ClOrdID(11) c1 was used before",
    ),
    (
        "C.3.c",
        (new("c1", ORDER), replace("c2", "c1", "buy 9000 ACME @ 100")),
        "C.3.c, t 3: OrderQty(38) 7000 was awaited, 9000 came",
    ),
    ("L.1.b", (CASH,), "L.1.b, t 1: CashOrderQty(152) 10000 was awaited, 50000 came"),
)


@pytest.mark.parametrize(("name", "messages", "error"), MISFITS, ids=[m[2] for m in MISFITS])
def test_a_request_that_is_not_the_one_awaited_ends_the_play(
    name: str, messages: tuple[Message, ...], error: str
) -> None:
    stage = Stage()
    stage.play(name)
    last = stage.send(*messages)[-1]
    assert (last["35"], last["58"], stage.view().error) == ("j", error, error)


def test_a_request_that_does_not_come_in_time_ends_the_play() -> None:
    stage = begun("B.1.a", timeout_ms=5000)
    stage.now = stage.station.next_due() or 0
    stage.put(Tick())
    assert stage.now == START + 5 * SECOND
    assert stage.view().error == (
        "B.1.a, t 3: OrderCancelRequest Y of X, OrderQty(38) 10000 did not come within 5 s"
    )


def test_each_request_has_the_whole_time() -> None:
    stage = Stage()
    stage.play("B.1.a", timeout_ms=5000)
    stage.now += 4 * SECOND
    stage.send(new("c1", ORDER))
    assert stage.station.next_due() == START + 9 * SECOND


def test_a_play_that_is_over_awaits_nothing() -> None:
    stage = begun("A.1.a")
    assert (stage.station.next_due(), stage.view().awaited) == (None, "")


def test_what_is_awaited_is_said() -> None:
    stage = Stage()
    stage.play("A.1.a")
    assert stage.view().awaited == "t 1: NewOrderSingle X, OrderQty(38) 10000"


def test_another_play_ends_the_one_before() -> None:
    stage = begun("B.1.a")
    before = stage.station.stage.moves
    stage.play("A.1.a")
    assert (stage.view().name, stage.view().at, stage.station.stage.moves > before) == (
        "A.1.a",
        0,
        True,
    )
    assert kinds(stage.send(new("c2", ORDER)))[0] == "c2 0/0"


def test_a_report_that_the_client_rejects_ends_the_play() -> None:
    stage = begun("B.1.a")
    stage.send(SessionReject(ref_seq_num=2, text="no such thing"))
    assert stage.view().error == "B.1.a, t 3: the client rejected a report: no such thing"


def test_a_script_of_another_version_is_refused() -> None:
    with pytest.raises(ActRefused, match=r"A\.1\.a is written for FIX\.4\.4.*speaks FIX\.4\.2"):
        Stage(FixVersion.FIX42).play("A.1.a")


def test_nothing_is_shown_where_nothing_was_played() -> None:
    with pytest.raises(ActRefused, match="nothing was played to C yet"):
        Stage().view()


# -- beside the play ------------------------------------------------------------------------------


def test_orders_for_other_symbols_are_the_venues_business() -> None:
    stage = Stage()
    stage.play("A.1.a", symbol="ACME")
    assert kinds(stage.send(new("m1", "buy 5 MSFT @ 10"))) == ["m1 0/0"]
    assert stage.view().at == 0


def test_after_a_play_orders_are_the_venues_business_again() -> None:
    stage = begun("A.1.a")
    assert kinds(stage.send(new("m1", "buy 5 MSFT @ 10"))) == ["m1 0/0"]


def test_a_status_that_nobody_awaits_is_the_row_in_force() -> None:
    stage = begun("B.1.b")
    (said,) = stage.send(ask("c1", ord_status_req_id="S1"))
    names = ("35", "11", "17", "150", "39", "14", "151", "790", "32")
    wanted = ("8", "c1", "0", "I", "1", "2000", "8000", "S1", None)
    assert tuple(said.get(n) for n in names) == wanted
    assert stage.view().at == 3


def test_an_order_that_no_row_was_told_of_yet_is_pending_new() -> None:
    (said,) = begun("B.1.d").send(ask("c1"))
    names = ("11", "17", "150", "39", "38", "14", "151")
    assert tuple(said[n] for n in names) == ("c1", "0", "I", "A", "10000", "0", "10000")


def test_a_status_in_4_2_is_said_by_exec_trans_type() -> None:
    stage = Stage(FixVersion.FIX42)
    stage.play(script("4.2:D4", FixVersion.FIX42))
    stage.send(new("c1", ORDER))
    (said,) = stage.send(ask("c1"))
    assert (said["17"], said["20"], said["150"], said["39"]) == ("0", "3", "1", "1")


def test_after_a_refused_cancel_the_status_has_the_orders_own_name() -> None:
    stage = begun("B.1.a alt 5")
    assert kinds(stage.send(cancel("c2", "c1", ORDER))) == ["c2 6/6", "c2 refused 0"]
    (said,) = stage.send(ask("c1"))
    assert (said["11"], said.get("41"), said["39"]) == ("c1", None, "0")


def test_the_order_of_a_play_that_is_over_is_still_known() -> None:
    stage = begun("A.1.a")
    stage.play("B.1.a")
    assert [(r["39"], r["14"]) for r in stage.send(ask("c1"))] == [("2", "10000")]


def test_a_change_after_the_play_is_refused_with_the_orders_state() -> None:
    stage = begun("E.1.d")
    said = stage.send(cancel("c2", "c1", ORDER), replace("c3", "c1", ORDER))
    names = ("35", "11", "41", "39", "434", "102", "58")
    assert [tuple(r[n] for n in names) for r in said] == [
        ("9", "c2", "c1", "2", "1", "2", "the play of E.1.d is over"),
        ("9", "c3", "c1", "2", "2", "2", "the play of E.1.d is over"),
    ]


def test_a_change_of_an_order_that_no_play_knows_is_the_venues_business() -> None:
    assert begun("A.1.a").send(cancel("c2", "c0", ORDER))[0]["102"] == "1"


def test_an_order_that_has_not_come_is_unknown() -> None:
    stage = Stage()
    stage.play("B.1.a")
    assert [(r["39"], r["103"]) for r in stage.send(ask("c1"))] == [("8", "5")]


def test_a_mass_status_tells_of_played_orders_too() -> None:
    stage = begun("B.1.b")
    stage.send(new("m1", "buy 5 MSFT @ 10"))
    said = stage.send(OrderMassStatusRequest(mass_status_req_id="Q"))
    assert [(r["11"], r["584"], r["911"], r["912"]) for r in said] == [
        ("m1", "Q", "2", "N"),
        ("c1", "Q", "2", "Y"),
    ]


def test_a_mass_status_of_played_orders_alone_says_so() -> None:
    said = begun("B.1.b").send(OrderMassStatusRequest(mass_status_req_id="Q"))
    assert [(r["11"], r["39"], r["911"], r["912"]) for r in said] == [("c1", "1", "1", "Y")]


def test_a_mass_status_of_another_symbol_leaves_played_orders_out() -> None:
    said = begun("B.1.b").send(OrderMassStatusRequest(mass_status_req_id="Q", symbol="MSFT"))
    assert [(r["39"], r["58"]) for r in said] == [("8", "no orders")]


def test_a_replay_of_a_play_says_the_same_again() -> None:
    stage = begun("B.1.a")
    stage.send(cancel("c2", "c1", ORDER), ask("c1"))
    said = [
        [shown(out.text) for now, value in stage.inputs for out in again.step(now, value)]
        for again in (Station("ALPHA", FixVersion.FIX44), Station("ALPHA", FixVersion.FIX44))
    ]
    assert said[0] == said[1]
    assert len(said[0]) == 4
