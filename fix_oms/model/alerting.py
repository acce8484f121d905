"""Who is told of alerts, and how: ``[alerts]`` of the configuration.

The log is always told everything. A command and a webhook may be told too, of what is at least
``min_severity``. Secrets are never held here: a webhook's token, or its whole address where that is
a secret itself, is named by the environment variable that holds it.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import attrs

from fix_oms.model.severities import SEVERITIES, WARNING
from fix_oms.model.validators import not_negative, positive

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
"""Where a webhook may be plain http: nobody listens in between."""


@attrs.frozen(kw_only=True)
class AlertSettings:
    """``command`` is started for each message, which it reads as JSON on its standard input; exit
    code 0 says that it is delivered. ``webhook`` takes the same JSON by POST; 2xx says so.
    """

    min_severity: str = attrs.field(default=WARNING, validator=attrs.validators.in_(SEVERITIES))
    repeat_s: int = attrs.field(default=900, validator=not_negative)
    """A condition that stays is told again after so long; 0: never."""
    digest_s: int = attrs.field(default=60, validator=positive)
    """What comes in a flood (of one code and session) is told together, this often."""
    command: tuple[str, ...] = ()
    command_timeout_s: int = attrs.field(default=10, validator=positive)
    command_at_once: int = attrs.field(default=2, validator=positive)
    webhook: str | None = None
    webhook_env: str | None = None
    """The environment variable that holds the address, where the address is a secret."""
    webhook_token_env: str | None = None
    """The environment variable whose text is sent as ``Authorization: Bearer``."""
    webhook_timeout_s: int = attrs.field(default=5, validator=positive)
    backlog_s: int = attrs.field(default=5, validator=positive)
    """A message that has waited for so long to leave makes a backlog."""
    slow_journal_ms: int = attrs.field(default=100, validator=positive)
    disk_free_mb: int = attrs.field(default=1024, validator=not_negative)
    """With less than this left the journal's disk is nearly full; 0: do not look."""

    def __attrs_post_init__(self) -> None:
        if self.command and not self.command[0]:
            raise ValueError("command: its first word names the program")
        if self.webhook and self.webhook_env:
            raise ValueError("webhook_env: give webhook or webhook_env, not both")
        if self.webhook_token_env and not (self.webhook or self.webhook_env):
            raise ValueError("webhook_token_env: there is no webhook that it is for")
        if self.webhook and (reason := wrong_address(self.webhook)):
            raise ValueError(f"webhook: {reason}")


def wrong_address(address: str) -> str:
    """Why nothing can be posted to this address; empty when it can. Does not repeat the address."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        return f"is no address: {error}"
    if not address.isprintable() or " " in address or not address.isascii():
        return "is no address: it holds spaces or other characters than ASCII's"
    if parts.scheme not in ("https", "http") or not host:
        return "is no address: it begins with https:// and a host"
    if parts.scheme == "http" and host not in LOOPBACK:
        return "must be https: only this machine itself may be told by http"
    if parts.username is not None or parts.password is not None:
        return "must not hold a name or password: use webhook_token_env or webhook_env"
    return ""
