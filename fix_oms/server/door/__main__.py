"""``python -m fix_oms.server.door``: the door's process. Only the engine starts it: its standard
input is the stream that both speak on."""

from __future__ import annotations

import signal
import socket

from fix_oms.server.door.gate import Gate


def main() -> None:
    """Serve until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's: the engine says when it is over
    Gate(socket.socket(fileno=0)).run()


if __name__ == "__main__":
    main()
