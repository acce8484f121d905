"""``Engine.step(now, input) -> outputs``: where orders, positions, risk and routing are joined.

A package rather than one file, so that each part fits on a page: ``core`` (dispatch), ``entry``
(what people and programs ask for), ``evidence`` (what brokers tell), ``doubt`` (asking about what
is not known), ``state`` (what all of them share), ``shown`` (views and the state hash).
"""

from fix_oms.engine.core import Engine

__all__ = ["Engine"]
