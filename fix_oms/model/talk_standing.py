"""The control socket's messages about what a counterparty is asked of how things stand."""

from __future__ import annotations

from fix_oms.model.talk import Tagged


class GetAsked(Tagged, frozen=True, kw_only=True, tag="asked"):
    """What has come of a question (its name is the Accepted's ``cl_ord_id``). Answered by
    :class:`Asked`."""

    session: str
    name: str


class Asked(Tagged, frozen=True, kw_only=True, tag="asked"):
    """``outcome`` is waiting, told, refused (``text`` says why), lost (the session went down), or
    unknown: so many were asked since that it is no longer kept."""

    outcome: str
    account: str = ""
    heard: int = 0
    text: str = ""
