"""The shape that keeps code readable: lengths, names, and a reason beside every exception."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from typing import Final

from tests.tidy.source import Source

LONGEST_FILE: Final = 400
LONGEST_FUNCTION: Final = 50
NAMELESS: Final = frozenset({"utils", "util", "helpers", "helper", "manager", "managers", "common"})
"""Names that say nothing of what is inside."""

_DIRECTIVE: Final = re.compile(
    r"#\s*(?:ruff:\s*)?(?P<what>noqa|type:\s*ignore|pragma:\s*no\s+\w+|fmt:\s*\w+|mypy:[^#]*)"
    r"(?P<codes>(?:\s*:\s*[A-Z]+[0-9]+(?:\s*,\s*[A-Z]+[0-9]+)*|\[[a-z, -]+\])?)"
    r"(?P<rest>.*)"
)


def long_file(source: Source) -> Iterator[str]:
    lines = source.text.count("\n")
    if lines > LONGEST_FILE:
        yield f"{source.name}: {lines} lines, over {LONGEST_FILE}"


def long_function(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                at = f"{source.name}:{node.lineno}: {node.name}"
                yield f"{at} has {lines} lines, over {LONGEST_FUNCTION}"


def nameless(source: Source) -> Iterator[str]:
    for part in source.module.split("."):
        if part in NAMELESS:
            yield f"{source.name}: {part!r} does not say what is inside"


def undocumented(source: Source) -> Iterator[str]:
    """A module without a docstring: nobody wrote down why it is there."""
    if source.tree.body and ast.get_docstring(source.tree) is None:
        yield f"{source.name}: opens without a docstring"


def unexplained(source: Source) -> Iterator[str]:
    """A switched-off check without the reason on the same line, or without the check's code."""
    tokens = tokenize.generate_tokens(io.StringIO(source.text).readline)
    for token in tokens:
        directive = _DIRECTIVE.search(token.string) if token.type == tokenize.COMMENT else None
        if directive is None:
            continue
        at = f"{source.name}:{token.start[0]}: {token.string}"
        if directive["what"].startswith(("noqa", "type")) and not directive["codes"]:
            yield f"{at}: switches off everything; name the code"
        if len(re.findall(r"[A-Za-z]{2,}", directive["rest"])) < 2:
            yield f"{at}: says no reason"
