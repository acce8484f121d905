"""A site in one directory: the venues and the engine of two configurations, started and stopped.

The configurations are copied, each port of theirs replaced by a free one, so that any number of
sites run beside each other. Between looking for a port and listening on it somebody else may take
it: then the venues end, and all of it is begun again on others.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fix_oms.client import Client, ClientError
from fix_oms.model.errors import FixOmsError
from fix_oms.server.config_file import socket_path

START_S: Final = 60.0
STARTS: Final = 3
"""So often the venues are started, each time on other ports."""
VENUE: Final = "venue"
ENGINE: Final = "run"
_TAKEN: Final[set[int]] = set()


class SiteError(FixOmsError):
    """A site does not start, and why."""


class Site:
    """``config`` is the engine's configuration, ``path`` its control socket. ``name``s of processes
    are those of the commands that they are: ``venue`` and ``run``."""

    def __init__(self, where: Path, engine: str, venues: str) -> None:
        self.where: Final = where
        self.config: Final = where / engine
        self._configs: Final = {VENUE: where / venues, ENGINE: self.config}
        self._children: Final[dict[str, subprocess.Popen[bytes]]] = {}

    @property
    def path(self) -> Path:
        """The engine's control socket."""
        return socket_path(self.config)

    def start(self, name: str) -> None:
        """Start a process. Its output goes to a log of its name."""
        words = [sys.executable, "-m", "fix_oms", name, str(self._configs[name])]
        with (self.where / f"{name}.log").open("ab") as log:
            child = subprocess.Popen(words, stdout=log, stderr=subprocess.STDOUT)
        self._children[name] = child

    def stop(self, name: str) -> None:
        """Let it end cleanly."""
        child = self._children.pop(name)
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(START_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def kill(self, name: str) -> None:
        """SIGKILL: nothing is flushed, nobody logs out."""
        child = self._children.pop(name)
        child.kill()
        child.wait()

    def close(self) -> None:
        """End what still runs, the engine first."""
        for name in reversed(list(self._children)):
            self.stop(name)

    def are_ready(self) -> bool:
        """Wait until every session can carry orders. False: the venues have ended, as where
        somebody else has taken one of their ports since it was looked for. Raises SiteError."""
        path, until = self.path, time.monotonic() + START_S
        while time.monotonic() < until:
            if self._children[VENUE].poll() is not None:
                return False
            if self._children[ENGINE].poll() is not None:
                said = (self.where / f"{ENGINE}.log").read_text().strip().splitlines()
                raise SiteError(said[-1] if said else "the engine has ended")
            with contextlib.suppress(ClientError), Client(path) as client:
                if all(session.state == "ready" for session in client.sessions()):
                    return True
            time.sleep(0.05)
        raise SiteError(f"the sessions are not ready within {START_S:.0f} s: see {self.where}")


@contextlib.contextmanager
def running(configs: Path, where: Path, engine: str, venues: str) -> Iterator[Site]:
    """A site of copies in ``where`` of two files in ``configs``, ready for orders, until the block
    ends. Raises SiteError."""
    with contextlib.ExitStack() as begun:
        for left in reversed(range(STARTS)):
            _copied(configs, where, (engine, venues))
            site = Site(where, engine, venues)
            with contextlib.ExitStack() as trying:
                trying.callback(site.close)
                site.start(VENUE)
                site.start(ENGINE)
                if site.are_ready():
                    begun.enter_context(trying.pop_all())
                    break
            if not left:
                raise SiteError(f"the venues do not start: see {where / f'{VENUE}.log'}")
            shutil.rmtree(where / "var", ignore_errors=True)
        yield site


def _copied(configs: Path, where: Path, names: tuple[str, ...]) -> None:
    """The configurations in ``where``, each port of theirs replaced by a free one."""
    texts = {name: (configs / name).read_text() for name in names}
    ports = {
        found: str(_free_port())
        for text in texts.values()
        for found in re.findall(r"(?m)^port = ([0-9]+)", text)
    }
    for name, text in texts.items():
        for old, new in ports.items():
            text = re.sub(rf"(?m)^port = {old}\b", f"port = {new}", text)
        (where / name).write_text(text)


def _free_port() -> int:
    """A port that nobody listens on, below those that outgoing connections are given."""
    for port in range(20_000 + secrets.randbelow(10_000), 32_000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            if port not in _TAKEN:
                _TAKEN.add(port)
                return port
    raise SiteError("no free port below 32000")
