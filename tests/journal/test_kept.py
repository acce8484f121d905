"""Journals that earlier versions wrote are read for ever, to the orders and positions that those
versions told of them.

``kept/NAME/journal`` is such a journal as it stood on disk, ``told.json`` what the version that
wrote it said of it (``fix-oms replay --json``). The state's hash is no part of that: what it covers
grows. A new release, and a new format, adds one; none is ever changed or taken away. What a change
of ours would make unreadable has its rule in ``model.settings_past``, or is read as it was.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from click.testing import CliRunner

from fix_oms.cli.main import main
from fix_oms.engine import Engine
from fix_oms.journal.follower import records
from fix_oms.journal.format import VERSION
from fix_oms.journal.replay import replay
from fix_oms.journal.scan import read_header
from fix_oms.journal.segments import listed
from fix_oms.journal.verify import verified
from fix_oms.model import inputs
from fix_oms.model.errors import JournalError
from fix_oms.model.settings_past import present
from tests.engine.desk import plain_settings
from tests.journal.made import NOW, opened

KEPT: Final = sorted((Path(__file__).parent / "kept").iterdir())
ORDER: Final = ("reference", "ord_status", "order_qty", "cum_qty", "leaves_qty", "avg_px")
POSITION: Final = ("account", "symbol", "quantity", "average_px", "realised")


@pytest.fixture(params=KEPT, ids=lambda path: path.name)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy, so that nothing can change the original."""
    original: Path = request.param
    return Path(shutil.copytree(original, tmp_path / "kept"))


def told_now(journal: Path) -> dict[str, Any]:
    done = CliRunner().invoke(main, ["replay", str(journal), "--json"])
    found = json.loads(done.stdout)
    return {
        "records": found["records"],
        "sent": found["sent"],
        "orders": [[order[key] for key in ORDER] for order in found["orders"]],
        "positions": [[position[key] for key in POSITION] for position in found["positions"]],
    }


def test_a_kept_journal_tells_what_its_own_version_told(kept: Path) -> None:
    assert told_now(kept / "journal") == json.loads((kept / "told.json").read_text())


def test_a_kept_journal_verifies(kept: Path) -> None:
    assert verified(kept / "journal").findings == ()


def test_a_kept_journal_is_gone_on_with(kept: Path) -> None:
    with opened(kept / "journal", day="2999-01-01") as writer:
        index = writer.append(NOW, b"x")
    assert index == json.loads((kept / "told.json").read_text())["records"]


def test_a_journal_of_every_format_is_kept() -> None:
    formats = {read_header(listed(path / "journal")[0]).version for path in KEPT}
    assert formats == set(range(1, VERSION + 1))


# -- a configuration that cannot be read -----------------------------------------------------------


def journal(directory: Path, *values: inputs.Input) -> Path:
    with opened(directory) as writer:
        for value in values:
            writer.append(NOW, inputs.encode(value))
    return directory


def start(run: int, **changes: Any) -> inputs.Started:
    return inputs.Started(run=run, version="9.9.9", settings=plain_settings(**changes))


UNREADABLE: Final = {"engine": {"default_account": "DESK", "of_the_future": 1}}


@pytest.mark.parametrize(
    "values",
    [
        (start(1, **UNREADABLE),),
        (start(1), start(2, **UNREADABLE), inputs.Tick()),
    ],
    ids=["the first", "a later one"],
)
def test_a_configuration_that_this_version_cannot_take_is_refused_with_its_writer(
    tmp_path: Path, values: tuple[inputs.Input, ...]
) -> None:
    with pytest.raises(JournalError) as caught:
        replay(journal(tmp_path, *values), Engine())
    assert "written by fix_oms 9.9.9" in str(caught.value)
    assert "engine.of_the_future" in str(caught.value)


def test_a_configuration_that_its_own_version_could_not_take_is_passed_over(
    tmp_path: Path,
) -> None:
    """A start that failed has left its record: the next start is the next record."""
    engine = Engine()
    replay(journal(tmp_path, start(1), start(2, **UNREADABLE), start(2)), engine)
    assert engine.run == 2


def test_an_input_of_a_later_version_is_refused_by_record(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        writer.append(NOW, inputs.encode(start(1)))
        writer.append(NOW, msgspec.msgpack.encode({"k": "of the future"}))
    with pytest.raises(JournalError, match="record 1 is no input that this version knows"):
        replay(tmp_path, Engine())


def test_settings_of_today_are_left_as_they_are() -> None:
    today = {"limits": [{"control": "message_rate", "limit": "5", "window_s": 2}], "engine": {}}
    assert present(today) == today


def test_a_window_that_nothing_counted_is_left_out() -> None:
    past = {"limits": [{"control": "max_order_qty", "limit": "5", "window_s": 1}]}
    assert present(past) == {"limits": [{"control": "max_order_qty", "limit": "5"}]}


def test_every_record_of_a_kept_journal_is_an_input_of_today(kept: Path) -> None:
    kinds = {type(inputs.decode(record.payload)) for record in records(kept / "journal")}
    assert inputs.Started in kinds
