"""Which way imports go, and what the pure core may not touch.

The engine's step is a function of its inputs (the same journal always replays to the same state),
so nothing below it may reach for a clock, a random number, a thread, a socket or a file. And a
layer may use only the layers under it, never one beside it: that is what lets each be read, tested
and replaced alone. QuickFIX has one door, ``sessions/``; the bare-loop benchmark is the only other
file that opens it, because it measures QuickFIX without us.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from tests.tidy.source import Source

LAYERS: Final = (
    ("__main__",),
    ("cli", "examples"),
    ("world", "site"),
    ("server", "client", "simulator", "conformance", "followers"),
    ("sessions", "journal", "scenarios", "local"),
    ("forwarder",),
    ("engine",),
    ("algos", "routing"),
    ("risk",),
    ("positions", "orders", "market", "reconcile"),
    ("wire",),
    ("model",),
)
"""Highest first. Those of one row do not import each other."""

CORE: Final = frozenset(name for row in LAYERS[LAYERS.index(("engine",)) :] for name in row)

WORLD: Final = frozenset(
    {
        "asyncio",
        "concurrent",
        "ctypes",
        "io",
        "logging",
        "multiprocessing",
        "os",
        "queue",
        "quickfix",
        "random",
        "secrets",
        "select",
        "selectors",
        "shutil",
        "signal",
        "socket",
        "sqlite3",
        "ssl",
        "subprocess",
        "tempfile",
        "threading",
        "time",
        "uuid",
    }
)  # fmt: skip - one word a line would hide how short the list is
"""Modules that read the world or change it."""

TOUCHES: Final = frozenset({"open", "input", "print", "__import__"})
TOUCHING: Final = frozenset(
    {"now", "utcnow", "today", "open", "read_text", "write_text", "read_bytes", "write_bytes"}
)
"""Names called, and methods called, that read a clock or a file."""

QUICKFIX_DOORS: Final = ("fix_oms/sessions/", "tests/sessions/", "bench/bare_loop.py")

_RANK: Final = {name: rank for rank, row in enumerate(LAYERS) for name in row}


def layer(module: str) -> str | None:
    """The layer a module of fix_oms belongs to: the first name under the root."""
    parts = module.split(".")
    return parts[1] if parts[0] == "fix_oms" and len(parts) > 1 else None


def unplaced(source: Source) -> Iterator[str]:
    """A module of fix_oms that no layer was assigned to."""
    home = layer(source.module)
    if home is not None and home not in _RANK:
        yield f"{source.name}: fix_oms.{home} stands in no layer of tests/tidy/imports.py"


def wrong_way(source: Source) -> Iterator[str]:
    """Imports of a layer above, or of another one beside."""
    home = layer(source.module)
    if home not in _RANK:
        return
    for line, module in source.imports():
        other = layer(module)
        if other in _RANK and other != home and _RANK[other] <= _RANK[home]:
            yield f"{source.name}:{line}: {home} may not import {other} ({module})"


def impure(source: Source) -> Iterator[str]:
    """Clocks, randomness, threads, sockets and files in the core."""
    if layer(source.module) not in CORE:
        return
    for line, module in source.imports():
        if module.partition(".")[0] in WORLD:
            yield f"{source.name}:{line}: the core may not import {module}"
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in TOUCHES:
            yield f"{source.name}:{node.lineno}: the core may not call {called.id}()"
        if isinstance(called, ast.Attribute) and called.attr in TOUCHING:
            yield f"{source.name}:{node.lineno}: the core may not call .{called.attr}()"


def other_doors(source: Source) -> Iterator[str]:
    """Imports of quickfix anywhere but behind the session adapter."""
    if source.name.startswith(QUICKFIX_DOORS):
        return
    for line, module in source.imports():
        if module.partition(".")[0] == "quickfix":
            yield f"{source.name}:{line}: only sessions/ may import quickfix"
