"""Random hostility, from seeds: a few rounds in each run, a campaign under ``make soak``."""

from __future__ import annotations

import os
import random
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from acceptance.hostile.fuzz import Tally, round_of
from acceptance.hostile.play import TOLD, standing
from fix_oms.journal.verify import verified
from fix_oms.model.fix import FixVersion

LANES: Final = {FixVersion.FIX42: 1, FixVersion.FIX44: 2, FixVersion.FIX50SP2: 1}
SECONDS: Final = float(os.environ.get("HOSTILE_SECONDS", "600"))
SEED: Final = int(os.environ.get("HOSTILE_SEED", "0")) or secrets.randbelow(1 << 32)
"""Another one each time; ``HOSTILE_SEED`` plays one again."""

Note = Callable[[str, object], None]


def campaign(directory: Path, seed: int, seconds: float) -> tuple[Tally, str]:
    """All lanes at once, each with a generator of its own; the tally, and what went wrong."""
    tally = Tally()
    wrong: list[str] = []
    with standing(directory, LANES) as stand:
        by = time.monotonic() + seconds

        def play(number: int) -> None:
            draw = random.Random(seed * 1000 + number)
            while time.monotonic() < by and not wrong:
                try:
                    round_of(stand.lanes[number], draw, tally)
                except Exception as error:  # noqa: BLE001 - what went wrong is told
                    wrong.append(f"lane {number}: {type(error).__name__}: {error}")

        threads = [threading.Thread(target=play, args=(n,)) for n in range(len(stand.lanes))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    findings = verified(directory / "journal").findings
    return tally, "\n".join([*wrong, *map(str, findings)])


def test_the_engine_survives_what_nobody_chose(tmp_path: Path, record_property: Note) -> None:
    tally, wrong = campaign(tmp_path, SEED, 5.0)
    record_property(TOLD, str(tally))
    assert wrong == "", f"HOSTILE_SEED={SEED}: {tally}"


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_a_campaign(tmp_path: Path, record_property: Note) -> None:
    tally, wrong = campaign(tmp_path, SEED, SECONDS)
    record_property(TOLD, str(tally))
    assert wrong == "", f"HOSTILE_SEED={SEED}: {tally}"
