"""Orders that send orders: pure classes that are told events and return acts.

``algo`` says how one is written, ``kinds`` which there are, ``running`` what the engine keeps of
each one that runs.
"""
