"""One parent over three real venues: swept and posted, through deaths of either side.

Venues and engine are processes of their own on real FIX sessions, of three versions. What the
venues' journals say is the measure: the parent's sum is what they executed, and at no time had they
executed and held more than the parent.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from acceptance.oms import ROOT
from acceptance.routed_site import ENDED, RoutedSite, routed_site
from fix_oms.cli import demo
from fix_oms.model import inputs
from fix_oms.model.fix import OrdStatus
from fix_oms.model.units import SCALE, fixed
from fix_oms.simulator import acts
from fix_oms.site import site


def swept(site: RoutedSite, qty: int = 400) -> None:
    """300 are taken, 100 at each venue; the rest is acknowledged where it was posted."""
    site.up()
    site.route(qty)
    site.until(lambda: site.done() == 300)
    site.until(lambda: all(not child.pending for child in site.found().children))


def posted(site: RoutedSite) -> tuple[str, str]:
    """The child that rests: its venue and its reference."""
    (child,) = [c for c in site.found().children if c.leaves_qty]
    return child.venue, child.reference


def test_a_parent_takes_what_is_shown_posts_the_rest_and_ends_when_that_fills(
    tmp_path: Path,
) -> None:
    with routed_site(tmp_path) as site:
        swept(site)
        parent = site.parent()
        figures = (parent.open_qty // SCALE, parent.unrouted, len(parent.children))
        assert (figures, parent.avg_px) == ((100, 0, 4), fixed("150.05333333"))
        venue, child = posted(site)
        site.act(venue, acts.Fill(order=child, quantity=100 * SCALE, price=fixed("150.06")))
        site.until(lambda: site.parent().ord_status == OrdStatus.FILLED)
        assert (site.most(), site.is_true(400)) == (400, True)


def test_a_cancel_takes_all_children_out(tmp_path: Path) -> None:
    with routed_site(tmp_path) as site:
        swept(site)
        site.do(inputs.CancelOrder(by="test", order="P1"))
        site.until(lambda: site.parent().ord_status == OrdStatus.CANCELED)
        assert [child.leaves_qty for child in site.found().children if child.leaves_qty] == []
        assert (site.done(), site.is_true(400)) == (300, True)


def test_a_venue_that_dies_in_the_middle_of_a_sweep_and_comes_back(tmp_path: Path) -> None:
    with routed_site(tmp_path, slow_ms=1500) as site:
        site.up()
        site.route(300)
        site.until(lambda: site.received("BETA") == 1)
        site.kill("BETA")
        site.until(lambda: site.done() == 200)
        parent = site.parent()
        # What is with BETA stays with BETA: nobody knows that it cannot fill.
        assert (parent.open_qty // SCALE, parent.unrouted, len(parent.children)) == (100, 0, 3)
        site.until(lambda: site.parent().in_doubt)
        site.start("BETA")
        site.until(lambda: site.parent().ord_status == OrdStatus.FILLED)
        assert (len(site.parent().children), site.is_true(300)) == (3, True)


def test_what_a_venue_rejects_goes_to_another_one(tmp_path: Path) -> None:
    with routed_site(tmp_path) as site:
        site.up()
        site.act("BETA", acts.Set(key="reject_rate", value="1.0"))
        site.route(300)
        site.until(lambda: len(site.parent().children) == 4)
        site.until(lambda: all(not child.pending for child in site.found().children))
        assert posted(site)[0] != "BETA"
        site.do(inputs.CancelOrder(by="test", order="P1"))
        site.until(lambda: site.parent().ord_status == OrdStatus.CANCELED)
        assert (site.done(), site.is_true(300)) == (200, True)


def test_a_killed_engine_comes_back_with_its_parent(tmp_path: Path) -> None:
    with routed_site(tmp_path) as site:
        swept(site)
        before = site.parent()
        venue, child = posted(site)
        site.kill("engine")
        site.act(venue, acts.Fill(order=child, quantity=40 * SCALE, price=fixed("150.06")))
        site.start("engine")
        site.until(lambda: site.done() == 340)
        after = site.parent()
        assert (after.children, after.policy, after.price) == (
            before.children,
            before.policy,
            before.price,
        )
        site.do(inputs.CancelOrder(by="test", order="P1"))
        site.until(lambda: site.parent().ord_status == OrdStatus.CANCELED)
        assert (site.done(), site.is_true(400)) == (340, True)
        assert site.stop("engine") == 0
        assert site.verified().findings == ()


def test_an_engine_killed_in_the_middle_of_a_sweep_sends_nothing_twice(tmp_path: Path) -> None:
    with routed_site(tmp_path, slow_ms=1500) as site:
        site.up()
        site.route(300)
        site.kill("engine")
        site.start("engine")
        site.until(lambda: not any(child.pending for child in site.found().children))
        site.do_if_open(inputs.CancelOrder(by="test", order="P1"))
        site.until(lambda: site.parent().ord_status in ENDED)
        assert site.is_true(300)


def test_a_demo_whose_port_was_taken_takes_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", site._free_port()))
        other.listen()
        taken, free = other.getsockname()[1], site._free_port
        ports = iter([taken])
        monkeypatch.setattr(site, "_free_port", lambda: next(ports, 0) or free())
        with demo._running(ROOT / "config", tmp_path, demo.CONFIGS) as config:
            assert str(taken) not in config.read_text()


def ran(where: Path) -> subprocess.CompletedProcess[str]:
    """The router's demo, with its files below ``where``."""
    return subprocess.run(
        [sys.executable, "-m", "fix_oms", "demo", "--router", "--config-dir", ROOT / "config"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(where)},
        cwd=where,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def test_the_demo_of_the_router_runs() -> None:
    with tempfile.TemporaryDirectory(prefix="oms-") as where:  # a socket's path has to be short
        done = ran(Path(where))
    said = done.stdout + done.stderr
    assert (done.returncode, "journal verified" in done.stdout) == (0, True), said


def test_a_demo_whose_engine_does_not_start_says_why(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 25)
    deep.mkdir()
    done = ran(deep)
    assert (done.returncode, "a socket's path has at most" in done.stderr) == (1, True), done.stderr
