"""Who is let in by his Logon, and what the others are told."""

from __future__ import annotations

import pytest

from fix_oms.server.door import entry
from fix_oms.server.door.entry import Entry
from fix_oms.server.door.frames import Frames
from fix_oms.server.door.words import Guest
from tests.server.door.caller import whole

GUEST = Guest(
    name="ALGO",
    port=9000,
    begin_string="FIX.4.4",
    sender_comp_id="US",
    target_comp_id="UP",
    allowed=("10.0.0.7",),
    username="desk",
    password="Zw8-ä",
    longest_heartbeat_s=60,
    flood_per_s=1000,
    max_message_bytes=65_536,
)
LETTER = "98=0|108=30|553=desk|554=Zw8-ä|"


def reason(body: str, *, sender: str = "UP", port: int = 9000, address: str = "10.0.0.7") -> str:
    return Entry([GUEST]).judge(whole("A", 1, body, sender=sender), port, address).reason


def test_the_right_logon_is_let_in_with_its_heartbeat() -> None:
    found = Entry([GUEST]).judge(whole("A", 1, LETTER), 9000, "10.0.0.7")
    assert (found.guest, found.reason, found.heartbeat_s) == (GUEST, "", 30)


def test_a_password_may_stand_in_raw_data_as_is_the_custom_in_fix_4_2() -> None:
    assert reason("98=0|108=30|553=desk|95=6|96=Zw8-ä|") == ""


WRONG_WORD = "Username(553) or Password(554) is wrong"


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("98=0|108=30|", WRONG_WORD),
        ("98=0|108=30|553=desk|554=|", WRONG_WORD),
        ("98=0|108=30|553=desk|554=Zw8|", WRONG_WORD),
        ("98=0|108=30|553=other|554=Zw8-ä|", WRONG_WORD),
        ("98=0|108=30|553=desk|554=x|554=Zw8-ä|", WRONG_WORD),
        (LETTER.replace("108=30", "108=0"), "HeartBtInt(108)=0: must be 1 to 60"),
        (LETTER.replace("108=30", "108=-1"), "HeartBtInt(108)=-1: must be 1 to 60"),
        (LETTER.replace("108=30", "108=86400"), "HeartBtInt(108)=86400: must be 1 to 60"),
        (LETTER.replace("108=30", "108=soon"), "HeartBtInt(108)=soon: must be 1 to 60"),
        (LETTER.replace("108=30|", ""), "HeartBtInt(108)=: must be 1 to 60"),
    ],
)
def test_a_logon_that_is_not_right_is_refused_for_its_reason(body: str, answer: str) -> None:
    assert reason(body) == answer


def test_a_stranger_a_wrong_port_and_a_wrong_address_are_refused() -> None:
    stranger = "no client has BeginString(8)='FIX.4.4' SenderCompID(49)='{}' TargetCompID(56)='US'"
    assert [
        reason(LETTER, sender="EVE"),
        reason(LETTER, port=9001),
        reason(LETTER, address="10.0.0.8"),
    ] == [stranger.format("EVE"), stranger.format("UP"), "it may not come from this address"]


def test_a_first_message_that_is_no_logon_is_refused() -> None:
    found = Entry([GUEST]).judge(whole("4", 1, "36=1000|"), 9000, "10.0.0.7")
    assert (found.guest, found.reason) == (None, "its first message is no Logon(A)")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("98=0|108=30|553=desk|554=Zw8|", "logon refused"),
        ("98=0|108=30|553=eve|554=Zw8-ä|", "logon refused"),
        (LETTER.replace("108=30", "108=0"), "HeartBtInt(108)=0: must be 1 to 60"),
    ],
)
def test_only_who_knows_the_password_is_told_what_is_wrong(body: str, told: str) -> None:
    assert Entry([GUEST]).judge(whole("A", 1, body), 9000, "10.0.0.7").told == told


@pytest.mark.parametrize("changed", [{"sender": "EVE"}, {"address": "10.0.0.8"}])
def test_a_stranger_is_told_nothing(changed: dict[str, str]) -> None:
    sender, address = changed.get("sender", "UP"), changed.get("address", "10.0.0.7")
    assert Entry([GUEST]).judge(whole("A", 1, LETTER, sender=sender), 9000, address).told == ""


def test_the_logout_that_is_told_is_a_whole_message() -> None:
    text = entry.logout(GUEST, "logon refused", "20240105-10:00:00.000")
    assert Frames(200).add(text) == [text]
    assert text.split(b"\x01")[2:-2] == [
        b"35=5",
        b"34=1",
        b"49=US",
        b"52=20240105-10:00:00.000",
        b"56=UP",
        b"58=logon refused",
    ]
    assert text.endswith(b"10=%03d\x01" % (sum(text[:-7]) % 256))


def test_a_guest_never_shows_its_password() -> None:
    assert "Zw8" not in f"{GUEST!r} {GUEST}"
