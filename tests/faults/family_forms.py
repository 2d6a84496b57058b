"""Made-up entries in every form and every query of the pages, while all is well and while jobs.yaml is broken."""

import os
import random
import tempfile
from pathlib import Path

from tests.faults.family_api import SEED
from tests.faults.forms_fuzz import described, fuzz
from tests.faults.forms_world import forms_world
from tests.faults.tally import Tally

NAME = "forms"
DEFAULT_COUNT = 10_000


def prove(count: int) -> int:
    """Four fifths of the requests while all is well; exit status 0 without a fault."""
    seed = int(os.environ.get(SEED) or random.SystemRandom().getrandbits(32))
    print(f"forms: seed {seed}", flush=True)
    tallies = [try_out(count - count // 5, seed), try_out(count // 5, seed, is_broken=True)]
    cases, faults = sum(tally.cases for tally in tallies), sum(len(tally.faults) for tally in tallies)
    print(f"forms: {faults} faults in {cases:,} requests" + (f" (below {3 / cases:.2%}, 95 %)" if not faults else ""))
    return 1 if faults else 0


def try_out(count: int, seed: int, is_broken: bool = False) -> Tally:
    with tempfile.TemporaryDirectory(prefix="forms-") as place, forms_world(Path(place), seed, is_broken) as world:
        tally = fuzz(world, count, seed)
        if (stopped := world.root / "stopped").exists():
            tally.faults["a tool", "left the world"] = stopped.read_text()[:2000]
    print(
        f"forms: {'jobs.yaml with a bad job' if is_broken else 'all is well'}", described(tally), sep="\n", flush=True
    )
    return tally
