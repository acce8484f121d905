"""The command line: ``fix-oms COMMAND``. Help that teaches, tables for people, JSON for programs.

Each command is a small file; ``main`` finds them by name and imports only the one that is asked
for, so that ``fix-oms cancel`` does not wait for what only ``fix-oms run`` needs.
"""
