"""The one day that the catalogue's files are of, lived at a desk.

    1-1  DESK   buys 300 AAPL: E1 100 @ 10, E2 100 @ 10.01, E3 100 @ 10.02, a second apart
    1-2  HEDGE  sells 200 AAPL: E4 200 @ 10.05 (the broker calls the account H-77)
    1-3  DESK   buys 1000 AAPL: E5 1000 @ 10.0734
    1-4  DESK   buys 50 AAPL: E6, busted by B6
    1-5  DESK   buys 60 AAPL: E7 60 @ 10, corrected by C7 to 50 @ 10.01

It is 2023-11-14, 22:13:20 UTC and on: 17:13:20 in New York.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted
from tests.engine.desk import SECOND, Desk, plain_settings
from tests.journal.made import opened

DAY: Final = 20231114
FILLS: Final = """\
exec,ref,order,cl,acct,sym,side,qty,px,date,time,type
E1,,O-1-1,1-1,DESK,AAPL,B,100,10.00,2023-11-14,17:13:21,TRD
E2,,O-1-1,1-1,DESK,AAPL,B,100,10.01,2023-11-14,17:13:22,TRD
E3,,O-1-1,1-1,DESK,AAPL,B,100,10.02,2023-11-14,17:13:23,TRD
E4,,O-1-2,1-2,H-77,AAPL,S,200,10.05,2023-11-14,17:13:24,TRD
E5,,O-1-3,1-3,DESK,AAPL,B,"1,000",10.0734,2023-11-14,17:13:25,TRD
E6,,O-1-4,1-4,DESK,AAPL,B,50,10.00,2023-11-14,17:13:26,TRD
B6,E6,O-1-4,1-4,DESK,AAPL,B,50,10.00,2023-11-14,17:13:27,CAN
E7,,O-1-5,1-5,DESK,AAPL,B,60,10.00,2023-11-14,17:13:28,TRD
C7,E7,O-1-5,1-5,DESK,AAPL,B,50,10.01,2023-11-14,17:13:29,COR
"""
POSITIONS: Final = """\
acct,sym,qty
DESK,AAPL,1350
H-77,AAPL,(200)
"""
MAPPING: Final = """\
sessions = ["ALPHA"]
timezone = "America/New_York"

[fills]
[fills.columns]
exec_id = "exec"
ref = "ref"
order_id = "order"
cl_ord_id = "cl"
account = "acct"
symbol = "sym"
side = "side"
qty = "qty"
px = "px"
date = "date"
time = "time"
kind = "type"
[fills.values.kind]
TRD = "trade"
CAN = "bust"
COR = "correct"

[positions]
[positions.columns]
account = "acct"
symbol = "sym"
qty = "qty"
"""


def lived(keep_days: int = 30) -> Desk:
    """The day, at a desk whose engine keeps closed orders for so many days."""
    desk = Desk(plain_settings(engine={"default_account": "DESK", "keep_days": keep_days}))

    def second() -> None:
        desk.now = (desk.now // SECOND + 1) * SECOND

    def told(order: str, kind: str, status: str, **more: object) -> None:
        second()
        desk.report(order, kind, status, **more)  # type: ignore[arg-type]  # by name only

    first = desk.buy(300, "11")
    told(first, "F", "1", cum=100, leaves=200, last=100, px="10", exec_id="E1")
    told(first, "F", "1", cum=200, leaves=100, last=100, px="10.01", exec_id="E2")
    told(first, "F", "2", cum=300, last=100, px="10.02", exec_id="E3")
    sold = desk.ask_new("2", 200, "10", account="HEDGE")
    assert isinstance(sold, Accepted), sold
    told(sold.order, "F", "2", cum=200, last=200, px="10.05", exec_id="E4", side="2")
    large = desk.buy(1000, "11")
    told(large, "F", "2", cum=1000, last=1000, px="10.0734", exec_id="E5")
    busted = desk.buy(50, "11")
    told(busted, "F", "2", cum=50, last=50, exec_id="E6")
    told(busted, "H", "0", leaves=50, exec_id="B6", exec_ref_id="E6")
    corrected = desk.buy(60, "11")
    told(corrected, "F", "2", cum=60, last=60, exec_id="E7")
    told(
        corrected, "G", "1", cum=50, leaves=10, last=50, px="10.01", exec_id="C7", exec_ref_id="E7"
    )
    return desk


def journaled(desk: Desk, directory: Path) -> Path:
    """The desk's inputs in a journal."""
    directory.mkdir(parents=True)
    with opened(directory) as writer:
        for now, value in desk.log:
            writer.append(now, inputs.encode(value))
    return directory
