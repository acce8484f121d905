"""``curve``: how a day's volume is spread, from past trades or bars."""

from __future__ import annotations

from pathlib import Path

import click

from fix_oms.cli.app import json_option, print_json


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False, exists=True)
)
@click.option("--minutes", default=5, show_default=True, help="The length of a bucket.")
@click.option("--zone", default="UTC", show_default=True, help="By whose clock the day is cut.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write there; else print."
)
@json_option
def curve(
    files: tuple[Path, ...], minutes: int, zone: str, out: Path | None, as_json: bool
) -> None:
    """Make a volume curve of past trades or bars, for vwap.

    Each of FILES is CSV whose first line names the columns: time (ISO 8601) and volume, qty or
    size; others are not looked at. Days count the same, however much traded. A configuration names
    the result: [curves.us] file = "us.csv", timezone = the same zone.

    \b
    Examples:
      fix-oms curve trades-*.csv --zone America/New_York --out us.csv
      fix-oms curve bars.csv --minutes 15
    """
    import zoneinfo

    from fix_oms.cli.exits import BadInput
    from fix_oms.server.curve_built import build

    try:
        where = zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(f"no time zone is named {zone!r}") from None
    found = build(files, where, minutes * 60)
    if out is not None:
        try:
            out.write_text(found.text(), encoding="utf-8")
        except OSError as error:
            raise BadInput(f"{out}: cannot be written: {error.strerror}") from None
    if as_json:
        print_json({"lines": found.lines, "days": found.days, "buckets": found.buckets})
    elif out is not None:
        click.echo(f"{out}: {len(found.buckets)} buckets of {found.lines} lines, {found.days} days")
    else:
        click.echo(found.text(), nl=False)
