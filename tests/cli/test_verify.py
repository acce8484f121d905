"""``fix-oms verify`` as its users read it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fix_oms.cli.main import main
from fix_oms.journal import anchor
from fix_oms.journal.format import HEADER_SIZE
from fix_oms.journal.segments import listed
from tests.journal.made import shorten
from tests.server.lone import lone, started


def fix_oms(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], prog_name="fix-oms")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A directory in which an engine has run once."""
    with started(lone(tmp_path)):
        pass
    return tmp_path


def last_line(result: Result) -> str:
    return result.output.splitlines()[-1]


def test_the_configurations_own_anchors_are_compared(site: Path) -> None:
    done = fix_oms("-c", site / "oms.toml", "verify")
    assert (done.exit_code, last_line(done).startswith("anchors: ")) == (0, True)


def test_the_anchors_beside_a_named_journal_are_compared(site: Path) -> None:
    found = anchor.read([site / "journal.anchors"]).anchors
    said = f"anchors: {len(found)} of {len(found)} agree, up to record {found[-1].records} of "
    assert last_line(fix_oms("verify", site / "journal")).startswith(said)


def test_anchors_may_be_left_out(site: Path) -> None:
    done = fix_oms("verify", site / "journal", "--no-anchor")
    said = "anchors: none were compared, so a tail that is missing would not show"
    assert (done.exit_code, last_line(done)) == (0, said)


@pytest.fixture
def truncated(site: Path) -> Path:
    shorten(listed(site / "journal")[-1].path, HEADER_SIZE)
    return site


def test_a_truncated_tail_is_a_finding(truncated: Path) -> None:
    done = fix_oms("verify", truncated / "journal")
    assert (done.exit_code, "finding: the tail is missing" in done.output) == (1, True)


def test_without_anchors_a_truncated_tail_does_not_show(truncated: Path) -> None:
    assert fix_oms("verify", truncated / "journal", "--no-anchor").exit_code == 0


def test_anchors_kept_elsewhere_are_compared(truncated: Path) -> None:
    own = truncated / "journal.anchors"
    elsewhere = own.rename(truncated / "syslog")
    done = fix_oms("verify", truncated / "journal", "--anchor", elsewhere)
    assert (done.exit_code, "the tail is missing" in done.output) == (1, True)


def test_a_damaged_anchor_is_a_finding_by_file_and_line(site: Path) -> None:
    own = site / "journal.anchors"
    own.write_text(own.read_text().replace("run=1", "run=2"))
    done = fix_oms("verify", site / "journal")
    assert (done.exit_code, f"{own}:1: is damaged" in done.output) == (1, True)


def test_programs_are_told_too(site: Path) -> None:
    done = fix_oms("verify", site / "journal", "--json")
    found = json.loads(done.stdout)
    held = anchor.read([site / "journal.anchors"]).anchors
    assert found["anchors"] == {
        "files": [str(site / "journal.anchors")],
        "compared": len(held),
        "agreed": len(held),
        "records": held[-1].records,
        "notes": [],
    }


def test_the_findings_of_a_truncated_journal_are_told_to_programs(truncated: Path) -> None:
    found = json.loads(fix_oms("verify", truncated / "journal", "--json").stdout)
    assert (found["ok"], len(found["findings"])) == (False, 1)


def test_a_file_of_anchors_that_is_not_there_is_bad_input(site: Path) -> None:
    assert fix_oms("verify", site / "journal", "--anchor", site / "nothing").exit_code == 2
