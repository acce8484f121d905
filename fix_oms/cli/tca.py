"""``tca``: what routed parents have cost."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fix_oms.cli import complete
from fix_oms.cli.app import App, console, json_option, pass_app, print_json
from fix_oms.cli.as_json import plain
from fix_oms.cli.exits import BadInput, Failure

if TYPE_CHECKING:
    from fix_oms.journal.tca import Analysis


@click.command()
@click.argument(
    "journal", required=False, type=click.Path(path_type=Path, file_okay=False, exists=True)
)
@click.option(
    "--parent",
    "refs",
    multiple=True,
    metavar="REF",
    help="Only this parent; may be given again.",
    shell_complete=complete.orders_and_parents,
)
@json_option
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write one line for each parent, with every figure, into FILE.",
)
@click.option(
    "--png",
    "png_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Draw the picture into FILE (needs matplotlib: pip install 'fix_oms[pictures]').",
)
@pass_app
def tca(
    app: App,
    journal: Path | None,
    refs: tuple[str, ...],
    as_json: bool,
    csv_file: Path | None,
    png_file: Path | None,
) -> None:
    """Work out what routed parents have cost, from the journal.

    The shortfall is against a paper portfolio that traded all of the parent for nothing at the
    arrival price, the middle of the best bid and offer when it came (Perold 1988), in basis points
    of that: Price is what filled away from it, Missed what did not fill by where the middle went,
    Fees are the venues' tariffs. More is worse. Spread is the effective one, twice the distance
    from the middle when the child was sent; Touch is against the other side's best price then:
    below 0 is better than what could be had at once.

    Under the parents stand the venues where they were filled. No engine is needed, nor disturbed.
    The picture is of all parents, or of one: the price's path and its fills.

    \b
    Examples:
      fix-oms tca
      fix-oms tca var/journal --csv costs.csv --png costs.png
      fix-oms tca --parent big --png big.png
    """
    if png_file is not None:
        from fix_oms.cli.tca_picture import require_matplotlib

        require_matplotlib()
    found = _analysed(app, journal, refs, with_paths=png_file is not None)
    if as_json:
        print_json(_as_json(found))
    elif not found.parents:
        click.echo("no parent was routed")
    else:
        from fix_oms.cli.tca_tables import tca_tables

        screen = console()
        screen.print(tca_tables(found, screen.width))
    if csv_file is not None:
        _write_csv(found, csv_file)
    if png_file is not None and found.parents:
        from fix_oms.cli.tca_picture import draw

        draw(found, png_file)


def _analysed(
    app: App, journal: Path | None, refs: tuple[str, ...], *, with_paths: bool
) -> Analysis:
    from fix_oms.cli.journals import journal_directory
    from fix_oms.journal.tca import analysis

    directory = journal_directory(app, journal)
    found = analysis(directory, refs, with_paths=with_paths)
    if found is None:
        raise Failure(f"{directory}: the journal holds no records")
    known = {cost.ref for cost in found.parents}
    unknown = [ref for ref in refs if ref not in known]
    if unknown:
        raise BadInput(f"no routed parent is known as {unknown[0]!r} in {directory}")
    return found


def _as_json(found: Analysis) -> dict[str, Any]:
    return {
        "parents": plain(found.parents),
        "venues": plain(found.venues),
        "total": plain(found.total),
        "left_out": found.left_out,
    }


def _write_csv(found: Analysis, path: Path) -> None:
    rows = [_row(plain(cost)) for cost in found.parents]
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            if rows:
                writer.writerow(rows[0])
            writer.writerows(row.values() for row in rows)
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error.strerror}") from None


def _row(shown: dict[str, Any]) -> dict[str, Any]:
    """A parent's figures as cells: nothing for what cannot be said, venues with blanks between."""
    return {
        name: "" if held is None else " ".join(held) if isinstance(held, list) else held
        for name, held in shown.items()
    }
