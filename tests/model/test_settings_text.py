"""Plain data to settings and back: exact, strict, and every error with its file, key and reason."""

from __future__ import annotations

import tomllib
from typing import Any

import attrs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.counterparty import Schedule, Session, SilentExpiry, Supports
from fix_oms.model.errors import SettingsError
from fix_oms.model.fix import FixVersion
from fix_oms.model.limits import Limit
from fix_oms.model.settings import Account, Engine, Instrument, Settings, Venue
from fix_oms.model.settings_text import from_plain, structure, to_plain
from fix_oms.model.units import SCALE, Fixed

GOOD = """
[engine]
journal = "j"

[sessions.ALPHA]
version = "FIX.4.4"
sender_comp_id = "FIXOMS"
target_comp_id = "ALPHA"
port = 15044

[sessions.ALPHA.supports]
mass_status = false

[sessions.ALPHA.schedule]
timezone = "Europe/London"
logon = "08:00"
logout = "16:30"
weekdays = [0, 1, 2, 3, 4]

[venues.ALPHA]
session = "ALPHA"

[instruments."VOD.L"]
venues = ["ALPHA"]
tick = "0.02"
lot = 10

[accounts.DESK]
broker_account = "D-1"

[[limits]]
control = "max_order_qty"
limit = "10000"
"""


def settings_of(text: str) -> Settings:
    return from_plain(tomllib.loads(text), "a.toml")


def error_of(old: str, new: str) -> SettingsError:
    """What GOOD with one change is refused for."""
    assert old in GOOD
    with pytest.raises(SettingsError) as caught:
        settings_of(GOOD.replace(old, new))
    return caught.value


def test_names_come_from_the_tables_keys() -> None:
    settings = settings_of(GOOD)
    found = (
        settings.sessions["ALPHA"].name,
        settings.venues["ALPHA"].name,
        settings.instruments["VOD.L"].symbol,
        settings.accounts["DESK"].name,
    )
    assert found == ("ALPHA", "ALPHA", "VOD.L", "DESK")


def test_values_have_the_types_of_the_model() -> None:
    session = settings_of(GOOD).sessions["ALPHA"]
    assert session.version is FixVersion.FIX44
    assert session.supports == Supports(mass_status=False)
    assert session.schedule.weekdays == (0, 1, 2, 3, 4)


def test_what_is_not_given_has_its_default() -> None:
    assert settings_of(GOOD).sessions["ALPHA"].heartbeat_s == 30


def test_a_fixed_value_in_quotes_is_exact() -> None:
    assert settings_of(GOOD).instruments["VOD.L"].tick == 2_000_000


def test_a_fixed_value_may_be_a_whole_number() -> None:
    assert settings_of(GOOD).instruments["VOD.L"].lot == 10 * SCALE


def test_a_counted_value_is_not_scaled() -> None:
    assert settings_of(GOOD).sessions["ALPHA"].port == 15044


def test_a_policy_for_silent_expiry_has_its_defaults() -> None:
    policy = settings_of(GOOD.replace("mass_status = false", SILENT + POLICY))
    assert policy.sessions["ALPHA"].silent_expiry == SilentExpiry(
        by="ann", close="16:00", timezone="UTC", grace_s=900, weekdays=(0, 1, 2, 3, 4), holidays=()
    )


def test_no_policy_for_silent_expiry_is_set_by_default() -> None:
    assert settings_of(GOOD).sessions["ALPHA"].silent_expiry is None


def test_plain_data_survives_msgpack() -> None:
    settings = settings_of(GOOD)
    packed = msgspec.msgpack.encode(to_plain(settings))
    assert from_plain(msgspec.msgpack.decode(packed), "journal") == settings


def test_plain_data_holds_no_none_and_no_own_names() -> None:
    plain = to_plain(settings_of(GOOD))
    assert "password_env" not in plain["sessions"]["ALPHA"]
    assert "name" not in plain["sessions"]["ALPHA"]
    assert "symbol" not in plain["instruments"]["VOD.L"]


def test_plain_codes_are_plain_text() -> None:
    assert type(to_plain(settings_of(GOOD))["sessions"]["ALPHA"]["version"]) is str


