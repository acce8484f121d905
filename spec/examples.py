"""Writes the examples' README from their sources and their output: ``make spec``, or this alone.

Nothing is copied by hand: the sources are what runs, the texts are what a test compares the run
with. The order is that of :data:`ORDER`; what is not named there comes after it.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parents[1] / "fix_oms/examples"
PAGE: Final = HERE / "README.md"
ORDER: Final = (
    "first_order",
    "life_of_an_order",
    "handlers",
    "queue",
    "rounding",
    "ask_the_broker",
    "reconnect",
    "hedge",
    "algos",
)

TEXT: Final = """# Examples of the Python API

Written by `make spec` from the modules here and the texts beside them.

Each starts an engine and two simulated venues of its own (`site/`), talks to them over TCP, and
prints what is shown. From a checkout: `.venv/bin/python -m fix_oms.examples.first_order`. In a
program of yours the engine runs already: `async with await connect(path) as oms:`."""


def names() -> list[str]:
    """The examples in their order."""
    found = sorted(path.stem for path in HERE.glob("*.txt"))
    return sorted(found, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


def example(name: str) -> tuple[str, str, str]:
    """What it shows, its code without that, and its output."""
    source = (HERE / f"{name}.py").read_text(encoding="utf-8")
    tree = ast.parse(source)
    said = ast.get_docstring(tree) or ""
    code = source.split('"""', 2)[2].lstrip("\n")
    code = code.replace("from __future__ import annotations\n", "", 1).lstrip("\n")
    return said, code, (HERE / f"{name}.txt").read_text(encoding="utf-8")


def page() -> str:
    """The Markdown page."""
    parts = [TEXT]
    for name in names():
        said, code, output = example(name)
        title, _, rest = said.partition("\n")
        parts += [
            f"## {title}",
            *([rest.strip().replace("``", "`")] if rest.strip() else []),
            f"`python -m fix_oms.examples.{name}`:",
            f"```python\n{code}```",
            f"prints\n\n```\n{output}```",
        ]
    return "\n\n".join(parts) + "\n"


def outputs() -> dict[Path, str]:
    """The file that is written, with its text."""
    return {PAGE: page()}


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
