"""The client: what it sends, what it gives back, and its errors."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

import fix_oms
from fix_oms.client import (
    Accepted,
    Client,
    Disconnected,
    EngineFailed,
    Incompatible,
    NoAnswer,
    NotRunning,
    Refused,
    Unsendable,
)
from fix_oms.model import protocol
from fix_oms.model.inputs import (
    CancelOrder,
    Command,
    DontKnow,
    Halt,
    Kill,
    NewOrder,
    Override,
    Rearm,
    Resolve,
    Resume,
    SessionCommand,
    SetLimits,
)
from fix_oms.model.messages import Terms
from fix_oms.model.units import SCALE
from fix_oms.server.control import ControlServer
from tests.server.standin import (
    BALANCE,
    EXPOSURE,
    FEED,
    LIMIT,
    Standin,
    fill_view,
    order_view,
    position_view,
)


def order(symbol: str = "AAPL", qty: int = 100, ref: str | None = None) -> NewOrder:
    terms = Terms(symbol=symbol, side="1", order_qty=qty * SCALE, ord_type="2", price=150 * SCALE)
    return NewOrder(by="ann", terms=terms, client_ref=ref)


@pytest.fixture
def client(server: ControlServer) -> Iterator[Client]:
    with Client(server.path) as made:
        yield made


def test_the_engines_release_and_pid_are_known_after_the_hello(client: Client) -> None:
    assert (client.engine_version, client.engine_pid) == (fix_oms.__version__, os.getpid())


def test_an_accepted_order_comes_back_with_its_reference(client: Client) -> None:
    expected = Accepted(order="7-1", cl_ord_id="7-1", session="ALPHA", text="sent")
    assert client.submit(order()) == expected


def test_the_command_reaches_the_engine_unchanged(client: Client, standin: Standin) -> None:
    client.submit(order(ref="mine"))
    assert standin.submitted == [order(ref="mine")]


def test_a_decision_reaches_the_engine_with_its_name_and_reason(
    client: Client, standin: Standin
) -> None:
    client.resolve("7-1", "refused", by="ann", reason="Kim said so", request="7-2")
    expected = Resolve(
        by="ann", order="7-1", outcome="refused", reason="Kim said so", request="7-2"
    )
    assert standin.submitted == [expected]


def test_an_execution_that_is_not_accepted_reaches_the_engine(
    client: Client, standin: Standin
) -> None:
    client.dont_know("7-1", "X1", "C", by="ann", text="too much")
    expected = DontKnow(by="ann", order="7-1", exec_id="X1", dk_reason="C", text="too much")
    assert standin.submitted == [expected]


def test_a_refusal_is_an_answer(client: Client) -> None:
    answer = client.submit(order(qty=20_000))
    assert isinstance(answer, Refused)
    assert answer.control == "max_order_qty"


def test_alerts_come_with_the_outcome(client: Client) -> None:
    command = SessionCommand(by="ann", session="ALPHA", action="reset", reason="agreed")
    assert [alert.code for alert in client.outcome(command).alerts] == ["epoch"]


def test_a_batch_is_submitted_in_order(client: Client) -> None:
    done = client.submit_all([order(), order("FILL")])
    references = [a.order for a in done.answers if isinstance(a, Accepted)]
    assert (done.submitted, references) == (True, ["7-1", "7-2"])


def test_a_batch_with_one_refusal_is_not_submitted_at_all(client: Client, standin: Standin) -> None:
    done = client.submit_all([order(), order(qty=20_000)])
    assert (done.submitted, standin.submitted) == (False, [])
    assert [type(answer) for answer in done.answers] == [type(None), Refused]


def test_a_batch_can_be_checked_only(client: Client, standin: Standin) -> None:
    done = client.submit_all([order()], check_only=True)
    assert (done.submitted, done.answers, standin.submitted) == (False, (None,), [])


def test_an_empty_batch_is_nothing(client: Client) -> None:
    assert client.submit_all([]).answers == ()


def test_an_order_is_found_by_reference_and_by_client_ref(client: Client) -> None:
    client.submit(order(ref="mine"))
    assert client.order("7-1") == client.order("mine") != None  # noqa: E711 - one chain, three claims


def test_an_unknown_order_is_none(client: Client) -> None:
    assert client.order("nope") is None


def test_orders_are_read_over_more_than_one_page(client: Client, standin: Standin) -> None:
    count = 2 * protocol.PAGE + 1
    standin.orders = {f"7-{n}": order_view(order(), f"7-{n}") for n in range(count)}
    assert [o.reference for o in client.orders()] == list(standin.orders)


def test_orders_can_be_read_after_one(client: Client) -> None:
    for _ in range(3):
        client.submit(order())
    assert [o.reference for o in client.orders(after="7-1")] == ["7-2", "7-3"]


def test_open_orders_leave_out_the_filled(client: Client) -> None:
    client.submit_all([order("FILL"), order()])
    assert [o.reference for o in client.orders(open_only=True)] == ["7-2"]


def test_fills_are_read_over_more_than_one_page(client: Client, standin: Standin) -> None:
    one = order_view(order(), "7-1")
    standin.fills = [fill_view(one, f"X{n}") for n in range(protocol.PAGE + 1)]
    assert list(client.fills()) == standin.fills


def test_fills_of_one_order_are_its_own(client: Client) -> None:
    client.submit_all([order("FILL"), order("FILL")])
    assert [fill.order for fill in client.fills("7-2")] == ["7-2"]


def test_money_beyond_64_bits_comes_through_exactly(client: Client, standin: Standin) -> None:
    standin.positions = [position_view()]
    assert client.positions() == (position_view(),)


def test_halts_are_listed(client: Client) -> None:
    client.submit(Halt(by="ann", reason="odd prices", symbol="AAPL"))
    assert [(h.by, h.symbol) for h in client.halts()] == [("ann", "AAPL")]


SAID: dict[str, Any] = {"by": "ann", "reason": "odd"}
HELPERS: dict[str, tuple[Callable[[Client], object], Command]] = {
    "kill": (lambda c: c.kill(venue="ALPHA", **SAID), Kill(venue="ALPHA", **SAID)),
    "resume": (lambda c: c.resume(account="DESK", **SAID), Resume(account="DESK", **SAID)),
    "rearm": (lambda c: c.rearm("fills", **SAID), Rearm(limit="fills", **SAID)),
    "override": (
        lambda c: c.override("size", uses=2, symbol="AAPL", **SAID),
        Override(limit="size", uses=2, symbol="AAPL", **SAID),
    ),
    "set_limits": (
        lambda c: c.set_limits([{"control": "price_collar"}], remove=["size"], **SAID),
        SetLimits(put=({"control": "price_collar"},), remove=("size",), **SAID),
    ),
}


@pytest.mark.parametrize(("act", "expected"), HELPERS.values(), ids=list(HELPERS))
def test_an_act_of_the_risk_desk_reaches_the_engine(
    client: Client, standin: Standin, act: Callable[[Client], object], expected: Command
) -> None:
    act(client)
    assert standin.submitted == [expected]


TABLES: dict[str, tuple[Callable[[Client], object], object]] = {
    "limits": (Client.limits, LIMIT),
    "exposure": (Client.exposure, EXPOSURE),
    "balances": (Client.balances, BALANCE),
    "feeds": (Client.feeds, FEED),
}


@pytest.mark.parametrize(("table", "row"), TABLES.values(), ids=list(TABLES))
def test_a_table_of_the_gate_comes_through_exactly(
    client: Client, table: Callable[[Client], object], row: object
) -> None:
    assert table(client) == (row,)


def test_the_status_names_the_process(client: Client) -> None:
    status = client.status()
    assert (status.pid, status.run, status.journal) == (os.getpid(), 7, "/j")


def test_settled_returns_at_the_first_answer(client: Client) -> None:
    client.submit(order())
    found = client.settled("7-1", "7-1", timeout_s=60)
    assert found is not None
    assert found.ord_status == "0"


def test_settled_waits_for_an_answer_that_comes_later(client: Client, standin: Standin) -> None:
    client.submit(order("SILENT"))
    slow = standin.orders["7-1"]
    looks = iter(range(3))

    class Later(dict[str, object]):
        def get(self, key: str, default: object = None) -> object:
            if next(looks, None) is None:
                request = msgspec.structs.replace(slow.requests[0], outcome="accepted")
                return msgspec.structs.replace(slow, requests=(request,), ord_status="0")
            return slow

    standin.orders = Later({"7-1": slow})  # type: ignore[assignment]  # a dict that changes its mind
    found = client.settled("7-1", "7-1", timeout_s=60)
    assert found is not None
    assert found.ord_status == "0"


def test_settled_gives_the_order_as_it_stands_when_time_is_up(client: Client) -> None:
    client.submit(order("SILENT"))
    found = client.settled("7-1", "7-1", timeout_s=0.01)
    assert found is not None
    assert found.requests[0].outcome == "pending"


def test_settled_waits_for_the_end_of_a_cash_order_whose_quantity_nobody_knows(
    client: Client, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.submit(order())
    rests = msgspec.structs.replace(
        standin.orders["7-1"], cash_order_qty=SCALE, order_qty=0, leaves_qty=0
    )
    filled = msgspec.structs.replace(rests, ord_status="2")
    looks = iter([rests, rests])
    monkeypatch.setattr(standin, "order_view", lambda ref: next(looks, filled))
    found = client.settled("7-1", "7-1", timeout_s=60, to_the_end=True)
    assert found is not None
    assert found.ord_status == "2"


def test_no_engine_is_named_with_its_path_and_a_hint(tmp_path: Path) -> None:
    path = tmp_path / "none.sock"
    with pytest.raises(NotRunning) as caught:
        Client(path)
    expected = f"no engine listens at {path} (No such file or directory): is `fix-oms run` up?"
    assert str(caught.value) == expected


def test_the_socket_of_a_dead_engine_is_no_engine(tmp_path: Path) -> None:
    path = tmp_path / "dead.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with pytest.raises(NotRunning, match="Connection refused"):
        Client(path)


def test_a_path_longer_than_a_socket_can_have_is_no_engine(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match="too long"):
        Client(tmp_path / ("x" * 200))


def test_a_number_that_no_frame_holds_is_refused_before_it_leaves(client: Client) -> None:
    with pytest.raises(Unsendable, match="nothing was sent"):
        client.submit(order(qty=10**12))


def test_the_connection_serves_on_after_an_unsendable_request(client: Client) -> None:
    with pytest.raises(Unsendable):
        client.submit(order(qty=10**12))
    assert client.status().run == 7


def test_a_closed_client_says_so(client: Client) -> None:
    client.close()
    with pytest.raises(Disconnected):
        client.status()


def test_an_engine_that_stops_leaves_the_request_in_doubt(
    server: ControlServer, client: Client
) -> None:
    server.stop()
    with pytest.raises(Disconnected, match="it may or may not have been done"):
        client.submit(CancelOrder(by="ann", order="7-1"))


def test_a_question_that_is_lost_leaves_no_doubt(server: ControlServer, client: Client) -> None:
    server.stop()
    with pytest.raises(Disconnected) as caught:
        client.sessions()
    assert (caught.value.in_doubt, "may or may not" in str(caught.value)) == (False, False)


@contextmanager
def peer_that_says(path: Path, *replies: protocol.Reply) -> Iterator[None]:
    """A server that answers the first requests with these, and further ones not at all."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                for reply in replies:
                    protocol.read_frame(connection.recv)
                    connection.sendall(protocol.frame(reply))
                while connection.recv(4096):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            thread.join()


