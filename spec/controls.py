"""Writes ``CONTROLS.md`` from the catalogue of controls: ``make spec``, or this script alone.

The catalogue (``fix_oms/model/controls.py``) is what the engine itself reads, so the page can say
nothing else. Nothing is decided here; a test compares the file with what this makes of the data.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fix_oms.model.controls import AT, CONTROLS, DIMENSIONS, PRE, Control
from fix_oms.model.limits import AGAINST, SELF_MATCH

PAGE: Final = Path(__file__).resolve().parent / "CONTROLS.md"
CATALOGUE: Final = "../fix_oms/model/controls.py"

PHASES: Final = {
    PRE: (
        "Pre-trade",
        "Asked before a NewOrderSingle(35=D) or a replace leaves. A refusal names control, limit "
        "and the value found, and nothing leaves.",
    ),
    AT: (
        "At-trade",
        "Watched while orders work. What they refuse is new risk: cancels always leave.",
    ),
}
HEAD: Final = (
    "control",
    "refuses",
    "unit",
    "counted apart",
    "window",
    "keys",
    "spares reducing",
    "latches",
    "asked for by",
)
_EVERY: Final = ", ".join(f"`{name}`" for name in DIMENSIONS)

TEXT: Final = f"""# Controls

Written by `make spec` from [the catalogue]({CATALOGUE}); the engine reads the same table.

Every control by its proper name. One is *configured* by `[[limits]]` entries, or *standing*: always
on, or told by the instrument, the venue or the order itself.

## A limit

```
[[limits]]
control = "max_order_value"
limit = 200000
account = "PROP"            # its scope: only the orders of this account
per = ["strategy"]          # counted apart for each of its strategies
soft = true                 # a named person may override it
id = "prop-ticket"          # its name; made of control and scope where it is not given
note = "ask the risk desk"  # told with a refusal
```

- **Scope** ({_EVERY}): which orders a limit looks at. All dimensions that are given hold together;
  what is not given is anywhere. Every limit that matches an order holds, so the tightest wins.
- **`per`**: what it counts apart, among the same dimensions. `message_rate` without scope and `per`
  is one throttle for the firm, with `per = ["account"]` one for each account. The table says what
  is counted apart where a limit does not say. `per = []` counts all together.
- **`window_s`**: over how many seconds, for the controls that have a window.
- **`soft`**: `fix-oms limits override` lets a number of orders pass it, for some minutes, by a
  named person and for a reason; all of it is in the journal. A hard limit can only be changed, with
  `fix-oms limits set`.
- **Spares reducing**: it lets an order out that can only bring a position nearer to zero, whatever
  else of ours fills.
- **Latches**: once breached it stays shut until a named person re-arms it, with
  `fix-oms limits rearm` and a reason.
- **Keys**: what else a limit of this control takes. `action` is one of
  {", ".join(SELF_MATCH)}; `against` one of {", ".join(AGAINST)}.
  `reserve_hedge_pct` is the share of a rate, in percent, that only hedge orders may use.
  `currency` is that of a money limit: of one order, the instrument's where it is not given; of
  sums, the engine's base currency."""


def page() -> str:
    """The Markdown page."""
    parts = [TEXT]
    for phase, (title, about) in PHASES.items():
        parts += [f"## {title}", about, _table([c for c in CONTROLS.values() if c.phase == phase])]
    return "\n\n".join(parts) + "\n"


def _table(controls: list[Control]) -> str:
    lines = [list(HEAD), ["---"] * len(HEAD), *map(_row, controls)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _row(control: Control) -> list[str]:
    return [
        f"`{control.id}`",
        control.refuses,
        _unit(control),
        ", ".join(control.per),
        f"{control.window_s} s" if control.window_s else "",
        ", ".join(f"`{key}`" for key in control.keys),
        "yes" if control.spares_reducing else "",
        "yes" if control.latches else "",
        control.asked_by,
    ]


def _unit(control: Control) -> str:
    if control.standing:
        return "*standing*"
    most = "" if control.most is None else f", at most {control.most}"
    return f"{control.unit}{most}" if control.unit else "none: its scope says all"


def outputs() -> dict[Path, str]:
    """The file that is written, with its text."""
    return {PAGE: page()}


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
