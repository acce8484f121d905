"""``buy``, ``sell`` and ``order``: what is sent, what is said, and how it ends."""

from __future__ import annotations

import json
import os
import pwd
from pathlib import Path
from typing import Any

import pytest

from fix_oms.cli import parse
from fix_oms.model.errors import MissingField
from fix_oms.model.inputs import NewOrder
from fix_oms.model.messages import Terms
from fix_oms.model.units import SCALE
from tests.cli.conftest import Shell

ME = pwd.getpwuid(os.getuid()).pw_name


def terms(**other: object) -> Terms:
    """100 AAPL bought at 150.25 for the day, with changes."""
    given: dict[str, object] = {
        "symbol": "AAPL",
        "side": "1",
        "order_qty": 100 * SCALE,
        "ord_type": "2",
        "price": 15_025_000_000,
        **other,
    }
    return Terms(**given)  # type: ignore[arg-type]  # the names are Terms' own


WORDS: list[tuple[str, Terms]] = [
    ("buy 100 AAPL @ 150.25", terms()),
    ("buy 100 AAPL @150.25", terms()),
    ("sell 100 AAPL @ 150.25", terms(side="2")),
    ("sell 100 AAPL @ 150.25 --short", terms(side="5")),
    ("order buy 100 AAPL @ 150.25", terms()),
    ("order sell 100 AAPL @ 150.25", terms(side="2")),
    ("buy 100 AAPL", terms(ord_type="1", price=None)),
    ("buy 100 AAPL --stop 149", terms(ord_type="3", price=None, stop_px=149 * SCALE)),
    ("buy 100 AAPL @ 150.25 --stop 149", terms(ord_type="4", stop_px=149 * SCALE)),
    ("buy 100 AAPL @ 150.25 --tif ioc", terms(time_in_force="3")),
    ("buy 100 AAPL @ 150.25 --tif FOK", terms(time_in_force="4")),
    ("buy --tif gtc 100 AAPL @ 150.25", terms(time_in_force="1")),
    ("buy 100 AAPL @ 150.25 --account PROP --text hello", terms(account="PROP", text="hello")),
    (
        "buy AAPL --cash 10000",
        terms(order_qty=0, cash_order_qty=10_000 * SCALE, ord_type="1", price=None),
    ),
    ("sell AAPL @ 150.25 --cash .5", terms(side="2", order_qty=0, cash_order_qty=50_000_000)),
    ("buy --cash 5 AAPL @150.25", terms(order_qty=0, cash_order_qty=5 * SCALE)),
    ("buy 0.00000001 AAPL @ .5", terms(order_qty=1, price=50_000_000)),
]


@pytest.mark.parametrize(("words", "expected"), WORDS, ids=[w for w, _ in WORDS])
def test_the_words_become_these_terms(shell: Shell, words: str, expected: Terms) -> None:
    done = shell.run(*words.split(), "--no-wait")
    assert (done.exit_code, [order.terms for order in shell.taken]) == (0, [expected])


def test_venue_and_ref_go_with_the_order_and_by_is_the_login_name(shell: Shell) -> None:
    shell.run("buy", "100", "AAPL", "@", "150.25", "--venue", "BETA", "--ref", "my-1")
    assert shell.taken == [NewOrder(by=ME, terms=terms(), venue="BETA", client_ref="my-1")]


