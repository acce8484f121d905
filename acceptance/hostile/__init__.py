"""A counterparty that QuickFIX would never be, scripted, against the running engine.

``cases/*.yaml`` say what it does, what the standard asks, and what the engine answers; ``play``
plays them on several sessions of one engine process at once; ``spec/HOSTILE.md`` is drawn from the
same data. See README.md here for the form of a case.
"""
