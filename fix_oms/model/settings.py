"""The configuration as values: what a TOML file may say, with its defaults and its own checks.

These classes only hold and check; ``fix_oms.model.settings_text`` turns plain data into them and
back and names file and key of each error. Secrets are never held here: a session names the
environment variable or the file that holds its password.
"""

from __future__ import annotations

from collections.abc import Collection

import attrs

from fix_oms.model.alerting import AlertSettings
from fix_oms.model.clients import Acceptor, FixClient, identity, references, wrong_clients
from fix_oms.model.counterparty import Schedule, Session
from fix_oms.model.curves import Curve
from fix_oms.model.feeds import Feed
from fix_oms.model.limits import Limit
from fix_oms.model.routing import BUILT_IN, NO_FEES, SWEEP, Contract, Fees, Policy
from fix_oms.model.units import Fixed, text_of
from fix_oms.model.validators import is_name, is_time_of_day, not_empty, not_negative, positive


@attrs.frozen(kw_only=True)
class Venue:
    """Where orders go: a session, and where the session serves several, an ExDestination(100).

    ``hours`` are the venue's own (``logon`` to ``logout`` in a schedule's words); None: always.
    ``fees`` are its tariff. A ``dark`` one shows no book: the router goes there by what it has
    filled. One that has let an order wait for its acknowledgement for ``slow_ms`` is left out.
    """

    name: str = attrs.field(validator=is_name)
    session: str
    ex_destination: str | None = None
    hours: Schedule | None = None
    fees: Fees = NO_FEES
    dark: bool = False
    slow_ms: int = attrs.field(default=2000, validator=positive)


@attrs.frozen(kw_only=True)
class Instrument:
    """A contract. ``venues`` are the ones the router may choose from, best first.

    ``multiplier`` turns price times quantity into money. ``reference`` is the price that collar and
    value controls use while no quote is there. ``min_notional`` is money; ``margin_pct`` the part
    of a position's worst-case value that uses up buying power. ``rate_of`` names a currency of
    which its price is the rate in the base currency, so that its quotes feed that rate. ``at`` says
    what a venue asks otherwise; ``policy`` how its parents are routed that name none.
    """

    symbol: str
    venues: tuple[str, ...] = attrs.field(validator=not_empty)
    tick: Fixed = attrs.field(default=1_000_000, validator=positive)
    lot: Fixed = attrs.field(default=100_000_000, validator=positive)
    currency: str = "USD"
    multiplier: Fixed = attrs.field(default=100_000_000, validator=positive)
    reference: Fixed | None = attrs.field(default=None, validator=positive)
    min_qty: Fixed | None = attrs.field(default=None, validator=positive)
    max_qty: Fixed | None = attrs.field(default=None, validator=positive)
    min_notional: Fixed | None = attrs.field(default=None, validator=positive)
    rate_of: str | None = None
    margin_pct: Fixed = attrs.field(default=10_000_000_000, validator=positive)
    at: dict[str, Contract] = attrs.field(factory=dict)
    policy: str = SWEEP


@attrs.frozen(kw_only=True)
class Account:
    """Whose position it is. ``broker_account`` is what Account(1) carries, where it differs."""

    name: str = attrs.field(validator=is_name)
    broker_account: str | None = None


@attrs.frozen(kw_only=True)
class Strategy:
    """A name that orders may carry, so that limits and kills can be scoped to it.

    It must be defined: a limit for a strategy that is spelt wrongly is a limit that is off.
    """

    name: str = attrs.field(validator=is_name)


@attrs.frozen(kw_only=True)
class AlgoKind:
    """A kind of algo that is not built in: ``code`` names its class, as ``module:Class``."""

    name: str = attrs.field(validator=is_name)
    code: str = attrs.field(validator=attrs.validators.matches_re(r"[\w.]+:\w+"))


@attrs.frozen(kw_only=True)
class Anchors:
    """Where the head of the journal's chain is written down, so that a cut or recomputed log shows.

    ``file`` is best on another machine (a mount); None: beside the journal, named after it.
    ``command`` is given each line on its standard input.
    """

    file: str | None = None
    command: tuple[str, ...] = ()
    every_s: int = attrs.field(default=60, validator=positive)


@attrs.frozen(kw_only=True)
class Snapshots:
    """When the process beside the engine writes a snapshot: so many records or seconds after the
    last one, and at each stop and each new day."""

    every_records: int = attrs.field(default=1_000_000, validator=positive)
    every_s: int = attrs.field(default=900, validator=positive)


