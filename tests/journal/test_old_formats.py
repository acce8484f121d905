"""What an older version wrote is read: its snapshot, with its tail, is its journal."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fix_oms.engine.leg import COMPILED, leg
from fix_oms.journal import snapshot
from fix_oms.journal.freeze import WHOLE_JOURNAL
from fix_oms.journal.recovery import Recovery
from fix_oms.journal.snapshot import Unusable
from fix_oms.journal.verify import broken_laws, verified
from tests.journal.old_formats import FORMATS

pytestmark = pytest.mark.skipif(leg() == COMPILED, reason=WHOLE_JOURNAL)

EACH = pytest.mark.parametrize("number", range(1, snapshot.VERSION + 1))


@pytest.fixture
def journal(number: int, tmp_path: Path) -> Path:
    return Path(shutil.copytree(FORMATS / str(number), tmp_path / "journal"))


@EACH
def test_a_snapshot_of_every_format_is_read_and_its_tail_replayed(journal: Path) -> None:
    (path,) = snapshot.listed(journal)
    try:
        recovery = Recovery.from_snapshot(journal, path)
    except Unusable as error:
        pytest.fail(f"{error}: say in freeze.ADDED what an older state has for it")
    recovery.catch_up()
    recovery.close()
    state = recovery.engine.state
    assert recovery.begun_at < recovery.replayer.index
    assert broken_laws(state) == []
    assert len({check.control for check in state.gate.lanes.checks.values()}) > 20
    assert 0 < state.book.orders.packed < len(state.book.orders)


@EACH
def test_it_comes_to_the_state_of_the_journal(journal: Path) -> None:
    found = verified(journal)
    assert (found.findings, found.notes, found.snapshots) == ((), (), 1)
