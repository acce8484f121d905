"""``check``: what a configuration says, and everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import click
from rich.console import Console
from rich.table import Table

from fix_oms.cli.app import App, console, json_option, pass_app, print_json
from fix_oms.cli.check_clients import HEADINGS, client_rows, client_warnings
from fix_oms.cli.words import fee_words
from fix_oms.model.alerting import AlertSettings
from fix_oms.model.counterparty import Schedule, Session
from fix_oms.model.errors import SettingsError
from fix_oms.model.feeds import Feed
from fix_oms.model.limits import Limit
from fix_oms.model.routing import (
    BEST,
    DARK,
    DIRECT,
    POST,
    PRO_RATA,
    REST_POST,
    REST_STOP,
    REST_SWEEP,
    SPLIT,
    SWEEP,
    Policy,
)
from fix_oms.model.settings import Settings
from fix_oms.model.settings_text import to_plain
from fix_oms.model.units import text_of
from fix_oms.server.config_file import LoadedConfig, load

EXPECTED: Final = (
    "max_order_qty",
    "max_order_value",
    "price_collar",
    "message_rate",
    "position_limit",
)
"""Controls that no desk is without: one that has no limit is a warning."""
_BY_BOOKS: Final = (BEST, SWEEP, SPLIT, PRO_RATA)
_RESTS: Final = {
    REST_POST: "is posted",
    REST_STOP: "is not sent",
    REST_SWEEP: "is swept, then posted",
}
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@click.command()
@click.argument(
    "config", required=False, type=click.Path(path_type=Path, dir_okay=False), default=None
)
@json_option
@pass_app
def check(app: App, config: Path | None, as_json: bool) -> None:
    """Check a configuration and say what is in it.

    Every error is named with file, key and reason (exit code 2). Nothing is started and nothing is
    written. Secrets are looked for but never shown; one that is missing is a warning here and an
    error of `fix-oms run`.

    \b
      fix-oms check config/demo.toml
      fix-oms check config/demo.toml --json      the effective configuration, defaults included
    """
    loaded = load(app.config_path(config))
    warnings = list(_warnings(loaded))
    if as_json:
        print_json(
            {
                "path": str(loaded.path),
                "journal": str(loaded.journal),
                "socket": str(loaded.socket),
                "anchors": str(loaded.anchors),
                "settings": to_plain(loaded.settings),
                "warnings": warnings,
            }
        )
        return
    _show(console(), loaded)
    for warning in warnings:
        click.echo(f"warning: {warning}")
    click.echo(f"{loaded.path}: good" + (f", {len(warnings)} warnings" if warnings else ""))


def _warnings(loaded: LoadedConfig) -> Iterator[str]:
    """What would run, but perhaps not as meant."""
    settings = loaded.settings
    for session in settings.sessions.values():
        try:
            loaded.secrets(session)
        except SettingsError as error:
            yield f"{error.key}: {error.reason}"
    try:
        loaded.webhook()
    except SettingsError as error:
        yield f"{error.key}: {error.reason}"
    for feed in settings.feeds.values():
        if feed.file is not None and not Path(feed.file).is_file():
            yield f"feeds.{feed.name}.file: {feed.file} is not there yet"
    controls = {limit.control for limit in settings.limits}
    for control in EXPECTED:
        if control not in controls:
            yield f"limits: no {control} is set"
    for instrument in settings.instruments.values():
        if instrument.reference is None:
            yield (
                f"instruments.{instrument.symbol}: without reference, orders are refused while "
                "there is no quote"
            )
    yield from client_warnings(loaded)
    yield from _blind(settings)
    used = {venue.session for venue in settings.venues.values()}
    for session in settings.sessions.values():
        if session.name not in used and not session.drop_copy_of:
            yield f"sessions.{session.name}: no venue uses it"


def _show(screen: Console, loaded: LoadedConfig) -> None:
    settings = loaded.settings
    screen.print(f"Journal  {loaded.journal} (durability {settings.engine.durability})")
    due = settings.engine.snapshots
    if due is not None:
        screen.print(f"Snapshots each {due.every_records} records or {due.every_s} s")
    screen.print(f"Socket   {loaded.socket}")
    screen.print(f"Alerts   {_told(settings.alerts)}")
    rows = [
        [s.name, s.version.value, f"{s.sender_comp_id} -> {s.target_comp_id}", _end(s), _when(s)]
        for s in settings.sessions.values()
    ]
    _table(screen, ("Session", "Version", "CompIDs", "At", "Schedule"), rows)
    _table(screen, HEADINGS, client_rows(settings))
    _show_routes(screen, settings)
    rows = [[a.name, a.broker_account or a.name] for a in settings.accounts.values()]
    _table(screen, ("Account", "Account(1)"), rows)
    rows = [[strategy] for strategy in settings.strategies]
    _table(screen, ("Strategy",), rows)
    rows = [[currency, text_of(rate)] for currency, rate in settings.rates.items()]
    _table(screen, ("Currency", f"In {settings.engine.base_currency}"), rows)
    rows = [_limit_row(limit) for limit in settings.limits]
    _table(screen, ("Limit", "At most", "For", "Counted apart", "Soft"), rows)


def _show_routes(screen: Console, settings: Settings) -> None:
    """Where an order can go, what that costs, and how a parent goes there."""
    rows = [
        [
            v.name,
            v.session,
            v.ex_destination or "",
            "dark" if v.dark else "shown" if _shows(settings, v.name) else "none",
            fee_words(v.fees.taker, v.fees.taker_bps),
            fee_words(v.fees.maker, v.fees.maker_bps),
        ]
        for v in settings.venues.values()
    ]
    _table(screen, ("Venue", "Session", "ExDestination(100)", "Book", "Take fee", "Post fee"), rows)
    rows = [[f.name, f.venue, _from(f)] for f in settings.feeds.values()]
    _table(screen, ("Feed", "Venue", "From"), rows)
    rows = [
        [
            i.symbol,
            ", ".join(i.venues),
            text_of(i.tick),
            text_of(i.lot),
            i.currency,
            text_of(i.multiplier),
            "" if i.reference is None else text_of(i.reference),
            i.policy,
        ]
        for i in settings.instruments.values()
    ]
    headings = ("Instrument", "Venues", "Tick", "Lot", "Ccy", "Multiplier", "Reference", "Policy")
    _table(screen, headings, rows)
    rows = [_policy_row(policy) for policy in settings.policies.values()]
    _table(screen, ("Policy", "Kind", "The rest", "Venues", "Besides"), rows)
    rows = [
        [c.name, str(len(c.times)), f"{c.times[0]} to {c.times[-1]}", c.timezone, c.file or ""]
        for c in settings.curves.values()
    ]
    _table(screen, ("Curve", "Buckets", "From", "By the clock of", "File"), rows)


def _told(alerts: AlertSettings) -> str:
    """Who is told of alerts; of a webhook's address only the host, for the rest may be a secret."""
    others = [f"the command {alerts.command[0]}"] if alerts.command else []
    if alerts.webhook:
        others.append(f"the webhook at {urlsplit(alerts.webhook).hostname}")
    if alerts.webhook_env:
        others.append(f"the webhook of ${alerts.webhook_env}")
    if not others:
        return "only to the log"
    return f"to the log, and from {alerts.min_severity} on to {' and '.join(others)}"


