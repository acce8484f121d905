"""Algos over real sessions: a bracket whose engine is killed between fills, and one of one's own.

What came to the venues is the measure: each order once, and no more than is said.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from acceptance.oms import ROOT
from acceptance.routed_site import RoutedSite, routed_site
from fix_oms.model import inputs
from fix_oms.model.units import SCALE, fixed
from fix_oms.simulator import acts

BRACKET = {"symbol": "AAPL", "side": "buy", "qty": "100", "price": "150.06", "venue": "ALPHA"}


def working(site: RoutedSite, ref: str) -> dict[str, tuple[int, str]]:
    """What works of an algo, by its own first letter: what is open, and what is awaited."""
    with site.client() as client:
        view = client.algo(ref).algo
        assert view is not None
        found = {name: client.order(view.orders[name]) for name in view.working}
    return {
        name[0]: (order.leaves_qty // SCALE, ",".join(order.pending))
        for name, order in found.items()
        if order is not None and order.leaves_qty
    }


def state(site: RoutedSite, ref: str) -> str:
    with site.client() as client:
        view = client.algo(ref).algo
        return view.state if view is not None else ""


def take_profit(site: RoutedSite) -> str:
    with site.client() as client:
        view = client.algo("B1").algo
        assert view is not None
        return view.orders["t2"]


def test_a_bracket_whose_engine_is_killed_keeps_its_exits_at_what_is_held(tmp_path: Path) -> None:
    with routed_site(tmp_path) as site:
        site.up()
        exits = {"tp": "152", "sl": "149"}
        site.do(inputs.NewAlgo(by="test", ref="B1", kind="bracket", params=BRACKET | exits))
        site.until(lambda: working(site, "B1") == {"t": (100, ""), "s": (100, "")})
        order = take_profit(site)
        site.kill("engine")
        site.act("ALPHA", acts.Fill(order=order, quantity=40 * SCALE, price=fixed("152")))
        site.start("engine")
        site.until(lambda: working(site, "B1") == {"t": (60, ""), "s": (60, "")})
        site.act("ALPHA", acts.Fill(order=order, quantity=60 * SCALE, price=fixed("152")))
        site.until(lambda: state(site, "B1") == "ended")
        # Three orders, the stop's replace and its cancel: nothing came twice.
        assert (site.received("ALPHA"), site.executed()) == (5, 200)
        assert site.stop("engine") == 0
        assert site.verified().findings == ()


def test_a_kind_of_ones_own_is_run_and_its_journal_needs_no_code(tmp_path: Path) -> None:
    with routed_site(tmp_path) as site:
        shutil.copy(ROOT / "config/examples/market_maker.py", tmp_path / "maker_on_site.py")
        with (tmp_path / "oms.toml").open("a") as config:
            config.write('\n[algos.maker]\ncode = "maker_on_site:Maker"\n')
        site.up()
        quotes = {"symbol": "AAPL", "venue": "GAMMA", "qty": "10", "most_held": "20"}
        site.do(inputs.NewAlgo(by="test", ref="M1", kind="maker", params=quotes))
        site.until(lambda: working(site, "M1") == {"q": (10, "")})
        site.do(inputs.PauseAlgo(by="test", ref="M1", reason="lunch"))
        site.until(lambda: working(site, "M1") == {})
        site.do(inputs.StopAlgo(by="test", ref="M1"))
        site.until(lambda: state(site, "M1") == "ended")
        assert site.stop("engine") == 0
        assert site.verified().findings == ()
