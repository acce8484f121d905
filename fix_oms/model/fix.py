"""FIX codes, each as a StrEnum whose values are the wire's characters.

Source: FIX 4.4 with Errata 20030618, volumes 2, 4 and 6; FIX 5.0 SP2 for the codes that came later.
A member equals and hashes like its character, so hot tables are keyed by the characters themselves.
Codes that we have never to name stay plain text on the message.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

_ACRONYMS: Final = frozenset({"GTC", "IOC", "FOK", "GTD"})


class FixVersion(StrEnum):
    """The application version a session speaks. 5.0SP2 travels over FIXT.1.1."""

    FIX42 = "FIX.4.2"
    FIX44 = "FIX.4.4"
    FIX50SP2 = "FIX.5.0SP2"

    @property
    def begin_string(self) -> str:
        """BeginString(8) of this version's messages."""
        return "FIXT.1.1" if self is FixVersion.FIX50SP2 else self.value


class MsgType(StrEnum):
    """MsgType(35)."""

    HEARTBEAT = "0"
    TEST_REQUEST = "1"
    RESEND_REQUEST = "2"
    REJECT = "3"
    SEQUENCE_RESET = "4"
    LOGOUT = "5"
    EXECUTION_REPORT = "8"
    ORDER_CANCEL_REJECT = "9"
    LOGON = "A"
    NEW_ORDER_SINGLE = "D"
    ORDER_CANCEL_REQUEST = "F"
    ORDER_CANCEL_REPLACE_REQUEST = "G"
    ORDER_STATUS_REQUEST = "H"
    DONT_KNOW_TRADE = "Q"
    MARKET_DATA_REQUEST = "V"
    MARKET_DATA_SNAPSHOT = "W"
    MARKET_DATA_INCREMENTAL = "X"
    MARKET_DATA_REQUEST_REJECT = "Y"
    BUSINESS_MESSAGE_REJECT = "j"
    ORDER_MASS_CANCEL_REQUEST = "q"
    ORDER_MASS_CANCEL_REPORT = "r"
    ORDER_MASS_STATUS_REQUEST = "AF"
    REQUEST_FOR_POSITIONS = "AN"
    REQUEST_FOR_POSITIONS_ACK = "AO"
    POSITION_REPORT = "AP"
    COLLATERAL_REPORT = "BA"
    SECURITY_STATUS_REQUEST = "e"
    SECURITY_STATUS = "f"


class Side(StrEnum):
    """Side(54). We send these four; reports of others are kept as they are."""

    BUY = "1"
    SELL = "2"
    SELL_SHORT = "5"
    SELL_SHORT_EXEMPT = "6"


class OrdType(StrEnum):
    """OrdType(40)."""

    MARKET = "1"
    LIMIT = "2"
    STOP = "3"
    STOP_LIMIT = "4"


class TimeInForce(StrEnum):
    """TimeInForce(59)."""

    DAY = "0"
    GTC = "1"
    AT_THE_OPENING = "2"
    IOC = "3"
    FOK = "4"
    GTD = "6"
    AT_THE_CLOSE = "7"


class OrdStatus(StrEnum):
    """OrdStatus(39)."""

    NEW = "0"
    PARTIALLY_FILLED = "1"
    FILLED = "2"
    DONE_FOR_DAY = "3"
    CANCELED = "4"
    REPLACED = "5"
    PENDING_CANCEL = "6"
    STOPPED = "7"
    REJECTED = "8"
    SUSPENDED = "9"
    PENDING_NEW = "A"
    CALCULATED = "B"
    EXPIRED = "C"
    ACCEPTED_FOR_BIDDING = "D"
    PENDING_REPLACE = "E"


class ExecType(StrEnum):
    """ExecType(150), in the words of FIX 4.4 and later.

    4.2 reports are translated on the way in: 150=1/2 is TRADE, with 20=1 TRADE_CANCEL, with 20=2
    TRADE_CORRECT, and anything with 20=3 ORDER_STATUS.
    """

    NEW = "0"
    DONE_FOR_DAY = "3"
    CANCELED = "4"
    REPLACED = "5"
    PENDING_CANCEL = "6"
    STOPPED = "7"
    REJECTED = "8"
    SUSPENDED = "9"
    PENDING_NEW = "A"
    CALCULATED = "B"
    EXPIRED = "C"
    RESTATED = "D"
    PENDING_REPLACE = "E"
    TRADE = "F"
    TRADE_CORRECT = "G"
    TRADE_CANCEL = "H"
    ORDER_STATUS = "I"
    TRIGGERED = "L"


class ExecTransType(StrEnum):
    """ExecTransType(20), FIX 4.2 only."""

    NEW = "0"
    CANCEL = "1"
    CORRECT = "2"
    STATUS = "3"


class OrdRejReason(StrEnum):
    """OrdRejReason(103)."""

    BROKER = "0"
    UNKNOWN_SYMBOL = "1"
    EXCHANGE_CLOSED = "2"
    ORDER_EXCEEDS_LIMIT = "3"
    TOO_LATE_TO_ENTER = "4"
    UNKNOWN_ORDER = "5"
    DUPLICATE_ORDER = "6"
    STALE_ORDER = "8"
    UNSUPPORTED_ORDER_CHARACTERISTIC = "11"
    INCORRECT_QUANTITY = "13"
    OTHER = "99"


