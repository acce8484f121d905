"""Whether the first message of a connection lets it in: who it says it is, and from where.

Whoever is not let in learns nothing. A stranger, a wrong CompID, an address from which this client
may not come, another client's certificate: the connection is closed without a word. A known client
with a wrong user name or password gets a Logout(5) that says no more than that, so that an honest
one can see that it was heard; which of the two was wrong is not told, and the comparison takes the
same time whether the first character differs or the last. What the client could have known is told:
a HeartBtInt(108) of 0, of a day, or of no number would leave a dead connection unnoticed.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable
from typing import Final

import attrs

from fix_oms.server.door.words import Guest

SOH: Final = b"\x01"
LOGON_BYTES: Final = 8192
"""No Logon is longer."""
REFUSED: Final = "logon refused"
"""All that is said of a wrong user name or password."""


@attrs.frozen(kw_only=True)
class Verdict:
    """``guest`` is whose Logon it is, as far as that is known; ``reason`` why it is not let in, for
    us, and ``told`` for the other side (empty: nothing). ``severe``: it looks like an attempt."""

    guest: Guest | None = None
    reason: str = ""
    told: str = ""
    severe: bool = False
    heartbeat_s: int = 0
    """HeartBtInt(108), where it is let in."""


class Entry:
    """The clients that may come, as ``judge`` finds them."""

    def __init__(self, guests: Iterable[Guest]) -> None:
        self._guests: Final = {
            (guest.port, guest.begin_string, guest.target_comp_id, guest.sender_comp_id): guest
            for guest in guests
        }
        self._allowed: Final[dict[int, frozenset[str]]] = {}
        for guest in self._guests.values():
            known = self._allowed.get(guest.port, frozenset())
            self._allowed[guest.port] = known | frozenset(guest.allowed)

    def may_knock(self, port: int, address: str) -> bool:
        """Whether any client of this port may come from this address."""
        return address in self._allowed.get(port, ())

    def judge(
        self, message: bytes, port: int, address: str, names: Collection[str] = ()
    ) -> Verdict:
        """Judge a first message. It is whole and has no wrong beginning (see ``frames``).

        ``names`` are what the certificate is for that came with the connection.
        """
        fields = _fields(message)
        if fields.get(b"35") != b"A":
            return Verdict(reason="its first message is no Logon(A)")
        key = tuple(_text(fields.get(tag, b"")) for tag in (b"8", b"49", b"56"))
        guest = self._guests.get((port, key[0], key[1], key[2]))
        if guest is None:
            shown = " ".join(
                f"{label}={value[:64]!r}"
                for label, value in zip(
                    ("BeginString(8)", "SenderCompID(49)", "TargetCompID(56)"), key, strict=True
                )
            )
            return Verdict(reason=f"no client has {shown}", severe=True)
        if address not in guest.allowed:
            return Verdict(guest=guest, reason="it may not come from this address", severe=True)
        if guest.certificate_names and not set(guest.certificate_names) & set(names):
            shown = ", ".join(sorted(names))[:200] or "nobody"
            return Verdict(
                guest=guest, reason=f"its certificate is for {shown}, not for it", severe=True
            )
        if not _knows(guest, fields):
            return Verdict(
                guest=guest,
                reason="Username(553) or Password(554) is wrong",
                told=REFUSED,
                severe=True,
            )
        return _with_heartbeat(guest, _text(fields.get(b"108", b"")))


def _with_heartbeat(guest: Guest, given: str) -> Verdict:
    longest = guest.longest_heartbeat_s
    if given.isascii() and given.isdigit() and len(given) < 10 and 1 <= int(given) <= longest:
        return Verdict(guest=guest, heartbeat_s=int(given))
    said = f"HeartBtInt(108)={given[:20]}: must be 1 to {longest}"
    return Verdict(guest=guest, reason=said, told=said)


def _knows(guest: Guest, fields: dict[bytes, bytes]) -> bool:
    """Whether user name and password are right. RawData(96) is where FIX 4.2, which has no
    Password(554), puts it by custom."""
    password = fields.get(b"554", fields.get(b"96", b""))
    right = _same(guest.username, fields.get(b"553", b""))
    return _same(guest.password, password) and right


def _same(wanted: str | None, given: bytes) -> bool:
    return wanted is None or hmac.compare_digest(wanted.encode(), given)


def _fields(message: bytes) -> dict[bytes, bytes]:
    """The first value of each tag."""
    found: dict[bytes, bytes] = {}
    for part in message.split(SOH):
        tag, _, value = part.partition(b"=")
        found.setdefault(tag, value)
    return found


def _text(value: bytes) -> str:
    return value.decode("latin-1")


def logout(guest: Guest, told: str, sending_time: str) -> bytes:
    """A Logout(5) from us to a client that was not let in. Its number is 1: none has been used."""
    body = "".join(
        f"{part}\x01"
        for part in (
            "35=5",
            "34=1",
            f"49={guest.sender_comp_id}",
            f"52={sending_time}",
            f"56={guest.target_comp_id}",
            f"58={told}",
        )
    ).encode("latin-1", "replace")
    head = f"8={guest.begin_string}\x019={len(body)}\x01".encode("ascii") + body
    return head + b"10=%03d\x01" % (sum(head) % 256)
