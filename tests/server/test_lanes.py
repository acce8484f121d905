"""The order in which messages leave: urgent first, no chain ever out of order, nothing lost."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.outputs import Send
from fix_oms.server.lanes import Lanes, Parcel


def parcel(text: str, chain: str = "", *, urgent: bool = False) -> Parcel:
    return Parcel(Send(session="S", text=text, chain=chain, urgent=urgent), 1, 0, 0, 0)


def taken(lanes: Lanes) -> str:
    """What leaves next."""
    first = lanes.first()
    assert first is not None
    assert lanes.take(first)
    return first.message.text


def left(lanes: Lanes) -> list[str]:
    """All that leaves, in its order."""
    found = []
    while lanes.first() is not None:
        found.append(taken(lanes))
    return found


def told(lanes: Lanes) -> list[tuple[str, str]]:
    """All that was withdrawn, and why."""
    found = []
    while (gone := lanes.withdrawn()) is not None:
        found.append((gone[0].message.text, gone[1]))
    return found


def filled(*messages: tuple[str, str, bool]) -> Lanes:
    lanes = Lanes()
    for text, chain, urgent in messages:
        lanes.put(parcel(text, chain, urgent=urgent))
    return lanes


def test_ordinary_messages_leave_in_the_order_in_which_they_were_asked_for() -> None:
    assert left(filled(("a", "1", False), ("b", "2", False), ("c", "1", False))) == ["a", "b", "c"]


def test_an_urgent_message_overtakes_the_ordinary_ones_of_other_chains() -> None:
    lanes = filled(("new 1", "1", False), ("new 2", "2", False), ("cancel 9", "9", True))
    assert left(lanes) == ["cancel 9", "new 1", "new 2"]


def test_an_urgent_message_takes_what_its_chain_has_waiting_along_in_front_of_it() -> None:
    lanes = filled(
        ("new 1", "1", False),
        ("new 2", "2", False),
        ("replace 2", "2", False),
        ("cancel 2", "2", True),
    )
    assert left(lanes) == ["new 2", "replace 2", "cancel 2", "new 1"]


def test_an_ordinary_message_does_not_overtake_the_urgent_one_of_its_chain() -> None:
    lanes = filled(("cancel 1", "1", True), ("new 2", "2", False), ("replace 1", "1", False))
    assert left(lanes) == ["cancel 1", "new 2", "replace 1"]


def test_a_message_of_no_chain_takes_nothing_along() -> None:
    lanes = filled(("question", "", False), ("new 1", "1", False), ("mass cancel", "", True))
    assert left(lanes) == ["mass cancel", "question", "new 1"]


def test_what_was_first_is_not_taken_when_something_urgent_came_meanwhile() -> None:
    lanes = filled(("new 1", "1", False))
    first = lanes.first()
    assert first is not None
    lanes.put(parcel("cancel 9", "9", urgent=True))
    assert (lanes.take(first), left(lanes)) == (False, ["cancel 9", "new 1"])


def test_what_is_withdrawn_does_not_leave_and_is_told_with_the_reason() -> None:
    lanes = filled(("new 1", "1", False), ("new 2", "2", False), ("replace 1", "1", False))
    lanes.withdraw("1", "killed")
    expected = [("new 1", "killed"), ("replace 1", "killed")]
    assert (left(lanes), told(lanes)) == (["new 2"], expected)


def test_an_urgent_message_can_be_withdrawn_as_well() -> None:
    lanes = filled(("new 1", "1", False), ("cancel 1", "1", True))
    lanes.withdraw("1", "killed")
    assert (left(lanes), told(lanes)) == ([], [("new 1", "killed"), ("cancel 1", "killed")])


def test_what_has_left_is_not_withdrawn() -> None:
    lanes = filled(("new 1", "1", False))
    assert taken(lanes) == "new 1"
    assert (lanes.withdraw("1", "killed"), told(lanes)) == (False, [])


def test_what_is_first_and_withdrawn_before_it_is_taken_does_not_leave() -> None:
    lanes = filled(("new 1", "1", False))
    first = lanes.first()
    assert first is not None
    lanes.withdraw("1", "killed")
    assert not lanes.take(first)


def test_what_is_asked_for_after_the_withdrawal_leaves() -> None:
    lanes = filled(("new 1", "1", False))
    lanes.withdraw("1", "killed")
    lanes.put(parcel("cancel 1", "1", urgent=True))
    assert left(lanes) == ["cancel 1"]


def test_a_cancel_of_an_order_that_was_withdrawn_does_not_leave_either() -> None:
    lanes = filled(("35=D\x0111=1\x01", "1", False))
    lanes.withdraw("1", "killed")
    lanes.put(parcel("35=F\x0111=2\x01", "1", urgent=True))
    assert (left(lanes), [reason for _, reason in told(lanes)]) == ([], ["killed", "killed"])


def test_a_cancel_of_an_order_whose_replace_was_withdrawn_leaves() -> None:
    lanes = filled(("35=G\x0111=2\x01", "1", False))
    lanes.withdraw("1", "killed")
    lanes.put(parcel("35=F\x0111=3\x01", "1", urgent=True))
    assert left(lanes) == ["35=F\x0111=3\x01"]


def test_empty_lanes_are_false_once_what_was_passed_over_has_come_up() -> None:
    lanes = filled(("new 1", "1", False), ("cancel 1", "1", True))
    assert (left(lanes), bool(lanes)) == (["new 1", "cancel 1"], False)


# -- the laws, for any mix -------------------------------------------------------------------------

PUT, LEAVE, WITHDRAW = "put", "leave", "withdraw"
CHAINS = st.sampled_from(("", "1", "2", "3"))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just(PUT), CHAINS, st.booleans()),
        st.tuples(st.just(LEAVE), st.just(""), st.just(False)),
        st.tuples(st.just(WITHDRAW), CHAINS.filter(bool), st.just(False)),
    ),
    max_size=60,
)


class Day:
    """Plays steps and keeps what it saw: what left and beside what, and what was withdrawn."""

    def __init__(self, steps: list[tuple[str, str, bool]]) -> None:
        self.lanes = Lanes()
        self.put: list[Parcel] = []
        self.waiting: list[Parcel] = []
        self.left: list[Parcel] = []
        self.beside: list[list[Parcel]] = []
        self.withdrawn: list[str] = []
        for act, chain, urgent in steps:
            if act == PUT:
                one = parcel(str(len(self.put)), chain, urgent=urgent)
                self.put.append(one)
                self.waiting.append(one)
                self.lanes.put(one)
            elif act == LEAVE:
                self._leave()
            else:
                self._withdraw(chain)
        while self._leave():
            pass

    def _leave(self) -> bool:
        first = self.lanes.first()
        if first is None:
            return False
        assert self.lanes.take(first)
        self.waiting.remove(first)
        self.left.append(first)
        self.beside.append(list(self.waiting))
        return True

    def _withdraw(self, chain: str) -> None:
        self.lanes.withdraw(chain, "killed")
        gone = [one for one in self.waiting if one.message.chain == chain]
        self.withdrawn += [one.message.text for one in gone]
        self.waiting = [one for one in self.waiting if one not in gone]


def number(one: Parcel) -> int:
    """As the how-manieth it was put."""
    return int(one.message.text)


def goes_along(one: Parcel, urgent: Parcel) -> bool:
    """Whether the urgent one may not leave before it."""
    chain = one.message.chain
    return chain != "" and chain == urgent.message.chain and number(one) < number(urgent)


@given(STEPS)
def test_nothing_is_lost_or_doubled(steps: list[tuple[str, str, bool]]) -> None:
    day = Day(steps)
    away = [number(one) for one in day.left] + [int(text) for text, _ in told(day.lanes)]
    assert sorted(away) == list(range(len(day.put)))


@given(STEPS)
def test_what_waited_of_a_withdrawn_chain_is_told_in_its_order_and_nothing_else_is(
    steps: list[tuple[str, str, bool]],
) -> None:
    day = Day(steps)
    assert [text for text, _ in told(day.lanes)] == day.withdrawn


@given(STEPS)
def test_within_a_chain_the_order_is_kept(steps: list[tuple[str, str, bool]]) -> None:
    chains: dict[str, list[int]] = defaultdict(list)
    for one in Day(steps).left:
        if one.message.chain:
            chains[one.message.chain].append(number(one))
    assert [order for order in chains.values() if order != sorted(order)] == []


@given(STEPS)
def test_while_an_urgent_message_waits_only_urgent_ones_leave_and_what_they_take_along(
    steps: list[tuple[str, str, bool]],
) -> None:
    day = Day(steps)
    wrong = []
    for one, beside in zip(day.left, day.beside, strict=True):
        urgent = [other for other in beside if other.message.urgent]
        if urgent and not one.message.urgent and not any(goes_along(one, u) for u in urgent):
            wrong.append((number(one), [number(u) for u in urgent]))
    assert wrong == []


@given(STEPS)
def test_urgent_messages_keep_their_order(steps: list[tuple[str, str, bool]]) -> None:
    urgent = [number(one) for one in Day(steps).left if one.message.urgent]
    assert urgent == sorted(urgent)
