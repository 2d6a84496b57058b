"""A flipped bit at the destination, of the same size and time, again and again: found, named, never called done."""

import random
import tempfile
import time
from pathlib import Path

from tests.faults.verify_round import FILES, Round

NAME = "verify"
DEFAULT_COUNT = 100


def prove(count: int) -> int:
    return run(count, seed=time.time_ns())


def run(count: int, seed: int) -> int:
    """`count` rounds; 0 if every one held."""
    dice, begun, faults = random.Random(seed), time.monotonic(), list[str]()
    for number in range(count):
        with_it = Round(Path(tempfile.mkdtemp(prefix="verify-")), dice)
        if found := with_it.carry_out():
            faults += found
            print(f"verify: round {number + 1}: {'; '.join(found)}", flush=True)
    print(f"verify: {count} bits flipped in {count} copies of {FILES} files, in {time.monotonic() - begun:.0f} s")
    if faults:
        print(f"verify: {len(faults)} things did not hold (seed {seed})")
        return 1
    print("verify: each was found by a verification and by verify_after, named alone, the run not done,")
    print("verify: nothing deleted at the source, repaired by checksum; a killed comparison proved nothing")
    return 0
