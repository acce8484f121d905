"""The peers' own environment, ``.venv-peers`` in the checkout: made when it is missing or its pins
have changed, and never the one that fix_oms runs in. Each adapter is asked in a process of its own,
in the environment that its engine is installed in."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
HOME: Final = ROOT / ".venv-peers"
PINS: Final = Path(__file__).with_name("requirements.txt")
OURS: Final = "fix_oms"


def python() -> Path:
    """The interpreter there, with the pinned peers installed. Raises CalledProcessError."""
    interpreter, stamp = HOME / "bin" / "python", HOME / ".pins"
    pins = PINS.read_text(encoding="utf-8")
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != pins:
        sys.stderr.write(f"installing the peers into {HOME.name} (about 700 MB)\n")
        venv.create(HOME, clear=True, with_pip=True)
        (HOME / ".gitignore").write_text("*\n", encoding="utf-8")
        install = [str(interpreter), "-m", "pip", "install", "-q", "-r", str(PINS)]
        subprocess.run(install, check=True, stdout=sys.stderr)
        stamp.write_text(pins, encoding="utf-8")
    return interpreter


def ask(adapter: str, job: Mapping[str, Any]) -> str:
    """What an adapter of this package answers to a job. Raises CalledProcessError."""
    interpreter = Path(sys.executable) if adapter.endswith(OURS) else python()
    with tempfile.TemporaryDirectory() as where:
        path = Path(where) / adapter
        subprocess.run(
            [interpreter, "-m", f"bench.peers.{adapter}", path],
            input=json.dumps(job),
            text=True,
            cwd=ROOT,
            stdout=sys.stderr,
            check=True,
        )
        return path.read_text(encoding="utf-8")
