"""Clients as they are configured: what may be said of them, and the error for what may not."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from fix_oms.model.clients import Permissions
from fix_oms.model.errors import SettingsError
from fix_oms.model.fix import FixVersion
from fix_oms.model.settings import Settings
from fix_oms.model.settings_text import from_plain, to_plain

BASE = """
[acceptor]
port = 15100

[sessions.ALPHA]
version = "FIX.4.4"
sender_comp_id = "FIXOMS"
target_comp_id = "ALPHA"
port = 15044

[venues.ALPHA]
session = "ALPHA"

[instruments.ACME]
venues = ["ALPHA"]

[accounts.DESK]
[strategies.UP]

[clients.UPSTREAM]
version = "FIX.4.2"
sender_comp_id = "FIXOMS"
target_comp_id = "UPSTREAM"
accounts = ["DESK"]
strategy = "UP"
symbols = ["ACME"]
venues = ["ALPHA"]
policy = "sweep"

[clients.UPSTREAM.may]
market_orders = false

[clients.WATCH]
version = "FIX.5.0SP2"
sender_comp_id = "FIXOMS"
target_comp_id = "WATCH"
drop_copy = true
copies_of = ["DESK", "UPSTREAM"]
"""


def plain() -> dict[str, Any]:
    return tomllib.loads(BASE)


def settings_of(value: dict[str, Any]) -> Settings:
    return from_plain(value, "a.toml")


def test_a_client_is_read_with_its_defaults() -> None:
    client = settings_of(plain()).clients["UPSTREAM"]
    assert (client.version, client.accounts, client.port, client.may) == (
        FixVersion.FIX42,
        ("DESK",),
        None,
        Permissions(market_orders=False),
    )


def test_settings_with_clients_are_the_same_there_and_back() -> None:
    settings = settings_of(plain())
    assert from_plain(to_plain(settings), "a.toml") == settings


WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("UPSTREAM", {"accounts": []}, "clients.UPSTREAM.accounts", "must name at least one"),
    ("UPSTREAM", {"accounts": ["NONE"]}, "clients.UPSTREAM.accounts", "no account named 'NONE'"),
    ("UPSTREAM", {"accounts": "DESK"}, "clients.UPSTREAM.accounts", "must be a list"),
    ("UPSTREAM", {"strategy": "X"}, "clients.UPSTREAM.strategy", "no strategy named 'X'"),
    ("UPSTREAM", {"symbols": ["X"]}, "clients.UPSTREAM.symbols", "no instrument named 'X'"),
    ("UPSTREAM", {"venues": ["X"]}, "clients.UPSTREAM.venues", "no venue named 'X'"),
    ("UPSTREAM", {"policy": "X"}, "clients.UPSTREAM.policy", "no routing policy named 'X'"),
    ("UPSTREAM", {"port": 0}, "clients.UPSTREAM.port", "0 is no TCP port"),
    ("UPSTREAM", {"port": "1"}, "clients.UPSTREAM.port", "whole number"),
    ("UPSTREAM", {"allowed": ["h"]}, "clients.UPSTREAM.allowed", "'h' is no IPv4 address"),
    ("UPSTREAM", {"allowed": []}, "clients.UPSTREAM.allowed", "must name at least one"),
    ("UPSTREAM", {"burst": 1}, "clients.UPSTREAM.burst", "must not be below messages_per_s"),
    ("UPSTREAM", {"messages_per_s": 0}, "clients.UPSTREAM.messages_per_s", "greater than 0"),
    ("UPSTREAM", {"copies_of": ["DESK"]}, "clients.UPSTREAM.copies_of", "drop_copy = true"),
    ("UPSTREAM", {"sender_comp_id": ""}, "clients.UPSTREAM.sender_comp_id", "1 to 64 printable"),
    ("UPSTREAM", {"acounts": []}, "clients.UPSTREAM.acounts", "did you mean 'accounts'?"),
    (
        "UPSTREAM",
        {"password_env": "A", "password_file": "B"},
        "clients.UPSTREAM.password_file",
        "not both",
    ),
    (
        "UPSTREAM",
        {"target_comp_id": "ALPHA", "version": "FIX.4.4"},
        "clients.UPSTREAM",
        "has the same identity as sessions.ALPHA",
    ),
    (
        "WATCH",
        {"target_comp_id": "UPSTREAM", "version": "FIX.4.2"},
        "clients.WATCH",
        "has the same identity as clients.UPSTREAM",
    ),
    ("WATCH", {"accounts": ["DESK"]}, "clients.WATCH.accounts", "a drop copy sends no orders"),
    ("WATCH", {"copies_of": ["X"]}, "clients.WATCH.copies_of", "no account or client named 'X'"),
    ("WATCH", {"copies_of": ["WATCH"]}, "clients.WATCH.copies_of", "is a drop copy itself"),
    ("WATCH", {"cancel_on_disconnect": True}, "clients.WATCH.cancel_on_disconnect", "no orders"),
]


@pytest.mark.parametrize(("name", "change", "key", "reason"), WRONG)
def test_what_is_wrong_is_named(name: str, change: dict[str, Any], key: str, reason: str) -> None:
    value = plain()
    value["clients"][name].update(change)
    with pytest.raises(SettingsError) as found:
        settings_of(value)
    assert found.value.key.startswith(key)
    assert reason in str(found.value)


def test_a_client_needs_a_port_of_its_own_where_there_is_no_acceptor() -> None:
    value = plain()
    del value["acceptor"]
    with pytest.raises(SettingsError, match=r"clients.UPSTREAM.port: is missing"):
        settings_of(value)


def test_a_client_has_no_name_of_a_session() -> None:
    value = plain()
    value["clients"]["ALPHA"] = value["clients"].pop("UPSTREAM")
    value["clients"]["WATCH"]["copies_of"] = []
    with pytest.raises(SettingsError, match="a session has this name already"):
        settings_of(value)