BAD: list[tuple[str, str]] = [
    ("buy 1,000 AAPL", "OrderQty(38) '1,000': has a thousands separator: write 1000"),
    ("buy 1_000_000 AAPL", "OrderQty(38) '1_000_000': has a thousands separator: write 1000000"),
    ("buy 1'000.5 AAPL", 'OrderQty(38) "1\'000.5": has a thousands separator: write 1000.5'),
    ("buy 10 AAPL @ 150,25", "Price(44) '150,25': has a comma: write 150.25 if it is a decimal"),
    ("buy -100 AAPL", "OrderQty(38) '-100': must be greater than 0"),
    ("buy -.5 AAPL", "OrderQty(38) '-.5': must be greater than 0"),
    ("buy 0 AAPL", "OrderQty(38) '0': must be greater than 0"),
    ("buy 1e3 AAPL", "OrderQty(38) '1e3': has an exponent: write all the digits"),
    ("buy 10k AAPL", "OrderQty(38) '10k': is no plain number"),
    ("buy 20000000000 AAPL", "OrderQty(38) '20000000000': is larger than 10^10"),
    ("buy nan AAPL", "OrderQty(38) 'nan': is not a FIX number"),
    ("buy 10 AAPL @ -5", "Price(44) '-5': must be greater than 0"),
    ("buy 10 AAPL @ $5", "Price(44) '$5': is no plain number"),
    ("buy 10 AAPL @ 1.123456789", "Price(44) '1.123456789': has more than 8 decimal places"),
    ("buy 10 AAPL @", "Price(44): is missing after @"),
    ("buy 10 AAPL 150", "Price(44) '150': a price is written after @"),
    ("buy 10 AAPL @ 5 6", "Price(44) '5 6': is more than one price"),
    ("buy 10 AAPL --stop x", "StopPx(99) 'x': is not a FIX number"),
    ("buy 10 AAPL --tif week", "TimeInForce(59) 'week': is none of day, ioc, fok, gtc"),
    ("buy 10 A\x01PL", "Symbol(55) 'A\\x01PL': holds characters other than printable ASCII"),
    ("buy 10 ÄPFEL", "Symbol(55) 'ÄPFEL': holds characters other than printable ASCII"),
    ("buy 10 AAPL --ref \x7f", "ref '\\x7f': holds characters other than printable ASCII"),
    ("buy 10 AAPL --tiff day", "No such option '--tiff'. Did you mean '--tif'?"),
    ("buy 10 AAPL -x", "No such option '-x'"),
    ("buy AAPL --cash 1,000", "'1,000': has a thousands separator: write 1000"),
    ("buy AAPL --cash -5", "'-5': must be greater than 0"),
    ("buy 10 AAPL --cash 5", "with --cash there is no QTY, only SYMBOL [@ PRICE]: '10 AAPL'"),
    ("buy --cash 5", "Missing argument 'SYMBOL'"),
    ("buy 10", "Missing argument 'SYMBOL'"),
    ("buy", "Missing argument 'QTY'"),
    ("order hold 10 AAPL", "No such command 'hold'"),
]


@pytest.mark.parametrize(("words", "reason"), BAD, ids=[w for w, _ in BAD])
def test_a_malformed_order_is_named_and_nothing_is_sent(
    shell: Shell, words: str, reason: str
) -> None:
    done = shell.run(*words.split(" "))
    assert (done.exit_code, shell.taken) == (2, [])
    assert reason in done.stderr


@pytest.mark.parametrize("how_much", [{}, {"qty": "1", "cash": "1"}])
def test_one_of_quantity_and_cash_says_how_much(how_much: dict[str, Any]) -> None:
    with pytest.raises(MissingField, match=r"OrderQty\(38\)"):
        parse.new_order(by=ME, side="1", symbol_text="AAPL", **how_much)


def test_an_order_of_blanks_is_refused(shell: Shell) -> None:
    done = shell.run("buy", "10", " ")
    assert (done.exit_code, "Symbol(55) ' ': is empty" in done.stderr) == (2, True)


def test_a_resting_order_prints_its_reference_and_state(shell: Shell) -> None:
    done = shell.run("buy", "100", "AAPL", "@", "150.25")
    assert done.output == "7-1 -> ALPHA (sent)\nNew 0/100 Buy AAPL on ALPHA\n"


def test_a_filled_order_says_at_which_price(shell: Shell) -> None:
    done = shell.run("sell", "100", "FILL", "@", "150.25")
    assert done.output.splitlines()[1] == "Filled 100/100 @ 150.25 Sell FILL on ALPHA"


def test_an_order_that_the_broker_rejects_ends_with_1_and_its_text(shell: Shell) -> None:
    done = shell.run("buy", "5", "REJECT")
    assert done.exit_code == 1
    assert "Rejected 0/5 Buy REJECT on ALPHA: no such symbol" in done.output


def test_an_order_that_the_engine_refuses_ends_with_1_and_the_control(shell: Shell) -> None:
    done = shell.run("buy", "20000", "AAPL")
    assert done.exit_code == 1
    expected = "refused: OrderQty(38): over the limit of 10000 [max_order_qty]\n"
    assert done.stderr == expected


def test_an_order_without_an_answer_in_time_ends_with_4(shell: Shell) -> None:
    done = shell.run("buy", "5", "SILENT", "--wait", "0.01")
    assert done.exit_code == 4
    assert "no answer within 0.01 s" in done.output


