"""One file per hot path; ``python -m bench`` runs them all and prints one table."""