class CxlRejReason(StrEnum):
    """CxlRejReason(102)."""

    TOO_LATE = "0"
    UNKNOWN_ORDER = "1"
    BROKER = "2"
    ALREADY_PENDING = "3"
    DUPLICATE_CL_ORD_ID = "6"
    OTHER = "99"


class CxlRejResponseTo(StrEnum):
    """CxlRejResponseTo(434)."""

    CANCEL = "1"
    REPLACE = "2"


class BusinessRejectReason(StrEnum):
    """BusinessRejectReason(380)."""

    OTHER = "0"
    UNKNOWN_ID = "1"
    UNKNOWN_SECURITY = "2"
    UNSUPPORTED_MESSAGE_TYPE = "3"
    APPLICATION_NOT_AVAILABLE = "4"
    CONDITIONALLY_REQUIRED_FIELD_MISSING = "5"
    NOT_AUTHORIZED = "6"


class ExecRestatementReason(StrEnum):
    """ExecRestatementReason(378)."""

    GT_CORPORATE_ACTION = "0"
    GT_RENEWAL = "1"
    VERBAL_CHANGE = "2"
    REPRICING = "3"
    BROKER_OPTION = "4"
    PARTIAL_DECLINE = "5"
    CANCEL_ON_TRADING_HALT = "6"
    CANCEL_ON_SYSTEM_FAILURE = "7"
    MARKET_OPTION = "8"
    CANCELED_NOT_BEST = "9"
    OTHER = "99"


class DKReason(StrEnum):
    """DKReason(127): why an execution is not accepted."""

    UNKNOWN_SYMBOL = "A"
    WRONG_SIDE = "B"
    QUANTITY_EXCEEDS_ORDER = "C"
    NO_MATCHING_ORDER = "D"
    PRICE_EXCEEDS_LIMIT = "E"
    OTHER = "Z"


class MassCancelRequestType(StrEnum):
    """MassCancelRequestType(530)."""

    SECURITY = "1"
    ALL = "7"


class MassCancelResponse(StrEnum):
    """MassCancelResponse(531)."""

    REJECTED = "0"
    SECURITY = "1"
    ALL = "7"


class MassStatusReqType(StrEnum):
    """MassStatusReqType(585)."""

    SECURITY = "1"
    ALL = "7"


class SubscriptionRequestType(StrEnum):
    """SubscriptionRequestType(263)."""

    SNAPSHOT = "0"
    SUBSCRIBE = "1"
    UNSUBSCRIBE = "2"


class MDEntryType(StrEnum):
    """MDEntryType(269)."""

    BID = "0"
    OFFER = "1"
    TRADE = "2"
    EMPTY_BOOK = "J"


class MDUpdateAction(StrEnum):
    """MDUpdateAction(279)."""

    NEW = "0"
    CHANGE = "1"
    DELETE = "2"


class PosReqType(StrEnum):
    """PosReqType(724)."""

    POSITIONS = "0"
    TRADES = "1"
    EXERCISES = "2"
    ASSIGNMENTS = "3"


class PosReqResult(StrEnum):
    """PosReqResult(728)."""

    VALID = "0"
    INVALID_OR_UNSUPPORTED = "1"
    NO_POSITIONS_FOUND = "2"
    NOT_AUTHORIZED = "3"
    NOT_SUPPORTED = "4"
    OTHER = "99"


class PosReqStatus(StrEnum):
    """PosReqStatus(729)."""

    COMPLETED = "0"
    COMPLETED_WITH_WARNINGS = "1"
    REJECTED = "2"


class SecurityTradingStatus(StrEnum):
    """SecurityTradingStatus(326), as FIX 4.4 has it; 4.2 ends at 20. There is no 11."""

    OPENING_DELAY = "1"
    TRADING_HALT = "2"
    RESUME = "3"
    NO_OPEN_NO_RESUME = "4"
    PRICE_INDICATION = "5"
    TRADING_RANGE_INDICATION = "6"
    MARKET_IMBALANCE_BUY = "7"
    MARKET_IMBALANCE_SELL = "8"
    MARKET_ON_CLOSE_IMBALANCE_BUY = "9"
    MARKET_ON_CLOSE_IMBALANCE_SELL = "10"
    NO_MARKET_IMBALANCE = "12"
    NO_MARKET_ON_CLOSE_IMBALANCE = "13"
    ITS_PRE_OPENING = "14"
    NEW_PRICE_INDICATION = "15"
    TRADE_DISSEMINATION_TIME = "16"
    READY_TO_TRADE = "17"
    NOT_AVAILABLE_FOR_TRADING = "18"
    NOT_TRADED_ON_THIS_MARKET = "19"
    UNKNOWN_OR_INVALID = "20"
    PRE_OPEN = "21"
    OPENING_ROTATION = "22"
    FAST_MARKET = "23"


class HaltReason(StrEnum):
    """HaltReason(327), as FIX 4.2 and 4.4 have it; 5.0 SP2 has numbers instead."""

    NEWS_DISSEMINATION = "D"
    ORDER_INFLUX = "E"
    ORDER_IMBALANCE = "I"
    ADDITIONAL_INFORMATION = "M"
    NEWS_PENDING = "P"
    EQUIPMENT_CHANGEOVER = "X"


def word(codes: type[StrEnum], value: str) -> str:
    """FIX's name of a code: ``word(OrdStatus, "1") == "PartiallyFilled"``."""
    try:
        name = codes(value).name
    except ValueError:
        return value
    return name if name in _ACRONYMS else "".join(part.capitalize() for part in name.split("_"))
