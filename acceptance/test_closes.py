"""A DAY order of which the broker says nothing more ends by the standing policy, in the process."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from acceptance.site import Site, site
from fix_oms.model import inputs
from fix_oms.model.fix import OrdStatus

POLICY = """
supports = {{ expired = false, status = false, mass_status = false }}
[sessions.ALPHA.silent_expiry]
by = "ann"
close = "{close:%H:%M:%S}"
timezone = "UTC"
grace_s = 0
weekdays = [0, 1, 2, 3, 4, 5, 6]
[venues.ALPHA]
"""


def set_policy(running: Site) -> None:
    """The next start has the policy, of a broker that answers no questions; the close is now."""
    path = running.directory / "oms.toml"
    close = datetime.now(UTC) + timedelta(seconds=1)
    text = path.read_text()
    path.write_text(text.replace("[venues.ALPHA]\n", POLICY.format(close=close), 1))


def test_a_day_order_expires_by_the_policy_that_the_next_start_brings(tmp_path: Path) -> None:
    with site(tmp_path) as running:
        running.start("venue", "engine")
        order = running.buy()
        assert running.stop("engine") == 0
        set_policy(running)
        running.start("engine")
        running.until(lambda: running.order(order).ord_status == OrdStatus.EXPIRED)
        assert {close.by for close in running.inputs(inputs.DayClosed)} == {"ann"}
        assert running.verified().findings == ()
