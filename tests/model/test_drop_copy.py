"""A session that only listens: what its configuration may not say."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model.errors import SettingsError
from fix_oms.model.settings_text import from_plain
from tests.engine.test_drop_copy import settings

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown": ({"drop_copy_of": ["GAMMA"]}, "no session named 'GAMMA' is defined"),
    "itself": ({"drop_copy_of": ["COPY"]}, "COPY is a drop copy itself"),
    "no grace": ({"drop_copy_grace_s": 0}, "drop_copy_grace_s: must be greater than 0"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_drop_copy_that_cannot_be_one_is_refused_with_its_key(name: str) -> None:
    changes, reason = WRONG[name]
    with pytest.raises(SettingsError, match=reason):
        from_plain(settings(**changes), "x.toml")


def test_no_venue_may_use_a_drop_copy() -> None:
    plain = settings()
    plain["venues"]["DARK"] = {"session": "COPY"}
    with pytest.raises(SettingsError, match=r"venues.DARK.session: COPY is a drop copy"):
        from_plain(plain, "x.toml")


def test_two_copies_of_one_session_are_refused() -> None:
    plain = settings()
    plain["sessions"]["SECOND"] = {**plain["sessions"]["COPY"], "target_comp_id": "SECOND"}
    with pytest.raises(SettingsError, match="COPY is a drop copy of ALPHA already"):
        from_plain(plain, "x.toml")
