"""The table of legality against the scenarios that FIX publishes, and against lives made by chance.

Published reports must be ordinary in their published order, and never illegal in any other order of
delivery. Lives of a model broker show that the table is exact: each ordinary cell is met by a
life told in order, each late one only by a life told out of order, and no illegal one by any.
"""

from __future__ import annotations

import functools
import random
import re
from collections import defaultdict
from itertools import permutations
from typing import Any, Final

import pytest

from fix_oms.model.fix import ExecType, OrdStatus
from fix_oms.model.messages import ExecutionReport, OrderCancelReject, Terms
from fix_oms.model.scope import Scope
from fix_oms.model.units import SCALE
from fix_oms.orders import legality
from fix_oms.orders.legality import (
    ILLEGAL,
    LATE,
    ORDINARY,
    UNKNOWN,
    is_illegal,
    kind_of,
    sentence,
    verdict,
)
from fix_oms.orders.legality_table import NAMES, PRINCIPLES
from fix_oms.orders.order import Order
from fix_oms.orders.requests import CANCEL, NEW, REPLACE, Request
from tests.orders import published
from tests.orders.lives import QTY, Broker
from tests.orders.published import kind
from tests.tidy.generated import SPECIFICATION

STATES: Final = (UNKNOWN, *(status.value for status in OrdStatus))
KINDS: Final = tuple(NAMES)
CELLS: Final = {(state, kind): verdict(state, kind) for state in STATES for kind in KINDS}
UNSHOWN: Final = {
    state: of["like"] for state, of in SPECIFICATION["states"].items() if "like" in of
}
"""States that no projection shows, and those whose cells they share."""
SHOWN: Final = tuple(s for s in STATES if s != UNKNOWN and s not in UNSHOWN)

LIVES: Final = 20_000
DIRECTED: Final = (
    "acknowledge fill calculate bust cancel",
    "acknowledge fill calculate bust expire",
    "acknowledge fill calculate bust trade",
    "acknowledge fill calculate bust restate",
    "acknowledge fill calculate bust fill_and_end",
    "acknowledge fill calculate bust ask_cancel say_pending",
    "acknowledge fill calculate ask_replace accept",
    "acknowledge trade fill calculate bust restate",
    "acknowledge stop trade fill calculate bust restate",
    "acknowledge trade fill calculate bust cancel bust",
    "acknowledge trade fill calculate bust cancel correct",
    "acknowledge trade fill calculate bust cancel status",
    "acknowledge trade ask_cancel say_pending cancel bust",
    "acknowledge trade ask_cancel say_pending cancel correct",
    "acknowledge trade ask_replace say_pending cancel bust",
    "acknowledge trade ask_replace say_pending cancel correct",
    "acknowledge ask_cancel say_pending reject status",
    "acknowledge ask_cancel ask_cancel say_pending say_pending say_pending",
    "acknowledge ask_cancel ask_replace say_pending say_pending say_pending accept",
    "acknowledge stop reject status",
    "acknowledge stop fill ask_replace accept",
    "acknowledge trade suspend restate",
    "acknowledge trade suspend correct cancel correct",
    "acknowledge trade suspend correct correct",
    "acknowledge trade suspend correct bust",
    "acknowledge trade suspend end_day calculate",
    "acknowledge trade end_day cancel bust",
    "acknowledge trade end_day cancel correct",
    "acknowledge stop trade cancel bust",
    "acknowledge suspend reject status",
    "acknowledge ask_replace accept reject",
    "acknowledge ask_replace say_pending reject status",
    "acknowledge trade ask_cancel say_pending expire status",
    "acknowledge ask_cancel say_pending stop trigger",
    "acknowledge ask_cancel say_pending fill calculate",
    "acknowledge fill calculate ask_replace refuse",
    "wait acknowledge fill calculate",
    "ask_cancel say_pending wait acknowledge",
    "ask_replace say_pending wait acknowledge",
    "acknowledge trade suspend ask_replace accept",
    "acknowledge end_day reject status",
    "acknowledge fill bust trade cancel bust",
    "acknowledge fill bust trade cancel correct",
)
"""What is too rare to leave to chance."""


