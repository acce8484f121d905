"""A trading program is killed (SIGKILL): its working orders leave the market, others' stay."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from acceptance.oms import ROOT
from acceptance.site import Site, site
from fix_oms.model import inputs
from fix_oms.model.fix import OrdStatus

PROGRAM: Final = """
import sys
from fix_oms.client import Accepted, Client
from fix_oms.model.inputs import NewOrder
from fix_oms.model.messages import Terms
from fix_oms.model.units import SCALE

client = Client(sys.argv[1])
client.cancel_on_disconnect(by="algo", account=sys.argv[2])
terms = Terms(
    symbol="AAPL",
    side="1",
    order_qty=100 * SCALE,
    ord_type="2",
    price=149 * SCALE,
    account=sys.argv[2],
)
for _ in range(3):
    said = client.submit(NewOrder(by="algo", terms=terms, venue="ALPHA"))
    assert isinstance(said, Accepted), said
    print(said.order, flush=True)
sys.stdin.read()
"""


def killed_program(running: Site, account: str) -> list[str]:
    """Its three orders; it has died of SIGKILL once they were sent."""
    command = [sys.executable, "-c", PROGRAM, str(running.directory / "oms.sock"), account]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as child:
        assert child.stdout is not None
        orders = [child.stdout.readline().strip() for _ in range(3)]
        child.kill()
    return orders


def with_a_second_account(running: Site) -> None:
    config = running.directory / "oms.toml"
    config.write_text(
        config.read_text().replace("[accounts.DESK]", "[accounts.DESK]\n[accounts.ALGO]")
    )


@pytest.mark.parametrize("version", ["FIX.4.2", "FIX.4.4"])
def test_the_orders_of_a_killed_program_are_cancelled_and_others_stay(
    tmp_path: Path, version: str
) -> None:
    with site(tmp_path, version) as running:
        with_a_second_account(running)
        running.start("venue", "engine")
        other = running.buy()
        orders = killed_program(running, "ALGO")
        running.until(
            lambda: all(running.order(o).ord_status == OrdStatus.CANCELED for o in orders)
        )
        assert running.order(other).ord_status == OrdStatus.NEW
        asked = [(m.by, m.account) for m in running.inputs(inputs.MassCancel)]
        assert asked == [("algo (disconnected)", "ALGO")]
        assert "a client is gone: its orders are cancelled" in running.log("engine")
        assert running.stop("engine") == 0
        assert running.verified().findings == ()


def test_the_stop_of_the_engine_leaves_the_orders_of_those_who_are_connected(
    tmp_path: Path,
) -> None:
    with site(tmp_path) as running:
        running.start("venue", "engine")
        order = running.buy()
        with running.client() as client:
            client.cancel_on_disconnect(by="ann", account="DESK")
            assert running.stop("engine") == 0
        running.start("engine")
        assert running.order(order).ord_status == OrdStatus.NEW
        assert running.inputs(inputs.MassCancel) == []
