"""One end of TLS against the other, no network in between."""

from __future__ import annotations

import itertools
import ssl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fix_oms.forwarder.contexts import context
from fix_oms.forwarder.stream import TlsEnd
from fix_oms.model.tls import BrokerTls, ClientTls
from tests.forwarder.certificates import HOST, Papers


@pytest.fixture
def ends(papers: Papers) -> tuple[TlsEnd, TlsEnd]:
    return shaken(papers)


def shaken(papers: Papers) -> tuple[TlsEnd, TlsEnd]:
    """Both ends, their handshake done."""
    ours = TlsEnd(context(BrokerTls(ca_file=papers.ca_file, server_name=HOST), "k"), HOST)
    theirs = TlsEnd(context(ClientTls(cert_file=papers.good), "k"), None)
    while not all([ours.shake(), theirs.shake()]):
        carry(ours, theirs)
        carry(theirs, ours)
    return ours, theirs


def carry(one: TlsEnd, other: TlsEnd) -> None:
    if data := one.take():
        other.feed(data)


def test_what_is_written_at_one_end_is_read_at_the_other(ends: tuple[TlsEnd, TlsEnd]) -> None:
    ours, theirs = ends
    ours.write(b"8=FIX" * 50_000)
    carry(ours, theirs)
    assert theirs.read() == b"8=FIX" * 50_000


@settings(max_examples=50)
@given(
    said=st.lists(st.binary(min_size=1, max_size=40_000), max_size=8),
    cuts=st.lists(st.integers(1, 20_000), min_size=1, max_size=5),
)
def test_whatever_is_said_arrives_in_order_however_the_network_cuts_it(
    papers: Papers, said: list[bytes], cuts: list[int]
) -> None:
    ours, theirs = shaken(papers)
    for part in said:
        ours.write(part)
    ours.finish()
    sealed, got, sizes = ours.take(), b"", itertools.cycle(cuts)
    while sealed:
        size = next(sizes)
        theirs.feed(sealed[:size])
        got, sealed = got + theirs.read(), sealed[size:]
    assert (got, theirs.has_ended) == (b"".join(said), True)


def test_an_end_byte_by_byte_is_an_end(ends: tuple[TlsEnd, TlsEnd]) -> None:
    ours, theirs = ends
    ours.write(b"last")
    ours.finish()
    got = b""
    for byte in ours.take():
        theirs.feed(bytes([byte]))
        got += theirs.read()
    assert (got, theirs.has_ended) == (b"last", True)


def test_after_our_end_the_other_may_still_speak(ends: tuple[TlsEnd, TlsEnd]) -> None:
    ours, theirs = ends
    ours.finish()
    carry(ours, theirs)
    theirs.read()
    theirs.write(b"heard")
    carry(theirs, ours)
    assert ours.read() == b"heard"


def test_a_connection_that_is_cut_is_an_end(ends: tuple[TlsEnd, TlsEnd]) -> None:
    ours, _ = ends
    ours.feed(b"")
    assert (ours.read(), ours.has_ended) == (b"", True)


def test_bytes_that_were_changed_on_the_way_are_an_error(ends: tuple[TlsEnd, TlsEnd]) -> None:
    ours, theirs = ends
    ours.write(b"Price(44)=10")
    sealed = bytearray(ours.take())
    sealed[-1] ^= 1
    theirs.feed(bytes(sealed))
    with pytest.raises(ssl.SSLError):
        theirs.read()


def test_what_is_said_before_the_handshake_is_not_taken_for_the_peers(papers: Papers) -> None:
    theirs = TlsEnd(context(ClientTls(cert_file=papers.good), "k"), None)
    theirs.feed(b"8=FIX.4.4\x019=70\x0135=A\x01")
    with pytest.raises(ssl.SSLError):
        theirs.shake()
