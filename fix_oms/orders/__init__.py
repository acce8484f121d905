"""The life of one order, and the book of all of them.

``order`` joins three small machines: ``executions`` (what was done), ``requests`` (what we asked
for and was answered) and the lifecycle evidence that ``order`` itself keeps. ``book`` finds the
order a message speaks of and knows who counts what.
"""
