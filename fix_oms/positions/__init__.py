"""Positions: the running sum of effective executions, per account and instrument."""
