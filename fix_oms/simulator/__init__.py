"""FIX venues that are not there: matching, scripted behaviour, faults, acceptors speaking FIX.

``book`` matches; ``floor`` knows what the venue did with every order; ``venue`` is the venue in
virtual time; ``station`` puts FIX text on both sides of it; ``process`` runs it on real sessions.
All but ``process`` and ``control`` are pure: no clock, no thread, no file.
"""
