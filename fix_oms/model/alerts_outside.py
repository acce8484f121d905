"""The alerts that brokers cause, by orders and by sessions: rows of the catalogue."""

from __future__ import annotations

from typing import Final

from fix_oms.model.severities import INFO, SEVERE, WARNING, AlertCode

ORDERS: Final[dict[str, AlertCode]] = {
    "in_doubt": AlertCode(
        (WARNING, SEVERE),
        True,
        "A request got no answer in time, or its session went down first. It keeps its "
        "exposure and the broker is asked. Severe: all questions are spent, or none can be "
        "asked.",
        "Wait for the answer. When severe, telephone the broker and say what you are told: "
        "`fix-oms resolve`.",
    ),
    "break": AlertCode(
        (WARNING, SEVERE),
        True,
        "What the broker told of an order does not add up, or a drop copy tells it otherwise; "
        "the text says how. Severe: the copy has an execution that we do not have.",
        "`fix-oms explain ORDER`; let the broker send what is missing. It closes with what "
        "explains it. A drop copy's: `fix-oms reconcile live`.",
    ),
    "uncertain": AlertCode(
        (WARNING,),
        True,
        "Only the order of arrival tells which of two reports is newer. The larger exposure "
        "counts, and the broker is asked.",
        "Nothing at first; telephone if it stays.",
    ),
    "external_order": AlertCode(
        (SEVERE,),
        True,
        "The broker reports an order that we did not send (telephoned, or another system's). "
        "It counts in account `external`.",
        "Find out whose it is. Cancel it at the broker if nobody's.",
    ),
    "anomaly": AlertCode(
        (WARNING,),
        False,
        "A report that cannot be as it stands, by the legality table or its own arithmetic. It "
        "counts as evidence all the same.",
        "`fix-oms explain ORDER`; tell the broker.",
    ),
    "cannot_ask": AlertCode(
        (SEVERE,),
        False,
        "The state of an order is open and its broker takes no status requests.",
        "Telephone the broker, then `fix-oms resolve`.",
    ),
    "cannot_cancel": AlertCode(
        (SEVERE,),
        False,
        "A cancel that was to leave could not be sent; the text says why.",
        "Cancel it by telephone.",
    ),
    "left_out": AlertCode(
        (WARNING,),
        False,
        "A mass status answer left an open order out; that order is asked about.",
        "Nothing at first: `unknown` orders end, or `in_doubt` follows.",
    ),
    "no_answer": AlertCode(
        (SEVERE,),
        False,
        "All questions about an open order were put after a reconnect or in the running day, "
        "and none was answered. What we know of it stands.",
        "Telephone the broker; `fix-oms resolve` says what became of the order.",
    ),
    "reconciled": AlertCode(
        (INFO,),
        False,
        "The broker has told of all orders that were open when its session came back.",
        "Nothing: new orders like them are not held any more.",
    ),
    "day_order": AlertCode(
        (WARNING,),
        False,
        "A venue's trading day has ended and DAY orders are still open here; the broker is asked.",
        "If it never says how they end: `fix-oms resolve`, or a `silent_expiry` policy.",
    ),
    "not_sent": AlertCode(
        (WARNING,),
        False,
        "A message did not leave: its session went down while it waited, or it was withdrawn.",
        "Send it again if it is still wanted.",
    ),
    "policy": AlertCode(
        (WARNING,),
        False,
        "A standing policy has ended DAY orders at the close, or left one alone.",
        "Look at those that were left alone.",
    ),
    "rejected": AlertCode(
        (WARNING,),
        False,
        "The broker rejects a message of ours that is no order request.",
        "See the text; a dialect may be needed.",
    ),
    "resolved": AlertCode(
        (WARNING,),
        False,
        "A named person has decided what a broker left in doubt.",
        "Nothing.",
    ),
    "unknown_order": AlertCode(
        (WARNING, SEVERE),
        False,
        "A report or reject names no order that can be found. Severe: it tells an execution.",
        "Ask the broker what it belongs to.",
    ),
}

