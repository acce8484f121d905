"""What a start tells of the run before it."""

from __future__ import annotations

from fix_oms.model import inputs
from tests.engine.desk import Desk


def test_a_run_that_did_not_stop_is_told_by_the_next_with_what_went_down() -> None:
    desk = Desk()
    desk.start(2)
    (told,) = [alert for alert in desk.alerts if alert.code == "crashed"]
    assert told.text == "run 1 was killed or has crashed: ALPHA, BETA went down with it"


def test_a_run_that_stopped_is_not() -> None:
    desk = Desk()
    desk.give(inputs.Stopped(reason="SIGTERM", next_out={}))
    desk.start(2)
    assert "crashed" not in [alert.code for alert in desk.alerts]
