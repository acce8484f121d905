"""Scenario files: read, checked, and told what is wrong with them by file, scenario, step and key.

Tolerant of what is absent or extra: a key that nobody knows is left alone, a blank cell stays
blank, a file may hold its scenarios and nothing else. Strict on nonsense: a code that no FIX
version has, a number that is none, a report without a status. Numbers are read as Decimals, so that
the places of a printed figure survive.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

import attrs
import yaml

from fix_oms.model.errors import SettingsError
from fix_oms.model.fix import ExecType, FixVersion, MsgType, OrdStatus
from fix_oms.scenarios import misprints, reasons
from fix_oms.scenarios.steps import EVENT, IN, OUT, Scenario, Step

SPOKEN: Final = {
    "42": FixVersion.FIX42,
    "44": FixVersion.FIX44,
    "50SP2": FixVersion.FIX50SP2,
}
_VERSION: Final = re.compile(r"(?:FIX[. ]?)?(\d\.?\d(?: ?SP\d)?)(?![\w.])", re.IGNORECASE)
_TIME: Final = re.compile(r"(?:(?:Day|D)? ?(\d+)[,.:] ?|Day (\d+) )?\w[^\s,]*", re.IGNORECASE)
_BLANK: Final = frozenset({"-", "n/a", "none"})
_YES_NO: Final = {"y": "Y", "yes": "Y", "true": "Y", "n": "N", "no": "N", "false": "N"}
_MESSAGES: Final = {
    "".join(kind.name.split("_")).lower(): kind
    for kind in (
        MsgType.NEW_ORDER_SINGLE,
        MsgType.ORDER_CANCEL_REQUEST,
        MsgType.ORDER_CANCEL_REPLACE_REQUEST,
        MsgType.ORDER_STATUS_REQUEST,
        MsgType.DONT_KNOW_TRADE,
        MsgType.EXECUTION_REPORT,
        MsgType.ORDER_CANCEL_REJECT,
    )
}
_WITHOUT_ID: Final = MsgType.DONT_KNOW_TRADE
_CHANGES: Final = frozenset({MsgType.ORDER_CANCEL_REQUEST, MsgType.ORDER_CANCEL_REPLACE_REQUEST})
_OUT_KINDS: Final = frozenset({MsgType.EXECUTION_REPORT, MsgType.ORDER_CANCEL_REJECT})
_EXEC_TYPES: Final = frozenset({*ExecType, "1", "2", "J", "K"})
_STATUSES: Final = frozenset(OrdStatus)
_QUANTITIES: Final = (
    "order_qty",
    "cash_order_qty",
    "cum_qty",
    "leaves_qty",
    "last_qty",
    "day_order_qty",
    "day_cum_qty",
)
_PRICES: Final = ("last_px", "avg_px", "day_avg_px")
_TEXTS: Final = ("cl_ord_id", "orig_cl_ord_id", "order_id", "exec_id", "exec_ref_id", "text")
_REASONS: Final = {
    "cxl_rej_reason": reasons.CXL_REJ,
    "ord_rej_reason": reasons.ORD_REJ,
    "exec_restatement_reason": reasons.RESTATEMENT,
}


@attrs.frozen
class Collection:
    """The scenarios of one file, in its order; ``file`` is its name as given. ``unreadable`` says
    why others of it cannot be played."""

    file: str
    scenarios: tuple[Scenario, ...]
    unreadable: tuple[SettingsError, ...] = ()


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # made at run time
    """Plain YAML whose numbers with a point are Decimals."""


def _decimal(loader: Any, node: Any) -> Decimal | str:
    text = loader.construct_scalar(node)
    try:
        return Decimal(text.replace("_", ""))
    except InvalidOperation:
        return str(text)


_Loader.add_constructor("tag:yaml.org,2002:float", _decimal)


def load(path: Path) -> Collection:
    """The scenarios of a file. Raises SettingsError naming file, scenario, step, key and reason,
    where nothing of the file can be played; one bad scenario does not keep the others from it."""
    file = str(path)
    try:
        read = yaml.load(path.read_bytes(), _Loader)
    except OSError as error:
        raise SettingsError(file, "", f"cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(file, "", f"is not YAML: {_one_line(error)}") from None
    listed = read.get("scenarios") if isinstance(read, Mapping) else read
    if not isinstance(listed, list) or not listed:
        raise SettingsError(file, "scenarios", "must be a list of scenarios")
    exceptions = read.get("known_exceptions") if isinstance(read, Mapping) else None
    known = misprints.stated(exceptions)
    found: dict[str, Scenario] = {}
    unreadable: list[SettingsError] = []
    for n, entry in enumerate(listed, 1):
        try:
            scenario = _scenario(file, n, entry, known)
            if scenario.id in found:
                raise SettingsError(file, f"scenario {scenario.id}", "stands twice")
            found[scenario.id] = scenario
        except SettingsError as error:
            unreadable.append(error)
    if not found:
        raise unreadable[0]
    return Collection(file, tuple(found.values()), tuple(unreadable))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _scenario(file: str, n: int, entry: object, known: tuple[Any, ...]) -> Scenario:
    where = f"scenario {n}"
    if not isinstance(entry, Mapping):
        raise SettingsError(file, where, "must be a mapping")
    scenario_id = _text(entry.get("id"))
    if not scenario_id:
        raise SettingsError(file, f"{where}, id", "is missing")
    where = f"scenario {scenario_id}"
    listed = entry.get("steps")
    if not isinstance(listed, list) or not listed:
        raise SettingsError(file, f"{where}, steps", "must be a list of steps")
    steps = _with_quantities(file, where, [_step(file, where, n, s) for n, s in enumerate(listed)])
    return Scenario(
        file=file,
        id=scenario_id,
        title=_text(entry.get("title")) or "",
        versions=_versions(file, where, scenario_id, entry.get("fix_versions")),
        steps=steps,
        notes=_text(entry.get("notes")) or "",
        misprints=tuple(
            m for m in misprints.of(scenario_id, known) if any(m.concerns(s) for s in steps)
        ),
    )


def _with_quantities(file: str, where: str, steps: list[Step]) -> tuple[Step, ...]:
    """An order whose own cell is blank is for the quantity that its first report states."""
    found = []
    for step in steps:
        is_blank = step.order_qty is None and step.cash_order_qty is None
        if step.kind is MsgType.NEW_ORDER_SINGLE and is_blank:
            stated = (s.order_qty for s in steps if s.is_report and s.cl_ord_id == step.cl_ord_id)
            qty = next((qty for qty in stated if qty), None)
            if qty is None:
                raise SettingsError(file, f"{where}, step t {step.t}, order_qty", "is missing")
            step = attrs.evolve(step, order_qty=qty)
        found.append(step)
    return tuple(found)


def _versions(file: str, where: str, scenario_id: str, listed: object) -> tuple[FixVersion, ...]:
    """The versions that publish a scenario and that we speak; by its id, where it does not say."""
    key = f"{where}, fix_versions"
    if listed is None:
        if scenario_id.startswith("4.2"):
            return (FixVersion.FIX42,)
        if scenario_id.startswith("V7"):
            return (FixVersion.FIX50SP2,)
        return (FixVersion.FIX44, FixVersion.FIX50SP2)
    found: list[FixVersion] = []
    for item in listed if isinstance(listed, list) else [listed]:
        named = _VERSION.match(str(item))
        if named is None:
            raise SettingsError(file, key, f"{str(item)!r} is no FIX version")
        version = SPOKEN.get(named.group(1).replace(" ", "").replace(".", "").upper())
        if version is not None and version not in found:
            found.append(version)
    return tuple(found)


def _step(file: str, scenario: str, place: int, row: object) -> Step:
    where = f"{scenario}, step {place + 1}"
    if not isinstance(row, Mapping):
        raise SettingsError(file, where, "must be a mapping")
    t = _text(row.get("t"))
    timed = _TIME.fullmatch(t or "")
    if not t or timed is None:
        raise SettingsError(file, f"{where}, t", f"{t!r} is no time: 1, 2 … or Day 1,1")
    cells = _Cells(file, f"{scenario}, step t {t}", row)
    direction = cells.one_of("dir", (IN, OUT, EVENT))
    kind = _kind(cells, direction)
    values: dict[str, Any] = {name: cells.quantity(name) for name in _QUANTITIES}
    values.update({name: cells.number(name) for name in _PRICES})
    values.update({name: cells.text(name) for name in _TEXTS})
    for name, words in _REASONS.items():
        said = cells.text(name)
        values[name] = None if said is None else reasons.code_of(said, words)
    step = Step(
        place=place,
        t=t,
        day=int(timed.group(1) or timed.group(2) or 1),
        direction=direction,
        kind=kind,
        is_alt=cells.one_of("path", ("main", "alt"), "main") == "alt",
        crosses=cells.flag("crosses"),
        comment=cells.text("comment") or "",
        exec_trans_type=cells.code("exec_trans_type", frozenset("0123")),
        exec_type=cells.code("exec_type", _EXEC_TYPES),
        ord_status=cells.code("ord_status", _STATUSES),
        working_indicator=cells.letter("working_indicator"),
        poss_resend=cells.flag("poss_resend"),
        **values,
    )
    _check_whole(cells, step)
    return step


def _kind(cells: _Cells, direction: str) -> MsgType | None:
    said = cells.text("msg")
    if direction == EVENT:
        return None
    kind = _MESSAGES.get("".join(filter(str.isalnum, said or "")).lower())
    if kind is None:
        raise cells.wrong("msg", f"{said!r} is no message of these scenarios")
    if (kind in _OUT_KINDS) != (direction == OUT):
        raise cells.wrong("dir", f"{direction!r} is not the way that {said} goes")
    return kind


def _check_whole(cells: _Cells, step: Step) -> None:
    """What a message cannot do without."""
    if step.direction == IN and step.cl_ord_id is None and step.kind is not _WITHOUT_ID:
        raise cells.wrong("cl_ord_id", "is missing")
    if step.kind in _CHANGES and step.orig_cl_ord_id is None:
        raise cells.wrong("orig_cl_ord_id", "is missing")
    if not step.is_report:
        return
    if step.ord_status is None:
        raise cells.wrong("ord_status_code", "is missing")
    if step.is_execution_report and step.exec_type is None:
        raise cells.wrong("exec_type_code", "is missing")
    if not step.is_execution_report and step.cl_ord_id is None:
        raise cells.wrong("cl_ord_id", "is missing")


class _Cells:
    """The cells of one row, read with the error that fits."""

    def __init__(self, file: str, where: str, row: Mapping[Any, Any]) -> None:
        self._file: Final = file
        self._where: Final = where
        self._row: Final = row

    def wrong(self, key: str, reason: str) -> SettingsError:
        return SettingsError(self._file, f"{self._where}, {key}", reason)

    def text(self, key: str) -> str | None:
        value = self._row.get(key)
        if isinstance(value, list) and not any(isinstance(v, Mapping | list) for v in value):
            value = ", ".join(map(str, value))
        if isinstance(value, Mapping | list):
            raise self.wrong(key, "must be text")
        return _text(value)

    def one_of(self, key: str, known: tuple[str, ...], default: str | None = None) -> str:
        value = (self.text(key) or default or "").lower()
        if value not in known:
            raise self.wrong(key, f"{value!r} is none of {', '.join(known)}")
        return value

    def letter(self, key: str) -> str | None:
        """Y or N, which YAML may have read as a truth value."""
        value = self._row.get(key)
        if isinstance(value, bool):
            return "Y" if value else "N"
        if value is None:
            return None
        read = _YES_NO.get(str(value).strip().lower())
        if read is None:
            raise self.wrong(key, f"{value!r} is neither Y nor N")
        return read

    def flag(self, key: str) -> bool:
        return self.letter(key) == "Y"

    def number(self, key: str) -> Decimal | None:
        value = self._row.get(key)
        text = _text(value)
        if text is None or text.lower() in _BLANK:
            return None
        try:
            number = Decimal(text.replace(",", ""))
        except InvalidOperation:
            number = Decimal("NaN")
        if isinstance(value, bool) or not number.is_finite() or abs(number) > 9 * 10**10:
            raise self.wrong(key, f"{str(value)!r} is no number that FIX can carry")
        return number

    def quantity(self, key: str) -> Decimal | None:
        number = self.number(key)
        if number is not None and number < 0:
            raise self.wrong(key, f"{number} is negative")
        return number

    def code(self, name: str, known: frozenset[str]) -> str | None:
        """The code of ``name_code``, else the one that ``name`` is the word for."""
        key = f"{name}_code"
        value = self.text(key)
        if value is None:
            word = self.text(name)
            if word is None:
                return None
            key, value = name, _WORDS[name].get("".join(filter(str.isalnum, word)).lower(), word)
        if value not in known:
            raise self.wrong(key, f"{value!r} is no code of it")
        return value


def _words(*codes: Any, **also: str) -> dict[str, str]:
    return {"".join(m.name.split("_")).lower(): m.value for m in codes} | also


_WORDS: Final = {
    "exec_trans_type": {"new": "0", "cancel": "1", "correct": "2", "status": "3"},
    "exec_type": _words(
        *ExecType, partialfill="1", fill="2", replace="5", partiallyfilled="1", filled="2"
    ),
    "ord_status": _words(*OrdStatus, cancelled="4", doneforday="3"),
}


def _text(value: object) -> str | None:
    return None if value is None else str(value).strip() or None
