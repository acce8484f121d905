"""``route``: what is sent to the router, what is shown of the parent, and how it ends."""

from __future__ import annotations

import json
import os
import pwd
import re

import pytest

from fix_oms.cli.route import made_ref
from fix_oms.client import Client, NoAnswer
from fix_oms.model.inputs import NewParent
from fix_oms.model.protocol import Outcome
from fix_oms.model.units import SCALE
from tests.cli.conftest import Shell

ME = pwd.getpwuid(os.getuid()).pw_name


def asked(**other: object) -> NewParent:
    """1000 AAPL bought at 150.1 for the day as my-1, with changes."""
    given: dict[str, object] = {
        "by": ME,
        "ref": "my-1",
        "symbol": "AAPL",
        "side": "1",
        "order_qty": 1000 * SCALE,
        "routed": True,
        "price": 15_010_000_000,
        **other,
    }
    return NewParent(**given)  # type: ignore[arg-type]  # the names are NewParent's own


WORDS: list[tuple[str, NewParent]] = [
    ("BUY 1000 AAPL @ 150.10", asked()),
    ("buy 1000 AAPL @150.10", asked()),
    ("SELL 1000 AAPL @ 150.10", asked(side="2")),
    ("sell_short 1000 AAPL @ 150.10", asked(side="5")),
    ("BUY 1000 AAPL", asked(price=None)),
    ("BUY 1000 AAPL @ 150.10 --policy post", asked(policy="post")),
    ("BUY 1000 AAPL @ 150.10 --tif ioc", asked(time_in_force="3")),
    ("BUY 1000 AAPL @ 150.10 --tif GTC", asked(time_in_force="1")),
    (
        "BUY 1000 AAPL @ 150.10 --policy direct --venue BETA",
        asked(policy="direct", venue="BETA"),
    ),
    (
        "BUY 1000 AAPL @ 150.10 --account PROP --strategy pairs",
        asked(account="PROP", strategy="pairs"),
    ),
]


@pytest.mark.parametrize(("words", "expected"), WORDS, ids=[w for w, _ in WORDS])
def test_the_words_become_this_parent(shell: Shell, words: str, expected: NewParent) -> None:
    done = shell.run("route", *words.split(), "--ref", "my-1", "--no-wait")
    assert (done.exit_code, shell.taken) == (0, [expected])


BAD: list[tuple[str, str]] = [
    ("", "Missing argument 'BUY|SELL'"),
    ("BUY", "Missing argument 'QTY'"),
    ("BUY 100", "Missing argument 'SYMBOL'"),
    ("HOLD 100 AAPL", "Side(54) 'HOLD': is none of buy, sell"),
    ("BUY 1,000 AAPL", "OrderQty(38) '1,000': has a thousands separator: write 1000"),
    ("BUY -100 AAPL", "OrderQty(38) '-100': must be greater than 0"),
    ("BUY 100 AAPL 150", "Price(44) '150': a price is written after @"),
    ("BUY 100 AAPL @ 150 --tif fok", "TimeInForce(59) 'fok': is none of day, gtc, ioc"),
    ("BUY 100 AAPL @ 150 --polcy x", "No such option '--polcy'. Did you mean '--policy'?"),
    ("BUY 100 AAPL @ 150 --ref \x7f", "ref '\\x7f': holds characters other than printable ASCII"),
]


@pytest.mark.parametrize(("words", "reason"), BAD, ids=[w for w, _ in BAD])
def test_a_malformed_parent_is_named_and_nothing_is_sent(
    shell: Shell, words: str, reason: str
) -> None:
    done = shell.run("route", *words.split())
    assert (done.exit_code, shell.taken) == (2, [])
    assert reason in done.stderr


def test_a_parent_without_a_name_is_given_one_that_is_printed(shell: Shell) -> None:
    done = shell.run("route", "BUY", "10", "AAPL", "@", "5", "--no-wait")
    (sent,) = shell.taken
    assert re.fullmatch(r"AAPL-[0-9]{6}-[a-z2-9]{3}", sent.ref)
    assert done.output == f"parent {sent.ref} is routed\n"


def test_no_two_names_of_a_moment_are_alike_but_by_rare_chance() -> None:
    assert len({made_ref("AAPL") for _ in range(50)}) > 40


def test_a_name_is_never_longer_than_fits(shell: Shell) -> None:
    done = shell.run("route", "BUY", "10", "S" * 200, "@", "5", "--no-wait")
    assert (done.exit_code, len(shell.taken[0].ref)) == (0, 23)


def test_the_same_name_is_taken_once(shell: Shell) -> None:
    words = ("route", "BUY", "10", "AAPL", "@", "5", "--ref", "my-1")
    first, second = shell.run(*words), shell.run(*words)
    assert (first.exit_code, second.exit_code) == (0, 1)
    assert "there is a parent 'my-1' already" in second.stderr


def test_it_is_looked_at_until_nothing_is_on_its_way(shell: Shell) -> None:
    done = shell.run("route", "BUY", "10", "AAPL", "@", "5", "--ref", "my-1")
    assert (done.exit_code, done.output) == (
        0,
        "parent my-1 is routed\n09:00:00.000 New 0/10 Buy AAPL by sweep, 1 child, 10 open\n",
    )


def test_to_its_end_it_is_looked_at_for_as_long_as_was_said(shell: Shell) -> None:
    done = shell.run("route", "BUY", "10", "FILL", "@", "5", "--ref", "my-1", "--wait", "60")
    assert done.output.endswith("Filled 10/10 @ 5 Buy FILL by sweep, 1 child\n")


def test_a_child_without_an_answer_ends_with_4(shell: Shell) -> None:
    done = shell.run("route", "BUY", "10", "SILENT", "@", "5", "--wait", "0.05")
    assert done.exit_code == 4


def test_a_suspended_parent_ends_with_1_and_the_reason(shell: Shell) -> None:
    done = shell.run("route", "BUY", "10", "STUCK", "@", "5")
    assert (done.exit_code, "10 not sent: max_order_qty: over the limit" in done.output) == (
        1,
        True,
    )


def test_json_has_the_parent_and_its_children(shell: Shell) -> None:
    done = shell.run("route", "BUY", "10", "AAPL", "@", "5", "--ref", "my-1", "--json")
    said = json.loads(done.output)
    state = said["state"]
    assert (said["accepted"], state["order_qty"], state["children"][0]["parent"]) == (
        True,
        "10",
        "",
    )


def test_without_an_engine_nothing_is_sent_and_it_ends_with_3(nobody: Shell) -> None:
    assert nobody.run("route", "BUY", "10", "AAPL").exit_code == 3


def test_a_doubt_names_the_ref_to_send_it_again_with(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> Outcome:
        raise NoAnswer("no answer within 10 s", in_doubt=True)

    monkeypatch.setattr(Client, "outcome", lost)
    done = shell.run("route", "BUY", "10", "AAPL", "--ref", "my-1")
    assert done.exit_code == 4
    assert "it may have arrived: send it again with --ref my-1" in done.stderr
