"""Writes ``HOSTILE.md`` from the cases of the hostile venue: ``make spec``, or this script alone.

The cases (``acceptance/hostile/cases``) are what the acceptance tests play against the running
engine, and what the page says of its reaction is what they require. Nothing is decided here; a test
compares the file with what this makes of the data.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

PAGE: Final = Path(__file__).resolve().parent / "HOSTILE.md"
CASES: Final = PAGE.parent.parent / "acceptance" / "hostile" / "cases"
HEAD: Final = ("case", "the venue", "the standard asks", "fix_oms, on the wire")
UPSTREAM: Final = CASES.parent / "upstream.yaml"
USUAL: Final = "FIX.4.4"
ACCEPTANCE: Final = """## QuickFIX's acceptance scripts

The scripts of its session layer, and the cases here that stand for them, each in FIX 4.2, 4.4 and
5.0 SP2. They are written for an acceptor under test, ours is the initiator: what they ask of a
logon is asked of the one that answers ours.
"""

TEXT: Final = """# A hostile venue

Written by `make spec` from [the cases](../acceptance/hostile/cases); `make test` plays each of them
against a running engine over TCP and requires this very reaction.

After every case the venue behaves again, and then: the session is ready, with numbers that fit;
each order of the case, and the position, is what the venue's own book says; one more order leaves
once and fills; the engine answers. Cases run on many sessions of the engine at once, so the others
are served meanwhile. At the end the journal verifies.

Numbers like 2.b are those of the session test cases of FIX 4.4 volume 2, after which QuickFIX's
acceptance scripts are named. A reaction is what leaves on the wire, each thing once where it
repeats: `logs on` is a new connection and a Logon(A), `nothing` that the message is taken in, or
ignored, and the session goes on. A ResendRequest(2) at the end asks for what did not count. Where
the reaction is not what the standard asks, or needs a word, the reason stands behind it; `or` is
one that is right as well, depending on who is faster. Cases are in FIX 4.4, unless other versions
are named (`all`: 4.2, 4.4, 5.0 SP2).
"""


def groups() -> Iterator[dict[str, Any]]:
    """Each file of cases."""
    for path in sorted(CASES.glob("*.yaml")):
        yield yaml.safe_load(path.read_text(encoding="utf-8"))


def _row(case: dict[str, Any]) -> str:
    versions = case.get("versions", USUAL)
    said = case["ours"] + (f"; or: {case['or']}" if "or" in case else "")
    said += f" ({case['why']})" if "why" in case else ""
    name = f"`{case['name']}`" + (f"<br>{versions}" if versions != USUAL else "")
    cells = [name, case["what"], case["standard"], said]
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def page() -> str:
    """The Markdown page."""
    parts = [TEXT]
    for group in groups():
        rows = [f"| {' | '.join(HEAD)} |", f"|{'---|' * len(HEAD)}", *map(_row, group["cases"])]
        parts += [f"## {group['group']}\n", "\n".join(rows) + "\n"]
    parts += _upstream(yaml.safe_load(UPSTREAM.read_text(encoding="utf-8")))
    return "\n".join(parts)


def _upstream(found: dict[str, dict[str, str]]) -> list[str]:
    rows = [
        f"| {script} | {', '.join(f'`{name}`' for name in cases.split())} |"
        for script, cases in found["scripts"].items()
    ]
    rows += [f"| {script} | none: {_cell(why)} |" for script, why in found["not_ours"].items()]
    return [ACCEPTANCE, "\n".join(["| script | cases |", "|---|---|", *rows]) + "\n"]


def outputs() -> dict[Path, str]:
    """Each file that is written, with its text."""
    return {PAGE: page()}


if __name__ == "__main__":
    for path, text in outputs().items():
        path.write_text(text, encoding="utf-8")
