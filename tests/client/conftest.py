"""The fixtures of the control server's own tests."""

from tests.server.conftest import server, standin

__all__ = ["server", "standin"]
