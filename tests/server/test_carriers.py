"""Alerts taken to real programs and a real HTTP server: what arrives, and what is said when not."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from fix_oms.server.carriers import Command, Webhook, payload
from fix_oms.server.notices import Notice
from fix_oms.server.sinks import Undelivered

NOTICE = Notice(
    kind="opened",
    severity="severe",
    code="session",
    text="session ALPHA is down: cut",
    session="ALPHA",
    count=1,
    examples=("ALPHA",),
    since_ns=1_700_000_000_123_456_789,
    at_ns=1_700_000_001_000_000_000,
)


def test_what_is_told_is_a_sentence_for_people_and_fields_for_programs() -> None:
    told = payload(NOTICE, "desk1 /srv/oms.toml")
    assert (told["text"], told["since"], told["time"], told["subjects"]) == (
        "severe: session ALPHA is down: cut [session] on desk1 /srv/oms.toml",
        "2023-11-14T22:13:20.123Z",
        "2023-11-14T22:13:21.000Z",
        ["ALPHA"],
    )


def test_how_many_did_not_arrive_before_is_told_with_the_next() -> None:
    assert "(3 alerts before this one did not arrive)" in payload(NOTICE, "desk1", 3)["text"]


# -- the command -----------------------------------------------------------------------------------


def script(directory: Path, text: str) -> str:
    path = directory / "told.sh"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def command(*words: str, timeout_s: float = 30.0, secrets: tuple[str, ...] = ()) -> Command:
    return Command(words, "desk1", timeout_s, secrets)


def refusal(carrier: Command | Webhook) -> Undelivered:
    with pytest.raises(Undelivered) as found:
        carrier.carry(NOTICE, 0)
    return found.value


def test_a_command_reads_the_notice_on_its_standard_input(tmp_path: Path) -> None:
    command(script(tmp_path, 'cat > "$1"'), str(tmp_path / "got")).carry(NOTICE, 0)
    assert json.loads((tmp_path / "got").read_text()) == payload(NOTICE, "desk1")


def test_its_failure_is_told_with_the_end_of_what_it_says(tmp_path: Path) -> None:
    failed = script(tmp_path, "yes no | head -1000 >&2; echo no route >&2; exit 3")
    told = str(refusal(command(failed)))
    assert (told.startswith(f"{failed} ended with 3: "), told.endswith("no no route")) == (
        True,
        True,
    )
    assert len(told) < 400


def test_one_that_is_not_there_is_told(tmp_path: Path) -> None:
    told = str(refusal(command(str(tmp_path / "none"))))
    assert told == f"{tmp_path}/none cannot be started: No such file or directory"


def test_one_that_does_not_end_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # its reader comes to the end when nobody is left who could write
    reader = threading.Thread(target=pipe.read_bytes)
    reader.start()
    slow = script(tmp_path, f"exec 9> {pipe}; sleep 600 & sleep 600")
    told = str(refusal(command(slow, timeout_s=0.3)))
    reader.join(30)
    assert (told, reader.is_alive()) == (f"{slow} did not end within 0.3 s", False)


def test_one_that_leaves_a_child_behind_is_not_waited_for(tmp_path: Path) -> None:
    command(script(tmp_path, "sleep 3 & exit 0"), timeout_s=2.0).carry(NOTICE, 0)


def test_it_does_not_get_our_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALPHA_PASSWORD", "geheim")
    monkeypatch.setenv("HARMLESS", "yes")
    writes = script(tmp_path, 'env > "$1"')
    command(writes, str(tmp_path / "env"), secrets=("ALPHA_PASSWORD",)).carry(NOTICE, 0)
    got = (tmp_path / "env").read_text()
    assert ("geheim" in got, "HARMLESS=yes" in got) == (False, True)


# -- the webhook -----------------------------------------------------------------------------------

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def server(answer: Answer) -> Iterator[str]:
    """An HTTP server on this machine, which does ``answer``; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    made = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{made.server_port}/hook?room=7"
    finally:
        made.shutdown()
        thread.join()
        made.server_close()


def status(code: int) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        handler.send_header("Location", "http://127.0.0.1:1/elsewhere")
        handler.end_headers()

    return answer


def test_a_webhook_is_posted_the_notice_with_its_token() -> None:
    got: list[tuple[str, dict[str, str], Any]] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        got.append((handler.path, dict(handler.headers), json.loads(body)))
        status(204)(handler)

    with server(answer) as address:
        Webhook(address, "geheim", "desk1", 5.0).carry(NOTICE, 2)
    ((path, headers, body),) = got
    assert (path, headers["Authorization"], headers["Content-Type"], body) == (
        "/hook?room=7",
        "Bearer geheim",
        "application/json",
        payload(NOTICE, "desk1", 2),
    )


@pytest.mark.parametrize(
    ("code", "final"),
    [(302, False), (400, True), (404, True), (408, False), (429, False), (500, False)],
)
def test_what_is_not_taken_is_told_and_whether_to_try_again(code: int, final: bool) -> None:
    with server(status(code)) as address:
        told = refusal(Webhook(address, None, "desk1", 5.0))
    assert (str(told), told.final) == (f"127.0.0.1 answers {code}", final)


def test_of_an_address_only_the_host_is_told() -> None:
    with server(status(500)) as address:
        told = str(refusal(Webhook(address, "geheim", "desk1", 5.0)))
    assert ("hook" in told or "geheim" in told) is False


def test_nobody_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    told = refusal(Webhook(f"http://127.0.0.1:{port}/", None, "desk1", 5.0))
    assert (str(told), told.final) == ("127.0.0.1: Connection refused", False)


def dripping(peer: socket.socket) -> None:
    peer.recv(65536)
    for character in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1000:
        if threading.Event().wait(0.05):
            return
        peer.send(bytes([character]))


def silent(peer: socket.socket) -> None:
    while peer.recv(65536):
        pass


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("behave", [dripping, silent])
def test_a_peer_that_takes_its_time_is_cut_off(
    scheme: str, behave: Callable[[socket.socket], None]
) -> None:
    def serve(listener: socket.socket) -> None:
        peer, _ = listener.accept()
        with peer:
            try:
                behave(peer)
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        address = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/"
        told = refusal(Webhook(address, None, "desk1", 0.5))
        thread.join(30)
    assert (thread.is_alive(), told.final) == (False, False)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    pem = tmp_path / "self.pem"
    asked = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1"
    files = ["-keyout", str(pem), "-out", str(tmp_path / "cert.pem")]
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    subprocess.run([*asked.split(), *files], capture_output=True, check=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", pem)

    def serve(listener: socket.socket) -> None:
        peer, _ = listener.accept()
        try:
            context.wrap_socket(peer, server_side=True).close()
        except OSError:
            peer.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        address = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        told = str(refusal(Webhook(address, None, "desk1", 5.0)))
        thread.join(30)
    assert "certificate verify failed" in told
