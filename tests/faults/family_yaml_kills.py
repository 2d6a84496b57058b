"""kill -9 at random moments while two processes of ours write jobs.yaml; what survives is checked each time."""

import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from storage.data_folder import DataFolder
from storage.job_store import JobStore
from tests import build
from tests.faults import yaml_broken_builds
from tests.faults.yaml_writers import BY_HAND, Table, Writer, lost_comments, strays, tables

NAME = "yaml-kills"
DEFAULT_COUNT = 40
_LONGEST_WAIT = 0.12
_BETWEEN_STARTS = 25


@dataclass
class Tally:
    kills: int = 0
    while_writing: int = 0
    acknowledged: int = 0
    starts: int = 0
    fault: str = ""


def prove(count: int) -> int:
    """Exit status 0 if after every kill nothing was torn, lost or left over."""
    seed = random.SystemRandom().getrandbits(32)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="yaml-kills-") as place:
        tally = run(build.data_folder(Path(place)), count, seed)
    _report(tally, count, seed, time.monotonic() - started)
    return 1 if tally.fault else 0


def _report(tally: Tally, count: int, seed: int, seconds: float) -> None:
    broken = yaml_broken_builds.chosen()
    print(f"yaml-kills: seed {seed}, {seconds:.0f} s{f', broken build {broken}' if broken else ''}")
    print(f"  kills: {tally.kills} of {count}, {tally.while_writing} of them in the middle of a change")
    print(f"  acknowledged changes: {tally.acknowledged}; starts with nothing left over: {tally.starts}")
    if tally.fault:
        print(f"  FAULT: {tally.fault}")
    else:
        print(f"  faults: 0 in {tally.kills} kills (below {3 / tally.kills:.2%} with 95 % confidence)")


def run(folder: DataFolder, count: int, seed: int) -> Tally:
    """Kill one of two writers `count` times; ends at the first fault."""
    dice = random.Random(seed)
    folder.jobs_file.write_text(BY_HAND)
    JobStore(folder).snapshot()
    writers = [Writer(folder, prefix, {}, dice.getrandbits(32)) for prefix in "xy"]
    tally = Tally()
    try:
        while tally.kills < count and not tally.fault:
            _kill_one(folder, writers, dice, tally)
            if tally.kills % _BETWEEN_STARTS == 0 or tally.kills == count:
                _start_again(folder, writers, dice, tally)
    finally:
        for writer in writers:
            writer.kill()
    return tally


def _kill_one(folder: DataFolder, writers: list[Writer], dice: random.Random, tally: Tally) -> None:
    index = dice.randrange(2)
    victim = writers[index]
    victim.listen()
    time.sleep(dice.uniform(0, _LONGEST_WAIT))  # the moment of the kill is what is random here
    victim.kill()
    _count(victim, tally)
    tally.fault = tally.fault or _settle(folder, [victim])
    writers[index] = Writer(folder, victim.prefix, victim.table, dice.getrandbits(32))


def _count(victim: Writer, tally: Tally) -> None:
    tally.kills += 1
    tally.while_writing += victim.was_writing
    tally.acknowledged += victim.acknowledged


def _start_again(folder: DataFolder, writers: list[Writer], dice: random.Random, tally: Tally) -> None:
    """Kill both, start, and look at everything."""
    for writer in writers:
        writer.kill()
    tally.acknowledged += sum(writer.acknowledged for writer in writers)
    tally.fault = tally.fault or _settle(folder, writers) or _look_around(folder)
    tally.starts += 1
    writers[:] = [Writer(folder, writer.prefix, writer.table, dice.getrandbits(32)) for writer in writers]


def _settle(folder: DataFolder, dead: list[Writer]) -> str:
    """What is wrong with the file as the dead writers left it, "" if nothing is."""
    content = folder.jobs_file.read_bytes()
    try:
        found = tables(content)
    except ValueError as error:
        return f"jobs.yaml is torn ({len(content)} bytes): {error}"
    lost = lost_comments(content)
    if lost:
        return f"comments are lost: {lost}"
    none: Table = {}
    faults = [writer.settle(found.get(writer.prefix, none)) for writer in dead]
    return next((fault for fault in faults if fault), "")


def _look_around(folder: DataFolder) -> str:
    snapshot = JobStore(folder).snapshot()
    if snapshot.problems or snapshot.missing or not snapshot.writable:
        return f"the next start finds {[problem.sentence for problem in snapshot.problems]} {snapshot.missing}"
    left = strays(folder)
    return f"the next start leaves {left}" if left else ""
