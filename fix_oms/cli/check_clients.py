"""What ``check`` says of FIX clients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from fix_oms.model.clients import FixClient
from fix_oms.model.errors import SettingsError
from fix_oms.model.settings import Settings
from fix_oms.server.config_file import LoadedConfig

HEADINGS: Final = ("Client", "Version", "Its CompID", "At", "May use", "Its orders go", "May not")


def client_rows(settings: Settings) -> list[list[str]]:
    """One row for each client."""
    return [_row(client, settings) for client in settings.clients.values()]


def client_warnings(loaded: LoadedConfig) -> Iterator[str]:
    """What would run, but perhaps not as meant."""
    settings = loaded.settings
    scoped = {limit.strategy for limit in settings.limits}
    for client in settings.clients.values():
        at = f"clients.{client.name}"
        try:
            loaded.client_secrets(client)
        except SettingsError as error:
            yield f"{error.key}: {error.reason}"
        if client.password_env is None and client.password_file is None:
            yield f"{at}: whoever comes from an allowed address needs no password"
        if client.strategy is not None and client.strategy not in scoped:
            yield f"{at}.strategy: no limit is of strategy {client.strategy}"


def _row(client: FixClient, settings: Settings) -> list[str]:
    of = ", ".join(client.accounts)
    if client.drop_copy:
        of = f"copies of {', '.join(client.copies_of) or 'everybody'}"
    elif client.strategy is not None:
        of += f"; strategy {client.strategy}"
    goes = "" if client.drop_copy else "as they are"
    if client.policy is not None:
        goes = f"by {client.policy}"
    return [
        client.name,
        client.version.value,
        client.target_comp_id,
        f"port {client.port or settings.acceptor.port} from {', '.join(client.allowed)}",
        of,
        goes,
        ", ".join(_may_not(client)),
    ]


def _may_not(client: FixClient) -> list[str]:
    if client.drop_copy:
        return []
    held = attrs.asdict(client.may)
    return [name.replace("_", " ") for name, may in held.items() if not may]
