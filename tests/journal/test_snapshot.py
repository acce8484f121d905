"""A snapshot that cannot be trusted is named and passed over: an older one serves, or the log."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fix_oms.engine import Engine
from fix_oms.engine.leg import COMPILED, leg
from fix_oms.journal import freeze, snapshot
from fix_oms.journal.check import check
from fix_oms.journal.follower import Place
from fix_oms.journal.freeze import WHOLE_JOURNAL
from fix_oms.journal.recovery import KEEP, Recovery, Snapshotter
from fix_oms.journal.replay import replay
from fix_oms.journal.snapshot import HEADER_SIZE, Unusable
from fix_oms.journal.verify import verified
from fix_oms.model.errors import JournalError, JournalLocked
from fix_oms.model.inputs import Stopped, encode
from fix_oms.model.settings import Snapshots
from tests.engine.desk import Desk
from tests.journal.days import a_day, journaled, saved
from tests.journal.made import NEXT_DAY, opened
from tests.journal.test_failures import files_limited_to, public_path, without_privilege

pytestmark = pytest.mark.skipif(leg() == COMPILED, reason=WHOLE_JOURNAL)

__all__ = ["public_path"]
DAY: Final = a_day(11)
OLDER: Final = len(DAY.log) // 3
NEWER: Final = 2 * len(DAY.log) // 3


@pytest.fixture(scope="module")
def kept() -> Iterator[Path]:
    """A journal of a day with a snapshot at each third."""
    with TemporaryDirectory() as name:
        directory = Path(name)
        for begin, end in ((0, OLDER), (OLDER, NEWER), (NEWER, len(DAY.log))):
            if begin:
                saved(directory)
            journaled(directory, DAY.log[begin:end])
        yield directory


@pytest.fixture
def journal(kept: Path, tmp_path: Path) -> Path:
    """A copy of it, to be spoilt."""
    return Path(shutil.copytree(kept, tmp_path / "journal"))


def newest(journal: Path) -> Path:
    return snapshot.listed(journal)[0]


def begun(journal: Path) -> tuple[int, list[str], str]:
    """Where a start begins, what it warns of, and the state's hash at the end."""
    warnings: list[str] = []
    recovery = Recovery.of(journal, warnings.append)
    recovery.catch_up()
    recovery.close()
    return recovery.begun_at, warnings, recovery.engine.shown(DAY.now).hash()


def test_a_start_begins_from_the_newest_and_replays_the_rest(journal: Path) -> None:
    assert begun(journal) == (NEWER, [], DAY.shown.hash())


# -- damage ------------------------------------------------------------------------------------


def cut_to(size: int) -> Callable[[Path], None]:
    def cut(path: Path) -> None:
        data = path.read_bytes()
        path.write_bytes(data[:size])

    return cut


def with_place(**changes: Any) -> Callable[[Path], None]:
    """A header that says another place, in itself sound."""

    def change(path: Path) -> None:
        header, data = snapshot.header_of(path), path.read_bytes()
        place = header.place._replace(**changes)
        made = snapshot._header(place, header.last_ns, header.length, header.digest)
        path.write_bytes(made + data[HEADER_SIZE:])

    return change


def of_format_7(path: Path) -> None:
    data = path.read_bytes()
    made = data[:8] + bytes([7, 0, 0, 0]) + data[12:HEADER_SIZE]
    made = made[:12] + snapshot._crc(made).to_bytes(4, "little") + made[16:]
    path.write_bytes(made + data[HEADER_SIZE:])


def longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (cut_to(0), "this is no snapshot of fix_oms: its header is missing"),
        (cut_to(HEADER_SIZE - 1), "this is no snapshot of fix_oms: its header is missing"),
        (cut_to(HEADER_SIZE), "its body has 0 bytes where the header says"),
        (cut_to(-1), "its body has"),
        (longer, "its body has"),
        (of_format_7, "format 7 is newer than 1, the newest read here"),
        (with_place(head=bytes(32)), "does not follow the chain that is known"),
        (with_place(offset=1 << 40), "does not follow the chain that is known (it ends before)"),
        (with_place(segment="x.seg"), "x.seg is no segment of this journal"),
        (lambda path: path.write_bytes(b"FIXOMSJ\n" * 90), "this is no snapshot of fix_oms"),
    ],
)
def test_a_bad_one_is_named_and_the_one_before_serves(
    journal: Path, spoil: Callable[[Path], None], reason: str
) -> None:
    spoil(newest(journal))
    at, (warning,), state_hash = begun(journal)
    assert (at, state_hash) == (OLDER, DAY.shown.hash())
    assert warning.startswith(f"snapshot {newest(journal).name}: ")
    assert reason in warning


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), in_header=st.booleans())
def test_any_flipped_bit_is_found(kept: Path, place: float, bit: int, in_header: bool) -> None:
    data = bytearray(newest(kept).read_bytes())
    at = int(place * (HEADER_SIZE if in_header else len(data)))
    data[at] ^= 1 << bit
    with TemporaryDirectory() as name:
        path = Path(name) / newest(kept).name
        path.write_bytes(data)
        with pytest.raises(Unusable):
            snapshot.read(path)


