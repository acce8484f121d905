"""The README tells of everything that a user can do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fix_oms.cli.exits import MEANINGS, Exit
from fix_oms.cli.main import COMMANDS
from tests.tidy.generated import EXAMPLES

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_stands_in_the_readmes_table_as_its_help_says_it(name: str) -> None:
    assert f"| `{name}` | {COMMANDS[name].summary} |" in README


@pytest.mark.parametrize("code", MEANINGS)
def test_each_exit_code_stands_in_the_readme(code: Exit) -> None:
    assert f"| {code.value} | {MEANINGS[code]} |" in README


def test_each_make_target_of_the_readme_is_there() -> None:
    named = set(re.findall(r"(?m)^make (\w+)", README))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {n for n in named if not re.search(rf"(?m)^{n}:", makefile)} == set()


def test_the_first_example_and_its_output_stand_in_the_readme() -> None:
    _, code, output = EXAMPLES.example("first_order")
    assert f"```python\n{code}```\n\nprints\n\n```\n{output}```\n" in README
