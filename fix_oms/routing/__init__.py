"""Where an order goes: the links that could carry it, and the router that chooses one."""
