"""The simulated world (DESIGN D10): the whole product in virtual time, from one seed.

What runs here is the product itself: the engine behind its real runner, outboxes and lanes, the
session rules of ``sessions.traffic`` and ``sessions.numbers``, the simulator's venues with their
matching and their desk. What is modelled is only what the product does not own: the disk
(:mod:`~fix_oms.world.disk`), the network (``wire``), QuickFIX on both ends of a session
(``protocol``), threads (everything happens on one, at moments that the clock draws) and people.

A *seed* draws a *mix* (which venues, limits, manners and faults there are) and a stream of *acts*.
Each act carries its own number, so that leaving one out changes the others as little as possible:
that is what lets a failing seed be cut down to a short story (``shrink``). Everything else that is
by chance (how late a message is, when a sender wakes) comes from streams of its own.

One *step* is one thing that happens: a message arrives, somebody acts, time is up. Separate
checkers (``laws``) look after each step; none of them shares code with what it judges.
"""
