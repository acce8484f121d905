"""What all messages of the control socket are made of (``protocol``)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self, TypeVar

import msgspec

V = TypeVar("V", bound=msgspec.Struct)


class Tagged(msgspec.Struct, frozen=True, kw_only=True, tag_field="m"):
    """The base of all messages of the control socket."""


Row = dict[str, str]
"""A view as text by field: sums of money in 10^-16 do not fit msgpack's 64 bits."""


def rows_of(shown: Iterable[msgspec.Struct]) -> tuple[Row, ...]:
    """Views as text."""
    fields = (msgspec.structs.asdict(view) for view in shown)
    return tuple({name: str(held) for name, held in row.items()} for row in fields)


def views_of(rows: Iterable[Row], kind: type[V]) -> tuple[V, ...]:
    """The views again. Raises msgspec.ValidationError where they are of another kind."""
    return tuple(msgspec.convert(row, kind, strict=False) for row in rows)


class Rows(Tagged, frozen=True, kw_only=True):
    """Views as text."""

    rows: tuple[Row, ...]

    @classmethod
    def of(cls, views: Iterable[msgspec.Struct]) -> Self:
        return cls(rows=rows_of(views))

    def views(self, kind: type[V]) -> tuple[V, ...]:
        """The views again. Raises msgspec.ValidationError where they are of another kind."""
        return views_of(self.rows, kind)


class Hello(Tagged, frozen=True, kw_only=True, tag="hello"):
    """The first frame: which protocol the client speaks. ``version`` is its release, for people."""

    protocol: int
    version: str


class Welcome(Tagged, frozen=True, kw_only=True, tag="welcome"):
    """The server speaks this protocol too."""

    protocol: int
    version: str
    pid: int


class Failed(Tagged, frozen=True, kw_only=True, tag="failed"):
    """The request was not served. ``code`` is stable for programs:

    ``protocol`` (another version), ``frame`` (not a frame, or no Hello), ``request`` (a frame that
    holds no request), ``busy`` (too many connections), ``engine`` (an error inside: its text),
    ``not_journaled`` (the journal cannot be written: nothing was done), ``journal`` (it failed
    afterwards: what was asked for may or may not have been done), ``stream`` (there is no mirror
    just now). After the first two and ``busy`` the server closes the connection.
    """

    code: str
    text: str
