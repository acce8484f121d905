"""``parents``, and ``show``, ``cancel`` and ``replace`` of one."""

from __future__ import annotations

import json

import pytest

from fix_oms.model.inputs import CancelOrder, ReplaceOrder, ResumeParent
from fix_oms.model.units import SCALE
from tests.cli.conftest import Shell
from tests.cli.parents_shown import parent_view, swept
from tests.cli.test_help import completed
from tests.cli.test_route import ME


def given(shell: Shell, symbol: str = "AAPL", ref: str = "my-1") -> None:
    shell.run("route", "BUY", "10", symbol, "@", "5", "--ref", ref, "--no-wait")
    shell.engine.submitted.clear()


def test_parents_are_listed(shell: Shell) -> None:
    given(shell)
    header, _, row = shell.run("parents").output.splitlines()
    assert header.split() == [
        *("Parent", "State", "Side", "Filled", "Symbol", "Price", "AvgPx"),
        *("Policy", "Open", "Unsent"),
    ]
    assert row.split() == ["my-1", "New", "Buy", "0/10", "AAPL", "5", "sweep", "10"]


def test_under_the_list_stands_what_keeps_one_from_going_on(shell: Shell) -> None:
    given(shell, "STUCK")
    last = shell.run("parents").output.splitlines()[-1]
    assert last == "my-1: 10 not sent: max_order_qty: over the limit"


def test_only_the_open_ones_of_a_symbol_are_listed(shell: Shell) -> None:
    for symbol, ref in (("FILL", "a"), ("AAPL", "b"), ("MSFT", "c")):
        given(shell, symbol, ref)
    found = json.loads(shell.run("parents", "--open", "--symbol", "AAPL", "--json").output)
    assert [parent["ref"] for parent in found] == ["b"]


def test_no_parents_are_said_to_be_none(shell: Shell) -> None:
    assert (shell.run("parents").output, shell.run("parents", "--open").output) == (
        "no parents\n",
        "no open parents\n",
    )


def test_the_newest_are_shown(shell: Shell) -> None:
    for ref in ("a", "b", "c"):
        given(shell, ref=ref)
    rows = shell.run("parents", "--last", "2").output.splitlines()[2:]
    assert [row.split()[0] for row in rows] == ["b", "c"]


@pytest.mark.parametrize("columns", [80, 100, 140])
def test_no_line_is_longer_than_the_screen(shell: Shell, columns: int) -> None:
    shell.engine.routing.held["P1"] = parent_view(held="no venue shows anything " * 8)
    lines = shell.run("parents", columns=columns).output.splitlines()
    assert max(len(line) for line in lines) <= columns


def test_a_suspended_parent_is_resumed_with_a_reason(shell: Shell) -> None:
    given(shell, "STUCK")
    done = shell.run("parents", "resume", "my-1", "--reason", "raised")
    assert (done.exit_code, shell.taken) == (
        0,
        [ResumeParent(by=ME, ref="my-1", reason="raised")],
    )
    assert "parent my-1 goes on" in done.output


def test_resuming_without_a_reason_does_nothing(shell: Shell) -> None:
    assert (shell.run("parents", "resume", "my-1").exit_code, shell.taken) == (2, [])


def test_an_option_before_resume_does_nothing(shell: Shell) -> None:
    done = shell.run("parents", "--open", "resume", "my-1", "--reason", "x")
    assert (done.exit_code, shell.taken) == (2, [])


def test_a_cancelled_parent_is_looked_at_to_its_end(shell: Shell) -> None:
    given(shell)
    done = shell.run("cancel", "my-1")
    assert (done.exit_code, shell.taken) == (0, [CancelOrder(by=ME, order="my-1")])
    assert done.output.endswith("Canceled 0/10 Buy AAPL by sweep, 1 child\n")


def test_a_parent_that_filled_before_its_cancel_ends_with_1(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(shell)
    filled = {"ord_status": "2", "cum_qty": 10 * SCALE, "leaves_qty": 0}
    become = shell.engine.routing._become
    monkeypatch.setattr(shell.engine.routing, "_become", lambda ref, **_: become(ref, **filled))
    assert shell.run("cancel", "my-1").exit_code == 1


def test_a_replaced_parent_is_shown_with_its_new_terms(shell: Shell) -> None:
    given(shell)
    done = shell.run("replace", "my-1", "--qty", "20", "--price", "5.5")
    assert (done.exit_code, shell.taken) == (
        0,
        [ReplaceOrder(by=ME, order="my-1", order_qty=20 * SCALE, price=550_000_000)],
    )
    assert "New 0/20 Buy AAPL" in done.output


def test_a_replace_that_came_to_something_else_ends_with_1(shell: Shell) -> None:
    given(shell)
    assert shell.run("replace", "my-1", "--qty", "20000").exit_code == 1


def test_a_parent_is_shown_with_its_children(shell: Shell) -> None:
    shell.engine.routing.found["P1"] = swept()
    output = shell.run("show", "P1", columns=140).output
    for expected in (
        "LeavesQty(151)  200: 200 with children, 0 not sent",
        "Arrival price   150; the average is 4.00 bp worse",
        "7-2",
        "Policy          sweep",
    ):
        assert expected in output


def test_what_is_neither_order_nor_parent_is_named(shell: Shell) -> None:
    done = shell.run("show", "nothing")
    assert (done.exit_code, "no order is named 'nothing'" in done.stderr) == (1, True)


def test_a_wide_list_of_orders_names_their_parents(shell: Shell) -> None:
    shell.engine.orders.update({child.reference: child for child in swept().children})
    lines = shell.run("orders", columns=160).output.splitlines()
    assert "Parent" in lines[0]
    assert all("P1" in line for line in lines[2:])


def test_watch_shows_open_parents(shell: Shell) -> None:
    given(shell)
    given(shell, "FILL", "done-1")
    output = shell.run("watch", "--once", columns=140).output
    assert ("my-1" in output, "done-1" in output) == (True, False)


# -- completion ------------------------------------------------------------------------------------


def test_open_parents_are_completed_with_orders(shell: Shell) -> None:
    given(shell)
    given(shell, "FILL", "my-2")
    found = completed(shell, "cancel", "my"), completed(shell, "parents", "resume", "my")
    assert found == (["my-1"], ["my-1"])


def test_policies_are_completed_from_the_configuration_and_the_built_in(nobody: Shell) -> None:
    nobody.config.write_text(nobody.config.read_text() + '[policies.patient]\nkind = "post"\n')
    assert completed(nobody, "route", "--policy", "p") == ["patient", "post", "pro_rata"]
