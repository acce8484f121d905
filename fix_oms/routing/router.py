"""The first router: the venue that was named, or the instrument's first venue in good health.

Good health, best first: ready and not asked to back off; ready. A named venue is never second
guessed: direct market access means that venue or a refusal.
"""

from __future__ import annotations

from collections.abc import Mapping

from fix_oms.model.settings import Instrument, Venue
from fix_oms.routing.links import Link


def choose(
    named: str | None,
    instrument: Instrument,
    venues: Mapping[str, Venue],
    links: Mapping[str, Link],
    now: int,
) -> Venue | None:
    """The venue for a new order, or None when the named one is not defined.

    Where no venue of the instrument is ready the first is returned: the order is then refused for
    its session, by name.
    """
    if named is not None:
        return venues.get(named)
    candidates = [venues[name] for name in instrument.venues]
    ready = [v for v in candidates if links[v.session].ready]
    eager = [v for v in ready if links[v.session].busy_until <= now]
    return (eager or ready or candidates)[0]