# -- the table itself ------------------------------------------------------------------------------


def test_every_state_and_kind_has_a_verdict() -> None:
    assert {cell.verdict for cell in CELLS.values()} == {ORDINARY, LATE, ILLEGAL}


def test_the_table_has_no_other_states_or_kinds() -> None:
    assert {s: set(row) for s, row in legality._TABLE.items()} == {s: {*KINDS} for s in STATES}


def test_alive_is_every_state_but_the_three_ends() -> None:
    assert set(legality._ALIVE) == set(OrdStatus) - {*"48C"}


@pytest.mark.parametrize("ord_status", OrdStatus)
@pytest.mark.parametrize("exec_type", ExecType)
def test_every_report_is_of_a_kind(exec_type: ExecType, ord_status: OrdStatus) -> None:
    assert kind_of(_report(exec_type, ord_status)) in NAMES


@pytest.mark.parametrize(
    ("exec_type", "ord_status", "expected"),
    [
        ("F", "1", "F"),
        ("F", "6", "F"),
        ("F", "4", "F.end"),
        ("F", "8", "!"),
        ("H", "4", "H.end"),
        ("8", "8", "8"),
        ("8", "1", "8.request"),
        ("8", "4", "8.request"),
        ("5", "E", "5"),
        ("D", "4", "4"),
        ("4", "C", "C"),
        ("4", "0", "!"),
        ("I", "8", "I.8"),
        ("I", "A", "I"),
        ("z", "0", "!"),
        ("0", "z", "!"),
    ],
)
def test_ord_status_decides_what_a_report_means(
    exec_type: str, ord_status: str, expected: str
) -> None:
    assert kind_of(_report(exec_type, ord_status)) == expected


def _report(exec_type: str, ord_status: str) -> ExecutionReport:
    return ExecutionReport(
        cl_ord_id="X", order_id="O", exec_id="E", exec_type=exec_type, ord_status=ord_status
    )


def test_what_is_illegal_is_one_of_three_things() -> None:
    ends = {"4": {"4"}, "C": {"C"}, "8": {"8", "I.8"}}
    two_ends = {(s, k) for s in ends for other in ends if other != s for k in ends[other]}
    after_reject = {("8", k) for k in ("F", "F.end", "G", "G.end", "H", "H.end", "B", "I.end")}
    executed = {(s, k) for s in ("1", "2", "B") for k in ends["8"]}
    contradictions = {(state, "!") for state in STATES}
    found = {place for place, cell in CELLS.items() if cell.verdict == ILLEGAL}
    assert found == two_ends | after_reject | executed | contradictions


@pytest.mark.parametrize(("state", "like"), UNSHOWN.items())
def test_a_state_that_never_shows_is_judged_as_the_one_it_stands_for(state: str, like: str) -> None:
    judged = [[CELLS[s, k].verdict for k in KINDS] for s in (state, like)]
    assert judged[0] == judged[1]


def test_an_illegal_cell_says_in_words_what_it_breaks() -> None:
    assert sentence("C", "4") == "Canceled is illegal for an order that is Expired: " + (
        "An order ends once"
    )


def test_a_cell_of_a_scenario_names_the_scenario() -> None:
    assert sentence("9", "F.end").endswith(
        "is ordinary for an order that is Suspended: " + ("V7.I.1.b, 5.0SP2")
    )


# -- the data behind it ----------------------------------------------------------------------------

REPORTS: Final = [pytest.param(r, id=r["kind"]) for r in SPECIFICATION["reports"]]


