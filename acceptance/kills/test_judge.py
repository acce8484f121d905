"""The judge finds what it is there to find: each law, broken by hand in a copy of both journals."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from acceptance.kills import judge
from acceptance.kills.evidence import Numbers, Ours, Theirs, field
from acceptance.kills.load import Told
from acceptance.kills.place import VERSIONS, Place
from acceptance.kills.rounds import rounds_at
from fix_oms.journal.follower import records
from fix_oms.journal.writer import JournalWriter
from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted
from fix_oms.simulator import station

BUSY_S: Final = 0.3
Change = Callable[[list[Any]], None]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place where something has happened, in order."""
    place = Place(tmp_path_factory.mktemp("played"))
    with rounds_at(place, "judged") as rounds:
        rounds.endure(lambda: rounds.trade_for(BUSY_S))
        rounds.finish()
    return place.directory


def nothing(_: list[Any]) -> None: ...


def forgotten(values: list[Any]) -> None:
    """The last order is not in our journal, nor what came of it."""
    last = max(n for n, v in enumerate(values) if isinstance(v, inputs.NewOrder))
    del values[last:]


def unheard(values: list[Any]) -> None:
    """The last fill never came in."""
    fills = [n for n, v in enumerate(values) if isinstance(v, inputs.FixIn) and _fills(v.text)]
    del values[fills[-1]]


def misread(values: list[Any]) -> None:
    """The last fill came in with another quantity."""
    at = max(n for n, v in enumerate(values) if isinstance(v, inputs.FixIn) and _fills(v.text))
    text = values[at].text
    wrong = text.replace(f"\x0132={field(text, 32)}\x01", "\x0132=1000\x01")
    values[at] = msgspec.structs.replace(values[at], text=wrong)


def refused(values: list[Any]) -> None:
    """The peer logs us out for our number."""
    text = "8=FIX.4.4\x0135=5\x0134=1\x0158=MsgSeqNum too low, expecting 9 but received 1\x01"
    values.append(inputs.AdminIn(session="ALPHA", text=text, expected=10**6))


def sent_twice(values: list[Any]) -> None:
    """The venue took the last order in a second time."""
    orders = [v for v in values if isinstance(v, station.Received) and "\x0135=D\x01" in v.text]
    values.append(orders[-1])


def sent_by_nobody(values: list[Any]) -> None:
    """The venue took in an order that we know nothing of."""
    sent_twice(values)
    text = values[-1].text.replace(f"\x0111={field(values[-1].text, 11)}\x01", "\x0111=ghost\x01")
    values[-1] = msgspec.structs.replace(values[-1], text=text)


def _fills(text: str) -> bool:
    return "\x0132=" in text and field(text, 20) in ("", "0") and field(text, 150) in "F12"


@pytest.mark.parametrize(
    ("ours", "theirs", "laws"),
    [
        (nothing, nothing, set()),
        (forgotten, nothing, {judge.LOST, judge.GHOST}),
        (unheard, nothing, {judge.SKIPPED, judge.UNREPORTED}),
        (misread, nothing, {judge.DIFFERS}),
        (refused, nothing, {judge.REFUSED}),
        (nothing, sent_twice, {judge.DUPLICATED}),
        (nothing, sent_by_nobody, {judge.GHOST}),
    ],
    ids=lambda change: getattr(change, "__name__", ""),
)
def test_the_judge_finds_the_breach(
    played: Path, tmp_path: Path, ours: Change, theirs: Change, laws: set[str]
) -> None:
    _rewritten(played / "journal", tmp_path / "journal", inputs, ours)
    for name in VERSIONS:
        there = played / "venues" / name / "journal"
        _rewritten(there, tmp_path / name / "journal", station, theirs)
    told = _told(played)
    us = Ours(tmp_path / "journal")
    them = [Theirs(name, version, tmp_path / name) for name, version in VERSIONS.items()]
    us.poll()
    for venue in them:
        venue.poll()
    found = [*judge.broken(us, them, told), *judge.unsettled(us, them)]
    shutil.rmtree(tmp_path)
    assert laws <= {finding.law for finding in found} if laws else found == []


def _rewritten(source: Path, target: Path, kinds: Any, change: Change) -> None:
    """The journal once more, with a change."""
    held = [(r.time_ns, kinds.decode(r.payload)) for r in records(source)]
    values = [value for _, value in held]
    change(values)
    times = iter([at_ns for at_ns, _ in held])
    now = 0
    target.mkdir(parents=True)
    with JournalWriter.open(target, durability="process", now_ns=1, day="2026-01-01") as writer:
        for value in values:
            now = next(times, now)
            writer.append(now, kinds.encode(value))


def _told(directory: Path) -> list[Told]:
    """What the clients were told: everything that left was accepted before."""
    ours = Ours(directory / "journal")
    ours.poll()
    return [
        Told(what="order", answer=Accepted(order=o.reference, cl_ord_id=o.reference))
        for o in ours.orders()
    ]


@pytest.mark.parametrize(
    ("heard", "skipped"),
    [
        ([(1, 1, ""), (2, 2, "")], []),
        ([(1, 1, ""), (3, 3, "")], ["2 to 2 never came in"]),
        ([(1, 1, ""), (2, 2, "36=5\x01123=Y\x0135=4\x01"), (5, 5, "")], []),
        ([(1, 1, ""), (4, 2, "35=A\x01"), (2, 2, ""), (3, 3, ""), (5, 5, "")], []),
        ([(1, 1, ""), (1, 1, ""), (2, 2, "")], []),
    ],
    ids=["in order", "one missing", "a gap filled", "a logon ahead of its gap", "heard again"],
)
def test_every_inbound_number_is_accounted_for(
    heard: list[tuple[int, int, str]], skipped: list[str]
) -> None:
    numbers = Numbers()
    for number, expected, more in heard:
        numbers.heard(f"34={number}\x01{more}", expected)
    assert numbers.skipped == skipped
