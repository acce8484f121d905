"""The comparison's own parts; the peers themselves are not needed here."""
