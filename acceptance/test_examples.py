"""Every example of the Python API runs, against real venues over TCP, and prints what is shown.

``fix_oms/examples/NAME.txt`` is what README.md there, and the one at the top, show of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

from acceptance.oms import ROOT

EXAMPLES: Final = ROOT / "fix_oms/examples"
NAMES: Final = sorted(path.stem for path in EXAMPLES.glob("*.txt"))
AT_ONCE: Final = 2
"""Each is four processes."""
WAIT_S: Final = 110.0
Done = subprocess.CompletedProcess[str]


def play(name: str) -> Done:
    return subprocess.run(
        [sys.executable, "-m", f"fix_oms.examples.{name}"],
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )


@pytest.fixture(scope="module")
def played() -> Iterator[dict[str, Future[Done]]]:
    """All of them, begun together: each has a site of its own."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(play, name) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_the_example_prints_what_the_documentation_shows(
    name: str, played: dict[str, Future[Done]]
) -> None:
    done = played[name].result()
    expected = (EXAMPLES / f"{name}.txt").read_text(encoding="utf-8")
    assert (done.stdout, done.returncode) == (expected, 0), done.stderr[-3000:]


def test_each_example_has_a_text_of_what_it_prints() -> None:
    runs = {p.stem for p in EXAMPLES.glob("*.py") if "__main__" in p.read_text(encoding="utf-8")}
    assert runs == set(NAMES)


def test_the_site_of_the_examples_is_sound() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fix_oms", "check", str(Path("fix_oms/examples/site/oms.toml"))],
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
