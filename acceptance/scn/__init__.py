"""Scenario scripts: parsed, given a venue that says what they say, and run by either driver.

The format is in ``acceptance/GRAMMAR.md``. The venue's messages are written here, from the script
and the FIX specification, not by ``wire/``: a misreading of ours must not stand on both sides.
"""
