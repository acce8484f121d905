"""``[algos.NAME] code``: what is loaded, from where, and what is said of what cannot be."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fix_oms.algos.kinds import KINDS
from fix_oms.model.errors import SettingsError
from fix_oms.server.algo_code import BadCode, load_code
from fix_oms.server.config_file import load

GOOD = """
from fix_oms.algos.algo import Algo

class Mine(Algo, kw_only=True):
    n: int = 0

class Number:
    pass
"""
CONFIG = """
[engine]
default_account = "DESK"
[accounts.DESK]
[sessions]
[venues]
[instruments]
[algos.{name}]
code = "{code}"
"""


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    path, modules, kinds = list(sys.path), set(sys.modules), dict(KINDS)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]
    KINDS.clear()
    KINDS.update(kinds)


def write(place: Path, name: str = "mine_of_a_test", text: str = GOOD) -> None:
    (place / f"{name}.py").write_text(text)


def test_a_class_beside_the_configuration_is_a_kind(tmp_path: Path) -> None:
    write(tmp_path)
    config = tmp_path / "oms.toml"
    config.write_text(CONFIG.format(name="mine", code="mine_of_a_test:Mine"))
    load(config)
    assert KINDS["mine"].__name__ == "Mine"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("nowhere:Mine", "there is no module nowhere in {at}, nor where Python looks"),
        ("mine_of_a_test:Yours", "module mine_of_a_test has no class Yours"),
        ("mine_of_a_test:Number", "mine_of_a_test:Number is no algo: write `class Name(Algo, "),
        ("broken_of_a_test:Mine", "module broken_of_a_test fails: ZeroDivisionError: division"),
        ("needs_of_a_test:Mine", "module needs_of_a_test needs nothing_like_it, which is not"),
        ("half", "'half': write it as \"module:Class\""),
    ],
)
def test_what_cannot_be_loaded_says_why(tmp_path: Path, code: str, said: str) -> None:
    write(tmp_path)
    write(tmp_path, "broken_of_a_test", "1 / 0\n")
    write(tmp_path, "needs_of_a_test", "import nothing_like_it\n")
    with pytest.raises(BadCode) as raised:
        load_code(code, (tmp_path,))
    assert str(raised.value).startswith(said.format(at=tmp_path))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mine", "algos.mine.code: there is no module nowhere in "),
        ("twap", "algos.twap.code: twap is built in: give it another name"),
    ],
)
def test_a_configuration_names_the_key(tmp_path: Path, name: str, said: str) -> None:
    config = tmp_path / "oms.toml"
    config.write_text(CONFIG.format(name=name, code="nowhere:Mine"))
    with pytest.raises(SettingsError, match=said.replace(".", r"\.")):
        load(config)
