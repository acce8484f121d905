"""The catalogue of alerts: every code that is raised, what it means and what to do about it.

Two kinds. An *event* has happened and is told once. What *lasts* is a condition that holds until
something ends it: it is told when it opens and when it clears, again while it stays, and listed by
``fix-oms alerts`` meanwhile. Its code is told as an event too, in the same step in which it begins,
to whoever sent the command and to the log.

Severities: ``severe`` wants a person now, ``warning`` wants one today, ``info`` is for the record.

``spec/ALERTS.md`` is drawn from this table. A test holds that every code in the sources stands here
and that every one here is raised somewhere.
"""

from __future__ import annotations

from typing import Final, NamedTuple

INFO: Final = "info"
WARNING: Final = "warning"
SEVERE: Final = "severe"
SEVERITIES: Final = (INFO, WARNING, SEVERE)
"""Least first."""


class AlertCode(NamedTuple):
    """One row. ``severities`` are those that it comes in; ``lasts`` is as in the module's text."""

    severities: tuple[str, ...]
    lasts: bool
    meaning: str
    advice: str


def rank(severity: str) -> int:
    """How severe: 0 and up. Raises ValueError for a severity that there is not."""
    return SEVERITIES.index(severity)


ORDERS: Final = "Orders"
SESSIONS: Final = "Sessions and brokers"
RISK: Final = "Positions and risk"
ENGINE: Final = "The engine itself"

CATALOGUE: Final[dict[str, dict[str, AlertCode]]] = {
    ORDERS: {
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
            "A venue's trading day has ended and DAY orders are still open here; the broker is "
            "asked.",
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
    },
    SESSIONS: {
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
            (WARNING,),
            False,
            "A session was away, and its working orders are cancelled as its setting asks.",
            "Nothing.",
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
    },
    RISK: {
        "limit_breach": AlertCode(
            (INFO, SEVERE),
            True,
            "A limit is broken as things stand, by what a broker did or by the market: new risk is "
            "refused there. Info: within the limit again.",
            "`fix-oms limits`; reduce, or change the limit.",
        ),
        "latched": AlertCode(
            (SEVERE,),
            True,
            "A control of conduct has stopped a strategy, account or symbol.",
            "Find out what went wrong, then `fix-oms limits rearm`.",
        ),
        "halt": AlertCode(
            (WARNING, SEVERE),
            True,
            "A halt is in force: nothing new leaves. Severe: the engine itself asked for it.",
            "`fix-oms resume` when it may go on.",
        ),
        "kill": AlertCode(
            (SEVERE,),
            True,
            "A kill is in force, and perhaps not all of its orders are reported out.",
            "`fix-oms sessions` lists those that are not confirmed. `fix-oms resume` lifts it.",
        ),
        "position_break": AlertCode(
            (INFO, WARNING, SEVERE),
            True,
            "What a feed says of a position differs from our executions. Severe: by more than a "
            "`position_break` limit allows, so no new risk leaves.",
            "`fix-oms positions feeds` says what would explain it.",
        ),
        "stale_feed": AlertCode(
            (INFO, SEVERE),
            True,
            "A position feed has been silent for longer than its `position_feed` limit allows: no "
            "new risk leaves.",
            "See to the feed, or say the position by hand: `fix-oms positions tell`.",
        ),
        "position_feed": AlertCode(
            (WARNING,),
            False,
            "A position that was told cannot be used.",
            "See the text: account and symbol names may need mapping.",
        ),
        "balance": AlertCode(
            (WARNING,),
            False,
            "A balance that was told cannot be used.",
            "See the text.",
        ),
        "conservation": AlertCode(
            (SEVERE,),
            False,
            "A parent's children together came to more than it allows.",
            "`fix-oms explain` the order; reduce.",
        ),
        "limits": AlertCode((WARNING,), False, "Limits were changed, by whom and how.", "Nothing."),
        "override": AlertCode(
            (WARNING,),
            False,
            "A soft limit was overridden, or an order passed it by that.",
            "Nothing.",
        ),
        "rearmed": AlertCode(
            (WARNING,),
            False,
            "A named person has lifted what a control of conduct stopped.",
            "Nothing.",
        ),
    },
    ENGINE: {
        "alert_sink": AlertCode(
            (WARNING,),
            True,
            "Alerts do not reach the command or the webhook; how many were lost is said.",
            "Look at the log: it holds them all.",
        ),
        "anchor": AlertCode(
            (INFO, WARNING, SEVERE),
            True,
            "Warning: the journal's head could not be written down outside, in the file or by the "
            "command of `engine.anchors`. Info: it can be again. Severe, at a start: the journal "
            "is not the one that was anchored last, and nothing new leaves.",
            "See the text. When severe: `fix-oms verify`, and let the brokers tell what they hold; "
            "`fix-oms resume` when it may go on.",
        ),
        "clock": AlertCode(
            (INFO, WARNING, SEVERE),
            True,
            "The machine's clock was set; the text has both times. Severe: it was set back, or "
            "forward by more than a minute, and the engine's time goes its own way. Warning: it "
            "was followed. Info: both agree again.",
            "See to the machine's time service. Where it was set forward and is right, restart "
            "the engine.",
        ),
        "crashed": AlertCode(
            (SEVERE,),
            False,
            "The engine starts, and its last run did not stop: it was killed or crashed while "
            "sessions were up.",
            "Find out why. What was unanswered is in doubt and asked about.",
        ),
        "disk": AlertCode(
            (WARNING, SEVERE),
            True,
            "The disk of the journal is nearly full. Severe: less than a quarter of "
            "`alerts.disk_free_mb` is left. A full disk stops the engine.",
            "Make room.",
        ),
        "engine_stuck": AlertCode(
            (SEVERE,),
            True,
            "The engine has taken no input for seconds.",
            "`fix-oms kill --hung`, if it does not come back.",
        ),
        "fault": AlertCode(
            (SEVERE,),
            False,
            "An error inside: a defect of ours. The input is in the journal, and the engine lives.",
            "Report it, with the journal.",
        ),
        "journal": AlertCode(
            (SEVERE,),
            True,
            "The journal failed: nothing more is taken, and the engine stops. Or an earlier "
            "segment of it was removed: the engine goes on, and its next start would be refused.",
            "The text names file and reason. Mend it, then start again; put a segment that was "
            "removed back.",
        ),
        "snapshots": AlertCode(
            (WARNING,),
            True,
            "The process that writes snapshots does not run: a restart reads more of the journal, "
            "and takes longer.",
            "See the log. It is started again every minute.",
        ),
        "slow_journal": AlertCode(
            (WARNING,),
            True,
            "Writing the journal takes longer than `alerts.slow_journal_ms`, again and again.",
            "Look at the disk: who else writes to it?",
        ),
    },
}
"""By chapter, as the page shows them."""

CODES: Final[dict[str, AlertCode]] = {
    code: row for chapter in CATALOGUE.values() for code, row in chapter.items()
}

BREACHES: Final[dict[str, str]] = {
    "position_feed": "stale_feed",
    "position_break": "position_break",
}
"""The code by which a broken limit of a control is told, where it is not ``limit_breach``."""