def test_no_wait_ends_with_0_before_the_answer(shell: Shell) -> None:
    done = shell.run("buy", "5", "SILENT", "--no-wait")
    assert (done.exit_code, done.output) == (0, "7-1 -> ALPHA (sent)\n")


def test_without_an_engine_it_ends_with_3_and_says_what_to_do(nobody: Shell) -> None:
    done = nobody.run("buy", "5", "AAPL")
    assert done.exit_code == 3
    assert "is `fix-oms run` up?" in done.stderr


def test_json_gives_the_answer_and_the_state_in_one_object(shell: Shell) -> None:
    done = json.loads(shell.run("buy", "100", "FILL", "@", "150.25", "--json").output)
    found = (done["accepted"], done["order"], done["state"]["ord_status"], done["state"]["avg_px"])
    assert found == (True, "7-1", "Filled", "150.25")


def test_json_gives_a_refusal_as_an_object(shell: Shell) -> None:
    done = json.loads(shell.run("buy", "20000", "AAPL", "--json").output)
    assert (done["accepted"], done["control"], done["limit"]) == (False, "max_order_qty", "10000")


# -- many orders -----------------------------------------------------------------------------------

TWO = """
{"side": "buy", "qty": 100, "symbol": "AAPL", "price": 150.25}

{"side": "Sell", "qty": "5", "symbol": "FILL", "tif": "ioc", "venue": "BETA", "ref": "a"}
"""


def test_json_lines_from_standard_input_are_all_sent(shell: Shell) -> None:
    done = shell.run("order", "--json", "-", typed=TWO)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert [(r["place"], r["order"], r["state"]["ord_status"]) for r in rows] == [
        ("line 2", "7-1", "New"),
        ("line 4", "7-2", "Filled"),
    ]


def test_a_json_number_is_taken_exactly_as_it_is_written(shell: Shell) -> None:
    line = '{"side": "buy", "qty": 100.00000001, "symbol": "AAPL", "price": 0.1}'
    shell.run("order", "--json", "-", typed=line)
    sent = shell.taken[0].terms
    assert (sent.order_qty, sent.price) == (10_000_000_001, 10_000_000)


def test_a_json_array_from_a_file_is_sent(shell: Shell, tmp_path: Path) -> None:
    lines = [line for line in TWO.splitlines() if line]
    (tmp_path / "o.json").write_text(f"[{', '.join(lines)}]")
    shell.run("order", "--json", str(tmp_path / "o.json"), "--no-wait")
    assert [order.terms.symbol for order in shell.taken] == ["AAPL", "FILL"]


def test_the_keys_stand_for_the_same_as_the_options(shell: Shell) -> None:
    line = (
        '{"side": "sell_short", "qty": 1, "symbol": "X", "price": 2, "stop": 3, "tif": "gtc",'
        ' "venue": "V", "account": "A", "ref": "r", "text": "t t"}'
    )
    shell.run("order", "--json", "-", "--no-wait", typed=line)
    expected = Terms(
        symbol="X",
        side="5",
        order_qty=SCALE,
        ord_type="4",
        price=2 * SCALE,
        stop_px=3 * SCALE,
        time_in_force="1",
        account="A",
        text="t t",
    )
    assert shell.taken == [NewOrder(by=ME, terms=expected, venue="V", client_ref="r")]


def test_an_order_of_a_batch_may_be_of_money(shell: Shell) -> None:
    line = '{"side": "buy", "cash": 10000.5, "symbol": "X"}'
    shell.run("order", "--json", "-", "--no-wait", typed=line)
    expected = terms(
        symbol="X", order_qty=0, cash_order_qty=1_000_050_000_000, ord_type="1", price=None
    )
    assert [order.terms for order in shell.taken] == [expected]


