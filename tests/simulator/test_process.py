"""Venues on real FIX sessions: one process with a venue of each version, and its desk's door."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from fix_oms.model.counterparty import Session
from fix_oms.model.errors import JournalLocked
from fix_oms.model.fix import FixVersion, Side
from fix_oms.model.inputs import FixIn, SessionDown, SessionReady
from fix_oms.model.messages import ExecutionReport, Message, OrderStatusRequest
from fix_oms.model.units import SCALE
from fix_oms.sessions import Initiators
from fix_oms.simulator import acts
from fix_oms.simulator.control import SOCKET, VenueClient, VenueUnreachable
from fix_oms.simulator.floor import ActRefused
from fix_oms.simulator.process import Fleet, VenueProcess, run_name
from fix_oms.simulator.settings import VenueSettings
from fix_oms.wire import SOH, Codec
from tests.sessions.peers import Recorder, free_port, initiators
from tests.simulator.test_script import script
from tests.simulator.world import World, cancel, new

NAMES = {FixVersion.FIX44: "ALPHA", FixVersion.FIX42: "BETA", FixVersion.FIX50SP2: "GAMMA"}


def settings(version: FixVersion, comp_id: str | None = None) -> VenueSettings:
    """A venue of its own CompID: two sessions of one identity cannot live in one process."""
    base = World(version=version, asks=["1000000 @ 11"]).settings
    return attrs.evolve(base, port=free_port(), comp_id=comp_id or NAMES[version])


class Client:
    """One client of all venues."""

    def __init__(self, sessions: Initiators, heard: Recorder, directory: Path) -> None:
        self.sessions = sessions
        self.heard = heard
        self.directory = directory

    def send(self, version: FixVersion, message: Message) -> None:
        assert self.sessions.send(NAMES[version], Codec(version).encode(message)) is not None

    def report(self, version: FixVersion, *parts: str) -> ExecutionReport:
        """The first report that holds all ``parts`` of text, as soon as it is there."""
        marks = [f"{SOH}{part}{SOH}" for part in ("35=8", *parts)]
        found = self.heard.wait(
            FixIn, NAMES[version], where=lambda value: all(mark in value.text for mark in marks)
        )
        message = Codec(version).decode(found.text)
        assert isinstance(message, ExecutionReport)
        return message

    def desk(self, version: FixVersion) -> VenueClient:
        return VenueClient(self.directory / NAMES[version])


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[VenueProcess]]]:
    directory = tmp_path_factory.mktemp("venues")
    venues = [
        VenueProcess(name, settings(version), directory / name) for version, name in NAMES.items()
    ]
    Fleet(tuple(venues)).start()
    yield directory, venues
    Fleet(tuple(venues)).stop()


@pytest.fixture(scope="module")
def client(
    fleet: tuple[Path, list[VenueProcess]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    directory, venues = fleet
    sessions = [
        Session(
            name=venue.name,
            version=venue.settings.version,
            sender_comp_id="FIXOMS",
            target_comp_id=venue.settings.comp_id,
            port=venue.settings.port,
            heartbeat_s=5,
            reconnect_s=1,
        )
        for venue in venues
    ]
    heard = Recorder()
    with initiators(heard, *sessions, work_dir=tmp_path_factory.mktemp("client")) as made:
        for session in sessions:
            heard.wait(SessionReady, session.name)
        yield Client(made, heard, directory)


@pytest.mark.parametrize("version", list(FixVersion))
def test_an_order_over_a_real_session_is_acknowledged_and_filled(
    client: Client, version: FixVersion
) -> None:
    client.send(version, new("fill", "buy 10 AAPL @ 11"))
    report = client.report(version, "11=fill", "39=2")
    assert (report.cum_qty, report.last_px) == (10 * SCALE, 11 * SCALE)


@pytest.mark.parametrize("version", list(FixVersion))
def test_a_cancel_over_a_real_session_is_confirmed(client: Client, version: FixVersion) -> None:
    client.send(version, new("rest", "buy 10 AAPL @ 9"))
    client.send(version, cancel("gone", "rest"))
    assert client.report(version, "11=gone", "39=4").orig_cl_ord_id == "rest"


def test_slices_come_by_the_clock(client: Client) -> None:
    version = FixVersion.FIX44
    with client.desk(version) as desk:
        desk.perform(acts.Set(key="fill_slices", value="3"))
        desk.perform(acts.Set(key="fill_interval_ms", value="20"))
        client.send(version, new("sliced", "buy 9 AAPL @ 11"))
        client.report(version, "11=sliced", "39=2")
        assert len(next(o for o in desk.orders() if o.cl_ord_id == "sliced").executions) == 3
        desk.perform(acts.Set(key="fill_slices", value="1"))


@pytest.mark.parametrize("version", list(FixVersion))
def test_garbage_over_a_real_session_is_rejected_and_the_session_lives(
    client: Client, version: FixVersion
) -> None:
    text = Codec(version).encode(new("bad", "buy 77 AAPL @ 9")).replace("38=77", "38=7x7")
    client.sessions.send(NAMES[version], text)
    found = client.heard.wait(
        FixIn, NAMES[version], where=lambda v: f"{SOH}35=3{SOH}" in v.text and "7x7" in v.text
    )
    assert f"{SOH}371=38{SOH}" in found.text
    client.send(version, new("after", "buy 1 AAPL @ 9"))
    client.report(version, "11=after", "39=0")


def test_the_desk_fills_an_order_and_the_client_is_told(client: Client) -> None:
    version = FixVersion.FIX42
    client.send(version, new("byhand", "buy 10 AAPL @ 9"))
    client.report(version, "11=byhand", "39=0")
    with client.desk(version) as desk:
        sent = desk.perform(acts.Fill(order="byhand", quantity=4 * SCALE, price=9 * SCALE))
    assert (sent, client.report(version, "11=byhand", "39=1").leaves_qty) == (1, 6 * SCALE)


def test_the_desk_says_whatever_it_likes(client: Client) -> None:
    version = FixVersion.FIX44
    text = "35=8|37=1|11=said|17=E|150=0|39=0|55=AAPL|54=1|151=1|14=0|6=0|".replace("|", SOH)
    with client.desk(version) as desk:
        desk.say("FIXOMS", text)
    assert client.report(version, "11=said").order_id == "1"


def test_the_desk_sees_books_and_state(client: Client) -> None:
    with client.desk(FixVersion.FIX50SP2) as desk:
        (book,) = desk.books("AAPL")
        state = desk.state()
    assert book.asks[0][0] == 11 * SCALE
    assert (state.name, state.logged_on, state.behaviour["busy"]) == ("GAMMA", ("FIXOMS",), False)


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (acts.Cancel(order="none"), "there is no order none"),
        (acts.Set(key="busyy", value="true"), "did you mean 'busy'"),
    ],
)
def test_the_desk_is_told_why_an_act_is_refused(
    client: Client, act: acts.AnyAct, reason: str
) -> None:
    with client.desk(FixVersion.FIX44) as desk, pytest.raises(ActRefused, match=reason):
        desk.perform(act)


@pytest.mark.parametrize(
    ("session", "text", "reason"),
    [("NOBODY", "35=0\x01", "no session NOBODY"), ("FIXOMS", "hello", "is no FIX text")],
)
def test_the_desk_cannot_say_what_is_no_message_or_to_nobody(
    client: Client, session: str, text: str, reason: str
) -> None:
    with client.desk(FixVersion.FIX44) as desk, pytest.raises(ActRefused, match=reason):
        desk.say(session, text)


@pytest.mark.parametrize("version", list(FixVersion))
def test_a_scenario_is_played_over_a_real_session_and_its_end_is_awaited(
    client: Client, version: FixVersion
) -> None:
    name = "4.2:D4" if version is FixVersion.FIX42 else "B.1.b"
    order = f"order-{version}"
    with client.desk(version) as desk:
        desk.perform(acts.Play(session="FIXOMS", script=script(name, version), symbol="ACME"))
        client.send(version, new(order, "buy 10000 ACME @ 100"))
        waiting = desk.play("FIXOMS", after=0)
        client.send(version, cancel(f"cancel-{order}", order, "buy 10000 ACME @ 100"))
        ended = desk.play("FIXOMS", after=waiting.at)
    assert (waiting.awaited[:4], ended.at, ended.error) == ("t 4:", ended.of, "")
    report = client.report(version, f"11=cancel-{order}", "39=4")
    assert (report.cum_qty, report.order_id) == (6000 * SCALE, ended.order_ids["X"])


def test_a_play_that_is_waited_for_in_vain_ends_by_the_clock(client: Client) -> None:
    version = FixVersion.FIX44
    with client.desk(version) as desk:
        desk.perform(acts.Play(session="FIXOMS", script=script("A.1.a"), timeout_ms=10))
        assert "did not come within 0.01 s" in desk.play("FIXOMS", after=5).error


def test_who_is_no_client_is_played_nothing(client: Client) -> None:
    with client.desk(FixVersion.FIX44) as desk:
        with pytest.raises(ActRefused, match="no session NOBODY"):
            desk.perform(acts.Play(session="NOBODY", script=script("A.1.a")))
        with pytest.raises(ActRefused, match="no session NOBODY"):
            desk.play("NOBODY")


def test_the_desks_door_is_open_to_its_owner_only(client: Client) -> None:
    directory = client.directory / "ALPHA"
    modes = [stat.S_IMODE(os.stat(path).st_mode) for path in (directory, directory / SOCKET)]
    assert modes == [0o700, 0o600]


def test_a_venue_that_runs_cannot_be_run_again(client: Client) -> None:
    second = VenueProcess("ALPHA", settings(FixVersion.FIX44), client.directory / "ALPHA")
    with pytest.raises(JournalLocked, match=str(os.getpid())):
        second.start()


def test_nobody_answers_where_no_venue_runs(tmp_path: Path) -> None:
    with pytest.raises(VenueUnreachable, match="no venue answers"):
        VenueClient(tmp_path)


def test_a_venue_in_a_deep_directory_has_a_desk_too(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / "ALPHA"
    venue = VenueProcess("ALPHA", settings(FixVersion.FIX44, "DEEP"), deep)
    venue.start()
    try:
        with VenueClient(deep) as desk:
            assert desk.state().name == "ALPHA"
    finally:
        venue.stop()


def test_a_run_is_named_by_its_moment() -> None:
    assert [run_name(ns * 1_000_000) for ns in (0, 35, 36)] == ["0", "z", "10"]


def test_orders_survive_a_restart_of_the_venue_in_the_middle(tmp_path: Path) -> None:
    version = FixVersion.FIX44
    chosen = settings(version, "OMEGA")
    session = Session(
        name="ALPHA",
        version=version,
        sender_comp_id="FIXOMS",
        target_comp_id="OMEGA",
        port=chosen.port,
        heartbeat_s=5,
        reconnect_s=1,
    )
    heard = Recorder()
    first = VenueProcess("ALPHA", chosen, tmp_path / "ALPHA")
    first.start()
    with initiators(heard, session, work_dir=tmp_path / "client") as sessions:
        try:
            heard.wait(SessionReady, "ALPHA")
            client = Client(sessions, heard, tmp_path)
            client.send(version, new("X", "buy 10 AAPL @ 9"))
            with client.desk(version) as desk:
                client.report(version, "11=X", "39=0")
                desk.perform(acts.Fill(order="X", quantity=4 * SCALE, price=9 * SCALE))
            before = client.report(version, "11=X", "39=1")
        finally:
            first.stop()
        heard.wait(SessionDown, "ALPHA")
        second = VenueProcess("ALPHA", chosen, tmp_path / "ALPHA")
        second.start()
        try:
            heard.wait(SessionReady, "ALPHA", 2)
            ask = OrderStatusRequest(cl_ord_id="X", order_id=None, symbol="AAPL", side=Side.BUY)
            client.send(version, ask)
            status = client.report(version, "11=X", "150=I")
            client.send(version, cancel("Y", "X"))
            after = client.report(version, "11=Y", "39=4")
        finally:
            second.stop()
    assert (status.cum_qty, status.leaves_qty) == (4 * SCALE, 6 * SCALE)
    assert after.order_id == before.order_id
    assert (after.exec_id or "").split("-")[0] != (before.exec_id or "").split("-")[0]
