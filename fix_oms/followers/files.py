"""A broker's files, read: the mapping, CSV text in whatever encoding, FIX logs."""

from __future__ import annotations

import codecs
import tomllib
import zoneinfo
from pathlib import Path
from typing import Final

from fix_oms.model.errors import BadFile, SettingsError
from fix_oms.model.settings_text import nearest, structure
from fix_oms.reconcile.mapping import BrokerFiles

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""How a file begins that says itself which encoding it has."""


def load_mapping(path: Path) -> tuple[BrokerFiles, zoneinfo.ZoneInfo]:
    """A mapping and its time zone. Raises SettingsError."""
    try:
        with path.open("rb") as opened:
            plain = tomllib.load(opened)
    except OSError as error:
        raise SettingsError(str(path), "", f"cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(str(path), "", f"is not TOML: {error}") from None
    broker = structure(BrokerFiles, plain, str(path))
    return broker, zone_of(broker.timezone, str(path), "timezone")


def zone_of(name: str, file: str, key: str) -> zoneinfo.ZoneInfo:
    """A time zone. Raises SettingsError with the nearest known name."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        hint = nearest(name, sorted(zoneinfo.available_timezones()))
        raise SettingsError(file, key, f"no time zone is named {name!r}{hint}") from None


def text_lines(path: Path, encoding: str = "utf-8") -> list[str]:
    """The lines of a file. A mark at its beginning says more about its encoding than the mapping.

    Raises BadFile.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path}: cannot be read: {error.strerror}") from None
    marked = next((name for mark, name in _MARKS if raw.startswith(mark)), encoding)
    try:
        return raw.decode(marked).splitlines(keepends=True)
    except LookupError:
        raise BadFile(f"{path}: no encoding is named {encoding!r}") from None
    except UnicodeError as error:
        line = raw.count(b"\n", 0, getattr(error, "start", 0)) + 1
        reason = f"is not {marked} text: say which it is by encoding"
        raise BadFile(f"{path}: line {line}: {reason}") from None


def log_lines(path: Path) -> list[str]:
    """The lines of a FIX log. Its text may be in any encoding: Latin-1 reads every byte."""
    try:
        return path.read_bytes().decode("latin-1").split("\n")
    except OSError as error:
        raise BadFile(f"{path}: cannot be read: {error.strerror}") from None
