"""jobs.yaml and settings.yaml with anything in them and cut off at every byte, under all pages and the API."""

import os
import random
import tempfile
from pathlib import Path

from tests.faults.family_api import SEED
from tests.faults.yaml_pages import described, files_world, fuzz, truncations

NAME = "yaml"
DEFAULT_COUNT = 2_000
PAGES, EACH = 12, 20  # pages by chance for each content; every so many cuts are looked at through pages


def prove(count: int) -> int:
    """`count` contents, then every cut; exit status 0 without a fault."""
    seed = int(os.environ.get(SEED) or random.SystemRandom().getrandbits(32))
    print(f"yaml: seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="yaml-") as place, files_world(Path(place), seed) as world:
        tally = fuzz(world, count, seed, PAGES)
        truncations(world, tally, step=1, pages_each=EACH)
    print("yaml:", described(tally), sep="\n")
    total = tally.contents.total()
    bound = f" (below {3 / total:.2%}, 95 %)" if not tally.faults else ""
    print(f"yaml: {len(tally.faults)} faults with {total:,} contents{bound}")
    return 1 if tally.faults else 0
