"""FIX sessions: QuickFIX behind one strict adapter (D6, D7, D7a).

Nothing outside this package imports quickfix, and messages cross its border as FIX text only.
``Initiators`` run the sessions to brokers and tell a ``Listener`` everything that happens on them;
``Acceptors`` are what others log on to. QuickFIX speaks the session protocol; when a session is up,
which numbers it uses, and what counts as received is decided here, from the journal's truth.
"""

from fix_oms.sessions.acceptors import AcceptorHandler, Acceptors, AcceptorSpec
from fix_oms.sessions.initiators import Initiators
from fix_oms.sessions.listener import Listener
from fix_oms.sessions.numbers import SessionState

__all__ = [
    "AcceptorHandler",
    "AcceptorSpec",
    "Acceptors",
    "Initiators",
    "Listener",
    "SessionState",
]
