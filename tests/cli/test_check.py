"""``check``: what a configuration says, and everything that is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Shell

DEMO = Path(__file__).parents[2] / "config/demo.toml"


def test_check_shows_what_it_found(nobody: Shell) -> None:
    done = nobody.run("check", str(DEMO))
    assert done.exit_code == 0
    for expected in ("FIXOMS -> ALPHA", "127.0.0.1:15042", "VOD.L", "500 messages in 1 s", "good"):
        assert expected in done.output


def test_check_shows_each_limit_by_its_name_with_what_it_counts_apart(nobody: Shell) -> None:
    lines = nobody.run("check", str(DEMO), columns=150).output.splitlines()
    rows = {line.split()[0]: line.split()[1:] for line in lines if line}
    assert (rows["loss_limit"], rows["pairs-ticket"]) == (
        ["100000", "money", "everything", "account"],
        ["20000", "money", "strategy", "pairs", "soft"],
    )


def test_check_says_who_is_told_of_alerts_and_nothing_of_a_secret_address(
    nobody: Shell, tmp_path: Path
) -> None:
    hook = '[alerts]\ncommand = ["sh"]\nwebhook = "https://chat.example/s3cret"\n'
    path = tmp_path / "told.toml"
    path.write_text(DEMO.read_text() + hook)
    shown = nobody.run("check", str(path), columns=200).output
    assert "from warning on to the command sh and the webhook at chat.example" in shown
    assert "only to the log" in nobody.run("check", str(DEMO)).output
    assert "s3cret" not in shown


def test_check_names_every_error(nobody: Shell) -> None:
    done = nobody.run("check", str(nobody.config))
    assert done.exit_code == 2
    assert "sessions.ALPHA.version: is missing" in done.stderr
    assert "sessions.BETA.version: is missing" in done.stderr


def test_check_warns_of_what_would_run_but_perhaps_not_as_meant(
    nobody: Shell, tmp_path: Path
) -> None:
    text = DEMO.read_text().split("[[limits]]")[0].replace('reference = "150.00"', "")
    path = tmp_path / "thin.toml"
    path.write_text(text.replace("port = 15044", 'port = 15044\npassword_env = "FIX_OMS_NONE"'))
    done = nobody.run("check", str(path))
    assert done.exit_code == 0
    for expected in (
        "warning: sessions.ALPHA.password_env: the environment variable FIX_OMS_NONE is not set",
        "warning: limits: no max_order_qty is set",
        "warning: instruments.AAPL: without reference",
        "7 warnings",
    ):
        assert expected in done.output


def test_check_shows_where_a_venues_book_comes_from(nobody: Shell, tmp_path: Path) -> None:
    feed = f'[feeds.F]\nvenue = "ALPHA"\nfile = "{tmp_path}/book.jsonl"\n'
    path = tmp_path / "fed.toml"
    text = DEMO.read_text()
    path.write_text(text.replace("market_data = true", "market_data = false") + feed)
    output = nobody.run("check", str(path), columns=200).output
    assert f"file {tmp_path}/book.jsonl" in output
    assert f"warning: feeds.F.file: {tmp_path}/book.jsonl is not there yet" in output


def test_check_as_json_is_the_effective_configuration(nobody: Shell) -> None:
    found = json.loads(nobody.run("check", str(DEMO), "--json").output)
    assert found["settings"]["sessions"]["ALPHA"]["answer_timeout_s"] == 10
    assert found["warnings"] == []


def test_check_says_when_snapshots_are_due(nobody: Shell) -> None:
    done = nobody.run("check", str(DEMO.with_name("examples") / "broker-fix44.toml"))
    assert "Snapshots each 1000000 records or 300 s" in done.output


def test_a_drop_copy_is_shown_as_one_and_is_no_session_without_a_use(nobody: Shell) -> None:
    done = nobody.run("check", str(DEMO.with_name("examples") / "broker-fix44.toml"), columns=150)
    assert "drop copy of BROKER" in done.output
    assert "no venue uses it" not in done.stdout


ROUTER = DEMO.with_name("router.toml")


def test_check_shows_the_routing_policies_and_what_a_venue_costs(nobody: Shell) -> None:
    lines = nobody.run("check", str(ROUTER), columns=200).output.splitlines()
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in lines if line}
    assert rows["take-then-wait"] == (
        "sweep is posted the instrument's held after 10 tries without any execution; "
        "what waits goes again, at most every 2 s"
    )
    assert (rows["SOUTH"], rows["DUSK"]) == (
        "SOUTH shown -0.001 0.0014",
        "DUSK dark 0.001 0.001",
    )


def test_check_warns_of_a_policy_that_its_venues_leave_blind(nobody: Shell, tmp_path: Path) -> None:
    path = tmp_path / "blind.toml"
    blind = '[policies.a]\nkind = "dark"\nvenues = ["NORTH"]\n'
    blind += '[policies.b]\nkind = "best"\nvenues = ["DUSK"]\n'
    path.write_text(f"{ROUTER.read_text()}\n{blind}")
    output = nobody.run("check", str(path), columns=200).output
    assert "warning: policies.a: none of its venues is dark" in output
    assert "warning: policies.b: no session of its venues has supports.market_data" in output


def test_check_shows_the_volume_curves(nobody: Shell, tmp_path: Path) -> None:
    (tmp_path / "us.csv").write_text("time,volume\n09:30,3\n12:00,1\n", encoding="utf-8")
    path = tmp_path / "curved.toml"
    path.write_text(DEMO.read_text() + '[curves.us]\nfile = "us.csv"\n')
    lines = nobody.run("check", str(path), columns=200).output.splitlines()
    assert ["us", "2", "09:30", "to", "12:00", "UTC", str(tmp_path / "us.csv")] in [
        line.split() for line in lines
    ]
