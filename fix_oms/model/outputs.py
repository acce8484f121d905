"""What ``engine.step`` asks the world to do, and what it tells: values only."""

from __future__ import annotations

import msgspec

from fix_oms.model.algos import Acts
from fix_oms.model.routing import Decision


class Output(msgspec.Struct, frozen=True, kw_only=True, tag_field="k"):
    """The base of all outputs."""


class Send(Output, frozen=True, kw_only=True, tag="send"):
    """Hand ``text`` (35 first, SOH-separated, no header) to a session.

    ``cl_ord_id`` is the id of the request in it, or empty. ``chain`` is the reference of the order
    that it speaks of, or empty: messages of one chain leave in the order in which they were asked
    for. An ``urgent`` one (a cancel) overtakes the others that wait, with what its chain has there.
    """

    session: str
    text: str
    cl_ord_id: str = ""
    chain: str = ""
    urgent: bool = False


class Withdraw(Output, frozen=True, kw_only=True, tag="withdraw"):
    """Whatever of this chain still waits to leave does not leave: it is told as not sent."""

    session: str
    chain: str
    reason: str


class Accepted(Output, frozen=True, kw_only=True, tag="accepted"):
    """A command was taken. ``order`` is the order's reference (its first ClOrdID), if it has one;
    ``cl_ord_id`` the id of the request that leaves; ``text`` says it for people."""

    order: str = ""
    cl_ord_id: str = ""
    session: str = ""
    text: str = ""


class Refused(Output, frozen=True, kw_only=True, tag="refused"):
    """A command was refused and nothing left.

    ``control`` is the identifier of the risk control or rule, ``field`` the label of the field that
    is to blame (or empty), ``limit`` and ``value`` the bound and what was found, as text.
    ``limit_name`` is the limit that refused, by which it can be looked at, and overridden where it
    is ``soft``. ``ord_rej_reason`` is the OrdRejReason(103) that a FIX client would be told.
    """

    control: str
    text: str
    field: str = ""
    limit: str = ""
    value: str = ""
    ord_rej_reason: str = "99"
    limit_name: str = ""
    soft: bool = False


class Alert(Output, frozen=True, kw_only=True, tag="alert"):
    """Something a person should know, as it happens.

    ``severity`` is ``info``, ``warning`` or ``severe``; ``code`` is stable for programs and stands
    in the catalogue (``alert_codes``). ``subject`` is that of the condition which it begins, where
    neither order nor session names it (see ``AlertView``).
    """

    severity: str
    code: str
    text: str
    session: str = ""
    order: str = ""
    subject: str = ""


class Changed(Output, frozen=True, kw_only=True, tag="changed"):
    """The order with this reference has changed: its page may be asked for."""

    order: str


class SessionAct(Output, frozen=True, kw_only=True, tag="act"):
    """Do to the session what an operator asked for and the engine has recorded."""

    session: str
    action: str
    next_in: int | None = None
    next_out: int | None = None


class Decided(Output, frozen=True, kw_only=True, tag="decided"):
    """The router has decided. To be given back at once as the input of that name, by which it is
    carried out; nothing may come between."""

    decision: Decision


class Acted(Output, frozen=True, kw_only=True, tag="acted"):
    """An algo has acted. To be given back at once as the input of that name, as a Decided."""

    acts: Acts


AnyOutput = Send | Withdraw | Accepted | Refused | Alert | Changed | SessionAct | Decided | Acted
