"""kill -9 while snapshots are written: each that stands there is whole, and none is lost."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from fix_oms.engine.leg import COMPILED, leg
from fix_oms.journal import snapshot
from fix_oms.journal.freeze import WHOLE_JOURNAL
from fix_oms.journal.recovery import Recovery, Snapshotter
from fix_oms.model.settings import Snapshots
from tests.journal.days import a_day, journaled
from tests.journal.test_kill import ROOT, out

pytestmark = pytest.mark.skipif(leg() == COMPILED, reason=WHOLE_JOURNAL)


def killed(directory: Path, count: int) -> int:
    """The index of the last snapshot of which we heard, of a writer that is killed after some."""
    command = [sys.executable, "-m", "tests.journal.snapshotter", str(directory)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        try:
            assert out(process).readline() == b"open\n"
            for _ in range(count):
                out(process).readline()
        finally:
            process.kill()
        said = out(process).read().splitlines(keepends=True)
    return max((int(line) for line in said if line.endswith(b"\n")), default=0)


def test_a_writer_that_is_killed_leaves_whole_snapshots_and_no_rubbish(tmp_path: Path) -> None:
    journaled(tmp_path, a_day(1, acts=200).log)
    moments = random.Random("kill the scribe")
    for _ in range(5):
        last = killed(tmp_path, moments.randrange(1, 30))
        warnings: list[str] = []
        recovery = Recovery.of(tmp_path, warnings.append)
        recovery.close()
        assert warnings == []
        assert recovery.begun_at > last
    (tmp_path / "snapshots" / f"{4711:020d}.snap.new").write_bytes(b"half")
    Snapshotter(tmp_path, Snapshots(), warnings.append, 0.0).close()
    names = [path.name for path in snapshot.listed(tmp_path)]
    assert set(os.listdir(tmp_path / "snapshots")) == {*names, "lock"}
