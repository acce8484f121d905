"""What a file of venues may say: where each listens, what it trades, and how it behaves.

A behaviour is data, so that a test, a TOML file and ``fix-oms venue set`` all say it in the same
words. The file is read by the converter that reads the engine's own configuration: strict, exact,
and with file, key and reason in every error.
"""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Any, Final

import attrs

from fix_oms.model.errors import SettingsError
from fix_oms.model.fix import FixVersion
from fix_oms.model.routing import NO_FEES, Fees
from fix_oms.model.settings_text import nearest, structure
from fix_oms.model.units import SCALE, Fixed, text_of
from fix_oms.model.validators import NAME

DEFAULT_FILE: Final = "config/venues.toml"

LARGEST: Final = 10**10 * SCALE
"""What the journal can hold of one number: 64 bits."""

BUSINESS_REJECT: Final = "business_reject"
REJECT: Final = "reject"


def _not_negative(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    if value < 0:
        raise ValueError(f"{attribute.name}: must not be negative")


def _positive(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    if value <= 0:
        raise ValueError(f"{attribute.name}: must be greater than 0")


def _amount(_: object, attribute: attrs.Attribute[Fixed], value: Fixed) -> None:
    if not 0 < value <= LARGEST:
        raise ValueError(f"{attribute.name}: must be greater than 0 and at most 10^10")


def _rate(_: object, attribute: attrs.Attribute[float], value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"{attribute.name}: is a share of 1, from 0.0 (never) to 1.0 (always)")


def _comp_id(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if not NAME.fullmatch(value):
        raise ValueError(
            f"{attribute.name}: {value!r} is no CompID (letters, digits, _ . -; at most 32)"
        )


def _ratio(_: object, attribute: attrs.Attribute[float], value: float) -> None:
    if not 0 <= value < math.inf:
        raise ValueError(f"{attribute.name}: must not be negative, nor infinite")


@attrs.frozen(kw_only=True)
class Latency:
    """How long something is on its way: ``us`` at least, and longer by chance, exponentially, by
    ``jitter_us`` in the mean. Nothing overtakes what went before it on the same session."""

    us: int = attrs.field(default=0, validator=_not_negative)
    jitter_us: int = attrs.field(default=0, validator=_not_negative)


AT_ONCE: Final = Latency()


@attrs.frozen(kw_only=True)
class Behaviour:
    """How a venue answers. Every one can be changed while it runs."""

    ack_delay_ms: int = attrs.field(default=0, validator=_not_negative)
    """Requests are looked at so much later. What happens in between crosses them."""
    pending_reports: bool = False
    """Say PendingCancel and PendingReplace as soon as the request is in, before looking at it."""
    fill_slices: int = attrs.field(default=1, validator=_positive)
    """An order that can trade at once does so in this many parts …"""
    fill_interval_ms: int = attrs.field(default=0, validator=_not_negative)
    """… so far apart. In between it stands outside the book; IOC and FOK are never sliced."""
    auto_fill: str = attrs.field(
        default="none", validator=attrs.validators.in_(("none", "marketable", "limit"))
    )
    """``none``: only the book fills. ``marketable``: what crosses the book fills in full, also
    beyond what is shown. ``limit``: every limit order fills in full at its own price."""
    refill_ms: int = attrs.field(default=0, validator=_not_negative)
    """The venue's own levels are put back to their full size so long after a trade; 0 is never."""
    reject_rate: float = attrs.field(default=0.0, validator=_rate)
    """This share of new orders is rejected, drawn from the venue's seed."""
    cancel_reject_rate: float = attrs.field(default=0.0, validator=_rate)
    """This share of cancels and replaces is rejected."""
    silence: bool = False
    """Takes everything, works it, and answers nothing: no report leaves, and none later."""
    busy: bool = False
    """Refuses every request, in the way of ``busy_answer``."""
    busy_answer: str = attrs.field(
        default=BUSINESS_REJECT, validator=attrs.validators.in_((BUSINESS_REJECT, REJECT))
    )
    """``business_reject`` is 35=j 380=4; ``reject`` is the request's own reject with Text(58)."""
    rate_limit_per_s: int = attrs.field(default=0, validator=_not_negative)
    """More messages than this in a second of one session are refused as when busy; 0: no limit."""
    request_latency: Latency = AT_ONCE
    """On its way in: an order, cancel or replace is looked at so much later, on top of
    ``ack_delay_ms``."""
    report_latency: Latency = AT_ONCE
    """On its way out: what the venue says of orders leaves so much after it has happened."""
    data_latency: Latency = AT_ONCE
    """The same for market data: what is shown is so old when it leaves."""
    fees: Fees = NO_FEES
    """The tariff. Where it is not all 0, each execution tells its fee."""
    dark: bool = False
    """Publishes no book, only trades, and trades at the efficient price (or else the reference)
    where both limits allow it, otherwise at the limit nearest to it."""
    flow_pace: float = attrs.field(default=1.0, validator=_ratio)
    """Other traders come so many times as often as their listing says; 0: nobody comes."""


@attrs.frozen(kw_only=True)
class Level:
    """One price level of the venue's own resting orders."""

    price: Fixed = attrs.field(validator=_amount)
    size: Fixed = attrs.field(validator=_amount)
    display: Fixed | None = attrs.field(
        default=None, validator=attrs.validators.optional(_not_negative)
    )
    """So much of it is shown at a time, and 0 is nothing; all of it unless given."""


@attrs.frozen(kw_only=True)
class Flow:
    """Other traders of one symbol, who know its worth and nothing else: zero intelligence.

    Limit, market and cancel orders come independently, at exponential intervals, as in Farmer,
    Patelli and Zovko (The predictive power of zero intelligence in financial markets, PNAS 102,
    2005) and Cont, Stoikov and Talreja (A stochastic model for order book dynamics, Operations
    Research 58, 2010). Their centre is not the book but an efficient price, which venues share.
    """

    limit_per_s: float = attrs.field(validator=_ratio)
    """Limit orders, both sides together."""
    market_per_s: float = attrs.field(validator=_ratio)
    """Market orders, both sides together. One side where the quotes lie beyond the efficient
    price, else either."""
    cancel_per_s: float = attrs.field(validator=_ratio)
    """Each resting order is cancelled at this rate; first those that the price has run through."""
    limit_lots: int = attrs.field(default=3, validator=_positive)
    """The mean size of a limit order, in lots (geometric)."""
    market_lots: int = attrs.field(default=3, validator=_positive)
    """The same for a market order."""
    margin_ticks: float = attrs.field(default=0.5, validator=_ratio)
    """No displayed order is placed nearer to the efficient price …"""
    depth_ticks: float = attrs.field(default=3.0, validator=_ratio)
    """… and they lie so much further away in the mean (exponential)."""
    volatility: float = attrs.field(default=0.0, validator=_ratio)
    """The standard deviation of the efficient price's change in one second, in ticks."""
    price_seed: int = 1
    """Venues that share it, ``volatility`` and the listing's reference share the price."""
    lag_ms: int = attrs.field(default=0, validator=_not_negative)
    """The traders of this venue see it so much later."""
    hidden: float = attrs.field(default=0.0, validator=_rate)
    """This share of the limit orders shows nothing; it may lie within the margin."""
    iceberg: float = attrs.field(default=0.0, validator=_rate)
    """This share shows only a part …"""
    peak_lots: int = attrs.field(default=1, validator=_positive)
    """… of so many lots at a time."""

    def __attrs_post_init__(self) -> None:
        if self.hidden + self.iceberg > 1:
            raise ValueError("iceberg: with hidden it is more than all orders")
        if self.limit_per_s and not self.cancel_per_s:
            raise ValueError("cancel_per_s: must be greater than 0, or the book grows for ever")


@attrs.frozen(kw_only=True)
class Listing:
    """A symbol that the venue trades. ``reference`` prices a market order that meets no quote."""

    tick: Fixed = attrs.field(default=SCALE // 100, validator=_amount)
    lot: Fixed = attrs.field(default=SCALE, validator=_amount)
    reference: Fixed | None = attrs.field(
        default=None, validator=attrs.validators.optional(_amount)
    )
    bids: tuple[Level, ...] = ()
    asks: tuple[Level, ...] = ()
    flow: Flow | None = None
    """Other traders; None: there are none. Their efficient price starts at the reference."""

    def __attrs_post_init__(self) -> None:
        if self.flow is not None and self.reference is None:
            raise ValueError("reference: is needed for the flow, whose price starts there")
        for side, levels in (("bids", self.bids), ("asks", self.asks)):
            for n, level in enumerate(levels):
                if level.price % self.tick:
                    raise ValueError(
                        f"{side}[{n}].price: {text_of(level.price)} is no multiple of the "
                        f"tick {text_of(self.tick)}"
                    )
                if level.size % self.lot:
                    raise ValueError(
                        f"{side}[{n}].size: {text_of(level.size)} is no multiple of the "
                        f"lot {text_of(self.lot)}"
                    )
                if level.display is not None and level.display % self.lot:
                    raise ValueError(
                        f"{side}[{n}].display: {text_of(level.display)} is no multiple of the "
                        f"lot {text_of(self.lot)}"
                    )
        if self.bids and self.asks:
            bid, ask = max(b.price for b in self.bids), min(a.price for a in self.asks)
            if bid >= ask:
                raise ValueError(f"asks: {text_of(ask)} crosses the bid {text_of(bid)}")


@attrs.frozen(kw_only=True)
class VenueSettings:
    """One venue: a port, its CompID, who may log on, and what it does."""

    version: FixVersion
    port: int
    comp_id: str = attrs.field(validator=_comp_id)
    clients: tuple[str, ...]
    seed: int = 1
    listings: dict[str, Listing]
    behaviour: Behaviour = Behaviour()
    drop_copies: dict[str, str] = attrs.field(factory=dict)
    """Clients that are told every ExecutionReport of another one: copy = whose."""

    def __attrs_post_init__(self) -> None:
        for pair in self.drop_copies.items():
            for client in pair:
                if client not in self.clients:
                    raise ValueError(f"drop_copies: {client!r} is none of the clients")
        if not 0 < self.port < 65536:
            raise ValueError(f"port: {self.port} is no TCP port (1 to 65535)")
        if not self.clients:
            raise ValueError("clients: name at least one CompID that may log on")
        for client in self.clients:
            if not NAME.fullmatch(client):
                raise ValueError(f"clients: {client!r} is no CompID (letters, digits, _ . -)")
        if len(set(self.clients)) < len(self.clients):
            raise ValueError("clients: a CompID stands twice")


@attrs.frozen(kw_only=True)
class VenuesFile:
    """A whole file. ``work_dir`` holds journals, session stores and sockets of all its venues; it
    is relative to the file."""

    work_dir: str = "var/venues"
    venues: dict[str, VenueSettings]

    def __attrs_post_init__(self) -> None:
        if not self.venues:
            raise ValueError("venues: the file defines no venue")
        ports: dict[int, str] = {}
        for name, venue in self.venues.items():
            if not NAME.fullmatch(name):
                raise ValueError(f"venues: {name!r} is no name (letters, digits, _ . -)")
            if venue.port in ports:
                raise ValueError(f"venues.{name}.port: {venue.port} is {ports[venue.port]}'s")
            ports[venue.port] = name


def load(path: Path) -> VenuesFile:
    """The venues of a TOML file. Raises SettingsError."""
    try:
        mapping = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(str(path), "", "there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(str(path), "", f"cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(str(path), "", f"is not TOML: {error}") from None
    return structure(VenuesFile, mapping, str(path))


def work_dir(path: Path, file: VenuesFile) -> Path:
    """The absolute working directory of the venues in the file at ``path``."""
    return (path.resolve().parent / file.work_dir).resolve()


def changed(behaviour: Behaviour, key: str, text: str) -> Behaviour:
    """``behaviour`` with one value given as text; ``key`` may lead into a table, ``fees.taker``.

    Raises SettingsError, naming the key.
    """
    name, _, rest = key.partition(".")
    fields = attrs.fields_dict(Behaviour)
    if name not in fields:
        raise SettingsError("behaviour", key, f"unknown key{nearest(name, list(fields))}")
    old = getattr(behaviour, name)
    if not attrs.has(type(old)):
        value = _read(fields[name].type, text)
    elif rest in (inner := attrs.fields_dict(type(old))):
        value = {**_plain(old), rest: _read(inner[rest].type, text)}
    else:
        hint = nearest(rest, list(inner)) or f" (there is {', '.join(inner)})"
        raise SettingsError("behaviour", key, f"unknown key{hint}")
    return structure(Behaviour, {**_plain(behaviour), name: value}, "behaviour")


def words(behaviour: Behaviour) -> dict[str, bool | int | float | str]:
    """Each value under the key that :func:`changed` knows it by."""
    found: dict[str, bool | int | float | str] = {}
    for key, value in _plain(behaviour).items():
        if isinstance(value, dict):
            found |= {f"{key}.{inner}": part for inner, part in value.items()}
        else:
            found[key] = value
    return found


def _plain(value: Any) -> dict[str, Any]:
    """The values of an attrs object as TOML holds them."""
    plain: dict[str, Any] = {}
    for field in attrs.fields(type(value)):
        held = getattr(value, field.name)
        if attrs.has(type(held)):
            held = _plain(held)
        elif field.type in (Fixed, "Fixed"):
            held = text_of(held)
        plain[field.name] = held
    return plain


def _read(kind: object, text: str) -> object:
    """The value that TOML would have made of ``text`` for this kind of key."""
    if kind in (bool, "bool"):
        return {"true": True, "false": False, "on": True, "off": False}.get(text.lower(), text)
    try:
        if kind in (int, "int"):
            return int(text)
        if kind in (float, "float"):
            return float(text)
    except ValueError:
        pass  # left as text: the converter names the key and says what it must be
    return text
