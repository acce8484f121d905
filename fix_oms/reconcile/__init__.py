"""Our executions and positions beside what a counterparty says of them. No I/O, no clock.

``trades`` is what either side says, ``matching`` finds which of the two speak of one execution,
``breaks`` names what is left, ``positions`` asks whether that explains the positions. ``mapping``
and ``fix_log`` read a broker's rows and FIX messages. The engine's own comparison with a live drop
copy (``engine.drop_copy``) names its breaks with the same code.
"""
