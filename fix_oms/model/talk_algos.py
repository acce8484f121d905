"""The control socket's messages about algos, and how one is shown."""

from __future__ import annotations

import msgspec

from fix_oms.model.algos import Acts
from fix_oms.model.talk import Tagged

ALGOS_PAGE = 200
"""The most algos in one reply."""


class AlgoView(msgspec.Struct, frozen=True, kw_only=True):
    """An algo. ``state`` is running, paused, held, ending or ended, ``why`` the reason in words.

    ``params`` and ``progress`` are text by name; ``schedule`` has a row for each thing that it
    plans to do or has done. ``orders`` are the newest that it has sent: its own name for each, and
    the reference of the order or the ref of the parent. ``known``: its kind is known to this
    process.
    """

    ref: str
    kind: str
    by: str
    account: str
    strategy: str
    state: str
    why: str
    params: dict[str, str]
    progress: dict[str, str]
    schedule: tuple[dict[str, str], ...]
    orders: dict[str, str]
    working: tuple[str, ...]
    number: int
    created_ns: int
    updated_ns: int
    known: bool = True


class GetAlgo(Tagged, frozen=True, kw_only=True, tag="algo"):
    """One algo by its ref. Answered by :class:`AlgoFound`."""

    ref: str


class GetAlgos(Tagged, frozen=True, kw_only=True, tag="algos"):
    """A page of algos, oldest first, those after the ref ``after``."""

    open_only: bool = False
    limit: int = ALGOS_PAGE
    after: str = ""


class AlgoFound(Tagged, frozen=True, kw_only=True, tag="algo"):
    """The algo (None: there is none of that ref), and the newest records of what it did."""

    algo: AlgoView | None
    acts: tuple[Acts, ...] = ()


class Algos(Tagged, frozen=True, kw_only=True, tag="algos"):
    """A page; ``more`` says that another one follows."""

    algos: tuple[AlgoView, ...]
    more: bool
