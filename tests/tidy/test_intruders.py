"""The table of intruders names a test for each attempt, and the test is there."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from typing import Any

import pytest

from tests.tidy.generated import INTRUDERS
from tests.tidy.source import ROOT

KEYS = {"what", "answer", "told", "tests"}


def attempts() -> list[tuple[str, dict[str, Any]]]:
    """Each attempt with the name of its door."""
    return [(door["name"], row) for door in INTRUDERS.doors() for row in door["attempt"]]


@cache
def functions(path: str) -> frozenset[str]:
    """The test functions of a file; none where there is no such file."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("door", "row"), attempts(), ids=lambda x: str(x)[:60])
def test_each_attempt_is_made_by_a_test_that_exists(door: str, row: dict[str, Any]) -> None:
    assert row.keys() == KEYS, f"{door}: {row.get('what')}: {KEYS ^ row.keys()}"
    missing = [t for t in row["tests"] if t.partition("::")[2] not in functions(t.split("::")[0])]
    assert (bool(row["tests"]), missing) == (True, [])


def test_no_attempt_stands_twice() -> None:
    counted = Counter((door, row["what"]) for door, row in attempts())
    assert [row for row, count in counted.items() if count > 1] == []
