"""The catalogue of alerts and the sources say the same."""

from __future__ import annotations

import pytest

from fix_oms.model.alert_codes import BREACHES, CODES
from fix_oms.model.severities import SEVERITIES, rank
from tests.tidy import alert_codes
from tests.tidy.source import Source, sources

WRONG = (
    'Alert(severity="severe", code="nonsense", text="")',
    'Alert(severity="severe", code=made_up, text="")',
    'Alert(severity="info", code="fault", text="")',
    'about("info", "fault", "", order)',
    'view = AlertView(severity="severe" if worst else "info", code="fault")',
    'conditions.holds("nonsense", "", "")',
)
SOUND = (
    'Alert(severity=severity, code="fault", text="")',
    'about("severe", "fault", "", order)',
    'conditions.holds("disk", "", "")',
    "def about(code):\n    return Alert(code=code)",
    'Refused(code="nonsense")',
)


def test_every_alert_in_the_sources_bears_a_code_of_the_catalogue() -> None:
    assert [wrong for source in sources() for wrong in alert_codes.wrong_codes(source)] == []


def test_every_code_of_the_catalogue_is_raised_somewhere() -> None:
    raised = {code for source in sources() for code in alert_codes.raised(source)}
    assert set(CODES) - raised == set()


@pytest.mark.parametrize("text", WRONG)
def test_a_code_that_is_not_in_the_catalogue_is_found(text: str) -> None:
    assert len(list(alert_codes.wrong_codes(Source("fix_oms/x.py", text)))) == 1


@pytest.mark.parametrize("text", SOUND)
def test_sound_alerts_are_left_alone(text: str) -> None:
    assert list(alert_codes.wrong_codes(Source("fix_oms/x.py", text))) == []


@pytest.mark.parametrize("code", CODES)
def test_a_code_comes_in_severities_that_there_are_least_first(code: str) -> None:
    severities = CODES[code].severities
    assert sorted(set(severities), key=rank) == list(severities)


def test_the_codes_of_broken_limits_are_in_the_catalogue() -> None:
    assert set(BREACHES.values()) <= set(CODES)


def test_severities_are_ranked() -> None:
    assert [rank(s) for s in SEVERITIES] == [0, 1, 2]
