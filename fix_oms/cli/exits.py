"""How a command ends: the exit codes that scripts can rely on, and the errors that carry them.

A script must be able to tell "nothing was sent" (2, 3) from "it was sent and refused" (1) and from
"nobody knows" (4), because only the first may simply be tried again.
"""

from __future__ import annotations

from enum import IntEnum
from typing import IO, Any, Final

import click

from fix_oms.client.errors import (
    Disconnected,
    EngineFailed,
    Incompatible,
    NoAnswer,
    NotRunning,
    Unsendable,
)
from fix_oms.model.errors import BadFile, FieldError, FixOmsError, LedgerError, SettingsError


class Exit(IntEnum):
    DONE = 0
    REFUSED = 1
    BAD_INPUT = 2
    UNREACHABLE = 3
    NO_ANSWER = 4


MEANINGS: Final[dict[Exit, str]] = {
    Exit.DONE: "done",
    Exit.REFUSED: "refused or rejected, by the engine, a risk limit or the broker",
    Exit.BAD_INPUT: "bad input or configuration: nothing was sent",
    Exit.UNREACHABLE: "no engine could be reached: nothing was sent",
    Exit.NO_ANSWER: "no answer in time: it may or may not have been done",
}


class Failure(click.ClickException):
    """An error that ends the command: ``fix-oms: …`` on standard error, and an exit code."""

    exit_code = int(Exit.REFUSED)

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"fix-oms: {self.format_message()}", file=file, err=file is None)


class BadInput(Failure):
    """What was typed or written cannot be used. Nothing was sent."""

    exit_code = int(Exit.BAD_INPUT)


class Unreachable(Failure):
    exit_code = int(Exit.UNREACHABLE)


class Unanswered(Failure):
    exit_code = int(Exit.NO_ANSWER)


def failure_of(error: FixOmsError) -> Failure:
    """The end that an error of ours deserves."""
    match error:
        case FieldError():
            return BadInput(f"{error} (nothing was sent)")
        case SettingsError() | BadFile() | LedgerError():
            return BadInput(str(error))
        case Unsendable():
            return BadInput(str(error))
        case NotRunning() | Incompatible() | EngineFailed(code="busy"):
            return Unreachable(str(error))
        case Disconnected(in_doubt=False):
            return Unreachable(str(error))
        case NoAnswer() | Disconnected() | EngineFailed(in_doubt=True):
            return Unanswered(str(error))
        case _:
            return Failure(str(error))
