"""A counterparty as it is configured: its FIX session, what it can do, when it is there."""

from __future__ import annotations

from typing import Final

import attrs

from fix_oms.model.fix import FixVersion
from fix_oms.model.tls import BrokerTls
from fix_oms.model.units import SCALE, Fixed
from fix_oms.model.validators import (
    are_weekdays,
    is_name,
    is_person,
    is_port,
    is_time_of_day,
    not_empty,
    not_negative,
    positive,
)

DIGITS: Final = "0123456789"
READABLE: Final = DIGITS + "-"


def _few(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    if value > 20:  # each waits twice as long as the one before
        raise ValueError(f"{attribute.name}: must be at most 20")


@attrs.frozen(kw_only=True)
class Schedule:
    """When a session is up, in the counterparty's own time.

    ``logon``/``logout`` None means all day. ``weekdays`` are 0 (Monday) to 6; ``holidays`` ISO
    dates. ``reset`` is the time of day at which both sides start again at 1, or None for never.
    A logout at or before the logon means the next day (a session across midnight).
    """

    timezone: str = "UTC"
    logon: str | None = attrs.field(default=None, validator=is_time_of_day)
    logout: str | None = attrs.field(default=None, validator=is_time_of_day)
    weekdays: tuple[int, ...] = attrs.field(default=(0, 1, 2, 3, 4, 5, 6), validator=are_weekdays)
    holidays: tuple[str, ...] = ()
    reset: str | None = attrs.field(default=None, validator=is_time_of_day)

    def __attrs_post_init__(self) -> None:
        if (self.logon is None) != (self.logout is None):
            raise ValueError("logon: logon and logout are given together or not at all")


@attrs.frozen(kw_only=True)
class SilentExpiry:
    """The standing policy for a counterparty that sends no Expired: when its DAY orders end.

    That is ``grace_s`` after ``close``, a time of day in ``timezone``, on ``weekdays`` (0 is
    Monday) but not on ``holidays`` (ISO dates). ``by`` is the person who set it and answers for it.
    """

    by: str = attrs.field(validator=is_person)
    close: str = attrs.field(validator=is_time_of_day)
    timezone: str
    grace_s: int = attrs.field(default=900, validator=not_negative)
    weekdays: tuple[int, ...] = attrs.field(
        default=(0, 1, 2, 3, 4), validator=[not_empty, are_weekdays]
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
    market_depth: int = attrs.field(default=0, validator=not_negative)
    """MarketDepth(264) that is asked for: 0 is the full book, 1 its top. FIX defines these two for
    everybody, and venues that take neither say which they take; a router needs more than the top,
    and a cut book leaves nothing behind it when its best levels go."""
    positions: bool = False
    """PositionReports (35=AP) may be asked for (35=AN), and are compared with our executions."""
    security_status: bool = False
    """SecurityStatus (35=f) may be asked for (35=e): a halt of an instrument refuses its orders."""


@attrs.frozen(kw_only=True)
class Checks:
    """What a counterparty is asked after each logon and in the running day, and at what cost.

    A period of 0 is never. ``in_doubt_s`` is when a question about a request in doubt is put again
    (then after twice that, and so on, ``most_questions`` times); 0 is the session's
    ``answer_timeout_s``. ``open_orders_s``: all open orders, by a mass status request where there
    is one, else one by one those not heard of since. ``positions_s``: all positions, where it tells
    them. Single questions leave at ``questions_per_s`` at most.
    """

    in_doubt_s: int = attrs.field(default=0, validator=not_negative)
    most_questions: int = attrs.field(default=5, validator=[positive, _few])
    open_orders_s: int = attrs.field(default=600, validator=not_negative)
    positions_s: int = attrs.field(default=600, validator=not_negative)
    questions_per_s: int = attrs.field(default=100, validator=positive)
    hold_unheard: bool = True
    """After a logon, no new order of an account and symbol of which an order is unheard of."""


@attrs.frozen(kw_only=True)
class Session:
    """One FIX session. ``role`` is ``initiator`` (to a broker) or ``acceptor`` (from a client)."""

    name: str = attrs.field(validator=is_name)
    version: FixVersion
    sender_comp_id: str
    target_comp_id: str
    host: str = "127.0.0.1"
    port: int = attrs.field(validator=is_port)
    role: str = attrs.field(default="initiator", validator=attrs.validators.in_(("initiator",)))
    heartbeat_s: int = attrs.field(default=30, validator=positive)
    reconnect_s: int = attrs.field(default=5, validator=positive)
    username_env: str | None = None
    password_env: str | None = None
    password_file: str | None = None
    tls: BrokerTls | None = None
    """None: in plain."""
    reset_on_logon: bool = False
    """Both sides start at 1 at every logon (ResetSeqNumFlag(141)=Y)."""
    dictionary: str | None = None
    """A FIX dictionary of the broker's own (XML), instead of the installed one of the version."""
    dialect: str | None = None
    """A TOML overlay: the broker's tags, required extras and renamed codes (see wire/)."""
    supports: Supports = Supports()
    market_order_bps: Fixed = attrs.field(default=20 * SCALE, validator=not_negative)
    """Where it takes no market orders (``supports.market_orders``) one is sent as a limit that
    takes at once, at most so many hundredths of a percent beyond the touch. 0: it is refused."""
    min_interval_ms: int = attrs.field(default=0, validator=not_negative)
    """Shortest time between two messages of ours; 0 for none."""
    cl_ord_id_length: int = attrs.field(default=20, validator=positive)
    cl_ord_id_alphabet: str = READABLE
    """Characters a ClOrdID(11) may have, in counting order; with ``-`` it reads ``run-counter``."""
    busy_text: tuple[str, ...] = ("rate limit", "throttl", "too many", "busy")
    """A reject whose Text(58) holds one of these (any case) says: send less. So does 35=j 380=4."""
    answer_timeout_s: int = attrs.field(default=10, validator=positive)
    """A request unanswered for so long is in doubt and is asked about."""
    checks: Checks = Checks()
    schedule: Schedule = Schedule()
    cancel_on_disconnect: bool = False
    """After a loss of the session its working orders are cancelled as soon as it is back."""
    silent_expiry: SilentExpiry | None = None
    """None: a DAY order of which the broker says nothing more stays as it is, at the close too."""
    drop_copy_of: tuple[str, ...] = ()
    """The sessions whose executions this one repeats. It only listens: no venue may use it."""
    drop_copy_grace_s: int = attrs.field(default=30, validator=positive)
    """An execution that one of the two has had for so long and the other has not is a break."""
    drop_copy_unknown: bool = True
    """False: the copy tells of other systems' orders too, and what is of no order of ours is no
    break."""

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
