"""Words: what the engine did on the wire as a reaction, and the values of a case's lines.

A reaction is told without the numbers that change from run to run: what kind of message, which
reason, which text with its own numbers blotted out.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Final

from acceptance.hostile import message
from fix_oms.model.fix import MsgType

NOTHING: Final = "nothing"
CLOSES: Final = "closes the connection"
ADMIN: Final = frozenset({"0", "1", "2", "3", "4", "5", "A"})
ENVELOPE: Final = message.ENVELOPE
ORDERS: Final = frozenset({"D", "F", "G", "H", "AF", "q"})
"""What the engine's orders and questions are made of: not a reaction of the session."""
_RELATIVE: Final = re.compile(r"(?P<name>[a-z]+)(?P<by>[+-]\d+)?$")


def reaction(kind: str, fields: Mapping[int, str], question: str) -> str:
    """What this message of the engine is as a reaction; empty when it is none."""
    if kind in ORDERS:
        return ""
    if kind == MsgType.HEARTBEAT:
        asked = fields.get(112, "")[:20]
        return f"Heartbeat(0) 112={asked}" if asked and not asked.startswith(question) else ""
    if kind == MsgType.TEST_REQUEST:
        return "TestRequest(1)" if fields[112] == "TEST" else ""
    if kind == MsgType.LOGON:
        return "logs on with ResetSeqNumFlag(141)=Y" if fields.get(141) == "Y" else "logs on"
    if kind == MsgType.SEQUENCE_RESET:
        return "SequenceReset(4) gap fill" if fields.get(123) == "Y" else "SequenceReset(4) reset"
    told = [f"{tag}={fields[tag]}" for tag in (373, 380, 371) if tag in fields]
    said = re.sub(r"\d+", "N", fields.get(58, ""))
    return " ".join([named(kind), *told, *([f'"{said}"'] if said else [])])


def named(kind: str) -> str:
    """``Reject(3)``."""
    names = {member.value: member.name for member in MsgType}
    word = "".join(part.capitalize() for part in names.get(kind, "Message").split("_"))
    return f"{word}({kind})"


def folded(said: list[str]) -> list[str]:
    """Without repetitions: what is said several times in a row is said once, and so are cycles."""
    once = [text for text, _ in itertools.groupby(said)]
    for length in (2, 3, 4):
        at = 0
        while at + 2 * length <= len(once):
            if once[at : at + length] == once[at + length : at + 2 * length]:
                del once[at : at + length]
            else:
                at += 1
    return once


def resolved(value: str, numbers: Mapping[str, int]) -> str:
    """A value of a case: ``next+5`` and ``in-1`` are numbers, ``now-3600`` a time."""
    found = _RELATIVE.match(value)
    if found is None:
        return value
    by = int(found["by"] or 0)
    if found["name"] == "now":
        return message.utc(by)
    if found["name"] in numbers:
        return str(numbers[found["name"]] + by)
    return value
