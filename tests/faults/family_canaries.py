"""Secrets wherever one can be typed, every function used, and then looked for; the round is in tests/security.

`PROVE_BROKEN=whole-environment` or `shows-places` in the environment proves that the harness can fail.
"""

import os
import tempfile
import time
from pathlib import Path

from flask_app.listen import AsyncMode
from tests.security.canary_round import played

NAME = "canaries"
DEFAULT_COUNT = 4
BROKEN = ("", "whole-environment", "shows-places")
MODES: tuple[AsyncMode, AsyncMode] = ("eventlet", "threading")


def prove(count: int) -> int:
    """Exit status 0 if no secret was found anywhere but in its own file, in no round."""
    found, broken = list[str](), os.environ.get("PROVE_BROKEN", "")
    if broken not in BROKEN:
        raise SystemExit(f"PROVE_BROKEN={broken}: {', '.join(filter(None, BROKEN))} can be broken.")
    for number in range(count):
        started, mode = time.monotonic(), MODES[number % 2]
        with tempfile.TemporaryDirectory(prefix="canaries-") as place:
            result = played(Path(place), mode, broken)
        looked_at = f"{result.secrets} secrets, {result.answers} answers, {result.calls} processes"
        print(f"canaries: round {number + 1}, {mode}: {looked_at}, {time.monotonic() - started:.0f} s", flush=True)
        found += result.found
    for line in found:
        print(f"  FOUND: {line}")
    print(f"  found outside their files: {len(found)} in {count} rounds")
    return 1 if found else 0
