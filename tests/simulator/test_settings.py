"""What a file of venues may say, and how it is told what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from fix_oms.model.errors import SettingsError
from fix_oms.simulator.settings import Behaviour, changed, load, words, work_dir

SHIPPED = Path(__file__).parents[2] / "config"

SOUND = """
[venues.ALPHA]
version = "FIX.4.4"
port = 15044
comp_id = "ALPHA"
clients = ["FIXOMS"]
[venues.ALPHA.behaviour]
ack_delay_ms = 5
[venues.ALPHA.listings.AAPL]
bids = [{ price = "9.99", size = 100 }]
asks = [{ price = "10", size = 100 }]
"""

FLOW = "{ limit_per_s = 1.0, market_per_s = 1.0, cancel_per_s = 0.1 }"
FLOW_HIDES = FLOW.replace(" }", ", hidden = 0.7, iceberg = 0.7 }")

BROKEN = (
    ("ack_delay_ms", "ack_dely_ms", "venues.ALPHA.behaviour.ack_dely_ms: unknown key; did you"),
    ("ack_delay_ms = 5", "ack_delay_ms = -5", "behaviour.ack_delay_ms: must not be negative"),
    ("ack_delay_ms = 5", "fill_slices = 0", "behaviour.fill_slices: must be greater than 0"),
    ("ack_delay_ms = 5", "reject_rate = 1.5", "behaviour.reject_rate: is a share of 1"),
    ("ack_delay_ms = 5", 'auto_fill = "limits"', "is none of none, marketable, limit; did you"),
    ("15044", "0", "venues.ALPHA.port: 0 is no TCP port"),
    ('"FIX.4.4"', '"FIX.4.3"', "version: 'FIX.4.3' is none of"),
    ('["FIXOMS"]', "[]", "clients: name at least one CompID"),
    ('["FIXOMS"]', '["A", "A"]', "clients: a CompID stands twice"),
    ('["FIXOMS"]', '["A B"]', "clients: 'A B' is no CompID"),
    ('comp_id = "ALPHA"', 'comp_id = "A|B"', "comp_id: 'A|B' is no CompID"),
    ('comp_id = "ALPHA"', "", "venues.ALPHA.comp_id: is missing"),
    ('"9.99"', "9.99", "has lost its exact value"),
    ('"9.99"', '"9.999"', "bids[0].price: 9.999 is no multiple of the tick 0.01"),
    ("size = 100 }]\nasks", "size = 0 }]\nasks", "size: must be greater than 0"),
    ('"9.99", size = 100', '"9.99", size = "0.5"', "bids[0].size: 0.5 is no multiple of the lot 1"),
    ('"9.99"', '"10"', "asks: 10 crosses the bid 10"),
    ("ack_delay_ms = 5", "request_latency = { us = -1 }", "request_latency.us: must not be"),
    ("ack_delay_ms = 5", "fees = { taker = 0.1 }", "fees.taker: 0.1 has lost its exact value"),
    ("ack_delay_ms = 5", "flow_pace = inf", "flow_pace: must not be negative, nor infinite"),
    ("size = 100 }]\nasks", 'size = 100, display = "0.5" }]\nasks', "bids[0].display: 0.5 is no"),
    ("bids =", "flow = { limit_per_s = 1.0 }\nbids =", "flow.market_per_s: is missing"),
    ("bids =", f"flow = {FLOW}\nbids =", "AAPL.reference: is needed for the flow"),
    ("bids =", f"flow = {FLOW.replace('0.1', '0.0')}\nbids =", "cancel_per_s: must be greater"),
    ("bids =", f"flow = {FLOW_HIDES}\nbids =", "flow.iceberg: with hidden it is more than all"),
    ("[venues.ALPHA]", "[venue.ALPHA]", "venue: unknown key"),
    ("[venues.ALPHA]", "[venues.ALPHA", "is not TOML"),
)


def written(directory: Path, text: str) -> Path:
    path = directory / "venues.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("old", "new", "said"), BROKEN, ids=[row[2] for row in BROKEN])
def test_a_bad_file_is_told_where_and_why(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in SOUND
    with pytest.raises(SettingsError) as error:
        load(written(tmp_path, SOUND.replace(old, new)))
    assert str(tmp_path) in str(error.value)
    assert said in str(error.value)


def test_two_venues_on_one_port_are_named(tmp_path: Path) -> None:
    second = SOUND.replace("ALPHA", "BETA")
    with pytest.raises(SettingsError, match=r"venues\.BETA\.port: 15044 is ALPHA's"):
        load(written(tmp_path, SOUND + second))


def test_a_file_without_venues_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="defines no venue"):
        load(written(tmp_path, "[venues]\n"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no such file"):
        load(tmp_path / "none.toml")


def test_the_working_directory_is_relative_to_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, SOUND)
    assert work_dir(path, load(path)) == tmp_path.resolve() / "var" / "venues"


@pytest.mark.parametrize("name", ["venues.toml", "router-venues.toml", "examples/venue-moods.toml"])
def test_the_shipped_files_can_be_used(name: str) -> None:
    assert load(SHIPPED / name).venues


def test_the_shipped_example_writes_every_behaviour_down() -> None:
    text = (SHIPPED / "examples" / "venue-moods.toml").read_text(encoding="utf-8")
    names = [field for field in Behaviour.__annotations__ if f"\n{field} = " not in text]
    assert names == []


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("ack_delay_ms", "20", 20),
        ("silence", "on", True),
        ("silence", "false", False),
        ("reject_rate", "0.5", 0.5),
        ("auto_fill", "limit", "limit"),
    ],
)
def test_a_behaviour_is_changed_by_text(key: str, text: str, value: object) -> None:
    assert getattr(changed(Behaviour(silence=True), key, text), key) == value


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("silence", "maybe", "silence: must be true or false"),
        ("ack_delay_ms", "5s", "ack_delay_ms: must be a whole number"),
        ("nonsense", "1", "nonsense: unknown key"),
        ("fees.takr", "1", r"fees.takr: unknown key; did you mean 'taker'\?"),
        ("fees", "1", r"fees: unknown key \(there is taker, maker, taker_bps, maker_bps\)"),
        ("fees.taker", "much", "fees.taker: 'much' is not a FIX number"),
    ],
)
def test_a_behaviour_that_makes_no_sense_is_refused(key: str, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        changed(Behaviour(), key, text)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [("fees.taker", "-0.003", -300_000), ("request_latency.us", "250", 250)],
)
def test_a_value_in_a_table_is_changed_by_its_dotted_key(key: str, text: str, value: int) -> None:
    table, _, name = key.partition(".")
    assert getattr(getattr(changed(Behaviour(), key, text), table), name) == value


def test_a_change_leaves_the_other_values_of_the_table_alone() -> None:
    once = changed(Behaviour(), "fees.taker", "0.003")
    assert changed(once, "fees.maker", "-0.002").fees.taker == 300_000


def test_every_value_is_shown_under_the_key_that_changes_it() -> None:
    behaviour = changed(changed(Behaviour(), "fees.taker", "0.003"), "data_latency.us", "7")
    again = Behaviour()
    for key, value in words(behaviour).items():
        again = changed(again, key, str(value).lower())
    assert again == behaviour
