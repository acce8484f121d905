"""FIX sessions: QuickFIX behind one strict adapter (D6, D7, D7a).

Nothing outside this package imports quickfix, and messages cross its border as FIX text only.
``Initiators`` run the sessions to brokers and tell a ``Listener`` everything that happens on them;
``ClientSessions`` are what clients log on to, ``Acceptors`` what we ourselves do in the simulator.
QuickFIX speaks the session protocol; when a session is up,
which numbers it uses, and what counts as received is decided here, from the journal's truth.
"""

from fix_oms.sessions.acceptors import AcceptorHandler, Acceptors
from fix_oms.sessions.client import ClientState
from fix_oms.sessions.clients import ClientSessions
from fix_oms.sessions.initiators import Initiators
from fix_oms.sessions.listener import Listener
from fix_oms.sessions.listening import AcceptorSpec
from fix_oms.sessions.numbers import SessionState
from fix_oms.sessions.way import Outlet, Told

__all__ = [
    "AcceptorHandler",
    "AcceptorSpec",
    "Acceptors",
    "ClientSessions",
    "ClientState",
    "Initiators",
    "Listener",
    "Outlet",
    "SessionState",
    "Told",
]
