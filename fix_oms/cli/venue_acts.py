"""What ``fix-oms venue act`` can be told: each act's words, and the message that they become."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import attrs

from fix_oms.cli import parse
from fix_oms.cli.exits import BadInput
from fix_oms.model.settings_text import nearest
from fix_oms.simulator import acts
from fix_oms.simulator.control import Say

Words = Sequence[str]
Made = acts.AnyAct | Say


@attrs.frozen
class ActForm:
    """``needed`` words, then perhaps more; ``summary`` says what it does."""

    usage: str
    summary: str
    make: Callable[[Words], Made]

    @property
    def fewest(self) -> int:
        return sum(not word.startswith("[") for word in self.usage.split())

    @property
    def most(self) -> int:
        return len(self.usage.split())


def _text(words: Words, at: int) -> str | None:
    return words[at] if len(words) > at else None


def _fill(words: Words) -> Made:
    return acts.Fill(
        order=words[0],
        quantity=parse.positive(parse.ORDER_QTY, words[1]),
        price=parse.positive(parse.PRICE, words[2]),
    )


def _correct(words: Words) -> Made:
    return acts.Correct(
        exec_id=words[0],
        quantity=parse.positive(parse.ORDER_QTY, words[1]),
        price=parse.positive(parse.PRICE, words[2]),
        text=_text(words, 3),
    )


def _say(words: Words) -> Made:
    text = words[1].replace("|", "\x01")
    return Say(session=words[0], text=text if text.endswith("\x01") else text + "\x01")


FORMS: Final[dict[str, ActForm]] = {
    "fill": ActForm("ORDER QTY PRICE", "Trade an order by hand, even one that has ended.", _fill),
    "cancel": ActForm(
        "ORDER [TEXT]",
        "Cancel an order unasked.",
        lambda words: acts.Cancel(order=words[0], text=_text(words, 1)),
    ),
    "reject": ActForm(
        "ORDER [TEXT]",
        "Reject an order that was acknowledged.",
        lambda words: acts.Refuse(order=words[0], text=_text(words, 1)),
    ),
    "expire": ActForm("ORDER", "Expire an order.", lambda words: acts.Expire(order=words[0])),
    "done": ActForm(
        "ORDER",
        "Done for the day: a Day order is over, a GTC order rests until `open`.",
        lambda words: acts.Done(order=words[0]),
    ),
    "bust": ActForm(
        "EXECID [TEXT]",
        "Undo a trade, for both sides of it.",
        lambda words: acts.Bust(exec_id=words[0], text=_text(words, 1)),
    ),
    "correct": ActForm(
        "EXECID QTY PRICE [TEXT]", "Restate a trade: QTY is the corrected size.", _correct
    ),
    "close": ActForm("", "Close the market: Day orders expire.", lambda words: acts.CloseMarket()),
    "open": ActForm("", "Open the market for a new day.", lambda words: acts.OpenMarket()),
    "say": ActForm("SESSION TEXT", "Send any message, | for SOH: 'say FIXOMS 35=8|…'.", _say),
}


def made(name: str, words: Words) -> Made:
    """The act that was typed. Raises BadInput for an unknown one or a wrong number of words."""
    form = FORMS.get(name)
    if form is None:
        raise BadInput(f"there is no act {name!r}{nearest(name, list(FORMS))}")
    if not form.fewest <= len(words) <= form.most:
        raise BadInput(f"it is `{' '.join(filter(None, ('act NAME', name, form.usage)))}`")
    return form.make(words)


def help_text() -> str:
    """The table of acts for ``--help``."""
    left = {name: f"{name} {form.usage}".strip() for name, form in FORMS.items()}
    width = max(map(len, left.values()))
    return "\n".join(f"  {left[name]:<{width}}  {form.summary}" for name, form in FORMS.items())
