"""The pre-trade gate: what stands between a bug and the account."""
