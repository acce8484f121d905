"""``fix-oms simulate``: which worlds it runs, and what it says of them."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from fix_oms.cli.exits import Exit
from fix_oms.cli.simulate import simulate
from tests.world.planted import bust_twice


def run(*words: str) -> Result:
    return CliRunner().invoke(simulate, words)


def test_a_range_of_seeds_is_run_and_counted() -> None:
    said = run("--seeds", "1..3", "--steps", "60")
    assert said.exit_code == 0
    assert said.stdout.startswith("3 seeds, ")


def test_two_processes_run_the_same_steps_as_one() -> None:
    one, two = (run("--seeds", "1..6", "--steps", "60", "--jobs", n).stdout for n in ("1", "2"))
    assert one.partition(":")[0] == two.partition(":")[0]


def test_fresh_seeds_are_named_so_that_they_can_be_run_again() -> None:
    said = run("--fresh", "2", "--steps", "20").stdout.splitlines()
    assert len(said[0].removeprefix("fresh seeds: ").split()) == 2


@pytest.mark.parametrize("words", [(), ("--seed", "1", "--fresh", "2"), ("--seeds", "9..1")])
def test_what_is_no_choice_of_seeds_is_bad_input(words: tuple[str, ...]) -> None:
    assert "say" in run(*words).output


def test_a_failing_seed_is_told_and_ends_in_an_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    bust_twice(monkeypatch)
    said = run("--seed", "0", "--no-story")
    assert said.exit_code == Exit.REFUSED
    assert said.output.startswith("seed 0: positions, at step ")


def test_coverage_lists_what_was_tried_and_what_was_not() -> None:
    said = run("--seed", "1", "--coverage").output
    assert "control" in said.splitlines()
    assert "one that names no request makes no order" in said
