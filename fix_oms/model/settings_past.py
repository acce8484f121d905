"""Settings as earlier versions wrote them into journals, made into what this version reads.

A journal holds the effective configuration of each start, and is read for ever. Reading settings is
strict, and grows stricter: a key goes, a value that was ignored is refused. A configuration file
can be mended by its user; a journal cannot. So whoever makes the reading stricter adds here what
the past meant by the old form, and ``tests/journal/kept`` holds a journal of each past to prove it.

Pure: plain data to plain data; the argument is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fix_oms.model.controls import CONTROLS


def present(plain: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a Started record in the form of today."""
    limits = plain.get("limits", ())
    told = {**plain, "limits": [_limit(limit) for limit in limits]}
    if "sessions" in plain:
        told["sessions"] = {name: _session(one) for name, one in plain["sessions"].items()}
    return told


def _session(session: Mapping[str, Any]) -> dict[str, Any]:
    """Until books had sizes, only their top was asked for; and until a market order could become a
    limit, it was refused where there are none. A past journal states all that a session supports,
    which tells it from what is written by hand."""
    supports = session.get("supports", {})
    if "replace" not in supports:
        return dict(session)
    return {"market_order_bps": "0", **session, "supports": {"market_depth": 1, **supports}}


def _limit(limit: Mapping[str, Any]) -> dict[str, Any]:
    """Until the catalogue of controls, every limit had a window, also where nothing counted it."""
    control = CONTROLS.get(limit.get("control", ""))
    if control is None or control.window_s:
        return dict(limit)
    return {key: value for key, value in limit.items() if key != "window_s"}
