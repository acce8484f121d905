"""The configuration as values: what a TOML file may say, with its defaults and its own checks.

These classes only hold and check; ``fix_oms.model.settings_text`` turns plain data into them and
back and names file and key of each error. Secrets are never held here: a session names the
environment variable or the file that holds its password.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final

import attrs

from fix_oms.model.fix import FixVersion
from fix_oms.model.limits import Limit
from fix_oms.model.units import Fixed

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
DIGITS: Final = "0123456789"
READABLE: Final = DIGITS + "-"


def _name(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if not NAME.fullmatch(value):
        raise ValueError(
            f"{attribute.name}: {value!r} is no name (letters, digits, _ . -; at most 32)"
        )


def _positive(_: object, attribute: attrs.Attribute[int], value: int | None) -> None:
    if value is not None and value <= 0:
        raise ValueError(f"{attribute.name}: must be greater than 0")


def _not_negative(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    if value < 0:
        raise ValueError(f"{attribute.name}: must not be negative")


def _not_empty(_: object, attribute: attrs.Attribute[Any], value: tuple[object, ...]) -> None:
    if not value:
        raise ValueError(f"{attribute.name}: must name at least one")


def _weekdays(_: object, attribute: attrs.Attribute[Any], value: tuple[int, ...]) -> None:
    if any(day not in range(7) for day in value):
        raise ValueError(f"{attribute.name}: a weekday is 0 (Monday) to 6 (Sunday)")


def _person(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if not value.strip():
        raise ValueError(f"{attribute.name}: must name the person who answers for it")


def _port(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    if not 0 < value < 65536:
        raise ValueError(f"{attribute.name}: {value} is no TCP port (1 to 65535)")


def _time_of_day(_: object, attribute: attrs.Attribute[Any], value: str | None) -> None:
    if value is not None and not re.fullmatch(
        r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?", value
    ):
        raise ValueError(f"{attribute.name}: {value!r} is no time of day (HH:MM or HH:MM:SS)")


@attrs.frozen(kw_only=True)
class Schedule:
    """When a session is up, in the counterparty's own time.

    ``logon``/``logout`` None means all day. ``weekdays`` are 0 (Monday) to 6; ``holidays`` ISO
    dates. ``reset`` is the time of day at which both sides start again at 1, or None for never.
    A logout at or before the logon means the next day (a session across midnight).
    """

    timezone: str = "UTC"
    logon: str | None = attrs.field(default=None, validator=_time_of_day)
    logout: str | None = attrs.field(default=None, validator=_time_of_day)
    weekdays: tuple[int, ...] = attrs.field(default=(0, 1, 2, 3, 4, 5, 6), validator=_weekdays)
    holidays: tuple[str, ...] = ()
    reset: str | None = attrs.field(default=None, validator=_time_of_day)

    def __attrs_post_init__(self) -> None:
        if (self.logon is None) != (self.logout is None):
            raise ValueError("logon: logon and logout are given together or not at all")


@attrs.frozen(kw_only=True)
class SilentExpiry:
    """The standing policy for a counterparty that sends no Expired: when its DAY orders end.

    That is ``grace_s`` after ``close``, a time of day in ``timezone``, on ``weekdays`` (0 is
    Monday) but not on ``holidays`` (ISO dates). ``by`` is the person who set it and answers for it.
    """

    by: str = attrs.field(validator=_person)
    close: str = attrs.field(validator=_time_of_day)
    timezone: str
    grace_s: int = attrs.field(default=900, validator=_not_negative)
    weekdays: tuple[int, ...] = attrs.field(
        default=(0, 1, 2, 3, 4), validator=[_not_empty, _weekdays]
    )
    holidays: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Supports:
    """What a counterparty can do. The engine falls back on what is left; wire refuses by name."""

    status: bool = True
    mass_status: bool = True
    mass_cancel: bool = True
    replace: bool = True
    stop_orders: bool = True
    market_orders: bool = True
    done_for_day: bool = True
    expired: bool = True
    market_data: bool = False
    positions: bool = False
    """PositionReports (35=AP) may be asked for (35=AN), and are compared with our executions."""
    security_status: bool = False
    """SecurityStatus (35=f) may be asked for (35=e): a halt of an instrument refuses its orders."""


@attrs.frozen(kw_only=True)
class Session:
    """One FIX session. ``role`` is ``initiator`` (to a broker) or ``acceptor`` (from a client)."""

    name: str = attrs.field(validator=_name)
    version: FixVersion
    sender_comp_id: str
    target_comp_id: str
    host: str = "127.0.0.1"
    port: int = attrs.field(validator=_port)
    role: str = attrs.field(default="initiator", validator=attrs.validators.in_(("initiator",)))
    heartbeat_s: int = attrs.field(default=30, validator=_positive)
    reconnect_s: int = attrs.field(default=5, validator=_positive)
    username_env: str | None = None
    password_env: str | None = None
    password_file: str | None = None
    reset_on_logon: bool = False
    """Both sides start at 1 at every logon (ResetSeqNumFlag(141)=Y)."""
    dictionary: str | None = None
    """A FIX dictionary of the broker's own (XML), instead of the installed one of the version."""
    dialect: str | None = None
    """A TOML overlay: the broker's tags, required extras and renamed codes (see wire/)."""
    supports: Supports = Supports()
    min_interval_ms: int = attrs.field(default=0, validator=_not_negative)
    """Shortest time between two messages of ours; 0 for none."""
    cl_ord_id_length: int = attrs.field(default=20, validator=_positive)
    cl_ord_id_alphabet: str = READABLE
    """Characters a ClOrdID(11) may have, in counting order; with ``-`` it reads ``run-counter``."""
    busy_text: tuple[str, ...] = ("rate limit", "throttl", "too many", "busy")
    """A reject whose Text(58) holds one of these (any case) says: send less. So does 35=j 380=4."""
    answer_timeout_s: int = attrs.field(default=10, validator=_positive)
    """A request unanswered for so long is in doubt and is asked about."""
    schedule: Schedule = Schedule()
    cancel_on_disconnect: bool = False
    """After a loss of the session its working orders are cancelled as soon as it is back."""
    silent_expiry: SilentExpiry | None = None
    """None: a DAY order of which the broker says nothing more stays as it is, at the close too."""

    def __attrs_post_init__(self) -> None:
        if self.silent_expiry is not None and self.supports.expired:
            raise ValueError(
                "silent_expiry: is for a counterparty that sends no Expired: say "
                "supports.expired = false"
            )
        if self.password_env and self.password_file:
            raise ValueError("password_file: give password_env or password_file, not both")
        digits = self.cl_ord_id_alphabet.replace("-", "")
        if len(set(digits)) != len(digits) or len(digits) < 10:
            raise ValueError("cl_ord_id_alphabet: needs at least 10 characters, each once")