@pytest.mark.parametrize("report", REPORTS)
def test_every_cell_is_written_in_full(report: dict[str, Any]) -> None:
    keys = {"states", "verdict", "follows", "cite", "why"}
    assert [c for c in report["cells"] if c.keys() != keys or not all(c.values())] == []


@pytest.mark.parametrize("report", REPORTS)
def test_what_follows_are_states(report: dict[str, Any]) -> None:
    words = {word for cell in report["cells"] for word in cell["follows"].split()}
    assert words <= {"=", "alive", *STATES}


@pytest.mark.parametrize("report", REPORTS)
def test_every_cite_exists(report: dict[str, Any]) -> None:
    cites = {cite for cell in report["cells"] for cite in cell["cite"].split(", ")}
    assert {cite for cite in cites if not _exists(cite)} == set()


@pytest.mark.parametrize("report", REPORTS)
def test_what_is_illegal_breaks_a_principle(report: dict[str, Any]) -> None:
    cites = {c["cite"] for c in report["cells"] if c["verdict"] == ILLEGAL}
    assert cites <= {"one-end", "rejected-is-unexecuted", "says-two-things"}


def test_a_sentence_gives_the_first_principle_that_its_cell_cites() -> None:
    assert sentence("4", "F").endswith(": A real execution always counts")


def test_every_principle_is_cited() -> None:
    cited = {cite for cell in CELLS.values() for cite in cell.cite.split(", ")}
    assert cited >= set(PRINCIPLES)


def _exists(cite: str) -> bool:
    """A principle, a transition, the precedence, a version's facts, a rule or a scenario."""
    data = published.matrices()
    if " -> " in cite:
        before, after = cite.split(" -> ")
        return after in data["published_transition_table"]["rows"][before]
    known = {*PRINCIPLES, "precedence", *data["version_semantics"]}
    known |= {entry["id"] for entry in (*data["rules"], *data["scenarios"])}
    # The wider published set: scenarios that the notes name and this selection does not hold.
    named = re.findall(r"\b[A-L]\.\d\.[a-f]\b", str(data["known_exceptions"]) + str(data["rules"]))
    return cite in known or cite in named


# -- published scenarios ---------------------------------------------------------------------------

STORIES: Final = [pytest.param(story, id=story.name) for story in published.stories()]


@pytest.mark.parametrize("story", STORIES)
def test_a_published_report_is_ordinary_in_its_published_order(story: published.Story) -> None:
    met = list(published.met(story, published.reports(story)))
    assert [m for m in met if CELLS[m.before, m.kind].verdict != ORDINARY] == []


@pytest.mark.parametrize("story", STORIES)
def test_what_follows_a_published_report_is_what_the_table_says(story: published.Story) -> None:
    met = list(published.met(story, published.reports(story)))
    assert [m for m in met if m.after not in CELLS[m.before, m.kind].follows] == []


@pytest.mark.parametrize("story", STORIES)
def test_no_order_of_delivery_makes_a_published_report_illegal(story: published.Story) -> None:
    told = published.reports(story)
    if len(told) <= 5:
        orders = [list(order) for order in permutations(told)]
    else:
        chance = random.Random(story.name)
        orders = [chance.sample(told, len(told)) for _ in range(100)]
    met = [m for order in orders for m in published.met(story, order)]
    assert [m for m in met if CELLS[m.before, m.kind].verdict == ILLEGAL] == []


# -- lives made by chance --------------------------------------------------------------------------

Places = dict[tuple[str, str], set[str]]
"""For each (state, kind) that was met, the states that followed."""


@functools.cache
def lives() -> tuple[Broker, ...]:
    directed = (Broker.live(seed, acts) for acts in DIRECTED for seed in range(40))
    return (*(Broker.live(seed) for seed in range(LIVES)), *directed)


@functools.cache
def in_order() -> Places:
    """What the brokers themselves had before and after each of their messages."""
    met: Places = defaultdict(set)
    for broker in lives():
        for told in broker.told:
            met[told.before, kind(told.message)].add(str(told.message.ord_status))
    return met


