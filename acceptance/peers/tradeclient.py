"""Debian's C++ example ``tradeclient``: an upstream system with an engine that we did not write.

It asks a person for each field of an order, in an order that its compiler chose, so it is answered
by what it asks for. What it is sent it prints. It has FIX 4.2, 4.4 and 5.0 (not SP2), no password,
and refuses to send again what it has sent before (its ``toApp``), so a restart of ours is answered
by a gap fill.
"""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from acceptance.peers.quickfix_cpp import PROGRAMS, dictionaries, program

WAIT_S: Final = 20.0
VERSIONS: Final = {"FIX.4.2": "3", "FIX.4.4": "5"}
ASKED: Final = (
    *("Action", "BeginString", "ClOrdID", "OrigClOrdID", "Symbol", "Side", "OrdType", "OrderQty"),
    *("TimeInForce", "Price", "SenderCompID", "TargetCompID", r"Use a TargetSubID\?"),
    *(r"Send (?:order|cancel|replace)\?", r"New (?:price|quantity)\?"),
)
PROMPT: Final = re.compile(rf"\n({'|'.join(ASKED)}): ")
T = TypeVar("T")
ENTER, CANCEL, REPLACE = "1", "2", "3"


class TradeClient:
    """The program, logged on or about to be."""

    def __init__(
        self, process: subprocess.Popen[bytes], version: str, us: str, client: str, symbol: str
    ) -> None:
        self._process: Final = process
        self._always: Final = {
            "BeginString": VERSIONS[version],
            "SenderCompID": client,
            "TargetCompID": us,
            "Symbol": symbol,
            "Use a TargetSubID?": "N",
            "Send order?": "Y",
            "Send cancel?": "Y",
            "Send replace?": "Y",
            "New price?": "Y",
            "New quantity?": "Y",
        }
        self._said = ""
        self._at = 0
        self._changed: Final = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def order(self, cl_ord_id: str, *, side: str = "1", qty: int = 100, price: str) -> None:
        """A limit order of the day."""
        self._do(
            ENTER,
            {
                "ClOrdID": cl_ord_id,
                "Side": side,
                "OrdType": "2",
                "OrderQty": str(qty),
                "Price": price,
                "TimeInForce": "1",
            },
        )

    def cancel(self, cl_ord_id: str, orig: str, *, side: str = "1", qty: int = 100) -> None:
        """Take an order out."""
        terms = {"ClOrdID": cl_ord_id, "OrigClOrdID": orig, "Side": side}
        self._do(CANCEL, {**terms, "OrderQty": str(qty)})

    def replace(self, cl_ord_id: str, orig: str, *, qty: int, price: str, side: str = "1") -> None:
        """Change quantity and price."""
        terms = {"ClOrdID": cl_ord_id, "OrigClOrdID": orig, "Side": side}
        self._do(REPLACE, {**terms, "OrdType": "2", "OrderQty": str(qty), "Price": price})

    def received(self) -> list[dict[str, str]]:
        """The application messages that it was sent, in order."""
        with self._changed:
            lines = re.findall(r"IN: (8=[^\n]*)", self._said)
        return [dict(p.split("=", 1) for p in line.split("\x01") if "=" in p) for line in lines]

    def wait(self, **wanted: str) -> dict[str, str]:
        """The first message that has these fields (``_11="c1"``), as soon as it is there."""
        fields = {key.removeprefix("_"): value for key, value in wanted.items()}

        def found() -> dict[str, str] | None:
            return next((m for m in self.received() if fields.items() <= m.items()), None)

        return self._await(found, f"a message with {fields}")

    def wait_logged_on(self) -> None:
        """Until it says so."""
        self._await(lambda: "Logon - " in self._said or None, "a logon")

    def _do(self, action: str, answers: Mapping[str, str]) -> None:
        """Answer its questions until it asks for the next action."""
        answers = {**self._always, **answers, "Action": action}
        while True:
            asked = self._asked()
            self._write(answers[asked])
            if asked.startswith("Send "):
                return

    def _asked(self) -> str:
        def next_prompt() -> str | None:
            found = PROMPT.search(self._said, self._at)
            if found is None:
                return None
            self._at = found.end()
            return found[1]

        return self._await(next_prompt, "a question")

    def _write(self, text: str) -> None:
        if self._process.stdin is None:
            raise ValueError("it has no standard input")
        self._process.stdin.write(text.encode() + b"\n")
        self._process.stdin.flush()

    def _await(self, found: Callable[[], T | None], what: str) -> T:
        by = time.monotonic() + WAIT_S
        with self._changed:
            while (there := found()) is None:
                if not self._changed.wait(by - time.monotonic()):
                    raise TimeoutError(f"never came: {what}; it said {self._said[-2000:]}")
            return there

    def _listen(self) -> None:
        if self._process.stdout is None:
            return
        while data := os.read(self._process.stdout.fileno(), 65_536):
            with self._changed:
                self._said += data.decode("latin-1")
                self._changed.notify_all()


@contextmanager
def tradeclient(
    version: str, *, directory: Path, port: int, us: str, client: str, symbol: str
) -> Iterator[TradeClient]:
    """It runs until the block ends. ``directory`` keeps its message store."""
    config = directory / "tradeclient.cfg"
    config.write_text(_config(version, directory, port, us, client), encoding="ascii")
    process = subprocess.Popen(
        [str(program("tradeclient")), str(config)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "LD_LIBRARY_PATH": str(PROGRAMS)},
    )
    try:
        yield TradeClient(process, version, us, client, symbol)
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


def _config(version: str, directory: Path, port: int, us: str, client: str) -> str:
    settings = {
        "ConnectionType": "initiator",
        "ReconnectInterval": 1,
        "SocketConnectHost": "127.0.0.1",
        "SocketConnectPort": port,
        "StartTime": "00:00:00",
        "EndTime": "00:00:00",
        "HeartBtInt": 5,
        "FileStorePath": directory / "tradeclient-store",
        "ScreenLogShowIncoming": "N",
        "ScreenLogShowOutgoing": "N",
        "ScreenLogShowEvents": "N",
        **dictionaries(version),
    }
    lines = ["[DEFAULT]", *(f"{key}={value}" for key, value in settings.items())]
    lines += ["[SESSION]", f"BeginString={version}", f"SenderCompID={client}", f"TargetCompID={us}"]
    return "\n".join(lines) + "\n"
