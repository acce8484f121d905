"""The story of a parent, from the journal alone."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from fix_oms.cli.main import main
from fix_oms.journal.story_parent import parent_story
from fix_oms.model import inputs
from tests.engine.routed import RoutedDesk
from tests.journal.made import opened


class Journaled(RoutedDesk):
    """Its log is what a journal holds."""

    def written(self, directory: Path) -> Path:
        with opened(directory) as writer:
            for now, value in self.log:
                writer.append(now, inputs.encode(value))
        return directory


def swept_and_posted() -> Journaled:
    """300 to buy: 200 are taken at two venues, the rest is posted, and 50 of that fill."""
    desk = Journaled()
    desk.book("ALPHA", [("9.98", 500)], [("10.00", 100)])
    desk.book("BETA", [("9.97", 500)], [("10.00", 100)])
    desk.route(300)
    for child in range(2):
        desk.acks(child)
        desk.fills(child, 100)
    desk.acks(2)
    desk.fills(2, 50)
    return desk


def test_all_decisions_and_children_are_in_the_journal(tmp_path: Path) -> None:
    desk = swept_and_posted()
    found = parent_story(desk.written(tmp_path), "P1")
    assert found is not None
    assert (found.parent, list(found.children)) == (desk.parent(), desk.children())
    assert list(found.decisions) == desk.decisions


def test_the_decisions_of_another_parent_are_left_out(tmp_path: Path) -> None:
    desk = swept_and_posted()
    desk.route(100, ref="P2")
    found = parent_story(desk.written(tmp_path), "P2")
    assert found is not None
    assert {decision.parent for decision in found.decisions} == {"P2"}


def test_a_parent_that_never_was_has_no_story(tmp_path: Path) -> None:
    assert parent_story(swept_and_posted().written(tmp_path), "P9") is None


def test_every_leg_that_left_is_told_with_its_own_child(tmp_path: Path) -> None:
    journal = swept_and_posted().written(tmp_path)
    done = CliRunner(env={"COLUMNS": "100"}).invoke(
        main, ["explain", "P1", "--journal", str(journal)], prog_name="fix-oms"
    )
    told = [line.strip().split(", last")[0] for line in done.output.splitlines()]
    pairs = [
        (told[n].split(":")[0], told[n + 1]) for n, line in enumerate(told) if line[:2] == "->"
    ]
    assert pairs == [
        ("-> take 100 @ 10 at ALPHA", "= 1-1 Filled 100/100 @ 10"),
        ("-> take 100 @ 10 at BETA", "= 1-2 Filled 100/100 @ 10"),
        ("-> rest 100 @ 10 at ALPHA", "= 1-3 PartiallyFilled 50/100 @ 10"),
    ]
