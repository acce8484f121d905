"""What is told of what holds: once when it opens, once when it clears, and together in a flood."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.outputs import Alert
from fix_oms.model.views import AlertView
from fix_oms.server.notices import BURST, EXAMPLES, GRACE, Notice, Notices
from tests.engine.desk import Desk as EngineDesk

SECOND = 1_000_000_000
T0 = 1_700_000_000 * SECOND
Told = list[tuple[str, str, int]]


def view(
    subject: str = "1-1", code: str = "in_doubt", severity: str = "warning", count: int = 1
) -> AlertView:
    return AlertView(
        code=code,
        severity=severity,
        text=f"{subject or 'more'} of {code}",
        subject=subject,
        session="ALPHA",
        order=subject,
        count=count,
    )


def event(code: str = "policy", order: str = "1-1", severity: str = "warning") -> Alert:
    return Alert(
        severity=severity, code=code, text=f"{code} of {order}", session="ALPHA", order=order
    )


class Desk:
    """Looks once a second."""

    def __init__(self, repeat_s: int = 900, digest_s: int = 60) -> None:
        self.notices = Notices(repeat_s=repeat_s, digest_s=digest_s)
        self.now = T0
        self.told: list[Notice] = []

    def look(self, *holding: AlertView, events: Iterable[Alert] = ()) -> list[Notice]:
        self.now += SECOND
        found = self.notices.look(self.now, holding, events)
        self.told += found
        return found

    def kinds(self) -> Told:
        """Kind, code and count of all that was told."""
        return [(n.kind, n.code, n.count) for n in self.told]


# -- conditions ------------------------------------------------------------------------------------


def test_a_condition_is_told_when_it_opens_and_not_while_it_stays() -> None:
    desk = Desk()
    for _ in range(5):
        desk.look(view())
    assert desk.kinds() == [("opened", "in_doubt", 1)]


def test_it_is_told_when_it_clears_with_how_long_it_lasted() -> None:
    desk = Desk()
    for _ in range(5):
        desk.look(view())
    (cleared,) = desk.look()
    assert (cleared.kind, cleared.severity, cleared.was, cleared.text) == (
        "cleared",
        "info",
        "warning",
        "cleared after 5 s: 1-1 of in_doubt",
    )


def test_it_is_told_again_when_its_severity_rises_and_not_when_it_falls() -> None:
    desk = Desk()
    for severity in ("warning", "severe", "warning"):
        desk.look(view(severity=severity))
    assert [(n.kind, n.severity) for n in desk.told] == [
        ("opened", "warning"),
        ("raised", "severe"),
    ]


def test_what_stays_is_told_again_every_so_often() -> None:
    desk = Desk(repeat_s=10)
    for _ in range(21):
        desk.look(view())
    assert [n.kind for n in desk.told] == ["opened", "stays", "stays"]


def test_what_stays_is_told_once_where_that_is_asked_for() -> None:
    desk = Desk(repeat_s=0)
    for _ in range(2000):
        desk.look(view())
    assert [n.kind for n in desk.told] == ["opened"]


def test_since_when_it_holds_is_the_states_word_or_the_first_look() -> None:
    desk = Desk()
    known = AlertView(code="halt", severity="warning", text="h", subject="all", since_ns=T0 - 5)
    desk.look(view(), known)
    desk.look(view(), known)
    assert [a.since_ns for a in desk.notices.open_now()] == [T0 - 5, T0 + SECOND]


def test_the_severest_is_listed_first() -> None:
    desk = Desk()
    desk.look(view("a"), view("b", "latched", "severe"), view("c", "session_busy", "info"))
    assert [a.subject for a in desk.notices.open_now()] == ["b", "a", "c"]


# -- events ----------------------------------------------------------------------------------------


def test_an_event_is_told_once() -> None:
    desk = Desk()
    desk.look(events=[event()])
    desk.look()
    assert desk.kinds() == [("happened", "policy", 1)]


@pytest.mark.parametrize("seen_at", range(GRACE))
def test_the_event_by_which_a_condition_begins_is_not_told_beside_it(seen_at: int) -> None:
    desk = Desk()
    for look in range(GRACE + 1):
        holding = [view()] if look >= seen_at else []
        desk.look(*holding, events=[] if look else [event("in_doubt")])
    assert desk.kinds() == [("opened", "in_doubt", 1)]


def test_what_came_and_went_between_two_looks_is_told_as_an_event() -> None:
    desk = Desk()
    desk.look(events=[event("in_doubt")])
    desk.look()
    assert desk.kinds() == [("happened", "in_doubt", 1)]


def test_an_event_of_another_order_is_not_covered_by_the_condition() -> None:
    desk = Desk()
    desk.look(view("1-1"), events=[event("in_doubt", "1-2")])
    desk.look(view("1-1"))
    assert desk.kinds() == [("opened", "in_doubt", 1), ("happened", "in_doubt", 1)]


def test_the_events_of_those_that_are_only_counted_are_covered_by_their_number() -> None:
    desk = Desk()
    many = [event("in_doubt", f"1-{n}") for n in range(100)]
    for _ in range(3):
        desk.look(view("1-0"), view("", count=99), events=many)
        many = []
    assert desk.kinds() == [("opened", "in_doubt", 100)]


def test_that_something_is_over_is_told_by_its_condition_alone() -> None:
    desk = Desk()
    for events in ([event("session", severity="info")], [], []):
        desk.look(events=events)
    assert desk.kinds() == []


# -- together --------------------------------------------------------------------------------------


def test_ten_thousand_at_once_are_one_notice_with_examples() -> None:
    desk = Desk()
    named = [view(f"1-{n}") for n in range(20)]
    (told,) = desk.look(*named, view("", count=9_980))
    assert (told.count, told.examples, told.text) == (
        10_000,
        ("1-0", "1-1", "1-2"),
        "1-0 of in_doubt; and 9999 more, such as 1-1, 1-2",
    )


def test_a_session_that_drops_with_a_thousand_orders_is_one_notice_of_them() -> None:
    engine, desk = EngineDesk(), Desk()
    for _ in range(1_000):
        engine.buy(1)
    engine.down("ALPHA")
    raised = [alert for alert in engine.alerts if alert.code == "in_doubt"]
    for events in (raised, [], []):
        desk.look(*engine.shown.open_alerts(), events=events)
    assert (len(raised), desk.kinds()) == (1_000, [("opened", "in_doubt", 1_000)])


def test_each_code_session_and_severity_is_told_apart() -> None:
    desk = Desk()
    desk.look(view("a"), view("b", severity="severe"), view("c", "break"), view("d", "break"))
    assert desk.kinds() == [
        ("opened", "in_doubt", 1),
        ("opened", "in_doubt", 1),
        ("opened", "break", 2),
    ]


def test_one_that_stands_for_itself_now_and_was_counted_before_is_not_new() -> None:
    desk = Desk()
    desk.look(view("1-0"), view("", count=5))
    desk.told.clear()
    desk.look(view("1-1"), view("", count=4))
    assert desk.kinds() == [("cleared", "in_doubt", 1)]


def test_a_crowd_that_has_doubled_is_told_again() -> None:
    desk = Desk()
    for count in (5, 9, 10):
        desk.look(view("1-0"), view("", count=count))
    assert desk.kinds() == [("opened", "in_doubt", 6), ("opened", "in_doubt", 5)]


def test_a_flood_is_told_in_a_few_notices_and_then_together() -> None:
    desk = Desk(digest_s=60)
    for n in range(60):
        desk.look(*[view(f"1-{k}") for k in range(n + 1)])
    assert [n.count for n in desk.told] == [1] * BURST
    desk.look(*[view(f"1-{k}") for k in range(60)])
    assert [n.count for n in desk.told] == [1] * BURST + [60 - BURST]


def test_after_a_quiet_time_it_is_told_at_once_again() -> None:
    desk = Desk(digest_s=60)
    for n in range(BURST + 2):
        desk.look(*[view(f"1-{k}") for k in range(n + 1)])
    for _ in range(130):
        desk.look(*[view(f"1-{k}") for k in range(BURST + 2)])
    desk.told.clear()
    desk.look(*[view(f"1-{k}") for k in range(BURST + 3)])
    assert desk.kinds() == [("opened", "in_doubt", 1)]


def test_a_flood_of_warnings_holds_up_nothing_severe() -> None:
    desk = Desk()
    for n in range(20):
        desk.look(*[view(f"1-{k}") for k in range(n + 1)])
    told = desk.look(*[view(f"1-{k}") for k in range(20)], view("x", severity="severe"))
    assert [(n.severity, n.count) for n in told] == [("severe", 1)]


def test_what_is_held_back_is_told_at_the_end() -> None:
    desk = Desk()
    for n in range(20):
        desk.look(*[view(f"1-{k}") for k in range(n + 1)])
    desk.look(*[view(f"1-{k}") for k in range(20)], events=[event("session", "")])
    rest = desk.notices.flush(desk.now)
    assert sorted((n.kind, n.code, n.count) for n in rest) == [
        ("happened", "session", 1),
        ("opened", "in_doubt", 20 - BURST),
    ]


subjects = st.sets(st.sampled_from("abcdef"), max_size=6)


@given(looks=st.lists(subjects, max_size=40), digest_s=st.integers(1, 20))
def test_of_all_that_opens_and_clears_nothing_is_left_out_of_the_numbers(
    looks: list[set[str]], digest_s: int
) -> None:
    desk = Desk(repeat_s=0, digest_s=digest_s)
    opened = cleared = 0
    before: set[str] = set()
    for now in looks:
        desk.look(*[view(s) for s in sorted(now)])
        opened += len(now - before)
        cleared += len(before - now)
        before = now
    desk.told += desk.notices.flush(desk.now)
    found = {
        kind: sum(n.count for n in desk.told if n.kind == kind) for kind in ("opened", "cleared")
    }
    assert found == {"opened": opened, "cleared": cleared}


@given(looks=st.lists(subjects, max_size=60))
def test_no_more_is_told_of_one_kind_than_the_flood_allows(looks: list[set[str]]) -> None:
    desk = Desk(repeat_s=0, digest_s=1_000)
    for now in looks:
        desk.look(*[view(s) for s in sorted(now)])
    assert len(desk.told) <= BURST
    assert all(len(n.examples) <= EXAMPLES for n in desk.told)
