"""Writes ``INTRUDERS.md`` from ``intruders.toml``: ``make spec``, or this script alone.

The data is what somebody may try at each of our doors, and the answer. Nothing is decided here: a
row is an attempt that a test makes. How to add one:

    [[door.attempt]]                       # under the [[door]] it is made at
    what = "logs on with a wrong password" # what the intruder does, without "an intruder"
    answer = "Logout(5), and the connection is closed"   # what comes back to him
    told = "alert `client`, which names the client and the address"   # what we are told
    tests = ["tests/sessions/test_doors.py::test_a_wrong_password_is_refused"]

Each test is a file and a function in it, without parameters; ``tests/tidy`` finds a row whose test
is not there, a row without one, and two rows that are the same.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

DATA: Final = Path(__file__).resolve().with_suffix(".toml")
PAGE: Final = DATA.with_name("INTRUDERS.md")
HEAD: Final = ("who", "gets", "we are told", "shown by")

TEXT: Final = """# Intruders

Written by `make spec` from [the table](intruders.toml): what somebody may try at each door, what he
gets, and what we are told. Each row names the tests that make the attempt; `make test` runs them.

A door that refuses says as little as the protocol allows to whoever is outside, and to us why.
"""


def doors() -> list[dict[str, Any]]:
    """Each door with its attempts."""
    found: list[dict[str, Any]] = tomllib.loads(DATA.read_text(encoding="utf-8"))["door"]
    return found


def page() -> str:
    """The Markdown page."""
    parts = [TEXT]
    for door in doors():
        rows = [f"| {' | '.join(HEAD)} |", f"|{'---|' * len(HEAD)}"]
        rows += [_row(attempt) for attempt in door["attempt"]]
        parts += [f"## {door['name']}\n", " ".join(door["what"].split()) + "\n"]
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def _row(attempt: dict[str, Any]) -> str:
    tests = "<br>".join(_link(test) for test in attempt["tests"])
    cells = [attempt["what"], attempt["answer"], attempt["told"]]
    return f"| {' | '.join([*map(_cell, cells), tests])} |"


def _link(test: str) -> str:
    path, _, name = test.partition("::")
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../{path})"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def outputs() -> dict[Path, str]:
    """The file that is written, with its text."""
    return {PAGE: page()}


if __name__ == "__main__":
    for path, text in outputs().items():
        path.write_text(text, encoding="utf-8")