def test_where_none_is_good_the_whole_journal_is_replayed(journal: Path) -> None:
    for path in snapshot.listed(journal):
        longer(path)
    at, warnings, state_hash = begun(journal)
    assert (at, len(warnings), state_hash) == (0, 2, DAY.shown.hash())


def test_a_tail_that_was_lost_takes_its_snapshots_along(journal: Path) -> None:
    (segment,) = journal.glob("*.seg")
    offset = snapshot.header_of(newest(journal)).place.offset
    segment.write_bytes(segment.read_bytes()[: offset - 5])
    with pytest.raises(Unusable, match="it ends before"):
        Recovery.from_snapshot(journal, newest(journal))
    assert begun(journal)[0] == OLDER


def test_a_snapshot_of_another_journal_is_not_used(journal: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    journaled(other, a_day(12).log)
    saved(other)
    shutil.rmtree(journal / "snapshots")
    shutil.copytree(other / "snapshots", journal / "snapshots")
    at, (warning,), _ = begun(journal)
    assert (at, "does not follow the chain" in warning) == (0, True)


def test_the_name_of_anything_but_data_is_refused() -> None:
    for name in (b"cos\nsystem\n.", b"cfix_oms.cli.main\nmain\n.", b"cbuiltins\neval\n."):
        with pytest.raises(freeze.Unfrozen, match="no part of a state"):
            freeze.thaw({}, name)


# -- versions ----------------------------------------------------------------------------------


def test_an_attribute_that_is_new_takes_the_value_that_the_table_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layouts, data = older_state("fix_oms.routing.links.Link", "busy_until")
    table = {"fix_oms.routing.links.Link": {"busy_until": lambda: 7}}
    monkeypatch.setattr(freeze, "ADDED", table)
    assert {link.busy_until for link in freeze.thaw(layouts, data).links.values()} == {7}


def test_a_setting_that_is_new_has_its_default() -> None:
    layouts, data = older_state("fix_oms.model.settings.Engine", "clock_tolerance_s")
    assert freeze.thaw(layouts, data).settings.engine.clock_tolerance_s == 300


@pytest.mark.parametrize(
    ("kind", "name"),
    [("fix_oms.routing.links.Link", "busy_until"), ("fix_oms.engine.state.State", "withdrawn")],
)
def test_an_attribute_that_is_new_and_in_no_table_is_named(kind: str, name: str) -> None:
    with pytest.raises(freeze.Unfrozen, match=f"from a version whose {kind} has no {name}"):
        freeze.thaw(*older_state(kind, name))


def older_state(kind: str, name: str) -> tuple[freeze.Layouts, bytes]:
    """A state as a version wrote it that called the attribute something else."""
    layouts, data = freeze.freeze(Desk().engine.state)
    layouts[kind] = [f"was_{known}" if known == name else known for known in layouts[kind]]
    return layouts, data


# -- writing -----------------------------------------------------------------------------------


def a_snapshotter(journal: Path, policy: Snapshots | None = None) -> Snapshotter:
    return Snapshotter(journal, policy or Snapshots(), lambda _: None, 0.0)


def test_only_the_newest_are_kept(journal: Path) -> None:
    for second in range(KEEP + 2):
        journaled(journal, [(DAY.now + second, DAY.log[-1][1])])
        snapshotter = a_snapshotter(journal)
        assert snapshotter.save(0.0) is not None
        snapshotter.close()
    indexes = [snapshot.header_of(path).place.next_index for path in snapshot.listed(journal)]
    end = len(DAY.log) + KEEP + 2
    assert indexes == [end, end - 1, end - 2]


@pytest.mark.parametrize(
    ("policy", "now_s", "due"),
    [
        (Snapshots(every_records=10_000, every_s=10), 9.9, False),
        (Snapshots(every_records=10_000, every_s=10), 10.0, True),
        (Snapshots(every_records=len(DAY.log) - NEWER, every_s=10), 0.0, True),
        (Snapshots(every_records=len(DAY.log) - NEWER + 1, every_s=10), 0.0, False),
    ],
)
def test_one_is_due_after_so_many_records_or_seconds(
    journal: Path, policy: Snapshots, now_s: float, due: bool
) -> None:
    snapshotter = a_snapshotter(journal, policy)
    assert (snapshotter.poll(now_s) is not None) == due
    snapshotter.close()


def test_one_is_due_when_the_engine_has_stopped(journal: Path) -> None:
    snapshotter = a_snapshotter(journal)
    assert snapshotter.poll(0.0) is None
    journaled(journal, [(DAY.now, Stopped(reason="test", next_out={}))])
    assert snapshotter.poll(0.0) is not None
    snapshotter.close()


def test_one_is_due_when_a_day_has_begun(journal: Path) -> None:
    snapshotter = a_snapshotter(journal)
    assert snapshotter.poll(0.0) is None
    with opened(journal, day=NEXT_DAY) as writer:
        writer.append(DAY.now, encode(DAY.log[-1][1]))
    assert snapshotter.poll(0.0) is not None
    snapshotter.close()


def test_after_a_failure_the_next_one_is_due_when_it_would_have_been(journal: Path) -> None:
    snapshotter = a_snapshotter(journal, Snapshots(every_records=10_000, every_s=10))
    with files_limited_to(2000), pytest.raises(JournalError):
        snapshotter.poll(10.0)
    journaled(journal, [(DAY.now, DAY.log[-1][1])])
    assert [snapshotter.poll(now_s) is not None for now_s in (11.0, 19.0, 20.0)] == [
        False,
        False,
        True,
    ]
    snapshotter.close()


def test_none_is_due_where_nothing_is_new(journal: Path) -> None:
    saved(journal)
    snapshotter = a_snapshotter(journal, Snapshots(every_records=1, every_s=1))
    assert (snapshotter.poll(100.0), snapshotter.save(200.0)) == (None, None)
    snapshotter.close()


def test_two_at_once_are_one_and_a_refusal(journal: Path) -> None:
    snapshotter = a_snapshotter(journal)
    with pytest.raises(
        JournalLocked, match=f"snapshots are being written by process {os.getpid()}"
    ):
        a_snapshotter(journal)
    snapshotter.close()
    a_snapshotter(journal).close()


def test_a_disk_without_room_for_the_journal_beside_it_is_left_alone(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "ROOM", 1 << 60)
    assert_nothing_is_written(journal, "would leave less than")


def test_a_write_that_fails_leaves_nothing_behind(journal: Path) -> None:
    with files_limited_to(2000):
        assert_nothing_is_written(journal, "File too large")


def assert_nothing_is_written(journal: Path, reason: str) -> None:
    before = sorted(path.name for path in (journal / "snapshots").iterdir())
    snapshotter = a_snapshotter(journal)
    with pytest.raises(JournalError, match=reason):
        snapshotter.save(0.0)
    snapshotter.close()
    after = sorted(path.name for path in (journal / "snapshots").iterdir())
    assert after == sorted({*before, "lock"})


def test_a_read_only_journal_is_named_and_can_be_recovered(public_path: Path) -> None:
    journaled(public_path, DAY.log)
    saved(public_path)
    for path in (public_path / "snapshots", public_path):
        path.chmod(0o555)
    newest(public_path).chmod(0o444)
    with without_privilege():
        assert begun(public_path)[0] == len(DAY.log)
        with pytest.raises(JournalError, match="snapshots/lock: Permission denied"):
            a_snapshotter(public_path)
    for path in (public_path, public_path / "snapshots"):
        path.chmod(0o755)


def test_the_folder_is_no_stranger_in_the_journal(journal: Path) -> None:
    assert check(journal).foreign == ()


# -- verify ------------------------------------------------------------------------------------


def test_verify_replays_each_snapshot_with_its_tail(journal: Path) -> None:
    found = verified(journal)
    assert (found.ok, found.snapshots, found.notes) == (True, 2, ())


def test_verify_notes_a_bad_snapshot_and_believes_the_journal(journal: Path) -> None:
    longer(newest(journal))
    found = verified(journal)
    assert (found.ok, found.snapshots, len(found.notes)) == (True, 1, 1)


def test_verify_finds_a_snapshot_that_leads_elsewhere(journal: Path) -> None:
    engine = Engine()
    replay(journal, engine)
    place = snapshot.header_of(newest(journal)).place
    forged(journal, engine, place)
    found = verified(journal)
    assert (found.ok, found.snapshots, len(found.findings)) == (False, 1, 1)
    assert "with its tail it replays to state hash" in found.findings[0]


def forged(journal: Path, engine: Engine, place: Place) -> None:
    """A sound snapshot of another state than the journal had there."""
    read = snapshot.read(newest(journal))
    live_hash = engine.shown(read.last_ns).live_hash()

    def tells(layouts: freeze.Layouts, unused: int) -> snapshot.About:
        return replace(read.about, live_hash=live_hash, layouts=layouts, unused=unused)

    snapshot.write(journal, engine.state, place, read.last_ns, tells)
