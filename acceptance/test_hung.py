"""``kill --hung`` over real FIX sessions: the engine is stopped with orders in the market.

The venue keeps the orders, the engine answers nobody. Whoever takes its place must get each order
out by its own report, send nothing twice, and leave a journal that verifies and an engine that
starts shut.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from acceptance.oms import ROOT
from acceptance.peers.process import freeze
from acceptance.site import Site, site
from fix_oms.client import ClientError
from fix_oms.engine import Engine
from fix_oms.journal.replay import replay
from fix_oms.model import inputs
from fix_oms.model.fix import OrdStatus
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Refused
from fix_oms.model.units import SCALE, fixed
from fix_oms.server import holder

HUNG: Final = """
import json, sys
from pathlib import Path
from fix_oms.model.errors import FixOmsError
from fix_oms.server.config_file import load
from fix_oms.server.hung import kill_hung

asked = json.loads(sys.argv[2])
try:
    found = kill_hung(
        load(Path(sys.argv[1])), by="ann", reason="it hangs", tell=lambda line: print(line), **asked
    )
except FixOmsError as error:
    sys.exit(f"refused: {error}")
print(json.dumps([found.ended, found.run, found.unconfirmed]))
"""
EVERYTHING: Final[dict[str, str | None]] = {}
VERSIONS: Final = ("FIX.4.2", "FIX.4.4", "FIX.5.0SP2")


def kill_hung(
    running: Site, scope: dict[str, str | None] = EVERYTHING, timeout_s: float = 30.0
) -> subprocess.CompletedProcess[str]:
    """As a person at a terminal would do it: a process of its own."""
    asked = json.dumps({"scope": scope, "timeout_s": timeout_s})
    return subprocess.run(
        [sys.executable, "-c", HUNG, str(running.directory / "oms.toml"), asked],
        cwd=running.directory,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def result(done: subprocess.CompletedProcess[str]) -> list[Any]:
    """Process ended, run, unconfirmed."""
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    found: list[Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def hang(running: Site) -> int:
    pid = running.pid("engine")
    freeze(pid)
    return pid


def statuses(running: Site, orders: list[str]) -> list[str]:
    """Of each order, from the journal alone."""
    engine = Engine()
    found = replay(running.directory / "journal", engine)
    shown = engine.shown(found.last_ns)
    views = [shown.order_view(order) for order in orders]
    return [view.ord_status if view is not None else "unknown" for view in views]


def left(running: Site, kind: str) -> list[str]:
    """The ClOrdID(11) of each message of this MsgType(35) that left, in order."""
    sent = running.inputs(inputs.Sent)
    return [s.cl_ord_id for s in sent if s.text.startswith(f"35={kind}\x01")]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_order_of_a_stopped_engine_is_canceled_by_its_own_report(
    tmp_path: Path, version: str
) -> None:
    with site(tmp_path, version) as running:
        running.start("venue", "engine")
        orders = [running.buy() for _ in range(3)]
        pid = hang(running)
        ended, run, unconfirmed = result(kill_hung(running))
        running.kill("engine")  # it is dead; this collects it
        assert (ended, run, unconfirmed) == (pid, 2, [])
        assert statuses(running, orders) == [OrdStatus.CANCELED] * 3
        reports = [i.text for i in running.inputs(inputs.FixIn) if "\x0139=4\x01" in i.text]
        named = {o for o in orders for text in reports if f"={o}\x01" in text}
        assert named == set(orders)
        assert running.verified().findings == ()


def test_one_mass_cancel_is_asked_for_where_the_broker_takes_it(tmp_path: Path) -> None:
    with site(tmp_path, "FIX.4.4") as running:
        running.start("venue", "engine")
        for _ in range(3):
            running.buy()
        hang(running)
        result(kill_hung(running))
        assert (len(left(running, "q")), left(running, "F")) == (1, [])


def test_no_message_leaves_twice(tmp_path: Path) -> None:
    with site(tmp_path, "FIX.4.2") as running:
        running.start("venue", "engine")
        orders = [running.buy() for _ in range(3)]
        hang(running)
        result(kill_hung(running))
        ids = Counter(left(running, "D") + left(running, "F"))
        numbers = [(s.epoch, s.seq) for s in running.inputs(inputs.Sent)]
        # What left in the last milliseconds before the kill may stand in the journal as asked for.
        assert set(left(running, "D")) <= set(orders)
        assert (max(ids.values()), len(numbers)) == (1, len(set(numbers)))


def test_the_next_start_is_shut_until_somebody_resumes(tmp_path: Path) -> None:
    with site(tmp_path) as running:
        running.start("venue", "engine")
        running.buy()
        hang(running)
        result(kill_hung(running))
        running.kill("engine")
        running.start("engine")
        terms = Terms(symbol="AAPL", side="1", order_qty=SCALE, ord_type="2", price=fixed("149"))
        with running.client() as client:
            said = client.submit(inputs.NewOrder(by="test", terms=terms, venue="ALPHA"))
            client.resume(by="ann", reason="found it")
        assert isinstance(said, Refused)
        assert said.control == "kill"
        assert running.order(running.buy()).ord_status == OrdStatus.NEW


def test_an_engine_that_answers_is_left_alone(tmp_path: Path) -> None:
    with site(tmp_path) as running:
        running.start("venue", "engine")
        order = running.buy()
        done = kill_hung(running)
        assert "answers: use `fix-oms kill`" in done.stderr
        assert running.order(order).ord_status == OrdStatus.NEW


def test_a_scope_that_names_nothing_is_refused_before_anything_is_killed(tmp_path: Path) -> None:
    with site(tmp_path) as running:
        running.start("venue", "engine")
        pid = hang(running)
        done = kill_hung(running, {"symbol": "NOPE"})
        assert "no symbol named 'NOPE' is configured: nothing was done" in done.stderr
        assert holder.writer(tmp_path / "journal") == pid


def test_what_is_not_confirmed_in_time_is_named_and_the_kill_stays(tmp_path: Path) -> None:
    with site(tmp_path) as running:
        running.start("venue", "engine")
        order = running.buy()
        hang(running)
        running.kill("venue")
        _, _, unconfirmed = result(kill_hung(running, timeout_s=1.0))
        assert [text.partition(":")[0] for text in unconfirmed] == [order]
        assert "session ALPHA is down" in unconfirmed[0]


def test_a_dead_engine_needs_nobody_killed(tmp_path: Path) -> None:
    with site(tmp_path) as running:
        running.start("venue", "engine")
        order = running.buy()
        running.kill("engine")
        ended, _, unconfirmed = result(kill_hung(running))
        assert (ended, unconfirmed) == (None, [])
        assert statuses(running, [order]) == [OrdStatus.CANCELED]


def test_a_person_does_it_from_the_command_line(tmp_path: Path) -> None:
    with site(tmp_path) as running:
        running.start("venue", "engine")
        order = running.buy()
        hang(running)
        words = ["kill", "--hung", "--yes", "--reason", "no answer since 14:02"]
        done = subprocess.run(
            [sys.executable, "-m", "fix_oms", "-c", str(tmp_path / "oms.toml"), *words],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert (done.returncode, statuses(running, [order])) == (0, [OrdStatus.CANCELED])
        assert "all out: each order is out by its own report" in done.stdout


def test_a_watchdog_loses_the_race_and_starts_the_engine_shut_afterwards(tmp_path: Path) -> None:
    with site(tmp_path) as running:
        running.start("venue", "engine")
        order = running.buy()
        assert running.stop("engine") == 0
        with _watched(running):
            running.until(lambda: _state(running) == "ready")
            engine = holder.writer(tmp_path / "journal")
            assert engine is not None
            freeze(engine)
            ended, run, unconfirmed = result(kill_hung(running))
            assert (ended, run, unconfirmed) == (engine, 3, [])
            running.until(lambda: _state(running) == "ready")
            with running.client() as client:
                kills = [halt.by for halt in client.halts() if halt.kill]
            assert (running.order(order).ord_status, kills) == (OrdStatus.CANCELED, ["ann"])
        assert running.verified().findings == ()


@contextmanager
def _watched(running: Site) -> Iterator[None]:
    with (running.directory / "engine.log").open("ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "fix_oms", "run", "--watch", "oms.toml"],
            cwd=running.directory,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        try:
            yield
            child.terminate()
            assert child.wait(30) == 0
        finally:
            child.kill()
            holder.end(running.directory / "journal", lambda line: None)


def _state(running: Site) -> str:
    try:
        with running.client() as client:
            return client.sessions()[0].state
    except ClientError:
        return "not there"
