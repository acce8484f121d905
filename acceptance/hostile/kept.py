"""What the venue has sent in this epoch, as it should have been, to be sent again when asked for.

A case may have put it on the wire wrong, or not at all: what is asked for comes right.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from acceptance.hostile.message import Fields, utc
from acceptance.hostile.words import ADMIN

Again = tuple[int, str, tuple[tuple[str, str], ...], dict[str, str | None]]
"""Number, kind, body, and what differs in the header."""


@attrs.frozen
class Sent:
    """A message, and when it was sent first."""

    kind: str
    body: tuple[tuple[str, str], ...]
    at: str


class Kept:
    """By number."""

    def __init__(self) -> None:
        self._sent: Final[dict[int, Sent]] = {}

    def put(self, number: int, kind: str, body: Fields) -> None:
        self._sent[number] = Sent(kind, tuple(body), utc())

    def clear(self) -> None:
        self._sent.clear()

    def again(self, begin: int, last: int) -> Iterator[Again]:
        """The answer to a ResendRequest(2): reports again, gap fills for the rest."""
        number = begin
        while number <= last:
            sent = self._sent.get(number)
            if sent is not None and sent.kind not in ADMIN:
                yield number, sent.kind, sent.body, {"43": "Y", "122": sent.at}
                number += 1
                continue
            after = number + 1
            while after <= last and self._is_filler(after):
                after += 1
            yield number, "4", (("123", "Y"), ("36", str(after))), {"43": "Y", "122": utc()}
            number = after

    def _is_filler(self, number: int) -> bool:
        sent = self._sent.get(number)
        return sent is None or sent.kind in ADMIN
