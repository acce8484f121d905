"""Which venue a price belongs to: worked out once from the configuration.

A session with one venue tells that venue's book, whatever markets it names. Where it serves
several, a price is of the venue whose ExDestination(100) is the market that it names: MDMkt(275),
else SecurityExchange(207). A price that names none of them could be traded with at any of the
venues or at none, and would be counted once for each: it is a reference for all of them, and no
venue's book.

A venue whose book a feed tells (``[feeds.NAME]``) has it from there alone.
"""

from __future__ import annotations

from typing import Final, final

from fix_oms.model.settings import Settings


@final
class Places:
    """``sessions`` are by venue, ``venues`` by session; ``markets`` are the venues by market, for
    each session that serves several; ``feeds`` names the feed of a venue; ``fed`` are the sessions
    whose venues have feeds."""

    __slots__ = ("fed", "feeds", "markets", "sessions", "venues")

    def __init__(self, settings: Settings | None = None) -> None:
        self.sessions: Final[dict[str, str]] = {}
        self.venues: Final[dict[str, list[str]]] = {}
        self.markets: Final[dict[str, dict[str, str]]] = {}
        self.feeds: Final[dict[str, str]] = {}
        self.fed: Final[set[str]] = set()
        if settings is None:
            return
        for venue in settings.venues.values():
            self.sessions[venue.name] = venue.session
            self.venues.setdefault(venue.session, []).append(venue.name)
        for feed in settings.feeds.values():
            self.feeds[feed.venue] = feed.name
            self.fed.add(settings.venues[feed.venue].session)
        for session, names in self.venues.items():
            if len(names) > 1:
                found = [settings.venues[name] for name in names]
                self.markets[session] = {
                    v.ex_destination: v.name for v in found if v.ex_destination
                }
