"""The project's own Python files, read and parsed once for all rules."""

from __future__ import annotations

import ast
import functools
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
TREES: Final = ("fix_oms", "tests", "acceptance", "bench", "spec")


class Source:
    """One Python file: its path below the root, its text, its tree and its dotted module name."""

    def __init__(self, name: str, text: str) -> None:
        self.name: Final = name
        self.text: Final = text
        self.tree: Final = ast.parse(text, name)
        self.module: Final = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        self.is_package: Final = name.endswith("/__init__.py")

    def imports(self) -> list[tuple[int, str]]:
        """Every imported module with its line; ``from a import b`` counts as ``a.b``."""
        found: list[tuple[int, str]] = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [(node.lineno, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = self._base(node)
                found += [(node.lineno, f"{base}.{alias.name}") for alias in node.names]
        return found

    def _base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.module.split(".")
        kept = parts[: len(parts) - node.level + self.is_package]
        return ".".join([*kept, node.module] if node.module else kept)


@functools.cache
def sources() -> tuple[Source, ...]:
    """Every Python file of the project, in a fixed order."""
    paths = sorted(path for tree in TREES for path in (ROOT / tree).rglob("*.py"))
    return tuple(
        Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for path in paths
    )
