"""The ordinary road over real TCP, in the three versions: logon, orders out, reports in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from fix_oms.model.errors import SessionError
from fix_oms.model.fix import FixVersion
from fix_oms.model.inputs import (
    AdminOut,
    FixIn,
    SeqReserved,
    SessionDown,
    SessionReady,
    SessionUp,
)
from fix_oms.sessions import Acceptors, Initiators
from tests.sessions.peers import (
    Recorder,
    Venue,
    acceptors,
    broker,
    fields,
    free_port,
    initiators,
    ready,
    soh,
    venue_for,
)

VERSIONS = {"v42": FixVersion.FIX42, "v44": FixVersion.FIX44, "v50": FixVersion.FIX50SP2}
PASSWORD = "s3cr3t-pass"
ORDER = "35=D|11={}|21=1|38=100|40=2|44=10.5|54=1|55=AAPL|59=0|60=20240105-10:00:00.000|"
REPORT = "35=8|37=o1|17={}|20=0|39=1|55=AAPL|54=1|38=100|"
FILL = "150=F|151=40|14=60|6=10.5|31=10.5|32=60|60=20240105-10:00:01.000|"

DEVIANT = {
    "plain": FILL,
    "exec_type_1": FILL.replace("150=F", "150=1"),
    "custom_tag": FILL + "9001=x|",
    "tag_of_another_message": FILL + "98=0|",
    "unknown_tag": FILL + "4999=x|",
    "empty_text": FILL + "58=|",
    "unknown_exec_inst": FILL + "18=~|",
    "no_avg_px": FILL.replace("6=10.5|", ""),
    "bad_transact_time": FILL.replace("20240105-10:00:01.000", "yesterday"),
    "no_leaves_qty": FILL.replace("151=40|", ""),
    "bad_group_count": FILL + "382=x|375=A|",
    "empty_group_count": FILL + "382=|",
    "wrong_group_count": FILL + "382=3|375=A|375=B|",
    "group_of_another_message": FILL + "268=2|269=0|270=1|269=1|270=2|",
    "parties": FILL + "453=2|448=A|447=D|452=1|448=B|447=D|452=3|",
    "length_past_the_end": FILL + "95=999999999|96=x|",
    "negative_length": FILL + "354=-5|355=x|",
    "last_px_is_no_number": FILL.replace("31=10.5", "31=ten"),
}


@attrs.frozen
class Road:
    recorder: Recorder
    venue: Venue
    brokers: Initiators
    venues: Acceptors


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory, dictionaries_dir: Path) -> Iterator[Road]:
    port, recorder, venue = free_port(), Recorder(), Venue()
    sessions = [broker(name, version, port=port) for name, version in VERSIONS.items()]
    specs = [venue_for(session, username="desk", password=PASSWORD) for session in sessions]
    with (
        acceptors(venue, *specs, port=port, work_dir=tmp_path_factory.mktemp("venue")) as venues,
        initiators(
            recorder,
            *sessions,
            work_dir=dictionaries_dir,
            secrets=lambda _: ("desk", PASSWORD),
        ) as brokers,
    ):
        for name in VERSIONS:
            ready(recorder, name)
        yield Road(recorder, venue, brokers, venues)


@pytest.mark.parametrize("name", VERSIONS)
def test_a_session_is_up_before_it_is_ready_and_both_are_told_once(road: Road, name: str) -> None:
    told = [
        type(value)
        for value in road.recorder.inputs
        if isinstance(value, SessionUp | SessionReady) and value.session == name
    ]
    assert told == [SessionUp, SessionReady]


@pytest.mark.parametrize("name", VERSIONS)
def test_the_first_numbers_are_reserved_before_the_logon(road: Road, name: str) -> None:
    first = next(v for v in road.recorder.inputs if getattr(v, "session", None) == name)
    assert first == SeqReserved(session=name, epoch=0, through=1001)


@pytest.mark.parametrize("name", VERSIONS)
def test_send_gives_the_epoch_and_the_number_on_the_wire(road: Road, name: str) -> None:
    left = road.brokers.send(name, soh(ORDER.format("n1")))
    arrived = fields(road.venue.wait(name, soh("|11=n1|")))
    assert left == (0, int(arrived["34"]))


@pytest.mark.parametrize("name", ["v44", "v50"])
def test_groups_leave_whole_and_in_order(road: Road, name: str) -> None:
    parties = "453=2|448=A|447=D|452=1|448=B|447=D|452=3|"
    road.brokers.send(name, soh(ORDER.format("g1") + parties))
    assert soh("|" + parties) in road.venue.wait(name, soh("|11=g1|"))


@pytest.mark.parametrize("name", VERSIONS)
def test_a_market_data_request_leaves_with_its_groups(road: Road, name: str) -> None:
    symbols, types = "146=2|55=AAPL|55=MSFT|", "267=2|269=0|269=1|"
    road.brokers.send(name, soh(f"35=V|262=r1|263=1|264=1|265=0|{types}{symbols}"))
    arrived = road.venue.wait(name, soh("|262=r1|"))
    assert (soh(symbols) in arrived, soh(types) in arrived) == (True, True)


@pytest.mark.parametrize("name", VERSIONS)
@pytest.mark.parametrize("deviation", DEVIANT)
def test_a_deviant_fill_report_reaches_the_listener(road: Road, name: str, deviation: str) -> None:
    body = REPORT.format(deviation) + DEVIANT[deviation]
    assert road.venues.send(name, soh(body))
    arrived = road.recorder.wait(
        FixIn, name, where=lambda value: soh(f"|17={deviation}|") in value.text
    )
    sent = sorted(part.replace("96=x", "96=***") for part in body.split("|") if part)
    told = [part for part in arrived.text.split("\x01") if part in sent]
    assert sorted(told) == sent


@pytest.mark.parametrize("name", VERSIONS)
def test_no_report_is_answered_by_a_reject_of_ours(road: Road, name: str) -> None:
    road.venues.send(name, soh(REPORT.format("last") + FILL))
    road.recorder.wait_text(soh("|17=last|"))
    assert road.recorder.of(AdminOut, name) == []


@pytest.mark.parametrize("name", VERSIONS)
def test_a_session_reject_of_ours_arrives_as_an_application_message(road: Road, name: str) -> None:
    left = road.brokers.send(name, soh("35=ZZ|58=no such type|"))
    assert left is not None
    told = road.recorder.wait(FixIn, name, where=lambda value: soh("|35=3|") in value.text)
    assert fields(told.text)["45"] == str(left[1])


@pytest.mark.parametrize("name", VERSIONS)
def test_a_session_reject_that_we_send_has_a_number_and_is_not_taken_for_quickfixs(
    road: Road, name: str
) -> None:
    before = road.recorder.of(AdminOut, name)
    left = road.brokers.send(name, soh("35=3|45=1|58=ours|"))
    assert left is not None
    road.brokers.send(name, soh(ORDER.format("after-reject")))
    road.venue.wait(name, soh("|11=after-reject|"))
    assert road.recorder.of(AdminOut, name) == before


@pytest.mark.parametrize("name", VERSIONS)
def test_a_reject_that_quickfix_makes_itself_is_told(road: Road, name: str) -> None:
    before = len(road.recorder.of(AdminOut, name))
    road.venues.send(name, soh("35=ZY|58=no such type|"))
    told = fields(road.recorder.wait(AdminOut, name, count=before + 1).text)
    assert (told["35"], told["372"]) == ("3", "ZY")


def test_text_that_is_not_utf8_arrives_readable(road: Road) -> None:
    road.venues.send("v44", soh(REPORT.format("umlaut") + FILL + "58=größer|"))
    assert "größer" in road.recorder.wait_text(soh("|17=umlaut|"))


@pytest.mark.parametrize("text", ["", "35=D", soh("11=a|35=D|"), soh("35=D|11=a\0|")])
def test_a_text_that_is_no_body_is_refused(road: Road, text: str) -> None:
    with pytest.raises(SessionError, match=r"MsgType\(35\)"):
        road.brokers.send("v44", text)


def test_an_unknown_session_is_named(road: Road) -> None:
    with pytest.raises(SessionError, match="'nobody' is no session"):
        road.brokers.is_ready("nobody")


def test_the_password_is_in_no_recorded_text(road: Road) -> None:
    told = repr(road.recorder.inputs)
    assert (PASSWORD in told, "s3cr3t" in told) == (False, False)


def test_a_second_object_with_the_same_sessions_is_refused(
    road: Road, dictionaries_dir: Path
) -> None:
    again = Initiators(
        [broker("v44", port=1)],
        {},
        Recorder(),
        work_dir=dictionaries_dir,
        secrets=lambda _: (None, None),
    )
    with pytest.raises(SessionError, match="already run by"):
        again.start()


def test_a_venues_logout_takes_the_session_down_and_it_comes_back(road: Road) -> None:
    road.venues.log_out("v42", "that is all for now")
    down = road.recorder.wait(SessionDown, "v42")
    assert down.reason == "the peer logged out: that is all for now"
    ready(road.recorder, "v42", count=2)
