"""The alerts of our own positions, limits and machine: rows of the catalogue."""

from __future__ import annotations

from typing import Final

from fix_oms.model.severities import INFO, SEVERE, WARNING, AlertCode

RISK: Final[dict[str, AlertCode]] = {
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
    "algo_held": AlertCode(
        (SEVERE,),
        True,
        "An algo does nothing more until a person has looked: it failed, its acts were refused "
        "again and again, or a kill took its orders out.",
        "`fix-oms algo show REF`; then `fix-oms algo resume` or `stop`.",
    ),
    "uncovered": AlertCode(
        (INFO, SEVERE),
        True,
        "A hedge does not cover what its maker has executed, or covers too much: how much, and why "
        "(a price limit, rejects, a session that is down, fills that are only told). Info: it does "
        "again.",
        "`fix-oms algo show REF`; then `flush` it, hedge by hand, or stop it.",
    ),
    "algo": AlertCode(
        (INFO, WARNING, SEVERE),
        False,
        "An algo tells something of its own.",
        "`fix-oms algo show REF`.",
    ),
    "parent_suspended": AlertCode(
        (WARNING,),
        True,
        "The router sends nothing more of a parent until a person has looked: a limit refuses its "
        "children, it was routed again and again without any execution, or a bust took back what "
        "had filled.",
        "`fix-oms explain` the parent; then resume, replace or cancel it.",
    ),
    "parent_replaced": AlertCode(
        (WARNING,),
        False,
        "A parent's new terms hold only as far as its children allowed.",
        "`fix-oms explain` the parent.",
    ),
    "parent_ended": AlertCode(
        (INFO,), False, "A routed parent is at its end, and how much of it executed.", "Nothing."
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
}

ENGINE: Final[dict[str, AlertCode]] = {
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
}
