"""TLS to brokers: a process between QuickFIX and the outside, which verifies who is there.

QuickFIX's own TLS verifies no host name, and without a file of authorities it takes any certificate
(tried). So where a session has TLS, QuickFIX speaks plain FIX on loopback and this process speaks
to the broker:

    session (QuickFIX) -- plain, loopback --> outward door -- TLS --> broker

It is a process of its own so that TLS costs the engine's interpreter nothing, and because a defect
in it ends no session but those that it carries. The engine starts it, starts it again when it dies,
and holds its listening sockets, so that ports stay and no other program can take one.

Bytes in, bytes out: :mod:`stream` (TLS) knows no sockets. :mod:`relay` joins two connections with
back-pressure and half-closes, :mod:`outward` is the door to one broker, :mod:`owner` says whose a
connection to it is, :mod:`contexts` reads the files and :mod:`reasons` says what was wrong;
:mod:`supervised` is the engine's side, and :mod:`talk` what the two say to each other.
"""
