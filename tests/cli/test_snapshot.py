"""``fix-oms snapshot``: what it writes and what it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fix_oms.cli.main import main
from fix_oms.engine.leg import COMPILED, leg
from fix_oms.journal import snapshot
from fix_oms.journal.freeze import WHOLE_JOURNAL
from tests.journal.days import a_day, journaled
from tests.journal.made import opened

pytestmark = pytest.mark.skipif(leg() == COMPILED, reason=WHOLE_JOURNAL)

DAY = a_day(5)


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["snapshot", *map(str, words)])


def test_it_says_which_file_it_wrote_of_how_many_records(tmp_path: Path) -> None:
    journaled(tmp_path, DAY.log)
    result = run(tmp_path)
    (path,) = snapshot.listed(tmp_path)
    size = path.stat().st_size
    assert result.output.startswith(f"{path}: {len(DAY.log)} records, {size} bytes, in ")


def test_it_says_so_to_programs(tmp_path: Path) -> None:
    journaled(tmp_path, DAY.log)
    told = json.loads(run(tmp_path, "--json").output)
    (path,) = snapshot.listed(tmp_path)
    assert (told["snapshot"], told["records"]) == (str(path), len(DAY.log))


def test_where_nothing_is_new_none_is_written(tmp_path: Path) -> None:
    journaled(tmp_path, DAY.log)
    run(tmp_path)
    said = run(tmp_path).output
    assert said == f"nothing new: the newest snapshot is of all {len(DAY.log)} records\n"


def test_an_empty_journal_has_no_state(tmp_path: Path) -> None:
    opened(tmp_path).close()
    result = run(tmp_path)
    assert (result.exit_code, "the journal holds no records" in result.output) == (1, True)


def test_one_that_cannot_be_used_is_warned_of(tmp_path: Path) -> None:
    journaled(tmp_path, DAY.log)
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots" / f"{7:020d}.snap").write_bytes(b"rubbish")
    assert (
        "warning: snapshot 00000000000000000007.snap: this is no snapshot" in run(tmp_path).output
    )