@attrs.frozen(kw_only=True)
class Venue:
    """Where orders go: a session, and where the session serves several, an ExDestination(100).

    ``hours`` are the venue's own (``logon`` to ``logout`` in a schedule's words); None: always.
    """

    name: str = attrs.field(validator=_name)
    session: str
    ex_destination: str | None = None
    hours: Schedule | None = None


@attrs.frozen(kw_only=True)
class Instrument:
    """A contract. ``venues`` are the ones the router may choose from, best first.

    ``multiplier`` turns price times quantity into money. ``reference`` is the price that collar and
    value controls use while no quote is there. ``min_notional`` is money; ``margin_pct`` the part
    of a position's worst-case value that uses up buying power. ``rate_of`` names a currency of
    which its price is the rate in the base currency, so that its quotes feed that rate.
    """

    symbol: str
    venues: tuple[str, ...] = attrs.field(validator=_not_empty)
    tick: Fixed = attrs.field(default=1_000_000, validator=_positive)
    lot: Fixed = attrs.field(default=100_000_000, validator=_positive)
    currency: str = "USD"
    multiplier: Fixed = attrs.field(default=100_000_000, validator=_positive)
    reference: Fixed | None = attrs.field(default=None, validator=_positive)
    min_qty: Fixed | None = attrs.field(default=None, validator=_positive)
    max_qty: Fixed | None = attrs.field(default=None, validator=_positive)
    min_notional: Fixed | None = attrs.field(default=None, validator=_positive)
    rate_of: str | None = None
    margin_pct: Fixed = attrs.field(default=10_000_000_000, validator=_positive)


@attrs.frozen(kw_only=True)
class Account:
    """Whose position it is. ``broker_account`` is what Account(1) carries, where it differs."""

    name: str = attrs.field(validator=_name)
    broker_account: str | None = None


@attrs.frozen(kw_only=True)
class Strategy:
    """A name that orders may carry, so that limits and kills can be scoped to it.

    It must be defined: a limit for a strategy that is spelt wrongly is a limit that is off.
    """

    name: str = attrs.field(validator=_name)


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
    market_buffer_pct: Fixed = attrs.field(default=500_000_000, validator=_not_negative)
    """A market order is valued at its reference price plus this many percent."""
    day_starts: str = attrs.field(default="00:00", validator=_time_of_day)
    """When a day begins, in UTC: the loss limit counts from it, position feeds number from it."""
    quote_max_age_s: int = attrs.field(default=60, validator=_positive)
    """An older quote is stale: it is no reference for anything."""


@attrs.frozen(kw_only=True)
class Settings:
    """A whole configuration, cross-checked: every name that is used is defined."""

    engine: Engine = Engine()
    sessions: dict[str, Session]
    venues: dict[str, Venue]
    instruments: dict[str, Instrument]
    accounts: dict[str, Account]
    strategies: dict[str, Strategy] = attrs.field(factory=dict)
    rates: dict[str, Fixed] = attrs.field(factory=dict)
    """What one unit of a currency is worth in the base currency, until a rate is told."""
    limits: tuple[Limit, ...] = ()

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
        seen: dict[tuple[str, str, str], str] = {}
        for s in self.sessions.values():
            identity = (s.version.begin_string, s.sender_comp_id, s.target_comp_id)
            if identity in seen:
                raise ValueError(
                    f"sessions.{s.name}: has the same identity as sessions.{seen[identity]}: "
                    f"BeginString(8)={identity[0]} SenderCompID(49)={identity[1]} "
                    f"TargetCompID(56)={identity[2]}"
                )
            seen[identity] = s.name

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
        found = [("engine.default_account", self.engine.default_account, "account", accounts)]
        found += [
            (f"venues.{v.name}.session", v.session, "session", sessions)
            for v in self.venues.values()
        ]
        for i in self.instruments.values():
            found += [(f"instruments.{i.symbol}.venues", v, "venue", venues) for v in i.venues]
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
