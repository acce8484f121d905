"""The compiled engine replays its whole journal, and says that it does."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fix_oms.engine.leg import COMPILED, leg
from fix_oms.journal.freeze import WHOLE_JOURNAL
from fix_oms.journal.recovery import Recovery, Snapshotter
from fix_oms.model.errors import JournalError
from fix_oms.model.settings import Snapshots
from tests.journal.old_formats import FORMATS

pytestmark = pytest.mark.skipif(leg() != COMPILED, reason="of the compiled leg")


def test_a_start_passes_over_snapshots_and_says_why(tmp_path: Path) -> None:
    journal = Path(shutil.copytree(FORMATS / "1", tmp_path / "journal"))
    warnings: list[str] = []
    recovery = Recovery.of(journal, warnings.append)
    recovery.close()
    assert (recovery.begun_at, len(warnings)) == (0, 1)
    assert warnings[0].endswith(WHOLE_JOURNAL)


def test_none_is_written(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="always replays the whole journal"):
        Snapshotter(tmp_path, Snapshots(), print, 0.0)
