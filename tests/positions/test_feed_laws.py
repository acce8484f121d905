"""True statements never make a difference, a wrong one makes its own, and both are bounded.

The model broker is a list of changes: fills, busts of them, corrections of them. A statement of
its position after the first ``n`` of them is true, whenever it comes. Small quantities make the
position come back to where it was often, which is where reading a statement is hard.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hypothesis import event, given
from hypothesis import strategies as st

from fix_oms.positions.feed import Feed

A_SECOND = 1_000_000_000


@dataclass(frozen=True)
class Statement:
    """Of the position after ``point`` changes; it comes after we have got ``heard`` of them.

    ``names`` says whether it names its last execution, ``skew`` what the broker's clock adds (None:
    no time stated).
    """

    point: int
    heard: int
    names: bool
    skew: int | None


def changes(least: int = 0) -> st.SearchStrategy[list[int]]:
    """What happens to the position at the broker: signed, and in part undone again."""

    def with_undone(drawn: list[tuple[int, int]]) -> list[int]:
        told: list[int] = []
        for quantity, back in drawn:
            # A bust undoes all of an earlier change, a correction a part of it.
            told.append(-told[-back] if 0 < back <= len(told) else quantity)
        return told

    sizes = st.sampled_from([-3, -2, -1, 1, 2, 3])
    return st.lists(st.tuples(sizes, st.integers(-3, 3)), min_size=least, max_size=24).map(
        with_undone
    )


@st.composite
def worlds(draw: st.DrawFn, ahead: int = 0) -> tuple[list[int], list[Statement]]:
    """Changes, and true statements of them in the order in which they were made.

    Each comes after a delay, in changes that we get meanwhile; at most ``ahead`` changes too early.
    What is not drawn is a statement that was lost.
    """
    moves = draw(changes())
    points = sorted(draw(st.lists(st.integers(0, len(moves)), max_size=12)))
    told = []
    for point in points:
        heard = min(len(moves), max(0, point + draw(st.integers(-ahead, 6))))
        skew = draw(st.none() | st.integers(-3 * A_SECOND, 3 * A_SECOND))
        told.append(Statement(point, heard, draw(st.booleans()), skew))
    return moves, told


class Desk:
    """A feed, what the broker knows, and what of it has reached us."""

    def __init__(self, moves: list[int]) -> None:
        self.moves = moves
        self.feed = Feed()
        self.heard = 0

    def get(self) -> None:
        """The next change reaches us."""
        n, self.heard = self.heard, self.heard + 1
        self.get_one(n)

    def get_one(self, n: int) -> None:
        self.feed.executed((n + 1) * A_SECOND, f"e{n}", self.moves[n])
        self.feed._check()

    def get_until(self, count: int) -> None:
        while self.heard < count:
            self.get()

    def hear(self, statement: Statement, seq: int = 0) -> None:
        point = statement.point
        self.feed.told(
            self.heard * A_SECOND + 1,
            sum(self.moves[:point]),
            as_of=0 if statement.skew is None else max(0, point * A_SECOND + statement.skew),
            exec_id=f"e{point - 1}" if statement.names and point else "",
            seq=seq,
        )
        self.feed._check()


@given(worlds())
def test_true_statements_that_come_in_order_never_make_a_difference(
    world: tuple[list[int], list[Statement]],
) -> None:
    desk, found = Desk(world[0]), set()
    for statement in world[1]:
        desk.get_until(statement.heard)
        desk.hear(statement)
        found.add(desk.feed.difference)
    assert found <= {0}


@given(worlds(), st.data())
def test_true_statements_lost_repeated_and_out_of_order_but_numbered_never_make_a_difference(
    world: tuple[list[int], list[Statement]], data: st.DataObject
) -> None:
    moves, told = world
    numbered = [(seq, s) for seq, s in enumerate(told, 1)]
    copies = data.draw(st.lists(st.sampled_from(numbered), max_size=16) if told else st.just([]))
    desk, found = Desk(moves), set()
    for seq, statement in copies:
        desk.get_until(max(statement.heard, min(desk.heard + 1, len(moves))))
        desk.hear(statement, seq)
        found.add(desk.feed.difference)
    assert found <= {0}


@given(worlds(ahead=6))
def test_when_all_that_a_true_statement_includes_has_come_there_is_no_difference(
    world: tuple[list[int], list[Statement]],
) -> None:
    desk, found, included = Desk(world[0]), set(), 0
    for statement in world[1]:
        while desk.heard < statement.heard:
            desk.get()
            if desk.heard >= included:
                found.add(desk.feed.difference)
        desk.hear(statement)
        included = statement.point
    desk.get_until(len(world[0]))
    event("some came early" if any(s.heard < s.point for s in world[1]) else "none came early")
    assert found | {desk.feed.difference} <= {0}


@given(worlds())
def test_without_a_clock_the_truth_lies_between_the_two_counts(
    world: tuple[list[int], list[Statement]],
) -> None:
    desk, wrong = Desk(world[0]), []
    for statement in world[1]:
        desk.get_until(statement.heard)
        desk.hear(Statement(statement.point, statement.heard, statement.names, None))
        late = desk.heard - statement.point
        if not desk.feed.unconfirmed <= late <= desk.feed.unproven:
            wrong.append((statement, desk.feed.unconfirmed, late, desk.feed.unproven))
    assert wrong == []


@given(worlds())
def test_no_clock_moves_what_is_proven(world: tuple[list[int], list[Statement]]) -> None:
    timed, untimed = Desk(world[0]), Desk(world[0])
    for statement in world[1]:
        for desk in (timed, untimed):
            desk.get_until(statement.heard)
        timed.hear(statement)
        untimed.hear(Statement(statement.point, statement.heard, statement.names, None))
    assert timed.feed.unproven == untimed.feed.unproven


@given(changes(least=1), st.data())
def test_a_statement_said_again_changes_nothing(moves: list[int], data: st.DataObject) -> None:
    desk = Desk(moves)
    desk.get_until(len(moves))
    statement = Statement(data.draw(st.integers(0, len(moves))), 0, data.draw(st.booleans()), None)
    desk.hear(statement)
    before = desk.feed.facts()
    desk.hear(statement)
    assert desk.feed.facts() == before


# -- a fill that one side lacks ------------------------------------------------------------------


def without(moves: list[int], lost: int) -> Desk:
    """A desk that has got all but one of the changes, and was told of the end by its ExecID(17).

    If the lost one is the last, the one before it was told of as well.
    """
    desk = Desk(moves)
    for n in range(len(moves)):
        if n != lost:
            desk.get_one(n)
    if lost == len(moves) - 1:
        desk.hear(Statement(lost, 0, True, None))
    desk.hear(Statement(len(moves), 0, True, None))
    return desk


def lacking(least: int) -> st.SearchStrategy[tuple[list[int], int]]:
    """Changes, and which of them one side lacks."""
    moves = changes(least)
    return moves.flatmap(lambda m: st.tuples(st.just(m), st.integers(0, len(m) - 1)))


@given(lacking(2))
def test_a_fill_that_we_lack_is_the_difference_once_the_rest_is_confirmed(
    world: tuple[list[int], int],
) -> None:
    moves, lost = world
    assert without(moves, lost).feed.difference == moves[lost]


@given(lacking(2))
def test_a_fill_that_we_lacked_clears_the_difference_when_it_comes(
    world: tuple[list[int], int],
) -> None:
    desk = without(*world)
    desk.get_one(world[1])
    assert desk.feed.difference == 0


@given(lacking(2), changes())
def test_a_fill_that_we_lacked_clears_the_difference_after_others_too(
    world: tuple[list[int], int], later: list[int]
) -> None:
    desk = without(*world)
    for n, move in enumerate(later):
        desk.feed.executed(n, f"later{n}", move)
    desk.feed.executed(99, "lost", world[0][world[1]])
    desk.feed._check()
    assert desk.feed.difference == 0


@given(st.lists(st.integers(1, 9), min_size=1, max_size=20), st.data())
def test_quantities_alone_find_what_we_lack_where_the_position_only_grows(
    moves: list[int], data: st.DataObject
) -> None:
    lost = data.draw(st.integers(0, len(moves) - 1))
    desk = Desk(moves)
    for n in range(len(moves)):
        if n != lost:
            desk.get_one(n)
    desk.hear(Statement(len(moves), 0, False, None))
    assert desk.feed.difference == moves[lost]


@given(lacking(2))
def test_a_fill_that_the_broker_lacks_is_the_difference_and_is_named(
    world: tuple[list[int], int],
) -> None:
    moves, lost = world
    desk = Desk([*moves, 7])
    desk.get_until(len(desk.moves))
    feed = desk.feed
    feed.told(99, sum(desk.moves) - moves[lost], exec_id=f"e{len(moves)}")
    assert (feed.difference, "such as ExecID(17) e" in feed.missing()) == (-moves[lost], True)


@given(changes(least=1), st.randoms(use_true_random=False))
def test_whatever_the_order_in_which_fills_come_all_of_them_agree_with_the_brokers_sum(
    moves: list[int], random: Random
) -> None:
    desk = Desk(moves)
    order = list(range(len(moves)))
    random.shuffle(order)
    for n in order:
        desk.get_one(n)
    desk.hear(Statement(len(moves), 0, False, None))
    assert desk.feed.difference == 0
