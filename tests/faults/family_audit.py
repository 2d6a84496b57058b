"""kill -9 at random moments of two processes that write the audit log at once; every record is looked for each time."""

import json
import os
import random
import select
import signal
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from models.audit import AuditRecord
from storage.audit_log import AuditLog, audit_file, audit_parts
from storage.data_folder import DataFolder
from tests import build

NAME = "audit-kills"
DEFAULT_COUNT = 300
WRITERS = ("one", "two")
A_LOG = 20  # kills until another log is begun: all of it is read after each
SMALL = 20_000  # bytes of a part: put away every hundred records or so


@dataclass
class Tally:
    kills: int = 0
    records: int = 0
    torn: int = 0
    fault: str = ""
    parts: dict[str, bytes] = field(default_factory=dict)


def prove(count: int) -> int:
    """Exit status 0 if after every kill each record that was written was there, once, and no full part was touched."""
    seed = random.SystemRandom().getrandbits(32)
    started, tallies = time.monotonic(), list[Tally]()
    for begun in range(0, count, A_LOG):
        with tempfile.TemporaryDirectory(prefix="audit-kills-") as place:
            tallies.append(run(build.data_folder(Path(place)), min(A_LOG, count - begun), seed + begun))
        if tallies[-1].fault:
            break
    kills, records, torn = (sum(getattr(one, name) for one in tallies) for name in ("kills", "records", "torn"))
    parts = sum(len(one.parts) for one in tallies)
    print(f"audit-kills: seed {seed}, {time.monotonic() - started:.0f} s")
    print(f"  kills: {kills} of {count}, records: {records}, parts put away: {parts}, torn lines: {torn}")
    if tallies[-1].fault:
        print(f"  FAULT: {tallies[-1].fault}")
        return 1
    print(f"  faults: 0 in {kills} kills (below {3 / kills:.2%} with 95 % confidence)")
    return 0


def run(folder: DataFolder, count: int, seed: int) -> Tally:
    """Kill a writer `count` times, both in turn, while the other writes; ends at the first fault."""
    dice, tally = random.Random(seed), Tally()
    told, running = dict.fromkeys(WRITERS, -1), {name: _fork(folder, name, 0) for name in WRITERS}
    try:
        while tally.kills < count and not tally.fault:
            name = WRITERS[tally.kills % 2]
            told[name] = _kill_after(*running.pop(name), dice.uniform(0.002, 0.04))
            tally.kills += 1
            try:
                check(folder, tally, name, told[name])
            except AssertionError as error:
                tally.fault = f"after kill {tally.kills}: {error}"
            running[name] = _fork(folder, name, _last(folder, name) + 1)
    finally:
        for name, writer in running.items():
            told[name] = _kill_after(*writer, 0)
    return tally


def _fork(folder: DataFolder, name: str, first: int) -> tuple[int, int]:
    output, teller = os.pipe()
    child = os.fork()
    if child:
        os.close(teller)
        return child, output
    try:
        os.close(output)
        write(folder, name, first, teller)
    finally:
        os._exit(1)


def write(folder: DataFolder, name: str, first: int, teller: int, count: int = 10**9) -> None:
    """Numbered records; what is written is told."""
    log = AuditLog(folder, part_bytes=SMALL, parts=10**6)
    for number in range(first, first + count):
        log.append([AuditRecord(build.MOMENT, "run.start", account=name, names=(str(number), "x" * 80))])
        os.write(teller, b"%d\n" % number)


def _kill_after(child: int, output: int, seconds: float) -> int:
    """The last record that the writer told of before it died."""
    select.select([output], [], [], 20)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(output, "rb") as said:
        lines = said.read().split()
    assert lines, "the writer did not begin"
    return int(lines[-1])


def _lines(folder: DataFolder) -> list[bytes]:
    """Again, where the writer that lives has put a part away meanwhile."""
    parts, found = audit_parts(folder), list[bytes]()
    for path in [*(path for _, path in parts), audit_file(folder)]:
        with suppress(FileNotFoundError):
            found += filter(None, path.read_bytes().split(b"\n"))
    return found if audit_parts(folder) == parts else _lines(folder)


def numbers(folder: DataFolder, name: str) -> list[int]:
    """Of the records of that writer, in the order in which they stand there."""
    marked = f'"account":"{name}"'.encode()
    whole = (line for line in _lines(folder) if marked in line and line.endswith(b"}"))
    return [int(json.loads(line)["names"][0]) for line in whole]


def _last(folder: DataFolder, name: str) -> int:
    return max(numbers(folder, name), default=-1)


def check(folder: DataFolder, tally: Tally, name: str, told: int) -> None:
    for _, path in audit_parts(folder):
        content = path.read_bytes()
        assert tally.parts.setdefault(path.name, content) == content, f"{path.name} was written again"
    found = numbers(folder, name)
    assert found == list(range(len(found))), f"{name}: a record is lost, doubled or out of order"
    assert found[-1] >= told, f"{name}: {told} was told, {found[-1]} is there"
    tally.records = len(_lines(folder))
    tally.torn = sum(not line.endswith(b"}") for line in _lines(folder))
    assert tally.torn <= tally.kills + 1, "more is torn than was killed"
