"""Debian's C++ venues: ``executor`` fills every limit order at once, ``ordermatch`` matches them.

What they do, read in their source and tried, because it is not what a textbook venue does:

- ``executor`` (FIX 4.0 to 5.0): a limit order gets one report, already Filled, with no New before
  it. Any other OrdType gets a Reject(35=3) with SessionRejectReason(373)=5; cancels, replaces and
  status requests get a BusinessMessageReject(35=j) 380=3. It knows 5.0 and not 5.0SP2: there
  ``fixcore`` is the counterparty.
- ``ordermatch`` (FIX 4.2): limit orders of the day, price-time matching among its sessions. OrderID
  is our ClOrdID. A cancel is answered under the *order's* ClOrdID, not the request's; a cancel that
  it cannot find is not answered at all; a replace gets 35=j. It trades at the seller's price.

``.ci/peers.sh`` puts them into ``.peers/``. Where it could not, tests skip by name, never in CI.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

import pytest

from acceptance.peers.process import Peer, listening

PROGRAMS: Final = Path(__file__).resolve().parents[2] / ".peers"
DICTIONARIES: Final = Path(sys.prefix) / "share" / "quickfix"
HEARTBEAT_S: Final = 30


def executor(
    version: str, *, directory: Path, client: str = "FIXOMS", port: int | None = None
) -> AbstractContextManager[Peer]:
    """The order filler, for ``version`` FIX.4.0 to FIX.4.4 or FIX.5.0. See the module's notes."""
    return _running("executor", version, [client], directory, port)


def ordermatch(
    *, directory: Path, clients: Sequence[str] = ("FIXOMS",), port: int | None = None
) -> AbstractContextManager[Peer]:
    """The small exchange, FIX.4.2, with one session for each of ``clients``."""
    return _running("ordermatch", "FIX.4.2", clients, directory, port)


@contextmanager
def _running(
    name: str, version: str, clients: Sequence[str], directory: Path, port: int | None
) -> Iterator[Peer]:
    """``directory`` keeps its message store: started there again, it goes on where it was."""
    executable = program(name)
    config = directory / f"{name}.cfg"

    def command(chosen: int) -> list[str]:
        config.write_text(_config(name, version, clients, directory, chosen), encoding="ascii")
        return [str(executable), str(config)]

    log = directory / f"{name}.log"
    env = {**os.environ, "LD_LIBRARY_PATH": str(PROGRAMS)}
    with listening(command, log=log, env=env, port=port) as (taken, pid):
        yield Peer(
            name=name,
            version=version,
            port=taken,
            sender_comp_id=name.upper(),
            target_comp_id=clients[0],
            pid=pid,
            log=log,
        )


def program(name: str) -> Path:
    """Where it is. Skips the test where it is not, and fails it in CI."""
    found = PROGRAMS / name
    if not (PROGRAMS / ".ready").exists() or not found.exists():
        said = f"{name} of Debian's libquickfix-doc is not here: run .ci/peers.sh"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    return found


def _config(name: str, version: str, clients: Sequence[str], directory: Path, port: int) -> str:
    default = {
        "ConnectionType": "acceptor",
        "SocketAcceptPort": port,
        "SocketReuseAddress": "Y",
        "SocketNodelay": "Y",
        "NonStopSession": "Y",
        "StartTime": "00:00:00",
        "EndTime": "00:00:00",
        "HeartBtInt": HEARTBEAT_S,
        "FileStorePath": directory / f"{name}-store",
        "SenderCompID": name.upper(),
        **dictionaries(version),
    }
    lines = ["[DEFAULT]", *(f"{key}={value}" for key, value in default.items())]
    for client in clients:
        begin = "FIXT.1.1" if version.startswith("FIX.5.0") else version
        lines += ["[SESSION]", f"BeginString={begin}", f"TargetCompID={client}"]
    return "\n".join(lines) + "\n"


def dictionaries(version: str) -> dict[str, object]:
    """The installed dictionaries, as its configuration names them."""
    stock = DICTIONARIES / f"{version.replace('.', '')}.xml"
    if not version.startswith("FIX.5.0"):
        return {"UseDataDictionary": "Y", "DataDictionary": stock}
    return {
        "UseDataDictionary": "Y",
        "DefaultApplVerID": version,
        "TransportDataDictionary": DICTIONARIES / "FIXT11.xml",
        "AppDataDictionary": stock,
    }
