"""The configuration file: TOML, what it names beside itself, and the secrets it only points to.

Everything that can be wrong before the first session logs on is found here, at once and by name: a
missing dictionary, an unknown time zone, a journal directory that cannot be written. Paths in the
file are relative to the file, so that a configuration may be moved and started from anywhere.

Secrets are read when a session asks for them and are kept nowhere. A password file that other
users can read is refused, as ssh refuses such a key: whoever can read it can trade.

What only :func:`load` needs is imported there: clients ask this module for one path and must be
quick.
"""

from __future__ import annotations

import os
import shutil
import stat
import tomllib
import zoneinfo
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, TypeVar
from xml.etree import ElementTree

import attrs

from fix_oms.model.alerting import wrong_address
from fix_oms.model.clients import FixClient
from fix_oms.model.counterparty import Schedule, Session, SilentExpiry
from fix_oms.model.curves import Curve
from fix_oms.model.errors import SettingsError
from fix_oms.model.settings import Engine, Settings
from fix_oms.model.tls import BrokerTls, ClientTls

T = TypeVar("T", BrokerTls, ClientTls)
LONGEST_SECRET: Final = 256


@attrs.frozen(kw_only=True)
class LoadedConfig:
    """A configuration that can be run. Paths are absolute, also those inside ``settings``."""

    path: Path
    settings: Settings
    journal: Path
    socket: Path
    anchors: Path
    """The file that the journal's anchors are written to."""
    dialects: dict[str, Mapping[str, Any]]
    """The overlay of each session that names one, as read from its TOML file."""

    def secrets(self, session: Session) -> tuple[str | None, str | None]:
        """User name and password of a session, from the environment or its password file.

        Raises SettingsError when one that is named cannot be had.
        """
        at = f"sessions.{session.name}"
        username = self._variable(f"{at}.username_env", session.username_env)
        password = self._variable(f"{at}.password_env", session.password_env)
        if session.password_file is not None:
            password = self._password(f"{at}.password_file", Path(session.password_file))
        return username, password

    def client_secrets(self, client: FixClient) -> tuple[str | None, str | None]:
        """User name and password that a client's Logon must carry. Raises as :meth:`secrets`."""
        at = f"clients.{client.name}"
        password = self._variable(f"{at}.password_env", client.password_env)
        if client.password_file is not None:
            password = self._password(f"{at}.password_file", Path(client.password_file))
        return client.username, password

    def webhook(self) -> tuple[str | None, str | None]:
        """Address and token of the webhook for alerts. Raises SettingsError as :meth:`secrets`."""
        asked = self.settings.alerts
        token = self._variable("alerts.webhook_token_env", asked.webhook_token_env)
        if asked.webhook_env is None:
            return asked.webhook, token
        address = os.environ.get(asked.webhook_env, "")
        if reason := wrong_address(address) if address else "is not set":
            reason = f"the environment variable {asked.webhook_env} {reason}"
            raise self._wrong("alerts.webhook_env", reason)
        return address, token

    def secret_variables(self) -> frozenset[str]:
        """The environment variables that hold secrets: no program that is started gets them."""
        alerts = self.settings.alerts
        named = [alerts.webhook_env, alerts.webhook_token_env]
        for session in self.settings.sessions.values():
            named += [session.username_env, session.password_env]
        named += [client.password_env for client in self.settings.clients.values()]
        return frozenset(name for name in named if name is not None)

    def _variable(self, key: str, name: str | None) -> str | None:
        if name is None:
            return None
        value = os.environ.get(name)
        if not value:
            raise self._wrong(key, f"the environment variable {name} is not set")
        return self._secret(key, value)

    def _password(self, key: str, file: Path) -> str:
        try:
            with file.open(encoding="utf-8") as opened:
                status = os.fstat(opened.fileno())
                text = opened.read(LONGEST_SECRET + 2).removesuffix("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise self._wrong(key, f"{file}: cannot be read: {_why(error)}") from None
        if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            mode = stat.S_IMODE(status.st_mode)
            raise self._wrong(key, f"{file}: others can read it (mode {mode:04o}): chmod 600 it")
        if status.st_uid not in (os.geteuid(), 0):
            raise self._wrong(key, f"{file}: belongs to another user (uid {status.st_uid})")
        if not text:
            raise self._wrong(key, f"{file}: is empty")
        return self._secret(key, text)

    def _secret(self, key: str, value: str) -> str:
        """The value, if it can stand in a FIX field. Its text is never part of an error."""
        if len(value) > LONGEST_SECRET or not value.isprintable():
            reason = f"holds control characters or more than {LONGEST_SECRET} characters"
            raise self._wrong(key, reason)
        return value

    def _wrong(self, key: str, reason: str) -> SettingsError:
        return SettingsError(str(self.path), key, reason)


def load(path: Path) -> LoadedConfig:
    """Read and check a configuration file and all that it names. Raises SettingsError."""
    from fix_oms.model.settings_text import from_plain
    from fix_oms.server.algo_code import take_kinds

    path = path.absolute()
    settings = _with_absolute_paths(from_plain(read_toml(path, str(path)), str(path)), path.parent)
    settings = attrs.evolve(settings, curves=_curves(settings, path.parent))
    journal = _beside(path.parent, settings.engine.journal)
    found = [SettingsError(str(path), key, reason) for key, reason in _wrong_around(settings)]
    if (reason := _unusable(journal)) is not None:
        found.append(SettingsError(str(path), "engine.journal", reason))
    anchors = _anchors(path.parent, settings.engine.anchors.file, journal)
    if (reason := _no_place_for_anchors(anchors, journal)) is not None:
        found.append(SettingsError(str(path), "engine.anchors.file", reason))
    found += [SettingsError(str(path), *wrong) for wrong in take_kinds(settings, path.parent)]
    if found:
        first, *others = found
        raise SettingsError(first.file, first.key, first.reason, tuple(others))
    return LoadedConfig(
        path=path,
        settings=settings,
        journal=journal,
        socket=_beside(path.parent, settings.engine.socket),
        anchors=anchors,
        dialects=_dialects(settings),
    )


def _curves(settings: Settings, directory: Path) -> dict[str, Curve]:
    """The volume curves, as their files say. Raises SettingsError."""
    from fix_oms.server.curves import read

    year = datetime.now(UTC).year
    return {name: read(curve, directory, year) for name, curve in settings.curves.items()}


def _dialects(settings: Settings) -> dict[str, Mapping[str, Any]]:
    """The overlay of each session that names one. Raises SettingsError where wire refuses it."""
    from fix_oms.wire import dialect_from

    found: dict[str, Mapping[str, Any]] = {}
    for session in settings.sessions.values():
        if session.dialect is not None:
            found[session.name] = read_toml(Path(session.dialect), session.dialect)
            dialect_from(found[session.name], session.dialect)
    return found


def socket_path(path: Path) -> Path:
    """Where the engine of a configuration listens: all that a client needs to know of it.

    Read without the checks of :func:`load`, so that an engine that runs can be reached although
    its file has been edited meanwhile. Raises SettingsError.
    """
    return _engine_path(path, "socket", Engine().socket)


def journal_path(path: Path) -> Path:
    """Where a configuration's journal is, read as :func:`socket_path` is and for its reason."""
    return _engine_path(path, "journal", Engine().journal)


def anchors_path(path: Path) -> Path:
    """Where a configuration's anchors are written, read as :func:`socket_path` is."""
    engine = read_toml(path, str(path)).get("engine", {})
    anchors = engine.get("anchors", {}) if isinstance(engine, dict) else {}
    file = anchors.get("file") if isinstance(anchors, dict) else None
    if file is not None and not isinstance(file, str):
        raise SettingsError(str(path), "engine.anchors.file", "must be text in quotes")
    return _anchors(path.absolute().parent, file, journal_path(path))


def beside_journal(journal: Path) -> Path:
    """The anchors' file where none is configured."""
    return journal.with_name(f"{journal.name}.anchors")


def _anchors(directory: Path, file: str | None, journal: Path) -> Path:
    return beside_journal(journal) if file is None else _beside(directory, file)


def _engine_path(path: Path, key: str, default: str) -> Path:
    engine = read_toml(path, str(path)).get("engine", {})
    found = engine.get(key, default) if isinstance(engine, dict) else None
    if not isinstance(found, str):
        raise SettingsError(str(path), f"engine.{key}", "must be text in quotes")
    return _beside(path.absolute().parent, found)


def read_toml(path: Path, shown: str) -> dict[str, Any]:
    """The tables of a TOML file. Raises SettingsError, which calls the file ``shown``."""
    try:
        with path.open("rb") as opened:
            return tomllib.load(opened)
    except OSError as error:
        raise SettingsError(shown, "", f"cannot be read: {_why(error)}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(shown, "", f"is not TOML: {error}") from None


def _beside(directory: Path, name: str) -> Path:
    """``name`` seen from ``directory``, without ``..`` (links are not followed)."""
    return Path(os.path.normpath(directory / name))


def _with_absolute_paths(settings: Settings, directory: Path) -> Settings:
    def absolute(name: str | None) -> str | None:
        return None if name is None else str(_beside(directory, name))

    sessions = {
        name: attrs.evolve(
            session,
            dictionary=absolute(session.dictionary),
            dialect=absolute(session.dialect),
            password_file=absolute(session.password_file),
            tls=session.tls and _tls_beside(directory, session.tls),
        )
        for name, session in settings.sessions.items()
    }
    clients = {
        name: attrs.evolve(
            client,
            dictionary=absolute(client.dictionary),
            password_file=absolute(client.password_file),
        )
        for name, client in settings.clients.items()
    }
    feeds = {
        name: attrs.evolve(feed, file=absolute(feed.file)) for name, feed in settings.feeds.items()
    }
    alerts = settings.alerts
    if alerts.command and "/" in alerts.command[0]:  # else it is looked for where programs are
        program, *words = alerts.command
        program = str(_beside(directory, program))
        alerts = attrs.evolve(alerts, command=(program, *words))
    acceptor = settings.acceptor
    if acceptor.tls is not None:
        acceptor = attrs.evolve(acceptor, tls=_tls_beside(directory, acceptor.tls))
    return attrs.evolve(
        settings, sessions=sessions, clients=clients, acceptor=acceptor, alerts=alerts, feeds=feeds
    )


def _tls_beside(directory: Path, tls: T) -> T:
    """With the files that it names seen from ``directory``."""
    names = [f.name for f in attrs.fields(type(tls)) if f.name.endswith("_file")]
    named = {name: value for name in names if (value := getattr(tls, name)) is not None}
    return attrs.evolve(tls, **{name: str(_beside(directory, v)) for name, v in named.items()})


def _wrong_around(settings: Settings) -> Iterator[tuple[str, str]]:
    """(key, reason) of everything that a session names and that is not there or not usable."""
    reason = _no_zone(settings.engine.timezone)
    if reason is not None:
        yield "engine.timezone", reason
    for session in settings.sessions.values():
        yield from _wrong_session(f"sessions.{session.name}", session)
    yield from _wrong_clients(settings)
    if settings.acceptor.tls is not None:
        yield from _wrong_tls("acceptor.tls", settings.acceptor.tls)
    if (command := settings.alerts.command) and shutil.which(command[0]) is None:
        yield "alerts.command", f"there is no program {command[0]}"
    for feed in settings.feeds.values():
        if feed.file is not None and not Path(feed.file).parent.is_dir():
            yield f"feeds.{feed.name}.file", f"there is no directory {Path(feed.file).parent}"
    for curve in settings.curves.values():
        if (reason := _no_zone(curve.timezone)) is not None:
            yield f"curves.{curve.name}.timezone", reason
    for venue in settings.venues.values():
        if venue.hours is not None:
            yield from _wrong_hours(f"venues.{venue.name}.hours", venue.hours)


def _wrong_clients(settings: Settings) -> Iterator[tuple[str, str]]:
    for client in settings.clients.values():
        if client.dictionary is not None:
            reason = _no_dictionary(Path(client.dictionary))
            if reason is not None:
                yield f"clients.{client.name}.dictionary", reason


def _wrong_session(at: str, session: Session) -> Iterator[tuple[str, str]]:
    if session.dictionary is not None:
        reason = _no_dictionary(Path(session.dictionary))
        if reason is not None:
            yield f"{at}.dictionary", reason
    if session.dialect is not None and not Path(session.dialect).is_file():
        yield f"{at}.dialect", f"no such file: {session.dialect}"
    if session.tls is not None:
        yield from _wrong_tls(f"{at}.tls", session.tls)
    yield from _wrong_days(f"{at}.schedule", session.schedule)
    if session.silent_expiry is not None:
        yield from _wrong_days(f"{at}.silent_expiry", session.silent_expiry)


def _wrong_tls(at: str, tls: BrokerTls | ClientTls) -> Iterator[tuple[str, str]]:
    """What cannot be used. A certificate that has expired is no reason not to start: the session
    says so, and the file may be replaced while the engine runs."""
    from fix_oms.forwarder.contexts import BadTlsFile, context

    try:
        context(tls, at)
    except BadTlsFile as error:
        yield error.key, error.reason


def _wrong_hours(at: str, hours: Schedule) -> Iterator[tuple[str, str]]:
    yield from _wrong_days(at, hours)
    if hours.reset is not None:
        yield f"{at}.reset", "a venue has no sequence numbers: its session's schedule resets them"


def _no_dictionary(path: Path) -> str | None:
    """Why this file is no FIX dictionary, or None when it looks like one."""
    try:
        with path.open("rb") as opened:
            _, root = next(ElementTree.iterparse(opened, events=("start",)))
    except OSError as error:
        return f"{path}: cannot be read: {_why(error)}"
    except (ElementTree.ParseError, StopIteration) as error:
        return f"{path}: is no FIX dictionary: {error}"
    return None if root.tag == "fix" else f"{path}: is no FIX dictionary: its root is <{root.tag}>"


def _wrong_days(at: str, schedule: Schedule | SilentExpiry) -> Iterator[tuple[str, str]]:
    reason = _no_zone(schedule.timezone)
    if reason is not None:
        yield f"{at}.timezone", reason
    for n, day in enumerate(schedule.holidays):
        try:
            date.fromisoformat(day)
        except ValueError:
            yield f"{at}.holidays[{n}]", f"{day!r} is no date (YYYY-MM-DD)"


def _no_zone(name: str) -> str | None:
    """Why there is no such time zone, or None."""
    from fix_oms.model.settings_text import nearest

    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = sorted(zoneinfo.available_timezones())
        return f"no time zone is named {name!r}{nearest(name, known)}"
    return None


def _unusable(directory: Path) -> str | None:
    """Why a journal cannot be written in this directory, or None. Makes nothing."""
    there = next(d for d in (directory, *directory.parents) if d.exists())
    if not there.is_dir():
        return f"{there} is no directory"
    if os.statvfs(there).f_flag & os.ST_RDONLY:
        return f"{there} is on a read-only disk"
    if not os.access(there, os.W_OK | os.X_OK):
        return f"{there} cannot be written to"
    return None


def _no_place_for_anchors(file: Path, journal: Path) -> str | None:
    """Why anchors cannot be written to this file, or None. Makes nothing."""
    if file.is_relative_to(journal):
        return f"{file} is inside the journal: whoever changes the one could change the other"
    if file.is_dir():
        return f"{file} is a directory"
    return None


def _why(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
