"""Every benchmark, in order, in one process and one table; later ones may use earlier figures."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from rich.console import Console

from bench import (
    algos,
    bare_loop,
    engine,
    forwarder,
    gate,
    handlers,
    hedges,
    journal,
    kill_under_load,
    order_to_ack,
    orders,
    parents,
    restart,
    routing,
    stream,
    wire,
)
from bench.table import Table

BENCHES: tuple[Callable[[Table, float], None], ...] = (
    bare_loop.add_rows,
    order_to_ack.add_rows,
    forwarder.add_rows,
    engine.add_rows,
    gate.add_rows,
    routing.add_rows,
    parents.add_rows,
    hedges.add_rows,
    algos.add_rows,
    orders.add_rows,
    wire.add_rows,
    journal.add_rows,
    restart.add_rows,
    kill_under_load.add_rows,
    stream.add_rows,
    handlers.add_rows,
)


def main() -> None:
    """``python -m bench [--scale 0.1]``: a tenth of the work for a first look."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="how much work: 1 is all of it")
    scale = parser.parse_args().scale
    table = Table()
    for bench in BENCHES:
        bench(table, scale)
    table.show(Console())


if __name__ == "__main__":
    main()