def _end(session: Session) -> str:
    parts = [f"{session.host}:{session.port}"]
    parts += [f"drop copy of {', '.join(session.drop_copy_of)}"] if session.drop_copy_of else []
    parts += ["password"] if session.password_env or session.password_file else []
    parts += [f"dialect {Path(session.dialect).name}"] if session.dialect else []
    return ", ".join(parts)


def _from(feed: Feed) -> str:
    return f"file {feed.file}" if feed.file is not None else f"UDP {feed.udp}"


def _when(session: Session) -> str:
    schedule: Schedule = session.schedule
    hours = f"{schedule.logon}-{schedule.logout}" if schedule.logon else "all day"
    days = "" if len(schedule.weekdays) == 7 else " ".join(DAYS[d] for d in schedule.weekdays)
    reset = f"reset {schedule.reset}" if schedule.reset else ""
    return " ".join(part for part in (days, hours, schedule.timezone, reset) if part)


def _policy_row(policy: Policy) -> list[str]:
    besides = [f"held after {policy.max_reroutes} tries without any execution"]
    if policy.kind not in (DIRECT, POST) and policy.rework_s:
        besides.append(f"what waits goes again, at most every {policy.rework_s} s")
    if policy.kind == SPLIT:
        besides.append(f"one unfilled costs {text_of(policy.under_bps)} bp")
    return [
        policy.name,
        policy.kind,
        "" if policy.kind in (DIRECT, POST) else _RESTS[policy.rest],
        ", ".join(policy.venues) or "the instrument's",
        "; ".join(besides),
    ]


def _shows(settings: Settings, venue: str) -> bool:
    """Whether a book of the venue can come over its session."""
    return settings.sessions[settings.venues[venue].session].supports.market_data


def _blind(settings: Settings) -> Iterator[str]:
    """Policies that could not do what they are for with the venues that they may choose from."""
    for policy in settings.policies.values():
        venues = policy.venues or tuple(settings.venues)
        if policy.kind == DARK and not any(settings.venues[v].dark for v in venues):
            yield f"policies.{policy.name}: none of its venues is dark"
        if policy.kind in _BY_BOOKS and not any(_shows(settings, v) for v in venues):
            yield (
                f"policies.{policy.name}: no session of its venues has supports.market_data: "
                "without a file or feed of quotes it sees no book"
            )


def _limit_row(limit: Limit) -> list[str]:
    return [
        limit.name,
        limit.text or "-",
        ", ".join(f"{key} {value}" for key, value in limit.scope.items()) or "everything",
        ", ".join(limit.apart),
        "soft" if limit.soft else "",
    ]


def _table(screen: Console, headings: tuple[str, ...], rows: list[list[str]]) -> None:
    if not rows:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold", header_style="bold")
    for row in rows:
        table.add_row(*row)
    screen.print()
    screen.print(table)
