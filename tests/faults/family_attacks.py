"""All attacks on the product, with and without each of its defences, and every payload in every field."""

import os
import subprocess
import sys

from tests.servers import ROOT
from tests.whole import WHOLE

NAME = "attacks"
DEFAULT_COUNT = 1
TESTS = ("tests/security",)


def prove(count: int) -> int:
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", "-q", "-rA", *TESTS]
    environ = os.environ | {WHOLE: "whole"}
    codes = [_run(command, environ) for _ in range(count)]
    return int(any(codes))


def _run(command: list[str], environ: dict[str, str]) -> int:
    done = subprocess.run(command, cwd=ROOT, env=environ, check=False, capture_output=True, text=True)
    shown = [line for line in done.stdout.splitlines() if "accepted," in line or "runs" in line or " in " in line[-40:]]
    attacks = done.stdout.count("PASSED tests/security/test_threats.py::test_an_attack")
    print("\n".join(shown if done.returncode == 0 else [done.stdout, done.stderr]))
    print(f"attacks: {attacks} gained nothing, with each defence alone too, and succeeded with all of theirs taken out")
    return done.returncode
