"""Tests of fix_oms.wire."""
