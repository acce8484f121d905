"""What the sessions of FIX clients tell the engine, one tagged value each.

The outbox tells what left to a client as it does of a broker's session: ``Sent`` and ``NotSent``
with the client's name, and the ``cl_ord_id`` of the ``Send``, which for a client is the identifier
of the report (unique to the client and never used again).
"""

from __future__ import annotations

from fix_oms.model.commands import Input


class ClientIn(Input, frozen=True, kw_only=True, tag="cin"):
    """An application message of a client came in, or its session Reject (35=3) of one of ours.

    ``text`` and ``expected`` as for :class:`FixIn`.
    """

    session: str
    text: str
    expected: int


class ClientServed(Input, frozen=True, kw_only=True, tag="cserved"):
    """From here on this run takes messages to the client, whether it is logged on or not: they are
    kept in its file store. Given once after each start, before the client can log on. What earlier
    runs queued and are not known to have sent leaves again."""

    session: str


class ClientUp(Input, frozen=True, kw_only=True, tag="cup"):
    """A client has logged on."""

    session: str


class ClientDown(Input, frozen=True, kw_only=True, tag="cdown"):
    """A client has logged out or was disconnected."""

    session: str
    reason: str


class ClientEpoch(Input, frozen=True, kw_only=True, tag="cepoch"):
    """A client's numbers began again at 1: what its file store kept for it is gone.

    ``epoch`` is its count of resets; Sent carries it. Given after the reset, so that what is sent
    because of it is numbered in the new epoch.
    """

    session: str
    epoch: int
    reason: str
