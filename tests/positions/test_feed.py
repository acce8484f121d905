"""What a broker says of our position: when it fits, what it confirms, and what it leaves open."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from fix_oms.model.units import SCALE
from fix_oms.positions.feed import MOST, PAST, RUN, Feed

Told = tuple[int, int, int]
"""The difference, then how many executions are unconfirmed: at the fewest, at the most."""


@dataclass(frozen=True)
class Got:
    """An execution of ours."""

    exec_id: str
    qty: int


@dataclass(frozen=True)
class Says:
    """A statement."""

    qty: int
    exec_id: str = ""
    as_of: int = 0
    seq: int = 0


Step = Got | Says


def fed(*steps: Step) -> Feed:
    """A feed after these steps, which come at the times 10, 20, 30 and so on."""
    feed = Feed()
    for n, step in enumerate(steps, 1):
        now = 10 * n
        if isinstance(step, Got):
            feed.executed(now, step.exec_id, step.qty * SCALE)
        else:
            feed.told(now, step.qty * SCALE, as_of=step.as_of, exec_id=step.exec_id, seq=step.seq)
        feed._check()
    return feed


def told(feed: Feed) -> Told:
    return feed.difference // SCALE, feed.unconfirmed, feed.unproven


A, B, C, D = Got("a", 100), Got("b", 20), Got("c", 3), Got("d", 5)
SELL = Got("s", -100)
BUST = Got("x", -20)
"""Of b."""
FIX = Got("f", -7)
"""b was 13, not 20."""
LATE = Got("l", 40)
"""What the broker counts before we hear of it."""

CASES: dict[str, tuple[tuple[Step, ...], Told]] = {
    "nothing was said yet": ((A, B), (0, 2, 2)),
    "the first statement, up to date": ((A, B, Says(120)), (0, 0, 0)),
    "the first statement, before any fill": ((Says(0),), (0, 0, 0)),
    "the first statement, of a position that we know nothing of": ((Says(70),), (70, 0, 0)),
    "late by one fill": ((A, B, Says(100)), (0, 1, 1)),
    "late by three fills": ((A, B, C, D, Says(100)), (0, 3, 3)),
    "late by all": ((A, B, Says(0)), (0, 2, 2)),
    "fills after a statement": ((A, Says(100), B, C), (0, 2, 2)),
    "ahead by a fill": ((A, Says(140)), (40, 1, 1)),
    "ahead by a fill that then comes": ((A, Says(140), LATE), (0, 0, 0)),
    "as far from an older point as from the newest": ((A, B, Says(110)), (-10, 2, 2)),
    "as far from what has come since": ((A, Says(110), B), (-10, 2, 2)),
    "further from what has come since": ((A, Says(105), B), (5, 2, 2)),
    "nearer to what has come since, after one by ExecID": (
        (A, Says(100, "a"), Says(140), C),
        (37, 1, 1),
    ),
    "ahead by two fills of which one has come": ((A, Says(145), LATE), (5, 2, 2)),
    "ahead by two fills that then come": ((A, Says(145), LATE, D), (0, 0, 0)),
    "ahead by a fill that comes after another": ((A, Says(140), C, LATE), (0, 1, 1)),
    "the same, and the broker has gone on": ((A, Says(140), C, LATE, Says(143)), (0, 0, 0)),
    "the same, and the broker has lost that one": (
        (A, Says(140), C, LATE, D, Says(145)),
        (2, 2, 2),
    ),
    "a lost statement is not missed": ((A, Says(100), B, C, Says(123)), (0, 0, 0)),
    "a statement said twice": ((A, Says(100), Says(100), B), (0, 1, 1)),
    "a fill that the broker has not counted": ((A, Says(100), B, C, Says(103)), (3, 2, 2)),
    # Late statements, after a newer one.
    "an old one, told by seq": ((A, B, Says(120, seq=2), Says(100, seq=1)), (0, 0, 0)),
    "the newest again, told by seq": ((A, Says(100, seq=1), B, Says(100, seq=1)), (0, 1, 1)),
    "an old one that nothing tells": ((A, B, Says(120), Says(100)), (-20, 0, 0)),
    "an old one, told by ExecID": ((A, B, Says(120), Says(100, "a")), (0, 0, 0)),
    "an old one, told by its time": ((A, B, Says(120, as_of=2), Says(100, as_of=1)), (0, 0, 0)),
    "the very first position, told by its time": (
        (A, Says(100, as_of=2), Says(0, as_of=1)),
        (0, 0, 0),
    ),
    "an old one of the same time": ((A, B, Says(120, as_of=2), Says(100, as_of=2)), (-20, 0, 0)),
    "an old one of no time": ((A, B, Says(120, as_of=2), Says(100)), (-20, 0, 0)),
    "an earlier time but a newer seq": (
        (A, B, Says(120, as_of=2, seq=1), Says(100, as_of=1, seq=2)),
        (-20, 0, 0),
    ),
    "an earlier time of a position never held": (
        (A, B, Says(120, as_of=2), Says(90, as_of=1)),
        (-30, 0, 0),
    ),
    "an earlier time that fits what came since": (
        (A, Says(100, as_of=9), B, C, Says(120, as_of=8)),
        (0, 1, 1),
    ),
    "after a difference by an old one, a new one": (
        (A, B, Says(120), Says(100), C, Says(123)),
        (0, 0, 0),
    ),
    # The position comes back to where it was.
    "a bust that the broker has counted": ((A, B, BUST, Says(100)), (0, 0, 2)),
    "a bust that it has not": ((A, B, Says(120), BUST, Says(120)), (0, 1, 1)),
    "a bust that we have not been told of": ((A, B, Says(120), Says(100)), (-20, 0, 0)),
    "a bust that comes after its statement": ((A, B, Says(120), Says(100), BUST), (0, 0, 0)),
    "a correction that the broker has counted": ((A, B, FIX, Says(113)), (0, 0, 0)),
    "a correction that it has not": ((A, B, FIX, Says(120)), (0, 1, 1)),
    "back to flat, up to date or late by two": ((A, SELL, Says(0)), (0, 0, 2)),
    "back to flat, and then a fill": ((A, SELL, Says(0), B, Says(20)), (0, 0, 0)),
    "read too late at first, as the next one shows": ((A, SELL, Says(0), Says(100)), (0, 1, 1)),
    "back to flat, told by ExecID": ((A, SELL, Says(0, "s")), (0, 0, 0)),
    "as of a time before both": ((Says(0), A, SELL, Says(0, as_of=10)), (0, 2, 2)),
    "as of a time after both": ((Says(0), A, SELL, Says(0, as_of=30)), (0, 0, 2)),
    "as of a time shortly before the second came": (
        (Says(0), A, SELL, Says(0, as_of=28)),
        (0, 0, 2),
    ),
    "as of a time shortly after the first came": ((Says(0), A, SELL, Says(0, as_of=22)), (0, 2, 2)),
    "as of a time before all, the only fit": ((Says(0), A, SELL, Says(100, as_of=1)), (0, 1, 1)),
    "as of a time that no clock of ours has shown": ((A, B, Says(100, as_of=10**18)), (0, 1, 1)),
    # By ExecID(17).
    "one that we hold": ((A, B, Says(100, "a")), (0, 1, 1)),
    "one that we hold, another quantity": ((A, B, C, Says(160, "b")), (40, 1, 1)),
    "the same, and what was missing comes": ((A, B, C, Says(160, "b"), LATE), (0, 1, 1)),
    "the same, after another fill": ((A, B, C, Says(160, "b"), D, LATE), (0, 2, 2)),
    "counted before one that we got first": ((A, LATE, B, C, Says(120, "b")), (-40, 1, 1)),
    "counted after one that we got later": ((A, B, LATE, C, Says(160, "b")), (0, 1, 1)),
    "one that we do not hold": ((A, Says(140, "l")), (40, 1, 1)),
    "the one that then comes": ((A, Says(140, "l"), LATE), (0, 0, 0)),
    "the one that comes after another": ((A, Says(140, "l"), C, LATE), (3 - 6, 0, 0)),
    "one that we never hold, a quantity that fits": ((A, B, Says(100, "?")), (0, 1, 1)),
    "one that comes and does not fit": ((A, Says(100, "l"), LATE), (-40, 0, 0)),
    "one of before, another quantity that fits": ((A, B, Says(120), Says(120, "a")), (0, 0, 0)),
    "an id that the trade and its bust share": (
        (A, B, Got("b", -20), C, Says(120, "b")),
        (0, 2, 2),
    ),
    # Opening positions.
    "an opening position is where it starts": ((Got("", 500),), (0, 0, 0)),
    "a broker without our opening position": ((Got("", 500), A, Says(0)), (-500, 1, 1)),
    "an opening position after the statement of it": ((Says(500), Got("", 500)), (0, 0, 0)),
}


@pytest.mark.parametrize(("steps", "expected"), CASES.values(), ids=CASES.keys())
def test_a_statement_is_compared_with_the_point_that_it_reflects(
    steps: tuple[Step, ...], expected: Told
) -> None:
    assert told(fed(*steps)) == expected


WORDS: dict[str, tuple[tuple[Step, ...], str]] = {
    "all fits": ((A, Says(100)), ""),
    "nothing was said": ((A,), ""),
    "a buy is missing": (
        (A, Says(150)),
        "the broker says 150, we hold 100: a buy of 50 is missing here, or the broker has not"
        " counted a sell of 50",
    ),
    "a sell is missing, in parts of a share": (
        (Got("a", 1), Says(0), Says(-2)),
        "the broker says -2, we held 0 1 execution ago: a sell of 2 is missing here, or the"
        " broker has not counted a buy of 2",
    ),
    "one of ours explains it": (
        (A, B, C, Says(103, "c")),
        "the broker says 103, we hold 123: a sell of 20 is missing here, or the broker has not"
        " counted a buy of 20, such as ExecID(17) b",
    ),
    "some of ours in a row explain it": (
        (A, B, D, C, Says(103, "c")),
        "the broker says 103, we hold 128: a sell of 25 is missing here, or the broker has not"
        " counted a buy of 25, such as ExecID(17) b to d",
    ),
    "one of ours, counted before others": (
        (A, B, C, Says(103)),
        "the broker says 103, we held 100 2 executions ago: a buy of 3 is missing here, or the"
        " broker has not counted a sell of 3, or it has counted ExecID(17) c but not what we got"
        " before",
    ),
    "one of ours, counted by both, explains nothing": (
        (B, LATE, Says(100)),
        "the broker says 100, we hold 60: a buy of 40 is missing here, or the broker has not"
        " counted a sell of 40",
    ),
    "the one that it includes": (
        (A, Says(140, "l")),
        "the broker says 140, we hold 100: a buy of 40 is missing here, or the broker has not"
        " counted a sell of 40; it includes ExecID(17) l, which is none of our last ones",
    ),
    "the one that it includes came and is not all": (
        (A, Says(150, "l"), LATE),
        "the broker says 150, we hold 140: a buy of 10 is missing here, or the broker has not"
        " counted a sell of 10",
    ),
    "it was true before": (
        (A, B, Says(120), Says(100)),
        "the broker says 100, we hold 120: a sell of 20 is missing here, or the broker has not"
        " counted a buy of 20, such as ExecID(17) b; it is what we held before ExecID(17) b, which"
        " it had counted since: an old statement, or a bust is missing here",
    ),
}


@pytest.mark.parametrize(("steps", "expected"), WORDS.values(), ids=WORDS.keys())
def test_what_is_missing_is_said_in_words(steps: tuple[Step, ...], expected: str) -> None:
    assert fed(*steps).missing() == expected


def test_quantities_are_exact_to_the_last_place() -> None:
    feed = Feed()
    feed.executed(1, "a", SCALE)
    feed.told(2, SCALE + 1)
    assert feed.missing().startswith("the broker says 1.00000001, we hold 1: a buy of 0.00000001")


STOPPED: dict[str, tuple[tuple[Step, ...], int]] = {
    "nothing was said yet": ((A, B), 0),
    "it stopped": ((A, Says(100), B, C), 20),
    "it says the same again, and it may be news": ((A, Says(100), B, Says(100)), 40),
    "it says by ExecID what is confirmed, and it may be news": (
        (A, Says(100, "a"), B, Says(100, "a")),
        40,
    ),
    "it says of an earlier time what still fits": ((A, Says(100, as_of=9), Says(100, as_of=8)), 30),
    "it repeats a number": ((A, Says(100, seq=7), B, Says(100, seq=7)), 20),
    "it repeats what was true before": ((A, B, Says(120), Says(100, "a")), 30),
}


@pytest.mark.parametrize(("steps", "expected"), STOPPED.values(), ids=STOPPED.keys())
def test_a_feed_that_stopped_shows_when_it_last_said_something(
    steps: tuple[Step, ...], expected: int
) -> None:
    assert fed(*steps).told_ns == expected


def test_what_is_not_stated_need_not_be_given() -> None:
    feed = fed(A, SELL)
    feed.told(30, 100 * SCALE)
    feed.told(40, 0)
    assert feed.facts() == fed(A, SELL, Says(100), Says(0)).facts()


def test_what_was_said_is_kept_beside_what_we_hold() -> None:
    feed = fed(A, Says(150), B)
    assert (feed.stated, feed.quantity) == (150 * SCALE, 120 * SCALE)


def test_numbers_that_start_again_are_heard_when_that_is_known() -> None:
    feed = fed(A, B, Says(100, seq=900))
    feed.renumbered()
    feed.told(40, 120 * SCALE, seq=1)
    assert told(feed) == (0, 0, 0)


# -- what is kept ---------------------------------------------------------------------------------


def many(count: int, *before: Step) -> Feed:
    """A feed after these steps and then so many fills of 1, from e0 on."""
    return fed(*before, *(Got(f"e{n}", 1) for n in range(count)))


def kept(feed: Feed) -> int:
    return len(feed._changes)


def test_what_is_unconfirmed_is_kept_up_to_a_bound() -> None:
    assert kept(many(MOST)) == MOST


def test_what_is_confirmed_does_not_count_for_the_bound() -> None:
    assert kept(many(MOST, A, Says(100))) == MOST + 1


def test_beyond_the_bound_a_quarter_is_forgotten() -> None:
    assert kept(many(MOST + 1)) == MOST + 1 - MOST // 4


def test_what_is_forgotten_is_counted_on() -> None:
    assert told(many(3 * MOST)) == (0, 3 * MOST, 3 * MOST)


def test_what_is_forgotten_counts_as_confirmed_when_what_came_after_it_is() -> None:
    feed = many(3 * MOST)
    feed.told(90 * MOST, (3 * MOST - 5) * SCALE)
    assert told(feed) == (0, 5, 5)


def test_a_point_that_is_forgotten_fits_no_more() -> None:
    feed = many(2 * MOST)
    feed.told(90 * MOST, 7 * SCALE)
    oldest = 2 * MOST - kept(feed)
    assert told(feed) == (7 - oldest, 2 * MOST, 2 * MOST)


def test_a_difference_stands_when_its_point_is_forgotten() -> None:
    feed = many(2 * MOST, A, Says(140, "a"))
    assert told(feed) == (40, 2 * MOST, 2 * MOST)


def test_what_was_missing_before_a_forgotten_point_waits_for_the_next_statement() -> None:
    feed = many(2 * MOST, A, Says(140, "a"))
    feed.executed(90 * MOST, "l", 40 * SCALE)
    before = feed.difference
    feed.told(91 * MOST, feed.quantity)
    assert (before, feed.difference) == (40 * SCALE, 0)


def test_what_was_missing_finds_its_place_after_what_is_confirmed_was_forgotten() -> None:
    feed = many(3 * PAST)
    feed.told(90 * MOST, (2 * PAST + 2 + 40) * SCALE, exec_id=f"e{2 * PAST + 1}")
    feed.executed(91 * MOST, "l", 40 * SCALE)
    feed._check()
    assert told(feed) == (0, PAST - 2, PAST - 2)


def test_a_difference_whose_point_is_forgotten_is_still_said() -> None:
    feed = many(2 * MOST, A, Says(140, "a"))
    assert feed.missing().startswith(
        "the broker says 140, we held 100 before the executions that are kept: a buy of 40"
    )


def test_what_is_confirmed_is_forgotten_but_for_the_last() -> None:
    feed = many(MOST)
    feed.told(90 * MOST, MOST * SCALE)
    assert kept(feed) == PAST


def test_a_broker_ahead_by_more_fills_than_a_short_run_is_met_when_all_have_come() -> None:
    assert told(many(RUN + 1, Says(RUN + 1))) == (0, 0, 0)


IN_A_ROW = {"as many as are looked at together": (RUN, True), "one more": (RUN + 1, False)}


@pytest.mark.parametrize(("count", "expected"), IN_A_ROW.values(), ids=IN_A_ROW.keys())
def test_only_a_short_run_of_executions_is_said_to_explain_a_difference(
    count: int, expected: bool
) -> None:
    feed = many(RUN + 1, Got("", 500), Says(500), A)
    feed.executed(9_000, "z", 70 * SCALE)
    feed.told(9_001, feed.quantity - count * SCALE, exec_id="z")
    assert (", such as" in feed.missing()) is expected


# -- the replay's hash ----------------------------------------------------------------------------

DIFFER = {
    "the quantity": ((A,), (B,)),
    "the ExecID": ((A,), (Got("z", 100),)),
    "the number": ((A, Says(100, seq=1)), (A, Says(100, seq=2))),
    "the time spoken of": ((A, Says(100, as_of=1)), (A, Says(100, as_of=2))),
    "what is waited for": ((A, Says(100)), (A, Says(100, "?"))),
    "what is confirmed": ((A, B, Says(100)), (A, B, Says(120))),
}


@pytest.mark.parametrize(("one", "other"), DIFFER.values(), ids=DIFFER.keys())
def test_feeds_that_will_say_different_things_have_different_facts(
    one: tuple[Step, ...], other: tuple[Step, ...]
) -> None:
    assert fed(*one).facts() != fed(*other).facts()


def test_the_same_steps_give_the_same_facts() -> None:
    steps = (A, B, Says(160, "b"), LATE)
    assert fed(*steps).facts() == fed(*steps).facts()
