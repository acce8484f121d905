"""The machine's clock is set under an engine with a real session and an order at the venue.

QuickFIX reads that clock for its heartbeats and SendingTime(52); the engine's own time is led by it
and no more.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from acceptance.site import Site, site
from fix_oms.journal.follower import records
from fix_oms.model.fix import OrdStatus
from fix_oms.model.inputs import ClockJumped

SOURCE: Final = Path(__file__).with_name("wall_clock.c")
HOUR: Final = 3600
SECOND_NS: Final = 1_000_000_000


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("a clock that can be set takes a C compiler")
    made = tmp_path_factory.mktemp("clock") / "wall_clock.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", made, SOURCE], check=True)
    return made


class WallClock:
    """The clock of the processes that are started from now on, set by seconds from the true one."""

    def __init__(self, file: Path) -> None:
        self._file: Final = file
        file.write_bytes(bytes(8))

    def set(self, seconds: int) -> None:
        with self._file.open("r+b") as opened:
            opened.write(seconds.to_bytes(8, "little", signed=True))


@pytest.fixture
def oms(tmp_path: Path) -> Iterator[Site]:
    """A site whose venue runs by the true time: it is on another machine."""
    with site(tmp_path) as made:
        made.start("venue")
        yield made


@pytest.fixture
def clock(oms: Site, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WallClock:
    made = WallClock(tmp_path / "wall")
    monkeypatch.setenv("WALL_CLOCK", str(tmp_path / "wall"))
    monkeypatch.setenv("LD_PRELOAD", str(library))
    return made


def is_ready(oms: Site) -> bool:
    with oms.client() as client:
        return all(session.state == "ready" for session in client.sessions())


@pytest.mark.parametrize("seconds", [-HOUR, 48 * HOUR], ids=["back", "far forward"])
def test_an_engine_lives_on_under_a_clock_that_is_set(
    oms: Site, clock: WallClock, seconds: int
) -> None:
    oms.start("engine")
    before = oms.buy()
    clock.set(seconds)
    (told,) = oms.until(lambda: oms.inputs(ClockJumped))
    oms.until(lambda: is_ready(oms))
    after = oms.buy()
    states = [oms.order(order).ord_status for order in (before, after)]
    assert (told.followed, states) == (False, [OrdStatus.NEW, OrdStatus.NEW])
    assert (oms.stop("engine"), oms.verified().findings) == (0, ())
    times = [record.time_ns for record in records(oms.directory / "journal")]
    assert (times, times[-1] - times[0] < HOUR * SECOND_NS) == (sorted(times), True)


def test_a_start_before_the_journals_last_record_goes_on_from_there_or_is_refused(
    oms: Site, clock: WallClock
) -> None:
    oms.start("engine")
    order = oms.buy()
    assert oms.stop("engine") == 0
    clock.set(-HOUR)
    with pytest.raises(RuntimeError, match="in the future of this machine's clock"):
        oms.start("engine")
    clock.set(-100)
    oms.start("engine")
    (told,) = oms.inputs(ClockJumped)
    assert (oms.order(order).ord_status, told.followed) == (OrdStatus.NEW, False)
    assert (oms.stop("engine"), oms.verified().findings) == (0, ())
