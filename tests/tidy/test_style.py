"""Every rule holds for every file, and every rule finds what it is there to find."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.tidy import imports, shape
from tests.tidy.source import Source, sources

Rule = Callable[[Source], Iterator[str]]

RULES: tuple[Rule, ...] = (
    imports.unplaced,
    imports.wrong_way,
    imports.impure,
    imports.other_doors,
    shape.long_file,
    shape.long_function,
    shape.nameless,
    shape.undocumented,
    shape.unexplained,
)

BROKEN: tuple[tuple[Rule, str, str], ...] = (
    (imports.unplaced, "fix_oms/extras/x.py", ""),
    (imports.wrong_way, "fix_oms/wire/x.py", "import fix_oms.orders\n"),
    (imports.wrong_way, "fix_oms/orders/x.py", "from fix_oms import positions\n"),
    (imports.wrong_way, "fix_oms/orders/x.py", "from fix_oms.market.book import Book\n"),
    (imports.wrong_way, "fix_oms/orders/x.py", "from ..market import book\n"),
    (imports.wrong_way, "fix_oms/orders/__init__.py", "from ..market import book\n"),
    (imports.wrong_way, "fix_oms/model/x.py", "def f():\n    import fix_oms.engine\n"),
    (imports.impure, "fix_oms/engine.py", "import time\n"),
    (imports.impure, "fix_oms/risk/x.py", "from random import choice\n"),
    (imports.impure, "fix_oms/market/x.py", "from concurrent.futures import Future\n"),
    (imports.impure, "fix_oms/wire/x.py", "text = open('x')\n"),
    (imports.impure, "fix_oms/wire/x.py", "text = path.read_text()\n"),
    (imports.impure, "fix_oms/routing/x.py", "today = date.today()\n"),
    (imports.other_doors, "fix_oms/engine.py", "import quickfix\n"),
    (imports.other_doors, "acceptance/x.py", "from quickfix import Message\n"),
    (imports.other_doors, "bench/other.py", "import quickfix as fix\n"),
    (shape.long_file, "fix_oms/x.py", "\n" * 401),
    (shape.long_function, "fix_oms/x.py", "def f():\n" + "    pass\n" * 50),
    (shape.nameless, "fix_oms/wire/utils.py", ""),
    (shape.nameless, "tests/helpers/x.py", ""),
    (shape.undocumented, "fix_oms/x.py", "x = 1\n"),
    (shape.unexplained, "x.py", "import os  # noqa\n"),
    (shape.unexplained, "x.py", "import os  # noqa: F401\n"),
    (shape.unexplained, "x.py", "import os  # noqa: F401, E501 -\n"),
    (shape.unexplained, "x.py", "x = y  # type: ignore\n"),
    (shape.unexplained, "x.py", "x = y  # type: ignore[misc]\n"),
    (shape.unexplained, "x.py", "x = y  # type: ignore  # because it is so\n"),
    (shape.unexplained, "x.py", "x = y  # pragma: no cover\n"),
    (shape.unexplained, "x.py", "# ruff: noqa: E501\n"),
)

SOUND: tuple[tuple[Rule, str, str], ...] = (
    (imports.wrong_way, "fix_oms/cli/x.py", "import fix_oms.model\n"),
    (imports.wrong_way, "fix_oms/orders/x.py", "from .states import Order\n"),
    (imports.wrong_way, "fix_oms/routing/x.py", "from fix_oms.risk import gate\n"),
    (imports.impure, "fix_oms/journal/x.py", "import os\n"),
    (imports.other_doors, "fix_oms/sessions/adapter.py", "import quickfix\n"),
    (imports.other_doors, "bench/bare_loop.py", "import quickfix\n"),
    (shape.long_function, "fix_oms/x.py", "def f():\n" + "    pass\n" * 49),
    (shape.unexplained, "x.py", "import os  # noqa: F401 - its import has the effect\n"),
    (shape.unexplained, "x.py", "x = y  # type: ignore[misc]  # the stub is wrong\n"),
    (shape.unexplained, "x.py", "x = y  # pragma: no cover - only on Windows\n"),
    (shape.unexplained, "x.py", "x = '# noqa'\n"),
)


def _label(value: object) -> str | None:
    return getattr(value, "__name__", None)


@pytest.mark.parametrize("rule", RULES, ids=_label)
def test_the_rule_holds_for_every_file(rule: Rule) -> None:
    assert [found for source in sources() for found in rule(source)] == []


@pytest.mark.parametrize(("rule", "name", "text"), BROKEN, ids=_label)
def test_the_rule_finds_the_breach(rule: Rule, name: str, text: str) -> None:
    assert len(list(rule(Source(name, text)))) >= 1


@pytest.mark.parametrize(("rule", "name", "text"), SOUND, ids=_label)
def test_the_rule_leaves_sound_code_alone(rule: Rule, name: str, text: str) -> None:
    assert list(rule(Source(name, text))) == []


def test_every_rule_has_a_breach_that_it_finds() -> None:
    assert set(RULES) == {rule for rule, _, _ in BROKEN}
