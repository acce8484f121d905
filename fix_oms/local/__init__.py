"""Programs of one machine: Unix sockets that only their owner may use."""
