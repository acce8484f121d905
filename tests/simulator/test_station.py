"""A venue with FIX text on both sides, and its journal's inputs."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from fix_oms.model.counterparty import Supports
from fix_oms.model.errors import SettingsError
from fix_oms.model.fix import FixVersion
from fix_oms.simulator import acts
from fix_oms.simulator.floor import ActRefused
from fix_oms.simulator.settings import Latency
from fix_oms.simulator.station import (
    AnyInput,
    Did,
    Gone,
    Opened,
    Outgoing,
    Received,
    Station,
    Tick,
    decode,
)
from fix_oms.simulator.station import encode as encoded
from fix_oms.wire import SOH, Codec, shown
from tests.simulator.test_flow import FLOW
from tests.simulator.world import World, cancel, new, watch

SECOND = 1_000_000_000
D = "35=D|34=7|11=X|55=AAPL|54=1|38=100|40=2|44=10|60=20260102-03:04:05|"


def station(version: FixVersion = FixVersion.FIX44, **behaviour: Any) -> Station:
    made = Station("ALPHA", version)
    settings = World(version=version, asks=["60 @ 10"]).settings
    changed = attrs.evolve(settings.behaviour, **behaviour)
    made.step(SECOND, Opened(run="r", settings=attrs.evolve(settings, behaviour=changed)))
    return made


def told(made: Station, text: str) -> list[str]:
    value = Received(session="C", text=text.replace("|", SOH))
    return [shown(out.text) for out in made.step(SECOND, value)]


@pytest.mark.parametrize("version", list(FixVersion))
def test_an_order_in_text_is_answered_in_text_of_its_version(version: FixVersion) -> None:
    codec, made = Codec(version), station(version)
    said = made.step(SECOND, Received(session="C", text=codec.encode(new("X", "buy 60 AAPL @ 10"))))
    fill = {FixVersion.FIX42: "150=2"}.get(version, "150=F")
    assert [("150=0" in said[0].text), fill in said[1].text, len(said)] == [True, True, 2]


GARBAGE = (
    ("a field that is no number", D.replace("38=100", "38=1e2"), "35=3|45=7|371=38|372=D|373=6|"),
    ("a field that is missing", D.replace("11=X|", ""), "35=3|45=7|371=11|372=D|373=1|"),
    ("a field that stands twice", D + "11=Y|", "35=3|45=7|371=11|372=D|373=13|"),
    ("a price that the order type needs", D.replace("44=10|", ""), "35=j|45=7|372=D|380=5|"),
    ("a message that no venue takes", "35=E|34=7|66=1|", "35=j|45=7|372=E|380=3|"),
    (
        "a word on a trade",
        "35=Q|34=7|37=O1|17=E1|127=A|55=AAPL|54=1|",
        "35=j|45=7|372=Q|380=3|",
    ),
    ("a message that only a venue sends", "35=Y|34=7|262=M|", "35=j|45=7|372=Y|379=M|380=3|"),
)


@pytest.mark.parametrize(
    ("text", "answer"), [row[1:] for row in GARBAGE], ids=[row[0] for row in GARBAGE]
)
def test_garbage_is_answered_by_the_proper_reject(text: str, answer: str) -> None:
    said = told(station(), text)
    assert len(said) == 1
    for field in answer.split("|"):
        assert f"|{field}|" in f"|{said[0]}|"


def test_a_reject_reason_that_4_2_does_not_know_is_left_out() -> None:
    said = told(station(FixVersion.FIX42), "35=D|34=7|21=1|" + D[10:] + "11=Y|")
    assert said[0].startswith("35=3|")
    assert "|373=" not in said[0]


@pytest.mark.parametrize("text", ["garbage", "35", "=|=|", ""])
def test_what_is_no_fix_text_is_ignored(text: str) -> None:
    assert told(station(), text) == []


def test_a_silent_venue_does_not_even_reject_garbage() -> None:
    assert told(station(silence=True), D.replace("38=100", "38=x")) == []


def test_a_message_delivered_again_after_a_kill_is_not_taken_twice() -> None:
    made = station()
    assert len(told(made, D)) == 2
    assert told(made, D.replace("34=7|", "34=7|43=Y|")) == []


def test_a_possible_duplicate_that_was_never_seen_is_taken() -> None:
    made = station()
    told(made, D)
    again = D.replace("34=7|", "34=8|43=Y|").replace("11=X", "11=Y")
    assert [part for part in told(made, again)[0].split("|") if part in ("150=0", "11=Y")] == [
        "11=Y",
        "150=0",
    ]


def test_every_input_is_read_back_as_it_was_written() -> None:
    inputs: list[AnyInput] = [
        Opened(run="r", settings=World(asks=["60 @ 10"], seed=5, reject_rate=0.5).settings),
        Opened(run="r", settings=World(reference="150", flow=FLOW).settings),
        Received(session="C", text="35=D" + SOH),
        Gone(session="C"),
        Tick(),
        Did(act=acts.Correct(exec_id="E", quantity=1, price=2)),
    ]
    assert [decode(encoded(value)) for value in inputs] == inputs


def test_a_replay_of_a_venue_with_other_traders_says_the_same_again() -> None:
    world = World(reference="150", flow=FLOW, request_latency=Latency(us=300, jitter_us=900))
    codec = Codec(FixVersion.FIX44, Supports(market_data=True))
    tales: list[list[list[Outgoing]]] = []
    inputs: list[AnyInput] = [
        Opened(run="r", settings=world.settings),
        Received(session="C", text=codec.encode(watch("M", "1", "AAPL"))),
        Received(session="C", text=codec.encode(new("X", "buy 9 AAPL @ 150"))),
        *[Tick()] * 50,
    ]
    for _ in range(2):
        made, now = Station("ALPHA", FixVersion.FIX44), SECOND
        tale: list[list[Outgoing]] = []
        for value in inputs:
            tale.append(made.step(now, decode(encoded(value))))
            now = made.next_due() or now
        tales.append(tale)
    assert tales[0] == tales[1]


def test_a_replay_of_the_inputs_says_the_same_again() -> None:
    codec = Codec(FixVersion.FIX44, Supports(market_data=True))
    settings = World(asks=["60 @ 10"], fill_slices=3, fill_interval_ms=50, reject_rate=0.3).settings
    inputs: list[AnyInput] = [
        Opened(run="r", settings=settings),
        Received(session="C", text=codec.encode(watch("M", "1", "AAPL"))),
        *(
            Received(session="C", text=codec.encode(new(f"X{n}", "buy 20 AAPL @ 10")))
            for n in range(5)
        ),
        Tick(),
        Did(act=acts.Cancel(order="X4")),
        Received(session="C", text=codec.encode(cancel("Y", "X3"))),
        Opened(run="s", settings=settings),
        Tick(),
    ]
    runs = [_play(inputs) for _ in "12"]
    assert runs[0] == runs[1]
    assert len(runs[0]) > 10


def _play(inputs: list[AnyInput]) -> list[str]:
    made, said = Station("ALPHA", FixVersion.FIX44), list[str]()
    for n, value in enumerate(inputs):
        try:
            said += [out.text for out in made.step(n * SECOND // 50, value)]
        except (ActRefused, SettingsError) as error:
            said.append(str(error))
    assert made.unsaid == []
    return said


def test_a_drop_copy_is_told_each_report_of_the_client_that_it_copies_and_nothing_else() -> None:
    made = Station("ALPHA", FixVersion.FIX44)
    settings = World(version=FixVersion.FIX44, asks=["60 @ 10"]).settings
    copied = attrs.evolve(settings, clients=("C", "COPY"), drop_copies={"COPY": "C"})
    made.step(SECOND, Opened(run="r", settings=copied))
    reports = made.step(SECOND, Received(session="C", text=D.replace("|", SOH)))
    rejects = made.step(
        SECOND, Received(session="C", text=D.replace("38=100", "38=x").replace("|", SOH))
    )
    mine, copies = ([o.text for o in reports if o.session == name] for name in ("C", "COPY"))
    assert (mine == copies, len(mine), [o.session for o in rejects]) == (True, 2, ["C"])


def test_a_drop_copy_of_or_for_somebody_who_may_not_log_on_is_refused() -> None:
    settings = World().settings
    with pytest.raises(ValueError, match="drop_copies: 'COPY' is none of the clients"):
        attrs.evolve(settings, drop_copies={"COPY": settings.clients[0]})
