"""Authorities and certificates for tests, as the files that a configuration names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography.hazmat.primitives import serialization

HOST = "broker.example"


class Papers:
    """Two authorities, of which only ``ca`` is ours, and files with what they have signed."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ca, self.other = trustme.CA(), trustme.CA()
        self.ca_file = self._kept("ca.pem", self.ca.cert_pem.bytes())
        self.good = self.issued("good")
        self.other_host = self.issued("other-host", "elsewhere.example")
        self.foreign = self.issued("foreign", by=self.other)
        self.expired = self.issued("expired", days=-1)
        self.ours = self.issued("ours", "desk.example")
        self.root_itself = self._kept(
            "root.pem", self.other.private_key_pem.bytes() + self.other.cert_pem.bytes()
        )

    def issued(
        self, name: str, host: str = HOST, *, by: trustme.CA | None = None, days: int = 90
    ) -> str:
        """A file with a key and its certificate for ``host``, which ends in ``days``."""
        now = datetime.now(UTC)
        leaf = (by or self.ca).issue_cert(
            host, not_before=now - timedelta(days=365), not_after=now + timedelta(days=days)
        )
        return self._kept(f"{name}.pem", leaf.private_key_and_cert_chain_pem.bytes())

    def protected(self, name: str = "protected") -> str:
        """The same with a key that asks for a password."""
        leaf = self.ca.issue_cert(HOST)
        key = serialization.load_pem_private_key(leaf.private_key_pem.bytes(), None)
        locked = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
        return self._kept(f"{name}.pem", locked + leaf.cert_chain_pems[0].bytes())

    def part(self, file: str, kind: str) -> str:
        """A file with only the ``CERTIFICATE`` or the ``PRIVATE KEY`` of another."""
        blocks = Path(file).read_text().split("-----END ")
        found = next(b for b in blocks if f"BEGIN {kind}" in b or f" {kind}-----" in b)
        begin = found[found.index("-----BEGIN") :]
        label = begin.split("-----")[1].removeprefix("BEGIN ")
        text = f"{begin}-----END {label}-----\n"
        return self._kept(f"{Path(file).stem}-{kind.split()[0].lower()}.pem", text.encode())

    def _kept(self, name: str, text: bytes) -> str:
        path = self.directory / name
        path.write_bytes(text)
        path.chmod(0o600)
        return str(path)