ERRORS: list[tuple[str, str, str, str]] = [
    # (in GOOD, is replaced by, the key, the reason)
    ("port = 15044", "prt = 15044", "sessions.ALPHA.port", "is missing"),
    ("port = 15044", 'port = "15044"', "sessions.ALPHA.port", "must be a whole number, not text"),
    ("port = 15044", "port = true", "sessions.ALPHA.port", "a whole number, not true or false"),
    ("port = 15044", "port = 1.5", "sessions.ALPHA.port", "a whole number, not a number with"),
    ("port = 15044", "port = 70000", "sessions.ALPHA.port", "70000 is no TCP port"),
    ("port = 15044", "port = 1\nhots = 'x'", "sessions.ALPHA.hots", "did you mean 'host'?"),
    ("port = 15044", "port = 1\nname = 'x'", "sessions.ALPHA.name", "is no key here"),
    ("port = 15044", "port = 1\nrole = 'acceptor'", "sessions.ALPHA.role", "'acceptor' is none of"),
    (
        "mass_status = false",
        "mass_status = 'no'",
        "sessions.ALPHA.supports.mass_status",
        "not text",
    ),
    (
        "mass_status = false",
        "mas_status = 1",
        "sessions.ALPHA.supports.mas_status",
        "unknown key; did you mean",
    ),
    ("mass_status = false", "zzzzzz = 1", "sessions.ALPHA.supports.zzzzzz", "unknown key"),
    ('"08:00"', '"25:00"', "sessions.ALPHA.schedule.logon", "'25:00' is no time of day"),
    ('"08:00"', "08:00:00", "sessions.ALPHA.schedule.logon", "in quotes, not a time without"),
    ('logon = "08:00"', "", "sessions.ALPHA.schedule.logon", "together or not at all"),
    ("[0, 1, 2, 3, 4]", "[7]", "sessions.ALPHA.schedule.weekdays", "a weekday is 0 (Monday)"),
    ("[0, 1, 2, 3, 4]", '["Mon"]', "sessions.ALPHA.schedule.weekdays[0]", "a whole number, not"),
    ('"FIX.4.4"', '"FIX.4.3"', "sessions.ALPHA.version", "'FIX.4.3' is none of FIX.4.2, FIX.4.4"),
    ('session = "ALPHA"', 'session = "ALPA"', "venues.ALPHA.session", "no session named 'ALPA'"),
    ('venues = ["ALPHA"]', 'venues = ["B"]', "instruments.VOD.L.venues", "no venue named 'B'"),
    ('venues = ["ALPHA"]', 'venues = "ALPHA"', 'instruments."VOD.L".venues', "a list, not text"),
    ('venues = ["ALPHA"]', "venues = [1]", 'instruments."VOD.L".venues[0]', "not a whole number"),
    ('"0.02"', "0.02", 'instruments."VOD.L".tick', "0.02 has lost its exact value: write it in"),
    ('"0.02"', '"0,02"', 'instruments."VOD.L".tick', "'0,02' is not a FIX number"),
    ('"0.02"', '"0.000000001"', 'instruments."VOD.L".tick', "more than 8 decimal places"),
    ('"0.02"', '"0"', 'instruments."VOD.L".tick', "must be greater than 0"),
    ('"0.02"', "false", 'instruments."VOD.L".tick', "a number in quotes, not true or false"),
    ('"VOD.L"', "VOD.L", "instruments.VOD.L", 'written in quotes: [instruments."VOD.L"]'),
    ("[accounts.DESK]", '[accounts."DE SK"]', 'accounts."DE SK"', "'DE SK' is no name"),
    ("[accounts.DESK]", "[acounts.DESK]", "acounts", "unknown key; did you mean 'accounts'?"),
    ("[accounts.DESK]", "[accounts.B]", "engine.default_account", "no account named 'DESK'"),
    ('"max_order_qty"', '"max_qty"', "limits[0].control", "did you mean 'max_order_qty'?"),
    ('"10000"', '"-1"', "limits[0].limit", "must be greater than 0"),
    ('limit = "10000"', "", "limits[0].limit", "must be greater than 0 (shares)"),
    ('"10000"', '"1"\naccount = "X"', "limits[0].account", "no account named 'X'"),
    ("[[limits]]", "[limits]", "limits", "must be a list, not a table"),
    (
        'journal = "j"',
        'durability = "full"',
        "engine.durability",
        "'full' is none of power, process",
    ),
]