WELCOME = protocol.Welcome(protocol=protocol.PROTOCOL, version="1", pid=1)


def test_no_answer_in_time_says_that_the_request_is_in_doubt(tmp_path: Path) -> None:
    path = tmp_path / "mute.sock"
    with (
        peer_that_says(path, WELCOME),
        Client(path, timeout_s=0.05) as client,
        pytest.raises(NoAnswer, match="look before you send it again"),
    ):
        client.submit(order())


def test_an_engine_of_another_protocol_is_incompatible(tmp_path: Path) -> None:
    path = tmp_path / "old.sock"
    failed = protocol.Failed(code="protocol", text="the engine speaks 0")
    with peer_that_says(path, failed), pytest.raises(Incompatible, match="speaks 0"):
        Client(path)


def test_a_reply_of_another_kind_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "odd.sock"
    with (
        peer_that_says(path, WELCOME, protocol.Halts(halts=())),
        Client(path) as client,
        pytest.raises(EngineFailed, match="it replied Halts"),
    ):
        client.status()


def test_one_client_serves_several_threads(client: Client) -> None:
    answers: list[str] = []

    def send() -> None:
        for _ in range(10):
            answer = client.submit(order())
            assert isinstance(answer, Accepted)
            answers.append(answer.order)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == sorted(f"7-{n}" for n in range(1, 41))
