"""Examples of the Python API, each against an engine and two simulated venues that it starts.

    python -m fix_oms.examples.first_order

Each is a module with a ``main(oms, site)`` and, beside it, a text file of what it prints. Both are
shown in README.md here; a test runs every one of them over TCP and compares. To add one: a module
and a text file of one name, then ``make spec``.
"""