SILENT = "mass_status = false\nexpired = false\n[sessions.ALPHA.silent_expiry]\n"
AT = "sessions.ALPHA.silent_expiry"
POLICY = 'by = "ann"\nclose = "16:00"\ntimezone = "UTC"\n'
ERRORS += [
    # (in GOOD as well, what follows the policy's heading, the key, the reason)
    ("mass_status = false", SILENT + policy, key, reason)
    for policy, key, reason in (
        (POLICY.replace('by = "ann"', ""), f"{AT}.by", "is missing"),
        (POLICY.replace("ann", " "), f"{AT}.by", "must name the person who answers for it"),
        (POLICY.replace('close = "16:00"', ""), f"{AT}.close", "is missing"),
        (POLICY.replace("16:00", "4 pm"), f"{AT}.close", "'4 pm' is no time of day (HH:MM or"),
        (POLICY.replace('timezone = "UTC"', ""), f"{AT}.timezone", "is missing"),
        (POLICY + "grace_s = -1", f"{AT}.grace_s", "must not be negative"),
        (POLICY + "grace = 60", f"{AT}.grace", "unknown key; did you mean 'grace_s'?"),
        (POLICY + "weekdays = [7]", f"{AT}.weekdays", "a weekday is 0 (Monday) to 6 (Sunday)"),
        (POLICY + "weekdays = []", f"{AT}.weekdays", "must name at least one"),
    )
]
ERRORS.append(
    (
        "mass_status = false",
        SILENT.replace("expired = false\n", "") + POLICY,
        AT,
        "is for a counterparty that sends no Expired: say supports.expired = false",
    )
)


@pytest.mark.parametrize(("old", "new", "key", "reason"), ERRORS, ids=[e[1] for e in ERRORS])
def test_an_error_names_file_key_and_reason(old: str, new: str, key: str, reason: str) -> None:
    error = error_of(old, new)
    found = {each.key: each.reason for each in (error, *error.others)}
    assert key in found
    assert reason in found[key]
    assert str(error).startswith("a.toml: ")


def test_two_sessions_of_one_identity_are_both_named() -> None:
    twin = (
        "[sessions.B]\nversion='FIX.4.4'\nsender_comp_id='FIXOMS'\ntarget_comp_id='ALPHA'\nport=1\n"
    )
    error = error_of("[venues.ALPHA]", twin + "[venues.ALPHA]")
    assert error.key == "sessions.B"
    assert "has the same identity as sessions.ALPHA: BeginString(8)=FIX.4.4" in error.reason


def test_a_section_that_is_no_table_is_an_error() -> None:
    with pytest.raises(SettingsError, match=r"a\.toml: sessions: must be a table, not a list"):
        from_plain({"sessions": []}, "a.toml")


@attrs.frozen
class Another:
    tables: dict[str, dict[str, str]]


def test_a_section_that_is_no_table_is_an_error_whatever_was_read_before() -> None:
    settings_of(GOOD)
    structure(Another, {"tables": {}}, "b.toml")
    test_a_section_that_is_no_table_is_an_error()


def test_a_session_that_is_no_table_is_an_error() -> None:
    with pytest.raises(SettingsError, match=r"sessions\.A: must be a table, not a whole number"):
        from_plain({"sessions": {"A": 3}}, "a.toml")


def test_all_errors_of_a_file_are_reported_at_once() -> None:
    text = GOOD.replace("15044", '"x"').replace('"0.02"', "0.02").replace('"max_order_qty"', '"x"')
    with pytest.raises(SettingsError) as caught:
        settings_of(text)
    keys = [e.key for e in (caught.value, *caught.value.others)]
    assert keys == ["sessions.ALPHA.port", 'instruments."VOD.L".tick', "limits[0].control"]


