"""asyncfix, as its documentation uses it: ``FIXNewOrderSingle`` is fed decoded ExecutionReports.

Its codec decodes the framed message, then ``process_execution_report`` takes it in, as in the
project's ``examples/client_example.py``. It keeps one order and no executions, so it has no
position, and it recognises no ExecID(17) or ExecRefID(19): each report's CumQty(14) and
LeavesQty(151) replace the last. LeavesQty is given as 0 where ``is_finished()``.
"""

from __future__ import annotations

from asyncfix.codec import Codec
from asyncfix.errors import FIXError
from asyncfix.protocol import FIXNewOrderSingle, FIXProtocol44, FOrdSide

from bench.peers.exchange import Outcome, Peer, serve

HEAD = "35=8\x0149=BROKER\x0156=US\x0134=2\x0152=20260102-14:30:09.000\x01"


class Asyncfix(Peer):
    """The orders of one client."""

    def __init__(self) -> None:
        self._codec = Codec(FIXProtocol44())
        self._orders = 0
        self._said: list[str] = []

    def order(self) -> FIXNewOrderSingle:
        """A limit buy of 100 AAPL at 10, its NewOrderSingle made."""
        self._orders += 1
        order = FIXNewOrderSingle(f"C{self._orders}", "AAPL", FOrdSide.BUY, price=10.0, qty=100.0)
        order.new_req()
        return order

    def prepare(self, order: FIXNewOrderSingle, body: str) -> bytes:
        """The framed message, as it comes from a socket."""
        first = order.orig_clord_id or order.clord_id
        body = body.replace("{order}", first).replace("{cancel}", order.clord_id)
        text = HEAD + body.removeprefix("35=8\x01")
        text = f"8=FIX.4.4\x019={len(text)}\x01{text}"
        return f"{text}10={sum(text.encode()) % 256:03}\x01".encode()

    def hear(self, order: FIXNewOrderSingle, report: bytes) -> None:
        """Decode, and let the order take the report in."""
        message, _, _ = self._codec.decode(report, silent=False)
        try:
            order.process_execution_report(message)
        except FIXError as error:
            self._said.append(f"FIXError: {error}")

    def request_cancel(self, order: FIXNewOrderSingle) -> None:
        """Make the OrderCancelRequest; the order is Pending Cancel from now on."""
        order.cancel_req()

    def outcome(self, order: FIXNewOrderSingle) -> Outcome:
        """Its own status, by FIX's name, and quantities."""
        status = "".join(part.capitalize() for part in order.status.name.split("_"))
        leaves = 0 if order.is_finished() else round(order.leaves_qty)
        return Outcome(status, round(order.cum_qty), leaves, None, tuple(self._said))


if __name__ == "__main__":
    serve("asyncfix", {"asyncfix": Asyncfix})
