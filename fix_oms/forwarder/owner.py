"""Whose the other end of a loopback connection is, as the kernel knows it.

A port on loopback is open to every user of the machine. Behind ours there is a broker that takes
orders from whoever speaks, so a connection is only taken from a socket of our own user. Another
process of the same user is let in: it could read our keys as well.

A socket that its process has closed has no owner any more (uid 0, inode 0): it is nobody's, not
root's, or whoever writes and closes at once would pass for us where we are root.
"""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path
from typing import Final

TABLE: Final = Path("/proc/net/tcp")
_LOOKS: Final = 3
"""The table is read while it changes, and may leave a line out."""


def is_ours(peer: tuple[str, int], local: tuple[str, int]) -> bool:
    """Whether the IPv4 socket at ``peer`` that is connected to ``local`` belongs to our user."""
    wanted = f"{_hex(*peer)} {_hex(*local)}"
    for _ in range(_LOOKS):
        for line in TABLE.read_text("ascii").splitlines():
            if wanted in line:
                words = line.split()
                return int(words[7]) == os.geteuid() and words[9] != "0"
    return False


def _hex(address: str, port: int) -> str:
    (number,) = struct.unpack("=I", socket.inet_aton(address))
    return f"{number:08X}:{port:04X}"
