"""Kill tests on the real thing: engine and venues as processes over TCP, SIGKILL at named moments.

One *round* is: both sides up and quiet; clients send orders, cancels and replaces on several
connections at once while the venues fill; the engine (or the venues) die by SIGKILL; what is dead
is started again; and when nothing is waited for any more, a judge compares what the clients were
told, the engine's journal and the venues' own journals. ``python -m acceptance.kills --rounds 300``
runs as many as one likes and prints a table of where the kills fell.
"""
