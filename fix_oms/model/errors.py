"""The exception tree. Each class carries the codes that a reject on the wire would state.

FixOmsError
├── FieldError               a value that cannot be read; names Name(Tag), value, reason
│   ├── MissingField         a required field is absent           373=1   380=5
│   ├── BadValue             the value is not of the field's form 373=6   380=0
│   ├── UnknownCode          the value is no code of the field    373=5   380=0
│   └── DuplicateField       a tag stands twice outside a group   373=13  380=0
├── MessageError             the message as a whole cannot be read
│   ├── Garbled              not FIX text at all (framing, a field without '=')
│   └── UnsupportedMessage   a MsgType(35) that we do not take           380=3
├── Unsupported              a counterparty cannot take this request; refused before it leaves
├── BadFile                  a counterparty's file that cannot be taken; names file, line, column
├── LedgerError              the ledger of breaks cannot be used, or holds no such break
├── SettingsError            a configuration that cannot be used; names file, key and reason
├── JournalError             the durable log cannot be used
│   ├── JournalLocked        another process writes it; names its pid
│   ├── NotJournaled         an input was not written, and has had no effect
│   └── JournalCorrupt       a record that does not check; names segment, offset and reason
└── SessionError             a FIX session cannot be run as asked
"""

from __future__ import annotations

from typing import Final


class FixOmsError(Exception):
    """The root: every error that fix_oms raises on purpose."""


class FieldError(FixOmsError, ValueError):
    """A FIX field that cannot be taken.

    ``label`` is ``Name(Tag)``; ``value`` is the text as received (cut at 64 characters).
    """

    session_reject_reason: int = 99
    business_reject_reason: int = 0

    def __init__(self, tag: int, label: str, value: str | None, reason: str) -> None:
        shown = "" if value is None else f" {value[:64]!r}"
        super().__init__(f"{label}{shown}: {reason}")
        self.tag: Final = tag
        self.label: Final = label
        self.value: Final = value
        self.reason: Final = reason


class MissingField(FieldError):
    session_reject_reason = 1
    business_reject_reason = 5


class BadValue(FieldError):
    session_reject_reason = 6


class UnknownCode(FieldError):
    session_reject_reason = 5


class DuplicateField(FieldError):
    session_reject_reason = 13


class MessageError(FixOmsError, ValueError):
    """A FIX message that cannot be read as a whole."""


class Garbled(MessageError):
    """Not FIX text: a field without ``=``, a tag that is no number, no MsgType(35)."""


class UnsupportedMessage(MessageError):
    """A MsgType(35) that is not one of ours to take: 35=j with BusinessRejectReason(380)=3."""

    business_reject_reason: int = 3


class Unsupported(FixOmsError):
    """A request that this counterparty, or its FIX version, cannot take. Nothing was sent."""


class SettingsError(FixOmsError):
    """A configuration that cannot be used: ``file``, ``key`` (dotted) and the reason.

    ``others`` are the further errors found in the same reading; the message shows all of them,
    one a line.
    """

    def __init__(
        self, file: str, key: str, reason: str, others: tuple[SettingsError, ...] = ()
    ) -> None:
        first = f"{file}: {key}: {reason}" if key else f"{file}: {reason}"
        super().__init__("\n".join([first, *map(str, others)]))
        self.file: Final = file
        self.key: Final = key
        self.reason: Final = reason
        self.others: Final = others


class BadFile(FixOmsError, ValueError):
    """A counterparty's file that cannot be taken; names file, line, column and reason."""


class LedgerError(FixOmsError):
    """The ledger of breaks cannot be used, or holds no such break."""


class JournalError(FixOmsError):
    """The durable log cannot be used."""


class JournalLocked(JournalError):
    """Another process writes this journal, or ``what`` else is there."""

    def __init__(self, path: str, pid: int | None, what: str = "the journal is") -> None:
        who = f"process {pid}" if pid is not None else "another process"
        super().__init__(f"{path}: {what} being written by {who}")
        self.pid: Final = pid


class NotJournaled(JournalError):
    """An input could not be written, and has had no effect."""


class JournalCorrupt(JournalError):
    """A record that does not check: ``segment``, byte ``offset`` and the reason."""

    def __init__(self, segment: str, offset: int, reason: str) -> None:
        super().__init__(f"{segment} at byte {offset}: {reason}")
        self.segment: Final = segment
        self.offset: Final = offset
        self.reason: Final = reason


class SessionError(FixOmsError):
    """A FIX session cannot be run as asked."""
