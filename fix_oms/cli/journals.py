"""Which journal a command reads: the one that was named, or the configuration's."""

from __future__ import annotations

from pathlib import Path

from fix_oms.cli.app import App
from fix_oms.cli.exits import BadInput


def journal_directory(app: App, given: Path | None) -> Path:
    """The directory. Raises a bad-input failure when there is no journal."""
    if given is not None:
        return given
    from fix_oms.server.config_file import journal_path

    found = journal_path(app.config_path())
    if not found.is_dir():
        raise BadInput(f"{found}: no journal yet (has `fix-oms run` been started?)")
    return found


def anchors_file(app: App, given: Path | None) -> Path | None:
    """The anchors that belong to the journal that a command reads, if there are any yet.

    Those of a directory that was named are the ones beside it.
    """
    from fix_oms.server.config_file import anchors_path, beside_journal

    found = (
        beside_journal(given.resolve()) if given is not None else anchors_path(app.config_path())
    )
    return found if found.is_file() else None
