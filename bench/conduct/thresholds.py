"""The thresholds, as ``spec/conduct.toml`` states them, and the measures of one stream."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

import attrs

from bench.conduct.market import SECOND
from fix_oms.model.units import Notional
from fix_oms.risk.conduct import MEASURES
from fix_oms.risk.tempo import Measure

SPEC: Final = Path(__file__).parents[2] / "spec" / "conduct.toml"
_BASIS_POINTS: Final = 10_000


@attrs.frozen
class Threshold:
    """One limit: ``most`` in the measure's unit, or in basis points of the largest position."""

    control: str
    window_s: int
    most: int | None = None
    most_bp_of_position_limit: int | None = None

    def measure(self, position_value: Notional) -> Measure:
        """The measure of a strategy whose largest position has that value."""
        most = self.most
        if self.most_bp_of_position_limit is not None:
            most = position_value * self.most_bp_of_position_limit // _BASIS_POINTS
        if most is None:
            raise ValueError(f"{self.control}: neither most nor most_bp_of_position_limit is given")
        return MEASURES[self.control](most, self.window_s * SECOND)


def specification() -> dict[str, Any]:
    """All of the file."""
    return tomllib.loads(SPEC.read_text(encoding="utf-8"))


def thresholds() -> list[Threshold]:
    """Its limits, in the order of the file."""
    return [
        Threshold(**{key: row[key] for key in row if key != "because"})
        for row in specification()["limit"]
    ]
