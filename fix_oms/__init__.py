"""fix_oms: a FIX order router and execution-report engine."""

__version__ = "0.1.0"
