"""Random kill -9 of supervisor, tool, server or all while a source is moved and others write to it; no file is lost.

`PROVE_BROKEN=no-stat-check` (or another of `move_world.BROKEN`) in the environment proves that the harness can fail.
"""

import os
import random
import time
from collections import Counter

from tests.faults.kills_world import Wrong
from tests.faults.move_round import PHASES, Round, play
from tests.faults.move_world import World

NAME = "move"
DEFAULT_COUNT = 300
FILES = 2000


def prove(count: int) -> int:
    """`count` rounds over all phases and mixtures of victims; 0 if every one held."""
    return run(World(FILES, os.environ.get("PROVE_BROKEN", "")), count, random.SystemRandom().getrandbits(32))


def run(world: World, count: int, seed: int) -> int:
    """The same with everything chosen by the caller; prints the figures and closes the world."""
    broken = world.server.broken
    print(f"move: seed {seed}" + (f", deliberately broken: {broken}" if broken else ""), flush=True)
    dice, begun = random.Random(seed), time.monotonic()
    rounds: list[Round] = []
    wrong: list[str] = []
    try:
        for number in range(1, count + 1):
            try:
                rounds.append(play(world, PHASES[number % len(PHASES)], dice))
                print(f"  {number}: {rounds[-1]}", flush=True)
            except Wrong as error:
                wrong.append(f"{number}: {error}")
                print(f"  {wrong[-1]}", flush=True)
                if broken:
                    break
    finally:
        world.close()
    _print(rounds, wrong, count, time.monotonic() - begun)
    return 1 if wrong else 0


def _print(rounds: list[Round], wrong: list[str], count: int, seconds: float) -> None:
    for title, found in (
        ("where the kills fell", Counter(seen.fell for seen in rounds)),
        ("who was killed", Counter("+".join(seen.victims) for seen in rounds)),
        ("what the run became", Counter(seen.after for seen in rounds)),
    ):
        print(f"move: {title}:")
        for word, number in found.most_common():
            print(f"  {word:28} {'#' * number} {number}")
    shares = [seen.share for seen in rounds if seen.fell == "deleting"]
    if shares:
        print(f"move: kills in the deletion fell at {min(shares):.0%} to {max(shares):.0%} of its files")
    files = sum(seen.files for seen in rounds)
    print(f"move: {files:,} files looked for, each on both sides, three times a round and more")
    print(f"move: {len(rounds)} of {count} rounds held in {seconds:.0f} s, {len(wrong)} did not")
    if not wrong and rounds:
        print(f"move: no failure in {count}: at most {min(1.0, 3 / count):.1%} of such kills fail (95 %)")
