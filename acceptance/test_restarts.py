"""What dies and comes back: kill -9 of either side, a reset missed while down, a torn journal.

Both sides are real processes on real FIX sessions. After each misfortune every order is known,
each fill counts once, no session is refused, and the journal verifies.
"""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from acceptance.oms import ROOT
from acceptance.site import Site, site
from fix_oms.model import inputs
from fix_oms.model.fix import OrdStatus
from fix_oms.model.outputs import Accepted
from fix_oms.model.units import SCALE, fixed
from fix_oms.simulator import acts


def fill(running: Site, order: str, qty: int) -> None:
    running.venue(acts.Fill(order=order, quantity=qty * SCALE, price=fixed("149")))


def position(running: Site) -> int:
    with running.client() as client:
        return sum(p.quantity // SCALE for p in client.positions())


@pytest.mark.parametrize("version", ["FIX.4.2", "FIX.4.4", "FIX.5.0SP2"])
def test_a_fill_while_the_engine_was_killed_counts_once(tmp_path: Path, version: str) -> None:
    with site(tmp_path, version) as running:
        running.start("venue", "engine")
        order = running.buy()
        fill(running, order, 10)
        running.until(lambda: running.order(order).cum_qty == 10 * SCALE)
        running.kill("engine")
        fill(running, order, 30)
        running.start("engine")
        running.until(lambda: running.order(order).cum_qty == 40 * SCALE)
        with running.client() as client:
            fills = [f.last_qty // SCALE for f in client.fills(order)]
        assert (position(running), fills) == (40, [10, 30])
        second = running.buy()
        fill(running, second, 5)
        running.until(lambda: position(running) == 45)
        assert running.stop("engine") == 0
        assert running.verified().findings == ()


def test_an_order_lives_on_over_a_clean_restart_of_the_engine(tmp_path: Path) -> None:
    with site(tmp_path, durability="power") as running:
        running.start("venue", "engine")
        order = running.buy()
        assert running.stop("engine") == 0
        running.start("engine")
        with running.client() as client:
            said = client.submit(inputs.CancelOrder(by="test", order=order))
        assert isinstance(said, Accepted)
        running.until(lambda: running.order(order).ord_status == OrdStatus.CANCELED)
        starts = running.inputs(inputs.Started)
        assert [s.run for s in starts] == [1, 2]
        assert running.inputs(inputs.PeerResend) == []


def test_a_venue_that_was_killed_and_came_back_still_has_the_order(tmp_path: Path) -> None:
    with site(tmp_path) as running:
        running.start("venue", "engine")
        order = running.buy()
        running.kill("venue")
        running.until(lambda: session_state(running) == "down")
        with running.client() as client:
            refused = client.submit(inputs.CancelOrder(by="test", order=order))
        assert not isinstance(refused, Accepted)
        running.start("venue")
        running.until(lambda: session_state(running) == "ready")
        fill(running, order, 100)
        running.until(lambda: running.order(order).ord_status == OrdStatus.FILLED)
        assert position(running) == 100


def session_state(running: Site) -> str:
    with running.client() as client:
        return client.sessions()[0].state


def test_a_reset_missed_while_down_begins_a_new_epoch_and_loses_no_fill(tmp_path: Path) -> None:
    at = datetime.now(UTC) + timedelta(seconds=15)
    schedule = f'schedule = {{ reset = "{at:%H:%M:%S}" }}'
    with site(tmp_path, schedule=schedule) as running:
        running.start("venue", "engine")
        order = running.buy()
        running.kill("engine")
        fill(running, order, 40)
        running.until(lambda: time.time() > at.timestamp() + 1)
        running.start("engine")
        running.until(lambda: running.order(order).cum_qty == 40 * SCALE)
        epochs = [e.epoch for e in running.inputs(inputs.SessionEpoch)]
        assert epochs == [2]


def test_a_second_engine_on_the_same_journal_is_refused_by_pid(tmp_path: Path) -> None:
    with site(tmp_path) as running:
        running.start("venue", "engine")
        second = subprocess.run(
            [sys.executable, "-m", "fix_oms", "run", str(tmp_path / "oms.toml")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert second.returncode == 1
        assert f"process {running.pid('engine')}" in second.stderr


def test_a_half_written_journal_opens_at_its_last_whole_record_and_says_what_was_cut(
    tmp_path: Path,
) -> None:
    with site(tmp_path) as running:
        running.start("venue", "engine")
        order = running.buy()
        running.kill("engine")
        segment = max((tmp_path / "journal").glob("*.seg"))
        with segment.open("ab") as torn:
            torn.truncate(segment.stat().st_size - 7)
        running.start("engine")
        assert running.order(order).ord_status == OrdStatus.NEW
        assert "set aside" in running.log("engine")
        assert list((tmp_path / "journal").glob("*.cut*"))
