"""Counterparties that we did not write, each in a process of its own, as context managers.

A venue of ours would share our misreadings of FIX. These do not: ``fixcore`` is another project's
engine (pure Python, MIT), ``executor`` and ``ordermatch`` are the examples that Debian ships,
ready-built, with the C++ engine::

    with executor("FIX.4.4", directory=tmp_path) as peer:
        ...  # connect a session to 127.0.0.1:peer.port as peer.target_comp_id
"""

from acceptance.peers.fixcore import fixcore
from acceptance.peers.process import Peer
from acceptance.peers.quickfix_cpp import executor, ordermatch

__all__ = ["Peer", "executor", "fixcore", "ordermatch"]
