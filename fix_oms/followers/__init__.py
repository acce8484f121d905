"""What looks at a journal from other processes: read-only, never in the engine's way."""
