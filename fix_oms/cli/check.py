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
from fix_oms.model.alerting import AlertSettings
from fix_oms.model.counterparty import Schedule, Session
from fix_oms.model.errors import SettingsError
from fix_oms.model.feeds import Feed
from fix_oms.model.limits import Limit
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
    rows = [[v.name, v.session, v.ex_destination or ""] for v in settings.venues.values()]
    _table(screen, ("Venue", "Session", "ExDestination(100)"), rows)
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
        ]
        for i in settings.instruments.values()
    ]
    headings = ("Instrument", "Venues", "Tick", "Lot", "Ccy", "Multiplier", "Reference")
    _table(screen, headings, rows)
    rows = [[a.name, a.broker_account or a.name] for a in settings.accounts.values()]
    _table(screen, ("Account", "Account(1)"), rows)
    rows = [[strategy] for strategy in settings.strategies]
    _table(screen, ("Strategy",), rows)
    rows = [[currency, text_of(rate)] for currency, rate in settings.rates.items()]
    _table(screen, ("Currency", f"In {settings.engine.base_currency}"), rows)
    rows = [_limit_row(limit) for limit in settings.limits]
    _table(screen, ("Limit", "At most", "For", "Counted apart", "Soft"), rows)


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