@attrs.frozen(kw_only=True)
class Engine:
    """The process: where its journal and socket are (relative to the file), how durable it is."""

    journal: str = "var/journal"
    socket: str = "var/fix-oms.sock"
    durability: str = attrs.field(
        default="power", validator=attrs.validators.in_(("power", "process"))
    )
    default_account: str = "DESK"
    base_currency: str = "USD"
    """What sums over instruments are in; ``rates`` says what others are worth in it."""
    market_buffer_pct: Fixed = attrs.field(default=500_000_000, validator=not_negative)
    """A market order is valued at its reference price plus this many percent."""
    day_starts: str = attrs.field(default="00:00", validator=is_time_of_day)
    """When the firm's day begins, in ``timezone``: the loss limit counts from it, position feeds
    number from it, the journal begins a segment. One that begins at noon or later is the next
    date's day."""
    timezone: str = "UTC"
    keep_days: int = attrs.field(default=30, validator=positive)
    """For so many of the firm's days after the last word on it a closed order is known to the
    engine; then it is in the journal alone, and its executions are in the positions."""
    quote_max_age_s: int = attrs.field(default=60, validator=positive)
    """An older quote is stale: it is no reference for anything."""
    clock_tolerance_s: int = attrs.field(default=300, validator=not_negative)
    """How far the journal's last record may lie in the future of the clock for a start."""
    score_half_life_s: int = attrs.field(default=86_400, validator=positive)
    """What the venues' scorecards have counted fades: half of it in so long. A day: yesterday
    counts half of today, and a weekend leaves something."""
    anchors: Anchors = Anchors()
    snapshots: Snapshots | None = None
    """Write them beside the journal, so that a start replays only what came after the newest."""


