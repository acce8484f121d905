"""Alerts end to end: what goes wrong at a real session reaches a person within five seconds.

The engine and the venue are processes, the command is a program, the webhook an HTTP server. The
five seconds are what is promised; each wait below ends the test when they are over.
"""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Final

import pytest

from acceptance.oms import ROOT
from acceptance.peers.process import freeze
from acceptance.site import Site, site
from fix_oms.client import Accepted
from fix_oms.model import inputs
from fix_oms.model.messages import Terms
from fix_oms.model.units import SCALE, fixed

PROMISED_S: Final = 5.0
TERMS: Final = Terms(
    symbol="AAPL", side="1", order_qty=100 * SCALE, ord_type="2", price=fixed("149")
)


class Told:
    """What the webhook was posted."""

    def __init__(self) -> None:
        self.posted: list[dict[str, Any]] = []
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                told.posted.append(json.loads(self.rfile.read(size)))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/alerts"


class Watched:
    """A site with somebody to tell: a command that appends to a file, and a webhook."""

    def __init__(self, running: Site, told: Told) -> None:
        self.site = running
        self.webhook = told
        self.file = running.directory / "told.jsonl"

    def of_command(self) -> list[dict[str, Any]]:
        if not self.file.exists():
            return []
        # A line that is being written has no end yet.
        lines = self.file.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def within_promise(self, kind: str, code: str) -> dict[str, Any]:
        """The notice of that kind and code, which both must have got in time."""
        limit = time.monotonic() + PROMISED_S
        while time.monotonic() < limit:
            by_command, by_webhook = (
                [n for n in told if (n["kind"], n["code"]) == (kind, code)]
                for told in (self.of_command(), self.webhook.posted)
            )
            if by_command and by_webhook:
                assert by_command[-1] == by_webhook[-1]
                return dict(by_command[-1])
            time.sleep(0.02)
        raise AssertionError(f"{kind} {code} was not told in time: {self.of_command()}")

    def listed(self) -> list[str]:
        with self.site.client() as client:
            return [alert.code for alert in client.alerts()]

    def alerts(self, *words: str) -> subprocess.CompletedProcess[str]:
        """``fix-oms alerts``, as a person runs it."""
        config = str(self.site.directory / "oms.toml")
        return subprocess.run(
            [sys.executable, "-m", "fix_oms", "-c", config, "alerts", *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@contextmanager
def watched(directory: Path) -> Iterator[Watched]:
    told = Told()
    serving = threading.Thread(target=told.server.serve_forever, args=(0.01,))
    serving.start()
    try:
        with site(directory) as running:
            tell = directory / "tell.sh"
            tell.write_text(f"#!/bin/sh\ncat >> {directory}/told.jsonl\n")
            tell.chmod(tell.stat().st_mode | stat.S_IXUSR)
            with (directory / "oms.toml").open("a") as config:
                config.write(f'\n[alerts]\ncommand = ["./tell.sh"]\nwebhook = "{told.address}"\n')
            running.start("venue", "engine")
            yield Watched(running, told)
    finally:
        told.server.shutdown()
        serving.join()
        told.server.server_close()


def test_a_session_that_is_lost_is_told_listed_and_taken_back(tmp_path: Path) -> None:
    with watched(tmp_path) as watch:
        before = watch.alerts("--check")
        watch.site.kill("venue")
        told = watch.within_promise("opened", "session")
        listed, during = watch.listed(), watch.alerts("--check")
        watch.site.start("venue")
        watch.site.until(lambda: watch.listed() == [])
        watch.within_promise("cleared", "session")
    assert (before.returncode, before.stdout) == (0, "nothing is wrong\n")
    assert (told["severity"], told["session"], listed) == ("severe", "ALPHA", ["session"])
    assert (during.returncode, "session ALPHA is down" in during.stdout) == (1, True)


def test_an_order_without_an_answer_is_told(tmp_path: Path) -> None:
    with watched(tmp_path) as watch:
        venue = watch.site.pid("venue")
        order = inputs.NewOrder(by="test", terms=TERMS, venue="ALPHA")
        freeze(venue)
        try:
            with watch.site.client() as client:
                assert isinstance(client.submit(order), Accepted)
            watch.site.until(lambda: "in_doubt" in watch.listed())
            told = watch.within_promise("opened", "in_doubt")
        finally:
            os.kill(venue, signal.SIGCONT)
        watch.site.until(lambda: "in_doubt" not in watch.listed())
    assert (told["severity"], told["session"], told["count"]) == ("warning", "ALPHA", 1)


def test_a_fill_that_does_not_add_up_is_told(tmp_path: Path) -> None:
    with watched(tmp_path) as watch:
        order = watch.site.buy()
        watch.site.say(
            f"35=8|37=X|11={order}|17=over|150=F|39=2|55=AAPL|54=1|38=100|32=150|31=149|"
            "14=150|151=0|6=149|"
        )
        told = watch.within_promise("opened", "break")
    assert "overfill" in told["message"]


def test_a_halt_is_told_and_its_end_too(tmp_path: Path) -> None:
    with watched(tmp_path) as watch, watch.site.client() as client:
        client.submit(inputs.Halt(by="ann", reason="lunch"))
        watch.within_promise("opened", "halt")
        client.submit(inputs.Resume(by="ann", reason="over"))
        watch.within_promise("cleared", "halt")


def test_an_engine_that_was_killed_is_told_by_the_next_one(tmp_path: Path) -> None:
    with watched(tmp_path) as watch:
        watch.site.kill("engine")
        watch.site.start("engine")
        told = watch.within_promise("happened", "crashed")
        assert watch.site.stop("engine") == 0
    assert told["message"] == "run 1 was killed or has crashed: ALPHA went down with it"


@pytest.mark.parametrize("name", ["command", "webhook"])
def test_a_sink_that_fails_holds_up_neither_orders_nor_the_other(tmp_path: Path, name: str) -> None:
    with watched(tmp_path) as watch:
        if name == "command":
            (tmp_path / "tell.sh").unlink()
        else:
            watch.webhook.server.socket.close()
        with watch.site.client() as client:
            client.submit(inputs.Halt(by="ann", reason="lunch", symbol="AAPL"))
            watch.site.until(lambda: "alert_sink" in watch.listed())
            client.submit(inputs.Resume(by="ann", reason="over", symbol="AAPL"))
        assert watch.site.buy()

        def other() -> list[dict[str, Any]]:
            return watch.webhook.posted if name == "command" else watch.of_command()

        watch.site.until(lambda: "alert_sink" in {n["code"] for n in other()})
