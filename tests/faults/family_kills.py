"""Random kill -9 of server, supervisor, tool or all during a transfer; every round ends with a proven copy.

`PROVE_BROKEN=no-recovery` (or another of `kills_world.BROKEN`) in the environment proves that the harness can fail.
"""

import os
import random
import time

from tests.e2e.hashes import tree_hash
from tests.faults.kills_round import VICTIMS, Round, play
from tests.faults.kills_world import World, Wrong

NAME = "kills"
DEFAULT_COUNT = 5
MEGABYTES, SECONDS = 400, 6.0
SLOW_STOP = 5.0


def prove(count: int) -> int:
    """`count` rounds over all mixtures of victims; 0 if every one held."""
    world = World(MEGABYTES, SECONDS, os.environ.get("PROVE_BROKEN", ""))
    return run(world, count, random.SystemRandom().getrandbits(32))


def run(world: World, count: int, seed: int, victims: tuple[tuple[str, ...], ...] = VICTIMS) -> int:
    """The same with everything chosen by the caller; prints the figures and closes the world."""
    broken = world.server.broken
    print(f"kills: seed {seed}" + (f", deliberately broken: {broken}" if broken else ""), flush=True)
    dice, begun = random.Random(seed), time.monotonic()
    rounds: list[Round] = []
    wrong: list[str] = []
    try:
        source_hash = tree_hash(world.source)
        order = [victims[number % len(victims)] for number in range(count)]
        dice.shuffle(order)
        for number, chosen in enumerate(order, 1):
            if wrong and broken:
                break
            _play(world, number, chosen, dice, source_hash, rounds, wrong)
    finally:
        world.close()
    _print(rounds, wrong, count, time.monotonic() - begun)
    return 1 if wrong else 0


def _play(
    world: World, number: int, chosen: tuple[str, ...], dice: random.Random, source_hash: str,
    rounds: list[Round], wrong: list[str],
) -> None:  # fmt: skip
    try:
        while (seen := play(world, chosen, dice, source_hash)) is None:
            print(f"  {number}: the moment was missed, once more", flush=True)
    except Wrong as error:
        wrong.append(f"{number}: {'+'.join(chosen)}: {error}")
        print(f"  {wrong[-1]}", flush=True)
        return
    rounds.append(seen)
    print(f"  {number}: {seen}", flush=True)
    if seen.stopped_after is not None and seen.stopped_after > SLOW_STOP:
        wrong.append(f"{number}: the server took {seen.stopped_after:.1f} s to stop")


def _print(rounds: list[Round], wrong: list[str], count: int, seconds: float) -> None:
    print("kills: share of the bytes at the kill:")
    for tenth in range(10):
        hits = sum(tenth / 10 <= seen.share < (tenth + 1) / 10 for seen in rounds)
        print(f"  {tenth * 10:3d}-{tenth * 10 + 10:3d} % {'#' * hits} {hits}")
    shown = [seen.shown_after for seen in rounds if seen.shown_after is not None]
    stopped = [seen.stopped_after for seen in rounds if seen.stopped_after is not None]
    if shown:
        print(f"kills: shown live at most {max(shown):.2f} s after the restarted server's first answer")
    if stopped:
        print(f"kills: SIGTERM answered within {max(stopped):.2f} s, transfers went on")
    print(f"kills: {len(rounds)} of {count} rounds held in {seconds:.0f} s, {len(wrong)} did not")
    if not wrong and rounds:
        print(f"kills: no failure in {count}: at most {min(1.0, 3 / count):.1%} of such kills fail (95 %)")
