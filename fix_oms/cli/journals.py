"""Which journal a command reads: the one that was named, or the configuration's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fix_oms.cli.app import App
from fix_oms.cli.exits import BadInput, Failure

if TYPE_CHECKING:
    from fix_oms.engine.shown import Shown


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


def shown_at_the_end(directory: Path) -> Shown:
    """What the journal's state shows at its last record. Raises a failure where it has none."""
    from fix_oms.engine import Engine
    from fix_oms.journal.replay import replay

    engine = Engine()
    found = replay(directory, engine)
    if not found.records:
        raise Failure(f"{directory}: the journal holds no records")
    return engine.shown(found.last_ns)
