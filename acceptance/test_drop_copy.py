"""A drop copy over TCP: a second session of the venue that only listens, and what it finds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from acceptance.site import Site, site
from fix_oms.cli.main import main
from fix_oms.engine.drop_copy import sentence
from fix_oms.followers.ours import state_of
from fix_oms.model import inputs
from fix_oms.model.units import SCALE, fixed
from fix_oms.simulator.acts import Fill
from fix_oms.simulator.control import VenueClient

COPY = """
[sessions.COPY]
version = "FIX.4.4"
sender_comp_id = "FIXOMSDC"
target_comp_id = "ALPHA"
port = {port}
heartbeat_s = 2
reconnect_s = 1
drop_copy_of = ["ALPHA"]
drop_copy_grace_s = 1
"""
MADE_UP = (
    "35=8|37={order_id}|11={order}|17=X1|150=F|39=1|55=AAPL|54=1|32=10|31=149|14=10|151=90|6=149|"
    "60=20261127-10:00:00|"
)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path) as made:
        venues, oms = tmp_path / "venues.toml", tmp_path / "oms.toml"
        port = venues.read_text().partition("port = ")[2].partition("\n")[0]
        text = venues.read_text().replace('["FIXOMS"]', '["FIXOMS", "FIXOMSDC"]')
        copies = '[venues.ALPHA.drop_copies]\nFIXOMSDC = "FIXOMS"\n'
        venues.write_text(text.replace("[venues.ALPHA.list", f"{copies}[venues.ALPHA.list", 1))
        oms.write_text(oms.read_text() + COPY.format(port=port))
        made.start("venue", "engine")
        yield made


def say(running: Site, client: str, text: str) -> None:
    with VenueClient(running.directory / "venues" / "ALPHA") as venue:
        venue.say(client, text.replace("|", "\x01"))


def breaks(running: Site) -> list[str]:
    copies = state_of(running.directory / "journal").copies["ALPHA"]
    return [sentence("ALPHA", copies.copy, key, one) for key, one in copies.open_breaks().items()]


def fill(running: Site, order: str) -> None:
    name = running.order(order)
    running.venue(Fill(order=name.order_id, quantity=10 * SCALE, price=fixed("149")))
    running.until(lambda: running.order(order).cum_qty)


def test_a_venue_that_copies_what_it_tells_makes_no_break_and_no_second_fill(
    running: Site,
) -> None:
    order = running.buy()
    fill(running, order)
    running.until(lambda: len(copied_of(running)) == 2)
    with running.client() as client:
        [fills] = [list(client.fills(order))]
    assert (len(fills), breaks(running)) == (1, [])
    assert [sent for sent in running.inputs(inputs.Sent) if sent.session == "COPY"] == []
    assert running.stop("engine") == 0
    assert running.verified().findings == ()


def copied_of(running: Site) -> list[inputs.FixIn]:
    return [m for m in running.inputs(inputs.FixIn) if m.session == "COPY" and "35=8" in m.text]


@pytest.mark.parametrize(
    ("client", "words"),
    [
        ("FIXOMSDC", "missing here: COPY shows trade X1 of order {order} at ALPHA: Buy 10 AAPL @"),
        ("FIXOMS", "missing there: COPY does not show trade X1 of order {order} at ALPHA"),
    ],
    ids=["told to the copy alone", "told to us alone"],
)
def test_what_only_one_of_the_two_is_told_is_a_break_until_the_other_is_told(
    running: Site, client: str, words: str
) -> None:
    order = running.buy()
    text = MADE_UP.format(order=order, order_id=running.order(order).order_id)
    say(running, client, text)
    [found] = running.until(lambda: breaks(running))
    assert found.startswith(words.format(order=order))
    say(running, {"FIXOMS": "FIXOMSDC", "FIXOMSDC": "FIXOMS"}[client], text)
    running.until(lambda: not breaks(running))
    assert running.order(order).cum_qty == 10 * SCALE


def test_a_trade_capture_report_passes_the_session_and_is_compared(running: Site) -> None:
    order = running.buy()
    say(
        running,
        "FIXOMSDC",
        "35=AE|571=T1|487=0|17=X1|570=N|55=AAPL|32=10|31=149|75=20261127|60=20261127-10:00:00|"
        f"552=1|54=1|37={running.order(order).order_id}|11={order}|1=DESK|",
    )
    [found] = running.until(lambda: breaks(running))
    assert found.startswith(f"missing here: COPY shows trade X1 of order {order} at ALPHA: Buy 10")
    assert [m for m in running.inputs(inputs.Sent) if m.session == "COPY"] == []


def test_a_break_outlives_the_engine_and_ends_by_a_persons_word(running: Site) -> None:
    order = running.buy()
    say(running, "FIXOMSDC", MADE_UP.format(order=order, order_id=running.order(order).order_id))
    before = running.until(lambda: breaks(running))
    running.kill("engine")
    running.start("engine")
    assert breaks(running) == before
    assert reconcile(running, "live") == 1
    assert reconcile(running, "breaks", "resolve", "1", "--reason", "ALPHA books it") == 0
    running.until(lambda: not breaks(running))
    assert reconcile(running, "live") == 0


def reconcile(running: Site, *words: str) -> int:
    config = str(running.directory / "oms.toml")
    return CliRunner().invoke(main, ["-c", config, "reconcile", *words]).exit_code
