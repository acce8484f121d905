"""Fill reports that deviate from the dictionary, in each version: every one is in the position.

With QuickFIX's stock dictionary seven of these eight are answered by 35=3 and thrown away.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from acceptance.site import Site, site
from fix_oms.model.units import SCALE

PLAIN = (
    "35=8|37={order_id}|11={order}|17={name}|20=0|150={trade}|39=1|55=AAPL|54=1|38=100|32=1|"
    "31=149|151=90|14=10|6=149|60=20260105-10:00:01.000|"
)
DEVIANT = {
    "plain": ("", ""),
    "exec type 1": ("150={trade}|", "150=1|"),
    "custom tag": ("39=1|", "39=1|9001=x|"),
    "tag of another message": ("39=1|", "39=1|98=0|"),
    "empty text": ("39=1|", "39=1|58=|"),
    "unknown ExecInst": ("39=1|", "39=1|18=~|"),
    "no AvgPx": ("6=149|", ""),
    "bad TransactTime": ("60=20260105-10:00:01.000|", "60=yesterday|"),
}


@pytest.mark.parametrize("version", ["FIX.4.2", "FIX.4.4", "FIX.5.0SP2"])
def test_every_deviant_fill_is_in_the_position(tmp_path: Path, version: str) -> None:
    with site(tmp_path, version) as running:
        running.start("venue", "engine")
        order = running.buy()
        order_id = running.order(order).order_id
        for name, (plain, deviant) in DEVIANT.items():
            text = PLAIN.replace(plain, deviant) if plain else PLAIN
            if version != "FIX.4.2":
                text = text.replace("20=0|", "")
            trade = "1" if version == "FIX.4.2" else "F"
            running.say(text.format(order=order, order_id=order_id, name=name, trade=trade))
        running.until(lambda: len(fills(running)) == len(DEVIANT))
        assert fills(running) == dict.fromkeys(DEVIANT, SCALE)


def fills(running: Site) -> dict[str, int]:
    """Effective quantity of each execution of the one order."""
    with running.client() as client:
        return {f.exec_id: f.last_qty for f in client.fills() if f.state == "effective"}