def test_the_message_of_several_errors_has_a_line_for_each() -> None:
    error = error_of("port = 15044", 'port = "x"\nheartbeat_s = "y"')
    expected = [
        "a.toml: sessions.ALPHA.port: must be a whole number, not text",
        "a.toml: sessions.ALPHA.heartbeat_s: must be a whole number, not text",
    ]
    assert sorted(str(error).splitlines()) == sorted(expected)


@attrs.frozen(kw_only=True)
class Part:
    price: Fixed
    share: float = 0.5


@attrs.frozen(kw_only=True)
class Whole:
    parts: dict[str, Part]


def test_any_attrs_class_can_be_structured() -> None:
    found = structure(Whole, {"parts": {"a": {"price": "1.5", "share": 1}}}, "x.toml")
    assert found == Whole(parts={"a": Part(price=150_000_000, share=1.0)})


def test_errors_of_a_part_carry_the_key_of_where_it_stands() -> None:
    with pytest.raises(SettingsError, match=r"x\.toml: venues\.parts\.a\.price: is missing"):
        structure(Whole, {"parts": {"a": {}}}, "x.toml", "venues")


def test_what_is_no_table_at_all_is_an_error() -> None:
    with pytest.raises(SettingsError, match=r"x\.toml: must be a table, not text"):
        structure(Whole, "parts", "x.toml")


# -- every Settings survives the way to plain data and back ----------------------------------------

names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,8}", fullmatch=True)
fixed_values = st.integers(1, 10**16)
times = st.from_regex(r"(0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]", fullmatch=True)
schedules = st.builds(
    lambda hours, **rest: Schedule(logon=hours and hours[0], logout=hours and hours[1], **rest),
    hours=st.none() | st.tuples(times, times),
    weekdays=st.lists(st.integers(0, 6), max_size=7).map(tuple),
    holidays=st.lists(st.dates().map(str), max_size=2).map(tuple),
    reset=st.none() | times,
)
policies = st.builds(
    SilentExpiry,
    by=names,
    close=times,
    timezone=names,
    weekdays=st.lists(st.integers(0, 6), min_size=1, max_size=7).map(tuple),
)


@st.composite
def whole_settings(draw: st.DrawFn) -> Settings:
    session_names = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    sessions = {
        name: draw(
            st.builds(
                Session,
                name=st.just(name),
                version=st.sampled_from(FixVersion),
                sender_comp_id=st.just("US"),
                target_comp_id=st.just(name),
                port=st.integers(1, 65535),
                password_env=st.none() | names,
                busy_text=st.lists(st.text(max_size=5), max_size=2).map(tuple),
                supports=st.builds(Supports, status=st.booleans(), expired=st.just(False)),
                silent_expiry=st.none() | policies,
                schedule=schedules,
            )
        )
        for name in session_names
    }
    venues = {
        name: Venue(name=name, session=draw(st.sampled_from(session_names)), ex_destination=name)
        for name in draw(st.lists(names, min_size=1, max_size=3, unique=True))
    }
    instruments = {
        symbol: Instrument(
            symbol=symbol,
            venues=tuple(venues),
            tick=draw(fixed_values),
            reference=draw(st.none() | fixed_values),
        )
        for symbol in draw(st.lists(st.text(min_size=1, max_size=5), max_size=3, unique=True))
    }
    account = draw(names)
    limits = [
        Limit(control="max_order_qty", limit=draw(fixed_values), account=account, id=f"limit-{n}")
        for n in range(draw(st.integers(0, 2)))
    ]
    return Settings(
        engine=Engine(default_account=account, market_buffer_pct=draw(fixed_values)),
        sessions=sessions,
        venues=venues,
        instruments=instruments,
        accounts={account: Account(name=account)},
        limits=tuple(limits),
    )


@given(whole_settings())
def test_every_settings_survives_the_way_to_plain_data_and_back(settings: Settings) -> None:
    assert from_plain(to_plain(settings), "journal") == settings


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["engine", "sessions", "venues", "limits", "name", "port", "x"])
                | st.text(max_size=3),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_plain_data_raises_anything_but_a_settings_error(plain: Any) -> None:
    mapping = plain if isinstance(plain, dict) else {"sessions": plain}
    with pytest.raises(SettingsError):
        from_plain(mapping, "a.toml")