@attrs.frozen(kw_only=True)
class Settings:
    """A whole configuration, cross-checked: every name that is used is defined."""

    engine: Engine = Engine()
    sessions: dict[str, Session]
    venues: dict[str, Venue]
    instruments: dict[str, Instrument]
    accounts: dict[str, Account]
    strategies: dict[str, Strategy] = attrs.field(factory=dict)
    policies: dict[str, Policy] = attrs.field(factory=dict)
    """Routing policies; one of a built-in's name takes its place."""
    feeds: dict[str, Feed] = attrs.field(factory=dict)
    """Market data from elsewhere than a session."""
    acceptor: Acceptor = attrs.field(factory=Acceptor)
    clients: dict[str, FixClient] = attrs.field(factory=dict)
    """Upstream systems that log on to us."""
    algos: dict[str, AlgoKind] = attrs.field(factory=dict)
    """Kinds of algo beside the built-in ones."""
    curves: dict[str, Curve] = attrs.field(factory=dict)
    """How a day's volume is spread, for algos."""
    rates: dict[str, Fixed] = attrs.field(factory=dict)
    """What one unit of a currency is worth in the base currency, until a rate is told."""
    limits: tuple[Limit, ...] = ()
    alerts: AlertSettings = attrs.field(factory=AlertSettings)

    def __attrs_post_init__(self) -> None:
        for currency, rate in self.rates.items():
            if rate <= 0:
                raise ValueError(f"rates.{currency}: must be greater than 0")
        same = self._same_limits() or self._same_venues()
        if same is not None:
            raise ValueError(same)
        for where, name, kind, known in self._references():
            if name not in known:
                raise ValueError(f"{where}: no {kind} named {name!r} is defined")
        wrong = (
            self._wrong_copies()
            or self._wrong_feeds()
            or self._wrong_bounds()
            or wrong_clients(self.clients, self.sessions, self.acceptor)
            or self._same_identities()
        )
        if wrong is not None:
            raise ValueError(wrong)

    def policy(self, name: str) -> Policy | None:
        """The routing policy of that name: a configured one, else a built-in."""
        return self.policies.get(name) or BUILT_IN.get(name)

    def symbols_of(self, session: str) -> tuple[str, ...]:
        """The instruments that trade at venues of this session."""
        venues = {v.name for v in self.venues.values() if v.session == session}
        return tuple(i.symbol for i in self.instruments.values() if venues & set(i.venues))

    def named(self) -> dict[str, Collection[str]]:
        """The names that are configured, by what a scope calls their kind."""
        return {
            "venue": self.venues,
            "symbol": self.instruments,
            "account": self.accounts,
            "strategy": self.strategies,
        }

    def _references(self) -> list[tuple[str, str, str, dict[str, object]]]:
        sessions: dict[str, object] = {**self.sessions}
        venues: dict[str, object] = {**self.venues}
        accounts: dict[str, object] = {**self.accounts}
        instruments: dict[str, object] = {**self.instruments}
        strategies: dict[str, object] = {**self.strategies}
        policies: dict[str, object] = {**BUILT_IN, **self.policies}
        found = [("engine.default_account", self.engine.default_account, "account", accounts)]
        found += [
            (f"venues.{v.name}.session", v.session, "session", sessions)
            for v in self.venues.values()
        ]
        for s in self.sessions.values():
            found += [
                (f"sessions.{s.name}.drop_copy_of", of, "session", sessions)
                for of in s.drop_copy_of
            ]
        for i in self.instruments.values():
            at = f"instruments.{i.symbol}"
            found += [(f"{at}.venues", v, "venue", venues) for v in i.venues]
            found += [(f"{at}.at", v, "venue", venues) for v in i.at]
            found.append((f"{at}.policy", i.policy, "routing policy", policies))
        found += [(f"feeds.{f.name}.venue", f.venue, "venue", venues) for f in self.feeds.values()]
        for p in self.policies.values():
            found += [(f"policies.{p.name}.venues", v, "venue", venues) for v in p.venues]
        kinds: dict[str, dict[str, object]] = {
            "account": accounts,
            "instrument": instruments,
            "venue": venues,
            "strategy": strategies,
            "routing policy": policies,
            "account or client": {**accounts, **self.clients},
        }
        found += [(at, name, kind, kinds[kind]) for at, name, kind in references(self.clients)]
        for n, limit in enumerate(self.limits):
            at = f"limits[{n}]"
            found += [
                (f"{at}.{key}", value, kind, known)
                for key, value, kind, known in (
                    ("account", limit.account, "account", accounts),
                    ("strategy", limit.strategy, "strategy", strategies),
                    ("symbol", limit.symbol, "instrument", instruments),
                    ("venue", limit.venue, "venue", venues),
                    ("session", limit.session, "session", sessions),
                    *(("symbols", name, "instrument", instruments) for name in limit.symbols),
                    *(("venues", name, "venue", venues) for name in limit.venues),
                )
                if value is not None
            ]
        return found

    def _wrong_copies(self) -> str | None:
        """A drop copy is of sessions that trade, each has one at most, and no order goes to it."""
        copied: dict[str, str] = {}
        for session in self.sessions.values():
            for of in session.drop_copy_of:
                at = f"sessions.{session.name}.drop_copy_of"
                if of == session.name or self.sessions[of].drop_copy_of:
                    return f"{at}: {of} is a drop copy itself"
                if of in copied:
                    return f"{at}: {copied[of]} is a drop copy of {of} already"
                copied[of] = session.name
        for venue in self.venues.values():
            if self.sessions[venue.session].drop_copy_of:
                return (
                    f"venues.{venue.name}.session: {venue.session} is a drop copy: it only listens"
                )
        return None

    def _wrong_feeds(self) -> str | None:
        """A book has one source: what two tell of it would be counted as the one's changes."""
        fed: dict[str, str] = {}
        for feed in self.feeds.values():
            at, session = f"feeds.{feed.name}.venue", self.venues[feed.venue].session
            if feed.venue in fed:
                return f"{at}: feeds.{fed[feed.venue]} tells the book of {feed.venue} already"
            if self.sessions[session].supports.market_data:
                return (
                    f"{at}: {feed.venue} is a venue of session {session}, which tells its books: "
                    f"say sessions.{session}.supports.market_data = false"
                )
            fed[feed.venue] = feed.name
        return None

    def _wrong_bounds(self) -> str | None:
        """What a venue asks of a quantity at least is no more than what it takes at most."""
        for instrument in self.instruments.values():
            for name, own in instrument.at.items():
                least = own.min_qty or instrument.min_qty or 0
                most = own.max_qty or instrument.max_qty or least
                if least > most:
                    at = f"instruments.{instrument.symbol}.at.{name}.min_qty"
                    return f"{at}: {text_of(least)} is above max_qty, {text_of(most)}"
        return None

    def _same_venues(self) -> str | None:
        """Two names of one place: a limit or kill of the one would be led around by the other."""
        seen: dict[tuple[str, str | None], str] = {}
        for venue in self.venues.values():
            place = (venue.session, venue.ex_destination)
            if place in seen:
                return (
                    f"venues.{venue.name}: is the same place as venues.{seen[place]}: session "
                    f"{venue.session}, ExDestination(100) {venue.ex_destination}"
                )
            seen[place] = venue.name
        return None

    def _same_identities(self) -> str | None:
        """Two sessions that FIX could not tell apart, to brokers or from clients."""
        seen: dict[tuple[str, str, str], str] = {}
        for section, named in (("sessions", self.sessions), ("clients", self.clients)):
            for name, of in named.items():
                own, at = identity(of), f"{section}.{name}"
                if own in seen:
                    return (
                        f"{at}: has the same identity as {seen[own]}: BeginString(8)={own[0]} "
                        f"SenderCompID(49)={own[1]} TargetCompID(56)={own[2]}"
                    )
                seen[own] = at
        return None

    def _same_limits(self) -> str | None:
        """Two limits of one name: whoever changes the one must not mean the other."""
        seen: dict[str, int] = {}
        for n, limit in enumerate(self.limits):
            if limit.name in seen:
                return (
                    f"limits[{n}]: is called {limit.name!r} like limits[{seen[limit.name]}]: "
                    "give one of them an id"
                )
            seen[limit.name] = n
        return None
