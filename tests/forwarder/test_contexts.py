"""What is wrong with a file is said by its key, its name, and a reason that tells what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from fix_oms.forwarder.contexts import BadTlsFile, context, require_current
from fix_oms.forwarder.validity import day, ends
from fix_oms.model.tls import BrokerTls, ClientTls
from tests.forwarder.certificates import Papers


def text_file(papers: Papers, text: str) -> str:
    path = papers.directory / "text.pem"
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


def open_key(papers: Papers) -> str:
    path = Path(papers.issued("open"))
    path.chmod(0o640)
    return str(path)


def broken(papers: Papers) -> str:
    lines = Path(papers.ca_file).read_text().splitlines()
    return text_file(papers, "\n".join([lines[0], lines[1], lines[-1]]))


WRONG: dict[str, tuple[Callable[[Papers], BrokerTls | ClientTls], str]] = {
    "ca: none": (
        lambda p: BrokerTls(ca_file="/none.pem"),
        "k.ca_file: /none.pem: cannot be read: No such file or directory",
    ),
    "ca: text": (
        lambda p: BrokerTls(ca_file=text_file(p, "hello")),
        r"k.ca_file: .*text.pem: holds no certificate \(PEM\)",
    ),
    "ca: cut": (
        lambda p: BrokerTls(ca_file=broken(p)),
        "k.ca_file: .*text.pem: holds a certificate that cannot be read",
    ),
    "cert: none": (
        lambda p: BrokerTls(cert_file="/none.pem"),
        "k.cert_file: /none.pem: cannot be read: No such file or directory",
    ),
    "cert: a directory": (
        lambda p: BrokerTls(cert_file="/tmp"),
        "k.cert_file: /tmp: cannot be read: Is a directory",
    ),
    "cert: no key in it": (
        lambda p: BrokerTls(cert_file=p.part(p.ours, "CERTIFICATE")),
        r"k.cert_file: .*ours-certificate.pem: holds no private key \(PEM\)",
    ),
    "key: none": (
        lambda p: ClientTls(cert_file=p.ours, key_file="/none.pem"),
        "k.key_file: /none.pem: cannot be read: No such file or directory",
    ),
    "key: of another": (
        lambda p: BrokerTls(cert_file=p.ours, key_file=p.part(p.good, "PRIVATE KEY")),
        "k.key_file: .*good-private.pem: is not the key of the certificate in .*ours.pem",
    ),
    "key: others can read it": (
        lambda p: BrokerTls(cert_file=open_key(p)),
        r"k.cert_file: .*open.pem: others can read it \(mode 0640\): chmod 600 it",
    ),
    "key: a password": (
        lambda p: ClientTls(cert_file=p.protected()),
        "k.cert_file: .*protected.pem: is protected by a password, which nobody is there to type: "
        "give a key without one",
    ),
    "clients' ca: text": (
        lambda p: ClientTls(cert_file=p.ours, client_ca_file=text_file(p, "hello")),
        r"k.client_ca_file: .*text.pem: holds no certificate \(PEM\)",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_file_that_cannot_be_used_is_named_with_its_key(papers: Papers, case: str) -> None:
    make, expected = WRONG[case]
    with pytest.raises(BadTlsFile) as caught:
        context(make(papers), "k")
    assert re.fullmatch(expected, str(caught.value))


def test_a_certificate_that_has_expired_is_named_with_its_day(papers: Papers) -> None:
    end_s = ends(Path(papers.expired).read_text())[0]
    with pytest.raises(BadTlsFile) as caught:
        require_current(BrokerTls(cert_file=papers.expired), "k", end_s + 1)
    reason = f"{papers.expired}: the certificate expired on {day(end_s)}"
    assert str(caught.value) == f"k.cert_file: {reason}"


def test_the_end_is_the_one_that_openssl_reads(papers: Papers) -> None:
    import ssl

    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.load_verify_locations(papers.ca_file)
    expected = ssl.cert_time_to_seconds(str(made.get_ca_certs()[0]["notAfter"]))
    assert ends(Path(papers.ca_file).read_text()) == [expected]
