"""Certificates that the tests of this directory share."""

from __future__ import annotations

import pytest

from tests.forwarder.certificates import Papers


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return Papers(tmp_path_factory.mktemp("papers"))
