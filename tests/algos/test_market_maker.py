"""The example of an algo of one's own, on a desk, alone, and with the market of a journal."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from fix_oms.algos.algo import Algo
from fix_oms.algos.kinds import KINDS
from fix_oms.journal.rehearsal import Rehearsal, rehearse
from fix_oms.model import inputs
from fix_oms.model.units import SCALE
from fix_oms.server.algo_code import load_code
from fix_oms.server.config_file import load
from tests.algos.kept_desk import KeptDesk
from tests.algos.schedule_desk import replayed
from tests.journal.test_rehearsal import written

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "config/examples"
PAGE = ROOT / "fix_oms/algos/README.md"
PARAMS: dict[str, Any] = {"symbol": "AAPL", "qty": "100", "most_held": "200"}


@pytest.fixture(scope="module")
def maker() -> type[Algo]:
    return load_code("market_maker:Maker", (EXAMPLES,))


@pytest.fixture
def stage(maker: type[Algo]) -> Rehearsal:
    found = Rehearsal.alone("AAPL")
    quoted(found, "9.97", "10.03")
    found.start(maker, venue="SIM", **PARAMS)
    return found


def quoted(stage: Rehearsal, bid: str, offer: str) -> None:
    stage.book("AAPL", [(bid, 500)], [(offer, 500)])


def test_it_quotes_both_sides_of_the_middle(stage: Rehearsal) -> None:
    assert stage.working() == ["q1 buy 100 AAPL @ 9.97", "q2 sell 100 AAPL @ 10.03"]


def test_it_quotes_again_when_it_goes_on(stage: Rehearsal) -> None:
    stage.do(inputs.PauseAlgo(by="ann", ref="A1"))
    none = stage.working()
    stage.do(inputs.ResumeAlgo(by="ann", ref="A1"))
    again = [words.partition(" ")[2] for words in stage.working()]
    assert (none, again) == ([], ["buy 100 AAPL @ 9.97", "sell 100 AAPL @ 10.03"])


def test_it_leans_against_what_it_holds(stage: Rehearsal) -> None:
    quoted(stage, "9.94", "9.97")
    held = stage.position("AAPL") // SCALE
    quoted(stage, "9.97", "10.03")
    assert (held, stage.working()) == (
        100,
        ["q2 sell 100 AAPL @ 10.02", "q3 buy 100 AAPL @ 9.96"],
    )


def test_it_holds_no_more_than_it_may(stage: Rehearsal) -> None:
    for n in range(1, 9):
        cents = 997 - 8 * n
        stage.book("AAPL", [(f"{(cents - 3) / 100:.2f}", 500)], [(f"{cents / 100:.2f}", 500)])
        assert abs(stage.position("AAPL")) <= 200 * SCALE
    assert [words for words in stage.working() if " buy " in words] == []


def test_without_a_book_it_shows_nothing(stage: Rehearsal) -> None:
    stage.book("AAPL", [], [])
    assert stage.working() == []


def test_it_does_not_run_after_its_own_quotes(maker: type[Algo]) -> None:
    KINDS["maker_of_a_test"] = maker
    desk = KeptDesk()
    desk.begin("maker_of_a_test", side=None, price=None, **PARAMS)
    desk.market("9.90", "10.10")
    desk.takes()
    before = (len(desk.acts), desk.at_work)
    for _ in range(3):
        desk.book("ALPHA", [("9.97", 100), ("9.90", 1000)], [("10.03", 100), ("10.10", 1000)])
        desk.takes()
    assert (len(desk.acts), desk.at_work) == before == (2, ["q1 100 @ 9.97", "q2 100 @ 10.03"])


def test_a_journal_is_lived_through_again_the_same(maker: type[Algo], tmp_path: Path) -> None:
    KINDS["maker_of_a_test"] = maker
    desk = KeptDesk()
    desk.begin("maker_of_a_test", side=None, price=None, **PARAMS)
    for bid, offer in (("9.97", "10.03"), ("9.95", "10.01"), ("9.99", "10.05")):
        desk.market(bid, offer)
        desk.takes()
    desk.do(inputs.StopAlgo(by="ann", ref="A1"))
    assert (desk.ending[0], desk.at_work) == ("ended", [])
    assert replayed(desk).shown(desk.now).hash() == desk.shown.hash()
    stage = rehearse(written(tmp_path / "j", desk), maker, PARAMS | {"venue": "ALPHA"})
    assert len(stage.acts) > 3


def test_its_configuration_is_good() -> None:
    assert load(EXAMPLES / "market-maker.toml").settings.algos["maker"].code == "market_maker:Maker"


def test_it_is_shorter_than_sixty_lines_and_stands_in_the_page() -> None:
    text = (EXAMPLES / "market_maker.py").read_text(encoding="utf-8")
    shown = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(text.splitlines()) < 60
    assert text in shown


def test_the_rehearsal_in_the_page_does_what_it_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "path", [str(EXAMPLES), *sys.path])
    page = PAGE.read_text(encoding="utf-8")
    code = next(c for c in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "alone" in c)
    exec(code, {})
    said = re.search(r"prints\n\n```\n(.*?)```", page, re.DOTALL)
    assert said is not None
    assert capsys.readouterr().out == said[1]
