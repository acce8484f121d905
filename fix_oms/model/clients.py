"""A client as it is configured: an upstream system that logs on to us and trades through us.

A client is the other way round of a session: it connects, we are the acceptor, and what a broker
tells us we tell it, in its version of FIX and with its own ClOrdIDs. What it may do is said here
and nowhere in what it sends: which accounts, symbols and venues it may name, which messages it may
send. How *much* it may do is said where all limits are (``[[limits]]``): a client that carries a
strategy of its own is limited, halted and killed by that strategy. Only what is about its session
stands here: how many messages a second it may send, how many orders it may have open.

A client with ``drop_copy`` sends nothing and receives a copy of each ExecutionReport, for a desk
that watches others.

Secrets are never held: a client names the environment variable or the file with its password.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterator, Mapping

import attrs

from fix_oms.model.counterparty import Session
from fix_oms.model.fix import FixVersion
from fix_oms.model.tls import ClientTls
from fix_oms.model.validators import is_name, is_port, not_empty, not_negative, positive


def _are_addresses(
    _: object, attribute: attrs.Attribute[tuple[str, ...]], value: tuple[str, ...]
) -> None:
    for text in value:
        try:
            ipaddress.IPv4Address(text)
        except ValueError:
            raise ValueError(
                f"{attribute.name}: {text[:64]!r} is no IPv4 address in numbers"
            ) from None


def _is_comp_id(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if not value or not value.isascii() or not value.isprintable() or len(value) > 64:
        raise ValueError(f"{attribute.name}: must be 1 to 64 printable ASCII characters")


def _is_optional_port(_: object, attribute: attrs.Attribute[int], value: int | None) -> None:
    if value is not None:
        is_port(_, attribute, value)


@attrs.frozen(kw_only=True)
class Permissions:
    """Which messages a client may send, and orders of which kinds. What it may not is rejected."""

    new: bool = True
    """NewOrderSingle (35=D)."""
    replace: bool = True
    """OrderCancelReplaceRequest (35=G)."""
    cancel: bool = True
    """OrderCancelRequest (35=F)."""
    mass_cancel: bool = True
    """OrderMassCancelRequest (35=q)."""
    status: bool = True
    """OrderStatusRequest (35=H) and OrderMassStatusRequest (35=AF)."""
    market_orders: bool = True
    stop_orders: bool = True
    short_sales: bool = False
    """Side(54) 5 and 6."""


@attrs.frozen(kw_only=True)
class FixClient:
    """One FIX session that an upstream system logs on to. The CompIDs are as in our messages:
    ``sender_comp_id`` is ours, ``target_comp_id`` the client's."""

    name: str = attrs.field(validator=is_name)
    version: FixVersion
    sender_comp_id: str = attrs.field(validator=_is_comp_id)
    target_comp_id: str = attrs.field(validator=_is_comp_id)
    port: int | None = attrs.field(default=None, validator=_is_optional_port)
    """Where it logs on; None: at the port of ``[acceptor]``."""
    allowed: tuple[str, ...] = attrs.field(
        default=("127.0.0.1",), validator=[not_empty, _are_addresses]
    )
    """The addresses that it may come from."""
    heartbeat_s: int = attrs.field(default=30, validator=positive)
    certificate_names: tuple[str, ...] = ()
    """Where ``acceptor.tls`` asks for certificates: its own must be for one of these (by an
    alternative name or the common name); none given: any that an authority of ours has signed."""
    username: str | None = None
    password_env: str | None = None
    password_file: str | None = None
    reset_on_logon: bool = False
    """Both sides start at 1 at every logon."""
    dictionary: str | None = None
    """A FIX dictionary of the client's own (XML), instead of the installed one of the version."""
    accounts: tuple[str, ...] = ()
    """The accounts that it may use in Account(1); the first where it names none."""
    strategy: str | None = None
    """What its orders carry, so that limits, halts and kills can be scoped to them."""
    symbols: tuple[str, ...] = ()
    """The instruments that it may trade; none given: all."""
    venues: tuple[str, ...] = ()
    """The venues that it may name in ExDestination(100), by our names; none given: all."""
    may: Permissions = Permissions()
    policy: str | None = None
    """Orders that name no venue become parents, which this routing policy routes; None: they go
    as they are to the best venue that the engine knows for the instrument."""
    messages_per_s: int = attrs.field(default=100, validator=positive)
    """What it sends faster is rejected, cancels excepted, once ``burst`` have come at once."""
    burst: int = attrs.field(default=200, validator=positive)
    flood_per_s: int = attrs.field(default=1000, validator=positive)
    """At so many messages in a second, of whatever kind, it is logged out."""
    max_message_bytes: int = attrs.field(default=65_536, validator=positive)
    max_open_orders: int = attrs.field(default=1000, validator=positive)
    cancel_on_disconnect: bool = False
    """Its working orders are cancelled when it is gone for ``disconnect_grace_s``."""
    disconnect_grace_s: int = attrs.field(default=0, validator=not_negative)
    resend_window_s: int = attrs.field(default=60, validator=not_negative)
    """What was sent so long before a disconnect may not have arrived: after a reset of the numbers
    it is sent once more, with PossResend(97)=Y."""
    drop_copy: bool = False
    """It sends no orders, and receives a copy of the ExecutionReports of others."""
    copies_of: tuple[str, ...] = ()
    """Accounts and clients whose reports are copied to it; none given: everybody's."""

    def __attrs_post_init__(self) -> None:
        if self.password_env and self.password_file:
            raise ValueError("password_file: give password_env or password_file, not both")
        if self.drop_copy:
            for key in ("accounts", "symbols", "venues", "policy", "strategy"):
                if getattr(self, key):
                    raise ValueError(f"{key}: a drop copy sends no orders")
            if self.cancel_on_disconnect:
                raise ValueError("cancel_on_disconnect: a drop copy has no orders")
        elif self.copies_of:
            raise ValueError("copies_of: is for a client with drop_copy = true")
        elif not self.accounts:
            raise ValueError("accounts: must name at least one, of which the first is the default")
        if self.burst < self.messages_per_s:
            raise ValueError("burst: must not be below messages_per_s")

    def copies(self, account: str, client: str) -> bool:
        """Whether it is a drop copy that is told of orders of this account and client (or none)."""
        of = self.copies_of
        return self.drop_copy and (not of or account in of or client in of)


