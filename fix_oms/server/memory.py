"""The garbage collector, kept off the orders' path.

An engine's objects live for a day: orders, executions, records of what was asked. They are freed by
reference counts if at all; cycles are made by errors and little else. CPython's collector does not
know that, and walks all young objects every 700 allocations and all old ones again and again as
they grow: measured at 30 us of 125 us for an order and 30 us of 75 us for a report (10,000 orders,
both with and without ``gc.disable``).

So young objects are walked once, in batches, and what survives is frozen: moved, in one step that
does not depend on how much it is, to where the collector never looks.
"""

from __future__ import annotations

import gc
from typing import Final

YOUNG: Final = 50_000
"""Container allocations between two collections under load: a pause of some milliseconds."""
FEW: Final = 20_000
"""So few young objects are walked at once when there is time, so that cycles do not gather."""


def quieten() -> None:
    """After recovery: freeze what is there, and let the collector run rarely from now on."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 1_000, 1_000)


def settle() -> None:
    """At each tick: look through the young objects if they are few, and freeze what lives on."""
    if gc.get_count()[0] < FEW:
        gc.collect(0)
    gc.freeze()
