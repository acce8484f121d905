"""A client looks who is at the engine's socket before it says anything."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

PROGRAM = """
import asyncio, encodings.idna, os, socket, sys
from fix_oms.client import Client, NotRunning
from fix_oms.client.control import AsyncControl
from fix_oms.client.stream import Stream


def say(line):
    os.write(1, f"{line}\\n".encode())  # in one piece: two processes speak


path = sys.argv[1]
listening = socket.socket(socket.AF_UNIX)
reading, writing = os.pipe()
if os.fork() == 0:
    os.setuid(65533)
    listening.bind(path)
    os.chmod(path, 0o666)
    listening.listen()
    os.write(writing, b"1")
    for _ in range(3):
        said = listening.accept()[0].recv(100)
        say(f"heard {said}")
    os._exit(0)
os.read(reading, 1)
os.setuid(65534)
try:
    Client(path)
except NotRunning as error:
    say(f"sync: {error}")
try:
    asyncio.run(AsyncControl.connect(path))
except NotRunning as error:
    say(f"async: {error}")


async def stream():
    async with Stream("none", mirror=path) as found:
        say(f"stream: {(await anext(aiter(found))).reason}")


asyncio.run(stream())
os.wait()
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be two other users")
def test_another_users_program_at_the_path_is_told_nothing() -> None:
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o777)
        path = Path(directory) / "oms.sock"
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(path)], capture_output=True, timeout=60, check=True
        )
    why = f"no engine listens at {path} (another user's program does, and is told nothing)"
    other = f"another user's program listens at {path}, and is told nothing"
    expected = [f"async: {why}", *["heard b''"] * 3, f"stream: {other}", f"sync: {why}"]
    lines = [line.partition(": is `fix-oms run`")[0] for line in done.stdout.decode().splitlines()]
    assert sorted(lines) == expected
