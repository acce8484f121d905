"""The disk of the journal fills up, or the journal is changed by somebody, under a real session:
the process ends with 1 and says why, and its next start knows every order that was accepted."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from acceptance.site import Site, site
from fix_oms.client import Accepted, ClientError
from fix_oms.journal.segments import listed
from fix_oms.model import inputs
from fix_oms.model.messages import Terms
from fix_oms.model.units import SCALE, fixed

LEFT: Final = 256 << 10
"""Bytes: some hundred orders."""


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Site]:
    """A site whose journal has a disk of 16 MiB of its own."""
    journal = tmp_path / "journal"
    journal.mkdir()
    sized(journal, "size=16m")
    try:
        with site(tmp_path) as made:
            yield made
    finally:
        subprocess.run(["umount", "--lazy", str(journal)], check=True)


def sized(journal: Path, options: str) -> None:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(journal)]
    done = subprocess.run(command, check=False, capture_output=True)
    if done.returncode:
        pytest.skip(f"mounting a small file system takes root: {done.stderr.decode().strip()}")


def accepted(oms: Site) -> list[str]:
    """Send orders until one fails: the references of those that were accepted."""
    terms = Terms(symbol="AAPL", side="1", order_qty=SCALE, ord_type="2", price=fixed("149"))
    found = []
    try:
        with oms.client() as client:
            while True:
                said = client.submit(inputs.NewOrder(by="test", terms=terms, venue="ALPHA"))
                assert isinstance(said, Accepted), said
                found.append(said.order)
    except ClientError:
        return found


def known(oms: Site) -> set[str]:
    """The orders of which the engine knows that the venue has them, when nothing is open."""

    def settled() -> set[str]:
        with oms.client() as client:
            orders = list(client.orders())
        doubtful = any(o.in_doubt or o.pending for o in orders)
        return set() if doubtful else {o.reference for o in orders}

    return oms.until(settled)


def test_a_full_disk_loses_no_order_that_was_accepted(small: Site) -> None:
    small.start("venue", "engine")
    journal = small.directory / "journal"
    (journal / "ballast").write_bytes(bytes(shutil.disk_usage(journal).free - LEFT))
    orders = accepted(small)
    assert (len(orders) > 50, small.ended("engine")) == (True, 1)
    assert "no room" in small.log("engine") or "No space left" in small.log("engine")
    sized(journal, "remount,size=64m")
    small.start("engine")
    assert known(small) >= set(orders)
    assert (small.stop("engine"), small.verified().findings) == (0, ())


def test_a_segment_that_is_removed_loses_no_order_that_was_accepted(tmp_path: Path) -> None:
    with site(tmp_path) as oms:
        oms.start("venue", "engine")
        order = oms.buy()
        listed(tmp_path / "journal")[-1].path.unlink()
        assert oms.ended("engine") == 1
        assert "was removed while it was written, and is put back" in oms.log("engine")
        oms.start("engine")
        assert known(oms) == {order}
        assert (oms.stop("engine"), oms.verified().findings) == (0, ())