SESSIONS: Final[dict[str, AlertCode]] = {
    "session": AlertCode(
        (INFO, WARNING, SEVERE),
        True,
        "A session is not ready while its schedule says that it should be. Info: it is ready, "
        "or left by our own doing.",
        "`fix-oms sessions` says why. Telephone the broker's connectivity desk.",
    ),
    "session_off": AlertCode(
        (WARNING,),
        True,
        "An operator has taken a session out, and its schedule says that it should be up.",
        "`fix-oms session NAME enable`, or `logon`, when that is over.",
    ),
    "certificate": AlertCode(
        (WARNING, SEVERE),
        True,
        "A certificate that a session needs ends within 30 days: ours, the broker's, or that of "
        "the authority. Severe: it has ended, or its file cannot be used.",
        "Put a new one in the file's place; it is read again at the next connection.",
    ),
    "forwarder": AlertCode(
        (WARNING,),
        False,
        "The process that speaks TLS for the sessions was lost, and another is started: the "
        "sessions log on again.",
        "Nothing. If it happens again: see the log for why.",
    ),
    "intruder": AlertCode(
        (WARNING,),
        False,
        "Somebody tried to get in where he may not; the text says where and who.",
        "Find out who it was.",
    ),
    "session_busy": AlertCode(
        (WARNING,),
        False,
        "The broker asks for less: no new orders for some seconds.",
        "Lower `message_rate`, or set `min_interval_ms`.",
    ),
    "session_reject": AlertCode(
        (WARNING, SEVERE),
        False,
        "QuickFIX has answered a message of the broker's with a reject of its own. Severe: it "
        "was a report of an order, which is lost; the broker is asked about all of them.",
        "See the text; a dictionary or dialect may be needed.",
    ),
    "gap": AlertCode(
        (INFO, SEVERE),
        False,
        "Messages of the broker's are missing and were asked for. Severe: again and again, and "
        "they never come whole.",
        "Ask the broker for a gap fill and for what was in it, or step over it: `fix-oms "
        "session NAME set-next --in NUMBER`, then ask: `fix-oms status ORDER`.",
    ),
    "mass_cancel": AlertCode(
        (WARNING, SEVERE),
        True,
        "A mass cancel has no answer. Severe: it was refused or lost, and its orders are "
        "cancelled one by one.",
        "`fix-oms orders --open`: each order is out when its own report says so.",
    ),
    "unheard": AlertCode(
        (WARNING,),
        True,
        "A session is back, and its broker has not told yet of all orders that were open "
        "there: new orders of the same accounts and symbols are held.",
        "Wait for `reconciled`. If it stays, telephone the broker and say what you are told: "
        "`fix-oms resolve`.",
    ),
    "cancel_on_disconnect": AlertCode(
        (WARNING, SEVERE),
        False,
        "A session was away, or a client is gone, and its working orders are cancelled as its "
        "setting asks. Severe: some could not be; they are tried again each second.",
        "Nothing. When severe, see to the session that cannot take the cancels.",
    ),
    "backlog": AlertCode(
        (WARNING,),
        True,
        "Messages wait to leave on a session: the peer reads slowly, or more is sent than its "
        "interval lets through.",
        "Send less. Cancels overtake what waits.",
    ),
    "market_data": AlertCode(
        (WARNING,), False, "The broker refuses our subscription.", "See its text."
    ),
    "book_gap": AlertCode(
        (WARNING,),
        True,
        "Changes of a book are missing, by their numbers. It is no reference and nothing is routed "
        "to it until its next snapshot, which a session is asked for; a feed sends it by itself.",
        "Nothing at first. If it stays: see to the feed.",
    ),
    "feed": AlertCode(
        (WARNING,),
        False,
        "A feed of market data tells what cannot be read, cannot be read itself, or its file was "
        "cut or replaced. What can be read goes on being taken.",
        "See the text, which names the file and line; `fix-oms book SYMBOL` says what is fresh.",
    ),
    "stale_quote": AlertCode(
        (WARNING,),
        True,
        "A quote that a `market_data` limit needs is old, one-sided, crossed or missing, while "
        "there is an order or position in it.",
        "See to the feed. New orders there are refused meanwhile.",
    ),
    "trading_halt": AlertCode(
        (INFO, WARNING),
        True,
        "The venue has halted an instrument: its new orders are refused.",
        "Wait for the venue.",
    ),
    "unreadable": AlertCode(
        (WARNING, SEVERE),
        False,
        "A message of the broker's cannot be read. It was rejected, and if it was a report, "
        "its order is asked about. Severe: it was a report.",
        "See the text; a dialect may be needed.",
    ),
    "unknown_session": AlertCode(
        (SEVERE,), False, "A message came from a session that is not configured.", "Report it."
    ),
}
