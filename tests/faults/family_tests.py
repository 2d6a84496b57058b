"""The widest tests of `script/test` at their full width: every page in every look, every payload in every field."""

import os
import re
import subprocess
import sys

from flask_app.listen import AsyncMode
from tests.servers import ROOT
from tests.whole import WHOLE

NAME = "tests"
DEFAULT_COUNT = 1
WIDE = re.compile(r"^from tests\.whole import ", re.MULTILINE)


def prove(count: int) -> int:
    wide = [str(path) for path in sorted((ROOT / "tests").rglob("test_*.py")) if WIDE.search(path.read_text())]
    codes = [code for _ in range(count) for code in (_run("eventlet", *wide), _run("threading", "-m", "both_modes"))]
    return int(any(codes))  # that of a killed one is below 0


def _run(mode: AsyncMode, *chosen: str) -> int:
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", "-q", *chosen]
    environ = os.environ | {WHOLE: "whole", "BACKUP_MANAGER_ASYNC_MODE": mode}
    return subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode
