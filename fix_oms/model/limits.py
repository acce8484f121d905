"""One risk limit as a value: which control, how much, where it holds and what it counts apart.

Every limit that matches an order holds, so the tightest wins. A limit's *scope* says which orders
it looks at: all given dimensions together; what is not given is anywhere. Its *per* says which of
them it counts apart: ``message_rate`` with no scope is one throttle for the firm, with
``per = ["account"]`` one for each account.

A limit has a name (``id``, or made of control and scope), by which people look at it, change it and
override it while the engine runs. A *soft* limit may be overridden by a named person, for a number
of orders and a time; a hard one only changed.
"""

from __future__ import annotations

from typing import Any, Final

import attrs

from fix_oms.model.controls import CONTROLS, COUNTS, DIMENSIONS, LIMITED
from fix_oms.model.fix import OrdType, Side
from fix_oms.model.units import SCALE, Fixed, Notional, text_of

SELF_MATCH: Final = ("refuse", "cancel_resting", "cancel_both")
AGAINST: Final[dict[str, tuple[str, ...]]] = {
    "price_collar": ("touch", "last", "reference"),
    "unconfirmed_fills": ("likely", "certain"),
}
"""What a limit may be measured against, by control; the first where it does not say."""
_LISTS: Final = ("symbols", "venues", "ord_types", "sides")


@attrs.frozen(kw_only=True)
class Limit:
    """The unit of ``limit`` is the control's (``fix_oms.model.controls``).

    ``action`` is for ``self_match``, the lists are for ``permission``. ``against`` is for
    ``price_collar`` (touch: the near side of the venue's quote, else what a person set, else the
    configuration's reference) and for ``unconfirmed_fills`` (likely: the fewest that the feed may
    lack; certain: the most, for feeds that tell quantities alone). ``reserve_hedge_pct`` is for
    ``message_rate``: the share that only hedges may use. ``currency`` is that of a money
    limit: of one order, the instrument's where it is not given; of sums, the engine's base
    currency. ``note`` is told to people with a refusal.
    """

    control: str = attrs.field(validator=attrs.validators.in_(LIMITED))
    limit: Fixed = 0
    id: str = ""
    window_s: int | None = None
    soft: bool = False
    account: str | None = None
    strategy: str | None = None
    symbol: str | None = None
    venue: str | None = None
    session: str | None = None
    per: tuple[str, ...] | None = None
    action: str = ""
    against: str = ""
    symbols: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    ord_types: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    currency: str | None = None
    reserve_hedge_pct: Fixed = 0
    note: str = ""

    def __attrs_post_init__(self) -> None:
        for key, reason in self._wrong():
            raise ValueError(f"{key}: {reason}")

    def _wrong(self) -> list[tuple[str, str]]:
        control = CONTROLS[self.control]
        found = []
        if control.unit and (self.limit < 0 or (control.least and not self.limit)):
            bound = "greater than 0" if control.least else "0 or more"
            found.append(("limit", f"must be {bound} ({control.unit}) for {self.control}"))
        if control.most is not None and self.limit > control.most * SCALE:
            found.append(("limit", f"must be at most {control.most} for {self.control}"))
        if control.unit in COUNTS and self.limit % SCALE:
            found.append(("limit", f"is a count of {control.unit}: a whole number"))
        if not control.unit and self.limit:
            found.append(("limit", f"{self.control} takes none: its scope says all"))
        if self.window_s is not None and not control.window_s:
            found.append(("window_s", f"{self.control} has no window"))
        if self.window_s is not None and self.window_s <= 0:
            found.append(("window_s", "must be greater than 0"))
        found += [
            (name, f"does not go with {self.control}")
            for name in (*_LISTS, "action", "against", "currency", "reserve_hedge_pct")
            if getattr(self, name) and name not in control.keys
        ]
        if not 0 <= self.reserve_hedge_pct < 100 * SCALE:
            found.append(("reserve_hedge_pct", "must be 0 or more, and less than 100"))
        found += [
            ("per", f"{name!r} is none of {', '.join(DIMENSIONS)}")
            for name in self.per or ()
            if name not in DIMENSIONS
        ]
        found += [
            ("per" if name in (self.per or ()) else name, f"{self.control} is not of a {name}")
            for name in DIMENSIONS
            if name not in control.within and (name in self.scope or name in (self.per or ()))
        ]
        return [*found, *self._wrong_words()]

    def _wrong_words(self) -> list[tuple[str, str]]:
        known: dict[str, tuple[str, ...]] = {
            "action": ("", *SELF_MATCH),
            "against": ("", *AGAINST.get(self.control, ())),
            "ord_types": tuple(t.name.lower() for t in OrdType),
            "sides": tuple(s.name.lower() for s in Side),
        }
        found = []
        for key, words in known.items():
            held = getattr(self, key)
            for word in (held,) if isinstance(held, str) else held:
                if word not in words:
                    options = ", ".join(w for w in words if w)
                    found.append((key, f"{word!r} is none of {options}"))
        if self.control == "permission" and not any(getattr(self, name) for name in _LISTS):
            found.append(("control", f"permission needs one of {', '.join(_LISTS)}"))
        return found

    @property
    def name(self) -> str:
        """What people call it: its id, or control and scope (``max_order_qty:account=DESK``)."""
        if self.id:
            return self.id
        kind = f"{self.control}/{self.against}" if self.against else self.control
        scope = ",".join(f"{key}={value}" for key, value in self.scope.items())
        return f"{kind}:{scope}" if scope else kind

    @property
    def scope(self) -> dict[str, str]:
        """The dimensions that are given."""
        found: dict[str, Any] = {key: getattr(self, key) for key in DIMENSIONS}
        return {key: value for key, value in found.items() if value is not None}

    @property
    def apart(self) -> tuple[str, ...]:
        """The dimensions that it counts apart."""
        control = CONTROLS[self.control]
        per = control.per if self.per is None else self.per
        return tuple(dict.fromkeys((*per, *control.always)))

    @property
    def seconds(self) -> int:
        """Its window."""
        return CONTROLS[self.control].window_s if self.window_s is None else self.window_s

    @property
    def text(self) -> str:
        """How much, in words: ``500 messages in 1 s``."""
        control = CONTROLS[self.control]
        if not control.unit:
            return ""
        within = f" in {self.seconds} s" if self.seconds else ""
        return f"{text_of(self.limit)} {control.unit}{within}"


def notional_limit(limit: Fixed) -> Notional:
    """A money limit as a notional, to compare with price times quantity."""
    return limit * SCALE
