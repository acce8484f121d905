"""Writes what is drawn from the specification's data: ``make spec``, ``python spec/generate.py``.

From ``order_legality.yaml`` come the table that the engine reads and the page that people read, so
neither can say what the other does not. Nothing is decided here; a test compares the files with
what this makes of the data.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml

from fix_oms.model.fix import ExecType, OrdStatus

SPEC: Final = Path(__file__).resolve().parent
ROOT: Final = SPEC.parent
SOURCE: Final = SPEC / "order_legality.yaml"
TABLE: Final = ROOT / "fix_oms" / "orders" / "legality_table.py"
PAGE: Final = SPEC / "LEGALITY.md"

WIDEST: Final = 100
SYMBOLS: Final = {"ordinary": "●", "late": "◐", "illegal": "✕"}
ENDS: Final = ("4", "C", "8")

DIAGRAMS: Final = (
    ("From first to last", "A 0 1 2 4 C 8", "A 0 1 2 4 C 8"),
    ("Requests", "6 E", "A 0 1 2 6 E 4"),
    ("Halts, guarantees and days", "7 9 3 B", "0 1 2 7 9 3 B"),
)
"""Title, the states that are looked at, and the states drawn; edges touch one of the former."""

Data = dict[str, Any]
Row = tuple[str, ...]


def load() -> Data:
    """The specification."""
    data: Data = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    return data


def kinds(data: Data) -> dict[tuple[str, str], str]:
    """The kind of each (ExecType, OrdStatus). Raises ValueError unless each has exactly one."""
    named: dict[tuple[str, str], str] = {}
    rest: dict[str, str] = {}
    for report in data["reports"]:
        for when in _when(report):
            for exec_type in when["exec_type"].split():
                _put(rest if when["ord_status"] == "*" else named, exec_type, when, report["kind"])
    found = {}
    for exec_type in ExecType:
        for status in OrdStatus:
            pair = (exec_type.value, status.value)
            found[pair] = named[pair] if pair in named else rest[exec_type]
    if not named.keys() <= found.keys():
        raise ValueError(f"no such report: {sorted(named.keys() - found.keys())}")
    return found


def _when(report: Data) -> list[Data]:
    when = report["when"]
    return when if isinstance(when, list) else [when] if isinstance(when, dict) else []


def _put(into: dict[Any, str], exec_type: str, when: Data, kind: str) -> None:
    statuses = when["ord_status"].split()
    for key in [exec_type] if statuses == ["*"] else [(exec_type, s) for s in statuses]:
        if into.setdefault(key, kind) != kind:
            raise ValueError(f"{key} is both {into[key]} and {kind}")


def cells(data: Data) -> dict[tuple[str, str], Data]:
    """Each (state, kind) with its cell. Raises ValueError unless each stands exactly once."""
    found: dict[tuple[str, str], Data] = {}
    for report in data["reports"]:
        for cell in report["cells"]:
            for state in cell["states"].split():
                if found.setdefault((state, report["kind"]), cell) is not cell:
                    raise ValueError(f"{report['kind']} in {state} stands twice")
    wanted = {(state, report["kind"]) for state in data["states"] for report in data["reports"]}
    if found.keys() != wanted:
        raise ValueError(f"missing or too much: {sorted(found.keys() ^ wanted)}")
    return found


# -- the table that the engine reads ---------------------------------------------------------------


def table(data: Data) -> str:
    """The Python module."""
    cells(data)
    rows = [
        (report["kind"], c["states"], c["verdict"], c["follows"], c["cite"])
        for report in data["reports"]
        for c in report["cells"]
    ]
    names = [(report["kind"], report["name"]) for report in data["reports"]]
    principles = [(k, _first_sentence(v)) for k, v in data["principles"].items()]
    return "\n".join(
        [
            '"""The legality of reports: written by ``spec/generate.py``, never by hand."""',
            "",
            "from __future__ import annotations",
            "",
            "from typing import Final",
            "",
            "WHEN: Final = (",
            *map(_tuple, _when_rows(data)),
            ")",
            '"""ExecType(150), OrdStatus(39), and the kind of a report that states them."""',
            "",
            "NAMES: Final = {",
            *(f"    {_text(key)}: {_text(value)}," for key, value in names),
            "}",
            '"""The kinds in words."""',
            "",
            "PRINCIPLES: Final = {",
            *(f"    {_text(key)}: {_text(value)}," for key, value in principles),
            "}",
            '"""What is cited where no scenario says it, in one sentence each."""',
            "",
            "CELLS: Final = (",
            *map(_tuple, rows),
            ")",
            '"""Kind, states, verdict, what follows, cite."""',
            "",
        ]
    )


def _when_rows(data: Data) -> list[Row]:
    """One row for the ExecTypes that share their OrdStatuses and their kind."""
    by_kind: dict[tuple[str, str], list[str]] = {}
    for (exec_type, status), kind in kinds(data).items():
        by_kind.setdefault((exec_type, kind), []).append(status)
    rows: dict[tuple[str, str], list[str]] = {}
    for (exec_type, kind), statuses in by_kind.items():
        rows.setdefault((" ".join(statuses), kind), []).append(exec_type)
    return [(" ".join(types), statuses, kind) for (statuses, kind), types in rows.items()]


def _tuple(row: Row) -> str:
    line = f"    ({', '.join(map(_text, row))}),"
    if len(line) <= WIDEST:
        return line
    return "\n".join(["    (", *(f"        {_text(value)}," for value in row), "    ),"])


def _text(value: str) -> str:
    return f'"{value}"'


def _first_sentence(text: str) -> str:
    return text.split(". ")[0].split("; ")[0].rstrip(".").strip()


# -- the page that people read ---------------------------------------------------------------------


def page(data: Data) -> str:
    """The Markdown page."""
    meta = data["meta"]
    parts = [
        "# Which report may meet which order",
        "Written by `make spec` from [order_legality.yaml](order_legality.yaml); the engine reads "
        "the same table.",
        f"{meta['what']}.",
        _bullets({f"{SYMBOLS[name]} {name}": text for name, text in meta["verdicts"].items()}),
        "\n".join(f"- {text}" for text in meta["reading"]),
        "## The table",
        "Rows are kinds of report, columns are states. Beside the sign stands the OrdStatus(39) "
        "that an ordinary report leads to, where it is another one.",
        _matrix(data),
        "## Ordinary transitions",
        *(_diagram(data, *wanted) for wanted in DIAGRAMS),
        "## Principles",
        "Cited where no published scenario says it in so many words.",
        _bullets(data["principles"]),
        "## Each cell",
        f"Notation: {'. '.join(f'{k}: {v}' for k, v in meta['notation'].items())}.",
        *(_section(data, report) for report in data["reports"]),
    ]
    return "\n\n".join(parts) + "\n"


def _bullets(texts: dict[str, str]) -> str:
    return "\n".join(f"- **{name}**: {text}" for name, text in texts.items())


def _title(data: Data, state: str) -> str:
    name = data["states"][state]["name"]
    return name if name == state else f"{name} ({state})"


def _matrix(data: Data) -> str:
    found = cells(data)
    states = list(data["states"])
    head = ["report", *(_title(data, s).replace(" (", "<br>(") for s in states)]
    lines = [head, ["---", *(":-:" for _ in states)]]
    for report in data["reports"]:
        kind = report["kind"]
        lines.append(
            [f"{report['name']} `{kind}`", *(_sign(found[state, kind]) for state in states)]
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _sign(cell: Data) -> str:
    sign = SYMBOLS[cell["verdict"]]
    if cell["verdict"] != "ordinary" or cell["follows"] == "=":
        return sign
    return f"{sign} {cell['follows']}"


def _section(data: Data, report: Data) -> str:
    lines = [f"### {report['name']} `{report['kind']}`", ""]
    if _said(report):
        lines += [_said(report), ""]
    lines += ["| order is | verdict | then | because | cite |", "|---|---|---|---|---|"]
    for cell in report["cells"]:
        states = ", ".join(data["states"][state]["name"] for state in cell["states"].split())
        sign = f"{SYMBOLS[cell['verdict']]} {cell['verdict']}"
        words = ", ".join(_name(data, word) for word in cell["follows"].split())
        lines.append(f"| {states} | {sign} | {words} | {cell['why']} | {cell['cite']} |")
    return "\n".join(lines)


def _name(data: Data, follows: str) -> str:
    if follows == "=":
        return "unchanged"
    return str(data["states"][follows]["name"]) if follows in data["states"] else follows


def _said(report: Data) -> str:
    said = []
    for when in _when(report):
        statuses = " or ".join(when["ord_status"].split())
        stated = "any other OrdStatus(39)" if statuses == "*" else f"OrdStatus(39) {statuses}"
        said.append(f"ExecType(150) {' or '.join(when['exec_type'].split())} with {stated}")
    return "; ".join(said) + "." if said else ""


def _diagram(data: Data, title: str, looked_at: str, drawn: str) -> str:
    shown = drawn.split()
    labels: dict[tuple[str, str], list[str]] = {}
    for report in data["reports"]:
        for cell in report["cells"]:
            if cell["verdict"] != "ordinary":
                continue
            for state in cell["states"].split():
                for after in _after(cell["follows"], shown):
                    if state in shown and after != state and {state, after} & {*looked_at.split()}:
                        labels.setdefault((state, after), []).append(report["name"])
    names = {state: data["states"][state]["name"] for state in shown}
    edges = [
        f"    {names[state]} --> {names[after]} : {', '.join(dict.fromkeys(said))}"
        for (state, after), said in sorted(labels.items(), key=lambda e: _place(e[0], shown))
    ]
    start = [f"    [*] --> {names['A']}"] if "A" in looked_at.split() else []
    return "\n".join([f"### {title}", "", "```mermaid", "stateDiagram-v2", *start, *edges, "```"])


def _after(follows: str, shown: list[str]) -> list[str]:
    words = follows.split()
    alive = [state for state in shown if state not in ENDS] if "alive" in words else []
    return [word for word in words if word in shown] + alive


def _place(edge: tuple[str, str], shown: list[str]) -> tuple[int, int]:
    return shown.index(edge[0]), shown.index(edge[1])


def outputs() -> dict[Path, str]:
    """Each file that is written, with its text."""
    data = load()
    return {TABLE: table(data), PAGE: page(data)}


if __name__ == "__main__":
    for path, text in outputs().items():
        path.write_text(text, encoding="utf-8")
