"""What all messages of the control socket are made of (``protocol``)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self, TypeVar

import msgspec

V = TypeVar("V", bound=msgspec.Struct)


class Tagged(msgspec.Struct, frozen=True, kw_only=True, tag_field="m"):
    """The base of all messages of the control socket."""


class Rows(Tagged, frozen=True, kw_only=True):
    """Each view as text by field: sums of money in 10^-16 do not fit msgpack's 64 bits."""

    rows: tuple[dict[str, str], ...]

    @classmethod
    def of(cls, views: Iterable[msgspec.Struct]) -> Self:
        rows = (msgspec.structs.asdict(view) for view in views)
        return cls(rows=tuple({name: str(held) for name, held in row.items()} for row in rows))

    def views(self, kind: type[V]) -> tuple[V, ...]:
        """The views again. Raises msgspec.ValidationError where they are of another kind."""
        return tuple(msgspec.convert(row, kind, strict=False) for row in self.rows)