BAD_LINES: list[tuple[str, str]] = [
    ('{"side": "buy", "qty": "1,000", "symbol": "A"}', "OrderQty(38) '1,000': has a thousands"),
    ('{"side": "buy", "qty": -1, "symbol": "A"}', "OrderQty(38) '-1': must be greater than 0"),
    ('{"side": "buy", "qty": 1e2, "symbol": "A"}', "OrderQty(38) '1e2': has an exponent"),
    ('{"side": "buy", "qty": NaN, "symbol": "A"}', "OrderQty(38) 'NaN': is not a FIX number"),
    ('{"side": "hold", "qty": 1, "symbol": "A"}', "Side(54) 'hold': is none of buy, sell"),
    ('{"side": "buy", "symbol": "A"}', "'qty' is missing"),
    ('{"side": "buy", "symbol": "A", "cash": -1}', "'-1': must be greater than 0"),
    ('{"side": "buy", "qty": 1, "cash": 1, "symbol": "A"}', "'qty' and 'cash' exclude each"),
    ('{"side": "buy", "cash": 1}', "'symbol' is missing"),
    ('{"side": "buy", "qty": null, "symbol": "A"}', "'qty' is missing"),
    ('{"side": "buy", "qty": true, "symbol": "A"}', "'qty' must be text or a number"),
    ('{"side": "buy", "qty": 1, "symbl": "A"}', "unknown key 'symbl'; did you mean 'symbol'?"),
    ('{"side": "buy", "qty": 1, "qty": 2, "symbol": "A"}', "'qty' stands twice"),
    ('{"side": "buy", "qty": 1, "symbol": "A\\u0001"}', "Symbol(55) 'A\\x01': holds characters"),
    ('"buy"', "an order is a JSON object with the keys"),
    ("{side: buy}", "is not JSON: "),
    ("[" * 100_000, "is not JSON"),
    ("[1", "is not JSON: "),
    ("[3]", "order 1: an order is a JSON object"),
    ("[[3]]", "order 1: an order is a JSON object"),
    ("", "there is no order in the input"),
]


@pytest.mark.parametrize(("line", "reason"), BAD_LINES, ids=[line[:40] for line, _ in BAD_LINES])
def test_one_bad_order_is_named_and_none_is_sent(shell: Shell, line: str, reason: str) -> None:
    good = '{"side": "buy", "qty": 1, "symbol": "AAPL"}\n'
    typed = line if not line or line.startswith("[") else good + line
    done = shell.run("order", "--json", "-", typed=typed)
    assert (done.exit_code, shell.taken) == (2, [])
    assert reason in done.stderr


def test_every_bad_order_is_named_with_its_line(shell: Shell) -> None:
    done = shell.run("order", "--json", "-", typed='{"side": 1}\n{}\n{"qty": 1}\n')
    assert [f"line {n}:" in done.stderr for n in (1, 2, 3)] == [True] * 3


def test_a_batch_that_the_engine_would_refuse_in_part_is_not_sent_at_all(shell: Shell) -> None:
    typed = TWO + '{"side": "buy", "qty": 20000, "symbol": "AAPL"}\n'
    done = shell.run("order", "--json", "-", typed=typed)
    assert (done.exit_code, shell.taken) == (1, [])
    assert json.loads(done.stdout)["place"] == "line 5"
    assert done.stderr == "nothing was sent: 1 of 3 would be refused\n"


def test_check_sends_nothing(shell: Shell) -> None:
    done = shell.run("order", "--json", "-", "--check", typed=TWO)
    assert (done.exit_code, shell.taken) == (0, [])
    assert done.stdout == "all 2 orders would be taken; nothing was sent\n"


def test_a_batch_with_a_rejected_order_ends_with_1(shell: Shell) -> None:
    typed = TWO + '{"side": "buy", "qty": 1, "symbol": "REJECT"}\n'
    assert shell.run("order", "--json", "-", typed=typed).exit_code == 1


def test_a_batch_with_an_unanswered_order_ends_with_4(shell: Shell) -> None:
    typed = (
        '{"side": "buy", "qty": 1, "symbol": "SILENT"}\n'
        '{"side": "buy", "qty": 1, "symbol": "REJECT"}\n'
    )
    assert shell.run("order", "--json", "-", "--wait", "0.01", typed=typed).exit_code == 4


def test_a_file_that_is_not_there_is_named(shell: Shell) -> None:
    done = shell.run("order", "--json", "/no/such/file")
    assert (done.exit_code, "cannot be read: No such file" in done.stderr) == (2, True)


def test_json_and_words_together_are_refused(shell: Shell) -> None:
    done = shell.run("order", "--json", "-", "buy", "1", "AAPL", typed=TWO)
    assert (done.exit_code, shell.taken) == (2, [])


def test_order_alone_shows_its_help(shell: Shell) -> None:
    done = shell.run("order")
    assert (done.exit_code, done.stdout.startswith("Usage: fix-oms order")) == (2, True)
