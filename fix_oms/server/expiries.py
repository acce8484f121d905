"""Certificates that end: one condition each, from 30 days before, until another is in its place."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from fix_oms.forwarder.validity import day
from fix_oms.model.severities import SEVERE, WARNING
from fix_oms.model.tls import EXPIRES_SOON_DAYS
from fix_oms.server.conditions import Conditions

SOON_S: Final = EXPIRES_SOON_DAYS * 86_400


class Expiries:
    """Says of each certificate whether it is time to be told of it."""

    def __init__(self, conditions: Conditions, clock_s: Callable[[], float] = time.time) -> None:
        self._conditions: Final = conditions
        self._clock_s: Final = clock_s

    def tell(self, what: str, end_s: int, trouble: str = "") -> None:
        """``what`` it is (a key of the settings, or whose), its last second since 1970, or what is
        wrong with its file."""
        left_s = end_s - self._clock_s()
        if trouble:
            self._conditions.holds("certificate", what, f"{what}: {trouble}", severity=SEVERE)
        elif left_s < 0:
            text = f"{what}: the certificate expired on {day(end_s)}"
            self._conditions.holds("certificate", what, text, severity=SEVERE)
        elif left_s < SOON_S:
            text = f"{what}: the certificate expires on {day(end_s)}"
            self._conditions.holds("certificate", what, text, severity=WARNING)
        else:
            self._conditions.ended("certificate", what)
