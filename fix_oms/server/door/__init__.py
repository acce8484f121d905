"""The door that FIX clients come in by: a process of its own in front of QuickFIX.

What QuickFIX's acceptor does with a stranger was tried, and none of it may happen to orders:

- a Logon(A) with ResetSeqNumFlag(141)=Y wipes what is kept for the client, reports not yet received
  among it, *before* anybody is asked for a password: the CompIDs, which are no secret, are enough;
- it reads without end: a BodyLength(9) of 2000000000, or bytes with no ``8=`` in them, are kept
  until the memory is gone, at the speed of the network;
- each connection is a thread, for as long as it stays open, whether it says anything or not;
- it listens on every interface of the machine.

So QuickFIX is given a connection only after its first message has been read and found to be the
Logon of a client of ours, from where that client may come, with its password. Until then it costs
the engine's process nothing. ``sealed`` speaks TLS where that is configured, ``frames`` finds the
messages in the bytes, ``entry`` judges a Logon, ``pauses`` remembers who failed; these three
are values in, values out. ``gate`` is the process, and ``gatekeeper`` the engine's side of it. They
speak in ``words``.

The engine opens a client's session for one such connection at a time and shuts it after it: whoever
finds QuickFIX's own port, which takes connections of this machine only, finds nobody there.
"""
