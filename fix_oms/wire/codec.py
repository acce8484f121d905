"""One session's codec: FIX text to messages and back, in its version and its broker's dialect.

Both sides of a session use the same codec: what one encodes, the other decodes. Reading is
tolerant, because what a broker has done is done, whatever its words; writing is strict. There is
one set of readers and three ways to them: a text of a known shape (``shapes``) goes straight in,
other plain text is split first, and everything else, or anything at which a reader stumbles, is
walked, grouped and mended (``text``, ``repair``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, TypeVar

import attrs
import msgspec

from fix_oms.model.counterparty import Supports
from fix_oms.model.errors import FieldError, Garbled, Unsupported, UnsupportedMessage
from fix_oms.model.fix import FixVersion, OrdType
from fix_oms.model.messages import (
    BusinessMessageReject,
    CollateralReport,
    DontKnowTrade,
    ExecutionReport,
    MarketDataIncremental,
    MarketDataRequest,
    MarketDataRequestReject,
    MarketDataSnapshot,
    Message,
    NewOrderSingle,
    OrderCancelReject,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    OrderMassCancelReport,
    OrderMassCancelRequest,
    OrderMassStatusRequest,
    OrderStatusRequest,
    PositionReport,
    RequestForPositions,
    RequestForPositionsAck,
    SecurityStatus,
    SecurityStatusRequest,
    SessionReject,
)
from fix_oms.model.tags import NAMES
from fix_oms.wire import market_data, positions, reports, requests, standing
from fix_oms.wire.dialects import PLAIN, Dialect
from fix_oms.wire.fees import sum_misc_fees
from fix_oms.wire.forms import FORMS
from fix_oms.wire.groups import GROUPS
from fix_oms.wire.outgoing import Outgoing
from fix_oms.wire.repair import mend, refuse_garbage
from fix_oms.wire.reports import Body, Pairs
from fix_oms.wire.shapes import Kind, Reader, Shapes
from fix_oms.wire.text import fields, grouped, plain_body
from fix_oms.wire.values import NOT_KEPT, WALKED
from fix_oms.wire.versions import VERSIONS, Version

GroupReader: TypeAlias = Callable[[Body, market_data.Groups, Version], Message]

READERS: Final[dict[str, Reader]] = {
    "8": reports.read_execution_report,
    "9": reports.read_cancel_reject,
    "r": reports.read_mass_cancel_report,
    "j": reports.read_business_reject,
    "3": reports.read_session_reject,
    "Y": reports.read_market_data_reject,
    "D": requests.read_new_order,
    "F": requests.read_cancel,
    "G": requests.read_replace,
    "H": requests.read_status,
    "q": requests.read_mass_cancel,
    "AF": requests.read_mass_status,
    "Q": requests.read_dont_know_trade,
    "BA": standing.read_collateral_report,
    "e": standing.read_status_request,
    "f": standing.read_security_status,
}
GROUP_READERS: Final[dict[str, GroupReader]] = {
    "V": market_data.read_market_data_request,
    "W": market_data.read_snapshot,
    "X": market_data.read_incremental,
    "AN": positions.read_position_request,
    "AO": positions.read_position_ack,
    "AP": positions.read_position_report,
}
WRITERS: Final[dict[type[Any], tuple[str, Callable[[Any, Version], Pairs]]]] = {
    NewOrderSingle: ("D", requests.write_new_order),
    OrderCancelRequest: ("F", requests.write_cancel),
    OrderCancelReplaceRequest: ("G", requests.write_replace),
    OrderStatusRequest: ("H", requests.write_status),
    OrderMassCancelRequest: ("q", requests.write_mass_cancel),
    OrderMassStatusRequest: ("AF", requests.write_mass_status),
    DontKnowTrade: ("Q", requests.write_dont_know_trade),
    MarketDataRequest: ("V", market_data.write_market_data_request),
    ExecutionReport: ("8", reports.write_execution_report),
    OrderCancelReject: ("9", reports.write_cancel_reject),
    OrderMassCancelReport: ("r", reports.write_mass_cancel_report),
    BusinessMessageReject: ("j", reports.write_business_reject),
    SessionReject: ("3", reports.write_session_reject),
    MarketDataSnapshot: ("W", market_data.write_snapshot),
    MarketDataIncremental: ("X", market_data.write_incremental),
    MarketDataRequestReject: ("Y", reports.write_market_data_reject),
    RequestForPositions: ("AN", positions.write_position_request),
    RequestForPositionsAck: ("AO", positions.write_position_ack),
    PositionReport: ("AP", positions.write_position_report),
    CollateralReport: ("BA", standing.write_collateral_report),
    SecurityStatusRequest: ("e", standing.write_status_request),
    SecurityStatus: ("f", standing.write_security_status),
}


_NEEDS: Final = {
    "G": "replace",
    "H": "status",
    "AF": "mass_status",
    "q": "mass_cancel",
    "V": "market_data",
    "AN": "positions",
    "e": "security_status",
}
"""What a counterparty has to support to be sent a message of this type."""

NOTING: Final = (
    ExecutionReport,
    OrderCancelReject,
    RequestForPositionsAck,
    PositionReport,
    CollateralReport,
    SecurityStatus,
)
"""Messages that say what was tolerated in reading them."""

_R = TypeVar("_R")


class Codec:
    """Encodes and decodes the messages of one session.

    ``cl_ord_id_length``, where given, is the most characters that an id of ours may have.
    """

    def __init__(
        self,
        version: FixVersion,
        supports: Supports = Supports(),  # noqa: B008 - frozen, and the same for all
        dialect: Dialect = PLAIN,
        cl_ord_id_length: int | None = None,
    ) -> None:
        table = VERSIONS[version]
        if dialect.time_places is not None:
            table = attrs.evolve(table, places=dialect.time_places)
        self.version: Final = version
        self.supports: Final = supports
        self.dialect: Final = dialect
        self._table: Final = table
        self._names: Final = {**NAMES, **table.names, **dialect.names()}
        self._outgoing: Final = Outgoing(table, dialect, self._names, cl_ord_id_length)
        self._readers: Final = _had(READERS, table)
        self._group_readers: Final = _had(GROUP_READERS, table)
        self._renamed: Final = {kind: dialect.renamed(kind, inbound=True) for kind in FORMS}
        self._dropped: Final = {kind: dialect.dropped(kind) for kind in FORMS}
        self._own_ways: Final = frozenset(
            kind
            for kind in FORMS
            if kind in table.constants or self._renamed[kind] or self._dropped[kind]
        )
        self.shapes: Final = Shapes({kind: self._kind(kind) for kind in self._readers}, table)

    def _kind(self, kind: str) -> Kind:
        return Kind(
            kind,
            self._readers[kind],
            self._renamed[kind],
            self._dropped[kind],
            self._table.constants.get(kind, _NOTHING),
        )

    def label(self, tag: int) -> str:
        """``Name(Tag)`` in this version's and this broker's words."""
        return f"{self._names.get(tag, 'Tag')}({tag})"

    def encode(self, message: Message) -> str:
        """FIX text: MsgType(35) first, SOH after each field; the session adds header and trailer.

        Raises Unsupported where the counterparty or the version cannot take the message, and a
        FieldError naming the field where the message cannot be said.
        """
        found = WRITERS.get(type(message))
        if found is None:
            raise Unsupported(f"{type(message).__name__} is no FIX message of fix_oms")
        kind, write = found
        try:
            self._refuse(kind, message)
            pairs = write(message, self._table)
        except FieldError:
            raise
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise self._outgoing.accuse(kind, message, error) from None
        return self._outgoing.text(kind, pairs, message.extra)

    def _refuse(self, kind: str, message: Message) -> None:
        """Raise Unsupported for what the version or the counterparty does not have."""
        if kind in self._table.without:
            raise Unsupported(f"{self.version} has no {FORMS[kind].name}(35={kind})")
        needed = _NEEDS.get(kind)
        if needed is not None and not getattr(self.supports, needed):
            raise Unsupported(
                f"the counterparty does not take {FORMS[kind].name}(35={kind}) "
                f"(supports.{needed} is false)"
            )
        if isinstance(message, NewOrderSingle | OrderCancelReplaceRequest):
            self._refuse_ord_type(message.terms.ord_type)

    def _refuse_ord_type(self, ord_type: str) -> None:
        if not self.supports.market_orders and ord_type == OrdType.MARKET:
            lacking, kind = "market_orders", "market"
        elif not self.supports.stop_orders and ord_type in (OrdType.STOP, OrdType.STOP_LIMIT):
            lacking, kind = "stop_orders", "stop"
        else:
            return
        raise Unsupported(
            f"the counterparty does not take {kind} orders, {self.label(40)}={ord_type} "
            f"(supports.{lacking} is false)"
        )

    def decode(self, text: str) -> Message:
        """The message that ``text`` is: a whole FIX message, or one without header and trailer.

        Raises a FieldError naming the field, Garbled for what is no FIX text, UnsupportedMessage
        for a MsgType(35) that is not ours to take; nothing else.
        """
        message = self.shapes.read(text)
        if message is None:
            kind, message = self._decode_plainly(text) or self._decode_carefully(text)
            self.shapes.learn(kind, text)
        return message

    def _decode_plainly(self, text: str) -> tuple[str, Message] | None:
        """MsgType(35) and message of plain text at which no reader stumbles."""
        body = plain_body(text)
        if body is not None:
            try:
                kind = body.pop("35")
                reader = self._readers[kind]
                if body.pop("8", None) is not None:
                    body.pop("10"), body.pop("9"), body.pop("49"), body.pop("56")
                if kind in self._own_ways and WALKED.isdisjoint(body):
                    self._standardise(kind, body)
                return kind, reader(body, self._table)
            except (KeyError, ValueError):
                pass  # whatever it was, the careful reading mends it or names it
        return None

    def _standardise(self, kind: str, body: Body) -> None:
        """Undo what the version's constants and the dialect do to a message of this type."""
        for tag, value in self._table.constants.get(kind, _NOTHING).items():
            if body.get(tag) == value:
                del body[tag]
        for tag in self._dropped[kind]:
            body.pop(tag, None)
        for tag, codes in self._renamed[kind].items():
            code = body.get(tag)
            if code in codes:
                body[tag] = codes[code]

    def _decode_carefully(self, text: str) -> tuple[str, Message]:
        found = fields(text)
        kind = next((value for tag, value in found if tag == 35), "")
        self._check_frame(found, kind)
        refuse_garbage(found, self.label)
        form = FORMS[kind]
        told = grouped(found, form.groups, self.label)
        if kind in self._own_ways:
            self._standardise(kind, told.body)
        mended = mend(told.body, form, self.label)
        groups = {key: told.groups[key] for key in mended.body if key in told.groups}
        body = {key: value for key, value in mended.body.items() if key not in WALKED}
        if kind in self._group_readers:
            message = self._group_readers[kind](body, groups, self._table)
        else:
            message = self._readers[kind](body, self._table)
        kept = _kept(mended.body, groups)
        if kept:
            message = msgspec.structs.replace(message, extra={**message.extra, **kept})
        if isinstance(message, NOTING):
            message.tolerated = (*told.notes, *mended.tolerated, *message.tolerated)
        if isinstance(message, ExecutionReport):
            worked_out = [name for name in message.inexact if name not in mended.inexact]
            message.inexact = (*mended.inexact, *worked_out)
            if "136" in kept:
                sum_misc_fees(message)
        return kind, message

    def _check_frame(self, found: list[tuple[int, str]], kind: str) -> None:
        if not kind:
            raise Garbled("there is no MsgType(35)")
        tags = {tag for tag, _ in found}
        if 8 in tags and 10 not in tags:
            raise Garbled("there is no CheckSum(10): the message is cut off")
        if kind not in FORMS:
            raise UnsupportedMessage(f"MsgType(35)={kind[:16]!r} is not one that fix_oms takes")
        if kind in self._table.without:
            raise UnsupportedMessage(f"{self.version} has no {FORMS[kind].name}(35={kind})")


_NOTHING: Final[Mapping[str, str]] = {}


def _had(readers: dict[str, _R], table: Version) -> dict[str, _R]:
    """The readers of the messages that this version has."""
    return {kind: reader for kind, reader in readers.items() if kind not in table.without}


def _kept(body: Body, groups: market_data.Groups) -> dict[str, str]:
    """The groups and data fields that are kept as extra: of the groups, what no reader took.

    A group is kept as its counter and then each member under a path: ``453.1.448``.
    """
    kept: dict[str, str] = {}
    for key, value in body.items():
        if key in WALKED and key not in NOT_KEPT and (key in groups or key not in GROUPS):
            kept[key] = value
            for position, entry in enumerate(groups.get(key, ()), 1):
                kept.update({f"{key}.{position}.{tag}": v for tag, v in entry.items() if v})
    return kept
