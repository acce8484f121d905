"""Venues' quotes, as far as controls need them."""
