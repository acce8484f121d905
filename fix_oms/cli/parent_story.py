"""The story of a parent as a page: decision by decision, what was seen, decided, and came of it.

It is read top down. Of each decision first the book as the router saw it (what could be taken
within the limit, what could be joined, how old, at which fees, or why nothing may go there), then
the plan, leg by leg, and under each leg what its child came to. ``->`` is what was sent, ``=`` how
it stands, as in the story of an order.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from fix_oms.cli import tables
from fix_oms.cli.as_json import plain
from fix_oms.cli.decisions import Outcome, outcomes
from fix_oms.cli.parent_tables import (
    arrival_words,
    is_stuck,
    limit_words,
    parent_sentence,
)
from fix_oms.cli.words import clock, fee_words, iso, span
from fix_oms.model.fix import OrdStatus, Side, TimeInForce, word
from fix_oms.model.protocol import ParentFound
from fix_oms.model.routing import MILLION, Decision, LevelSeen, VenueView
from fix_oms.model.units import SCALE, average, notional_text, text_of
from fix_oms.model.views import OrderView, ParentView

if TYPE_CHECKING:
    from rich.console import Console

INDENT: Final = 2
_JOINED: Final = 3
"""So many of the levels to join are shown: an order joins the first of them, or none."""
_CHANCES: Final = 5


def print_story(screen: Console, found: ParentFound, last: int) -> None:
    """The page: heading, the ``last`` decisions (0: all), the venues, how it stands."""
    parent, children, decisions = found.parent, found.children, found.decisions
    assert parent is not None
    screen.print(_heading(parent))
    told = list(zip(decisions, outcomes(parent, children, decisions), strict=True))
    shown = told[-last:] if last else told
    hidden = parent.decisions - len(shown)
    if hidden > 0:
        came = "decision" if hidden == 1 else "decisions"
        screen.print(Text(f"{hidden} earlier {came}: --all shows all\n", style="dim"))
    day = ""
    for decision, legs in shown:
        day = _print_day(screen, decision.view.now, day)
        _print_decision(screen, parent, decision, legs)
    if not decisions:
        screen.print(Text(_undecided(parent), style="dim"))
    if children:
        screen.print(Text("What came of it, by venue", style="bold"))
        screen.print(Padding(_by_venue(children), (0, 0, 0, INDENT)))
    style = "bold red" if is_stuck(parent) else "bold"
    _wrapped(screen, f"Now: {parent_sentence(parent)}", 0, style=style)


def story_json(found: ParentFound) -> object:
    """All of it for programs; each leg with its child, or why it has none."""
    parent = found.parent
    assert parent is not None
    told = []
    for decision, legs in zip(
        found.decisions, outcomes(parent, found.children, found.decisions), strict=True
    ):
        shown = plain(decision)
        shown["plan"]["cost"] = text_of(decision.plan.cost)
        for leg, outcome in zip(shown["plan"]["legs"], legs, strict=True):
            leg["child"] = outcome.child.reference if outcome.child is not None else None
            leg["not_sent"] = outcome.why
        told.append(shown)
    return {
        "parent": plain(parent),
        "decisions": told,
        "children": plain(found.children),
    }


def _heading(parent: ParentView) -> Text:
    """Who wants what, how, and against which price it is measured."""
    tif = word(TimeInForce, parent.time_in_force)
    terms = f"{word(Side, parent.side)} {text_of(parent.order_qty)} {parent.symbol} "
    terms += f"{'' if parent.price is None else '@ '}{limit_words(parent.price)} {tif}"
    by = f", policy {parent.policy}" if parent.policy else ", by hand"
    strategy = f", strategy {parent.strategy}" if parent.strategy else ""
    head = Text.assemble((f"Parent {parent.ref}: {terms.rstrip()}{by}", "bold"))
    head.append(f"\naccount {parent.account}{strategy}", style="dim")
    if parent.created_ns:
        head.append(f"; came {iso(parent.created_ns)[:19]}Z", style="dim")
    arrival = arrival_words(parent)
    return head.append(f"; arrival price {arrival}", style="dim") if arrival else head


def _undecided(parent: ParentView) -> str:
    if parent.policy:
        return "the router has decided nothing yet"
    return "its children are sent by hand: the router decides nothing of it"


def _print_day(screen: Console, now: int, day: str) -> str:
    today = iso(now)[:10]
    if today != day:
        screen.print(Text(f"{today} (UTC)", style="dim"))
    return today


# -- one decision ----------------------------------------------------------------------------------


def _print_decision(
    screen: Console, parent: ParentView, decision: Decision, legs: Sequence[Outcome]
) -> None:
    view, plan = decision.view, decision.plan
    within = "at any price" if view.limit is None else f"within {text_of(view.limit)}"
    head = Text.assemble(
        (f"{decision.number}  ", "bold"),
        (clock(view.now), "dim"),
        (f"  {decision.cause}: {text_of(view.qty)} to place {within}", "bold"),
        ("" if decision.policy == parent.policy else f" by {decision.policy}", "bold"),
    )
    screen.print(head)
    screen.print(Padding(_seen(decision, screen.width), (0, 0, 0, INDENT)))
    _wrapped(screen, _plan_words(decision), INDENT, style="" if legs else "yellow")
    for outcome in legs:
        _print_leg(screen, outcome)
    if legs and plan.left:
        _wrapped(screen, f"{text_of(plan.left)} stays with the parent for now", INDENT)
    screen.print()


def _plan_words(decision: Decision) -> str:
    """What was decided, and at what price by the books seen."""
    plan = decision.plan
    why = plan.why or ("" if plan.legs else "nothing can be sent")
    parts = [why] if why else []
    if plan.cost:
        costs = "costs" if decision.view.buys else "fetches"
        parts.append(
            f"{costs} {notional_text(abs(plan.cost) * SCALE)} by these books, fees included"
        )
    if any(leg.takes for leg in plan.legs):
        cheaper = "no cheaper way was left untried" if plan.exact else "a cheaper way may exist"
        parts.append(cheaper)
    return "Decided: " + "; ".join(parts) if parts else "Decided"


def _print_leg(screen: Console, outcome: Outcome) -> None:
    leg, child = outcome.leg, outcome.child
    what = "take" if leg.takes else "rest"
    price = "at market" if leg.price is None else f"@ {text_of(leg.price)}"
    why = f": {leg.why}" if leg.why else ""
    words = f"{what} {text_of(leg.qty)} {price} at {leg.venue}{why}"
    _wrapped(screen, words, INDENT, Text("  -> ", style="green"))
    if child is None:
        _wrapped(screen, f"not sent: {outcome.why}", INDENT, Text("     = ", style="red"), "red")
        return
    _wrapped(screen, _came_to(child), INDENT, Text("     = "), _child_style(child))


def _came_to(child: OrderView) -> str:
    """``1-4 Filled 300/300 @ 150.05, its last word after 2.3 ms``."""
    at = f" @ {text_of(child.avg_px)}" if child.cum_qty else ""
    line = f"{child.reference} {word(OrdStatus, child.ord_status)} {tables.done_words(child)}{at}"
    took = child.updated_ns - child.created_ns
    line += f", last heard of after {span(took)}" if took > 0 else ""
    said = tables.note(child)
    return f"{line}: {said}" if said else line


def _child_style(child: OrderView) -> str:
    return "yellow" if child.pending else tables.status_style(child.ord_status)


# -- what was seen ---------------------------------------------------------------------------------


def _seen(decision: Decision, width: int) -> RenderableType:
    """One row a venue. A wide screen also shows what the venue has done with orders so far."""
    buys = decision.view.buys
    take, join = ("Offers to take", "Bids to join") if buys else ("Bids to take", "Offers to join")
    is_wide = width >= tables.WIDE
    record = ("Filled of takes/posts", "Rejects", ">Ack") if is_wide else ()
    table = tables.plain_table("Venue", take, join, ">Age", "Take fee", "Post fee", *record)
    for venue in decision.view.venues:
        name = f"{venue.venue} (dark)" if venue.is_dark else venue.venue
        cells: list[str | Text] = [
            name,
            _take_cell(venue),
            Text(_levels(venue.join[:_JOINED]), style="dim" if venue.shut else ""),
            "" if venue.age_ns < 0 else span(venue.age_ns),
            fee_words(venue.taker, venue.taker_bps),
            fee_words(venue.maker, venue.maker_bps),
        ]
        if is_wide:
            cells += [
                f"{_share(venue.fill_rate)} / {_share(venue.post_rate)}",
                _share(venue.reject_rate),
                span(venue.ack_ns) if venue.ack_ns else "",
            ]
        table.add_row(*cells)
    return table


_BOOKS: Final = {"gap": "not whole"}
"""What is said of a book that is not traded with, where its own word would not do."""


def _take_cell(venue: VenueView) -> Text:
    if venue.shut:
        cell = Text(f"shut: {venue.shut}", style="red")
        shown = _levels(venue.take)
        return cell.append(f" ({shown})", style="dim") if shown else cell
    if venue.take:
        return Text(_levels(venue.take))
    if venue.is_dark:
        return Text(_chances(venue) if venue.dark else "shows nothing", style="dim")
    if venue.join:
        return Text("none", style="dim")
    if venue.book and venue.age_ns >= 0:
        return Text(f"its book is {_BOOKS.get(venue.book, venue.book)}", style="dim")
    return Text("no book" if venue.age_ns < 0 else "an empty book", style="dim")


def _levels(levels: Sequence[LevelSeen]) -> str:
    """``300@150.05``: in one word, so that a line never ends within a level."""
    return ", ".join(f"{text_of(size)}@{text_of(price)}" for price, size in levels)


def _chances(venue: VenueView) -> str:
    """How likely the first units fill there, as learned."""
    more = ", …" if len(venue.dark) > _CHANCES else ""
    return "units fill: " + ", ".join(_share(chance) for chance in venue.dark[:_CHANCES]) + more


def _share(millionths: int) -> str:
    return f"{(millionths * 200 // MILLION + 1) // 2} %"


# -- what came of it -------------------------------------------------------------------------------


def _by_venue(children: Sequence[OrderView]) -> RenderableType:
    """The children of each venue, summed."""
    table = tables.plain_table(
        "Venue", ">Children", ">Sent", ">Filled", ">AvgPx", ">Open", "Rejected"
    )
    by: dict[str, list[OrderView]] = {}
    for child in children:
        by.setdefault(child.venue, []).append(child)
    for venue, sent in by.items():
        done = sum(child.cum_qty for child in sent)
        notional = sum(child.cum_qty * child.avg_px for child in sent)
        is_open = sum(child.leaves_qty for child in sent)
        rejected = sum(child.ord_status == OrdStatus.REJECTED for child in sent)
        table.add_row(
            venue,
            str(len(sent)),
            text_of(sum(child.order_qty for child in sent)),
            text_of(done),
            text_of(average(notional, done)) if done else "",
            text_of(is_open) if is_open else "",
            Text(str(rejected) if rejected else "", style="red"),
        )
    return table


def _wrapped(
    screen: Console, words: str, indent: int, head: Text | None = None, style: str = ""
) -> None:
    """Print words, however many lines they take, behind ``head`` or from ``indent`` on."""
    start = len(head.plain) if head is not None else indent
    lines = textwrap.wrap(words, max(20, screen.width - start), break_on_hyphens=False) or [""]
    for n, line in enumerate(lines):
        lead = head if head is not None and n == 0 else Text(" " * start)
        screen.print(Text.assemble(lead, (line, style)), soft_wrap=True)
