"""Start, pause, cancel, edit, delete and kills in any order: a state machine over real processes, many times."""

import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.core.arena import Arena
from tests.core.machine import Jobs
from tests.core.starts import start_at_once

NAME = "states"
DEFAULT_COUNT = 200
STEPS, ROUNDS = 30, 20


def prove(count: int) -> int:
    """Simultaneous starts, then `count` sequences of up to 30 requests."""
    held = _starts()
    print(f"states: fifty simultaneous starts gave one run in {held} of {ROUNDS} rounds", flush=True)
    begun, done = time.monotonic(), Counter[str]()
    Jobs.counted = done
    many = settings(
        max_examples=count,
        stateful_step_count=STEPS,
        deadline=None,
        phases=[Phase.generate],  # processes are too free for shrinking
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Jobs, settings=many)
    sequences = done.pop("sequences")
    asked = ", ".join(f"{name} {number:,}" for name, number in sorted(done.items()))
    print(f"states: {sequences} sequences in {time.monotonic() - begun:.0f} s: {asked}")
    print(f"states: no illegal move, no second run, no tool without a run; at most {3 / sequences:.1%} fail (95 %)")
    return 0 if held == ROUNDS else 1


def _starts() -> int:
    arena = Arena(Path(tempfile.mkdtemp(prefix="starts-")))
    try:
        return start_at_once(arena, ROUNDS)
    finally:
        arena.close()
        shutil.rmtree(arena.root)
