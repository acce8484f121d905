"""The acceptor of the ``fixcore-engine`` package, as a venue in a process of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from acceptance.peers.process import Peer, listening

ROOT: Final = Path(__file__).resolve().parents[2]


@contextmanager
def fixcore(
    version: str, *, directory: Path, client: str = "FIXOMS", port: int | None = None
) -> Iterator[Peer]:
    """The venue of :mod:`acceptance.peers.fixcore_venue` for FIX.4.2, FIX.4.4 or FIX.5.0SP2.

    ``directory`` keeps its message store: started there again, it goes on where it was.
    """

    def command(chosen: int) -> list[str]:
        words = [str(chosen), version, client, str(directory / "fixcore-store")]
        return [sys.executable, "-m", "acceptance.peers.fixcore_venue", *words]

    log = directory / "fixcore.log"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with listening(command, log=log, env=env, port=port) as (taken, pid):
        yield Peer(
            name="fixcore",
            version=version,
            port=taken,
            sender_comp_id="FIXCORE",
            target_comp_id=client,
            pid=pid,
            log=log,
        )
