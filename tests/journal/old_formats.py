"""A journal with a snapshot of each format that was ever written, for later versions to read.

    python -m tests.journal.old_formats

writes the one of the present format. That is done once, when the format is new; from then on its
files are what a firm has on its disk, and stay as they are. An attribute that the state gains later
gets its value for them in ``freeze.ADDED``.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Final

from msgspec.structs import replace

from fix_oms.journal import snapshot
from fix_oms.journal.freeze import Layouts
from fix_oms.journal.recovery import Recovery
from fix_oms.model import inputs
from fix_oms.model.messages import MarketDataSnapshot, MDEntry
from fix_oms.model.outputs import Accepted
from fix_oms.model.units import SCALE
from tests.engine.desk import Desk, plain_settings
from tests.journal.days import journaled, saved
from tests.risk.test_screen import CHOICES, live

FORMATS: Final = Path(__file__).with_name("formats")
WIDEST: Final = {"price_collar": 99, "order_to_trade": 4095}
NARROW: Final = ("restricted", "permission", "reduce_only", "market_data", "buying_power")
TAIL: Final = 40


def a_full_day() -> Desk:
    """Every control, orders open and closed, a parent, a halt, a balance, quotes, a feed."""
    limits = [{"control": name, **chosen[0]} for name, chosen in CHOICES.items()]
    for limit in limits:
        if "limit" in limit and limit["control"] not in NARROW:
            limit["limit"] = WIDEST.get(limit["control"], 1_000_000)
    plain = plain_settings(limits=limits, rates={"GBX": "0.0125"})
    plain["instruments"]["AAPL"] |= {"reference": "10"}
    desk, chance = Desk(plain), Random(1)
    entries = (
        MDEntry(entry_type="0", price=999 * SCALE // 100, size=SCALE),
        MDEntry(entry_type="1", price=10 * SCALE, size=SCALE),
    )
    desk.hear("ALPHA", MarketDataSnapshot(symbol="AAPL", entries=entries))
    desk.give(inputs.SetBalance(by="tom", account="DESK", currency="USD", available=10**6 * SCALE))
    for n in range(90):
        _an_order(desk, n)
    for _ in range(40):
        live(desk, chance)
    desk.give(
        inputs.NewParent(
            by="tom", ref="P", symbol="AAPL", side="1", order_qty=10**10, account="DESK"
        )
    )
    desk.give(inputs.Halt(by="tom", symbol="MSFT", reason="a halt"))
    desk.down("BETA")
    return desk


def _an_order(desk: Desk, n: int) -> None:
    """One that rests, fills at once or in parts, is cancelled, replaced, corrected or rejected."""
    name = desk.buy(5, client_ref=f"ref{n}" if n % 3 else None, price=f"9.{10 + n}")
    what = n % 9
    if what == 1:
        desk.report(name, "8", "8", text="no")
        return
    desk.report(name, "0", "0", leaves=5)
    if what in (2, 3, 4):
        desk.report(name, "F", "1", last=2, cum=2, leaves=3, exec_id=f"f{n}")
        desk.report(name, "F", "2", last=3, cum=5, exec_id=f"g{n}")
    if what == 4:
        desk.report(name, "G", "2", last=1, cum=4, exec_id=f"h{n}", exec_ref_id=f"f{n}")
    if what == 5:
        desk.replace(name, order_qty=7 * SCALE)
    if what == 6 and isinstance(desk.cancel(name), Accepted):
        desk.report(desk.order(name).requests[-1].cl_ord_id, "4", "4", orig_cl_ord_id=name)


def write() -> None:
    """Make the files of the present format."""
    directory = FORMATS / str(snapshot.VERSION)
    directory.mkdir(parents=True)
    log = a_full_day().log
    journaled(directory, log[:-TAIL])
    path = saved(directory)
    _by_an_older_version(directory, path)
    journaled(directory, log[-TAIL:])
    (directory / "lock").unlink()


def _by_an_older_version(directory: Path, path: Path) -> None:
    """Say so in the snapshot: what this version counts in its hash, a later one may not."""
    read, recovery = snapshot.read(path), Recovery.from_snapshot(directory, path)
    recovery.close()

    def tells(layouts: Layouts, unused: int) -> snapshot.About:
        return replace(read.about, version="0", layouts=layouts, unused=unused)

    snapshot.write(directory, recovery.engine.state, read.place, read.last_ns, tells)


if __name__ == "__main__":
    write()
