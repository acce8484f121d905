"""FIX venues that are not there: matching, scripted behaviour, faults, acceptors speaking FIX.

``book`` matches; ``floor`` knows what the venue did with every order; ``venue`` is the venue in
virtual time; ``script``, ``play`` and ``stage`` are a broker who says what a published scenario
says; ``station`` puts FIX text on both sides of all that; ``process`` runs it on real sessions.
All but ``process`` and ``control`` are pure: no clock, no thread, no file.
"""
