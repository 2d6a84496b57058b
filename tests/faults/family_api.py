"""schemathesis against the API's own OpenAPI document, over a folder full of things and over a broken one."""

import os
import random
import tempfile
from pathlib import Path

from tests.faults.api_fuzz import described, fuzz, tracebacks
from tests.faults.api_world import furnished_world
from tests.faults.tally import Tally

NAME = "api"
DEFAULT_COUNT = 10_000
SEED = "PROVE_SEED"  # the seed that a former run printed sends its cases again


def prove(count: int) -> int:
    """While all is well, with a token where an account is required, with a bad job in jobs.yaml; 0 without a fault."""
    seed = int(os.environ.get(SEED) or random.SystemRandom().getrandbits(32))
    print(f"api: seed {seed}", flush=True)
    tenth = count // 10
    tallies = [
        try_out("all is well", count - 3 * tenth, seed),
        try_out("by token", 2 * tenth, seed, by_token=True),
        try_out("jobs.yaml with a bad job", tenth, seed, is_broken=True),
    ]
    cases, faults = sum(tally.cases for tally in tallies), sum(len(tally.faults) for tally in tallies)
    print(f"api: {faults} faults in {cases:,} cases" + (f" (below {3 / cases:.2%} with 95 %)" if not faults else ""))
    return 1 if faults else 0


def try_out(how: str, count: int, seed: int, by_token: bool = False, is_broken: bool = False) -> Tally:
    """Cases against a server of its own; what the server or the wardens of its tools complained of is a fault."""
    with tempfile.TemporaryDirectory(prefix="api-") as place:
        root = Path(place) / "world"
        root.mkdir()
        with furnished_world(root, "eventlet", random.Random(seed), by_token, is_broken) as world:
            tally = fuzz(world, count, seed)
            if printed := tracebacks(world):
                tally.faults["the server", "Traceback"] = printed
            if (stopped := root / "stopped").exists():
                tally.faults["a tool", "LeftTheWorld"] = stopped.read_text()[:2000]
    print(f"api: {how}", described(tally), sep="\n", flush=True)
    return tally
