"""One place for derived dictionaries, so that 5.0SP2 is derived once for all tests here."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def dictionaries_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dictionaries")