@functools.cache
def out_of_order() -> Places:
    """What our order showed before and after each message, delivered in any order, or twice."""
    met: Places = defaultdict(set)
    for seed, broker in enumerate(lives()):
        chance = random.Random(seed)
        told = [told.message for told in broker.told]
        for again in (0, 0, 0, 1):
            delivered = told + chance.sample(told, min(again, len(told)))
            chance.shuffle(delivered)
            order = _order(broker)
            for message in delivered:
                before = str(order.ord_status)
                _tell(order, message)
                met[before, kind(message)].add(str(order.ord_status))
    return met


def _order(broker: Broker) -> Order:
    order = Order(_request(broker, "X", NEW, QTY), Scope("A", "", "A", "V", "S"))
    for asked in broker.asked:
        of_kind = CANCEL if asked.kind == "cancel" else REPLACE
        order.add_request(_request(broker, asked.cl_ord_id, of_kind, asked.qty))
    return order


def _request(broker: Broker, cl_ord_id: str, of_kind: str, qty: int) -> Request:
    terms = Terms(
        symbol="A",
        side="1",
        order_qty=qty * SCALE,
        ord_type="1",
        time_in_force="1" if broker.good_till else "0",
    )
    return Request(cl_ord_id, of_kind, terms, 0, 1)


def _tell(order: Order, message: ExecutionReport | OrderCancelReject) -> None:
    if isinstance(message, ExecutionReport):
        order.add_report(message)
        return
    request = order.request(message.cl_ord_id or "")
    assert request is not None
    if not request.answered:
        order.refuse(request, "")


def _of(wanted: str) -> set[tuple[str, str]]:
    """The cells of a verdict that a life can meet."""
    return {p for p, cell in CELLS.items() if p[0] in SHOWN and cell.verdict == wanted}


def test_ordinary_is_exactly_what_a_life_tells_in_order() -> None:
    assert set(in_order()) == _of(ORDINARY)


def test_late_is_exactly_what_a_life_tells_out_of_order_only() -> None:
    assert set(out_of_order()) - set(in_order()) == _of(LATE)


def test_what_follows_in_order_is_among_what_the_table_says() -> None:
    wrong = {p: after - set(CELLS[p].follows) for p, after in in_order().items()}
    assert {p: after for p, after in wrong.items() if after} == {}


def test_what_follows_a_late_report_is_among_what_the_table_says() -> None:
    late = _of(LATE)
    wrong = {p: a - set(CELLS[p].follows) for p, a in out_of_order().items() if p in late}
    assert {p: after for p, after in wrong.items() if after} == {}


def test_each_state_that_the_table_says_can_follow_does() -> None:
    never = {}
    for report in SPECIFICATION["reports"]:
        for cell in report["cells"]:
            if cell["verdict"] != ORDINARY or cell["states"] == UNKNOWN:
                continue
            places = [(s, report["kind"]) for s in cell["states"].split() if s in SHOWN]
            seen = set().union(*(in_order()[place] for place in places))
            never[tuple(places)] = set(cell["follows"].split()) - seen - {"=", "alive"}
    assert {places: states for places, states in never.items() if states} == {}


def test_what_is_illegal_by_its_codes_is_what_the_table_calls_illegal() -> None:
    wrong = [
        (state, exec_type.value, status.value)
        for state in STATES
        for exec_type in ExecType
        for status in OrdStatus
        if is_illegal(state, exec_type, status)
        != (verdict(state, kind_of(_codes(exec_type, status))).verdict == ILLEGAL)
    ]
    assert wrong == []


def _codes(exec_type: ExecType, status: OrdStatus) -> ExecutionReport:
    return ExecutionReport(
        cl_ord_id=None,
        order_id=None,
        exec_id=None,
        exec_type=exec_type.value,
        ord_status=status.value,
    )