@attrs.frozen(kw_only=True)
class Acceptor:
    """What the clients share: the ``port`` that they log on to where theirs is not their own, and
    how TLS is spoken."""

    port: int | None = attrs.field(default=None, validator=_is_optional_port)
    tls: ClientTls | None = None
    """What is spoken at the ports of all clients; None: plain text."""


Identity = tuple[str, str, str]


def identity(of: Session | FixClient) -> Identity:
    """BeginString(8), SenderCompID(49), TargetCompID(56): what tells sessions apart."""
    return of.version.begin_string, of.sender_comp_id, of.target_comp_id


def references(
    clients: Mapping[str, FixClient],
) -> Iterator[tuple[str, str, str]]:
    """Every name that a client uses: where it stands, the name, and the kind of what it names."""
    for client in clients.values():
        at = f"clients.{client.name}"
        yield from ((f"{at}.accounts", name, "account") for name in client.accounts)
        yield from ((f"{at}.symbols", name, "instrument") for name in client.symbols)
        yield from ((f"{at}.venues", name, "venue") for name in client.venues)
        yield from ((f"{at}.copies_of", name, "account or client") for name in client.copies_of)
        if client.strategy is not None:
            yield f"{at}.strategy", client.strategy, "strategy"
        if client.policy is not None:
            yield f"{at}.policy", client.policy, "routing policy"


def wrong_clients(
    clients: Mapping[str, FixClient], sessions: Collection[str], acceptor: Acceptor
) -> str | None:
    """What is wrong with the clients together, or None."""
    for client in clients.values():
        at = f"clients.{client.name}"
        if client.name in sessions:
            return f"{at}: a session has this name already"
        if client.port is None and acceptor.port is None:
            return f"{at}.port: is missing, and there is no acceptor.port"
        if client.certificate_names and not (acceptor.tls and acceptor.tls.client_ca_file):
            return f"{at}.certificate_names: without acceptor.tls.client_ca_file none is asked for"
        for of in client.copies_of:
            if of in clients and clients[of].drop_copy:
                return f"{at}.copies_of: {of} is a drop copy itself"
    return None
