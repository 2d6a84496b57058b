"""Every system call of one change of jobs.yaml failed and killed once: old or new, never torn."""

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from storage.data_folder import DataFolder
from storage.job_store import JobStore
from tests import build
from tests.faults import yaml_broken_builds
from tests.faults.yaml_syscalls import CHANGES, ERRORS, JOB, NEW_JOB, Call, Ending, calls_of, injected
from tests.faults.yaml_writers import lost_comments, strays, tables

NAME = "syscalls"
DEFAULT_COUNT = 1
_OLD = {JOB: ("First", 0, "pending")}
_NEW = {
    "create": _OLD | {NEW_JOB: ("Second", 0, "pending")},
    "edit": {JOB: ("Renamed", 7, "pending")},
    "status": {JOB: ("First", 0, "running")},
    "supervisor's status": {JOB: ("First", 0, "running")},
    "delete": {},
}


@dataclass
class Tally:
    calls: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def prove(count: int) -> int:
    """All calls of all kinds of change, `count` times over; exit status 0 if every one held."""
    yaml_broken_builds.apply(yaml_broken_builds.chosen())
    started = time.monotonic()
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="syscalls-") as place:
        for _ in range(count):
            for change in CHANGES:
                run(Path(place) / "case", change, tally)
    _report(tally, time.monotonic() - started)
    return 1 if tally.faults else 0


def _report(tally: Tally, seconds: float) -> None:
    cases = sum(tally.endings.values())
    print(f"syscalls: {cases} cases in {seconds:.0f} s; calls of one change: {dict(tally.calls)}")
    print(f"  endings: {dict(tally.endings)}")
    for fault in tally.faults[:20]:
        print(f"  FAULT: {fault}")
    if not tally.faults:
        print(f"  faults: 0 in {cases} cases (below {3 / cases:.2%} with 95 % confidence)")


def run(place: Path, change: str, tally: Tally, every: int = 1) -> None:
    """Fail and kill each call (or only every so many) of one kind of change."""
    calls = calls_of(change, place)
    tally.calls[change] = len(calls)
    for call, what in list(_cases(calls))[::every]:
        ending = injected(change, place, call, what)
        tally.endings[ending.word] += 1
        fault = _fault(DataFolder(place / "data"), change, ending)
        if fault:
            tally.faults.append(f"{change}, {call.name} no. {call.nth}, {what}: {fault}")


def _cases(calls: list[Call]) -> Iterator[tuple[Call, str]]:
    for call in calls:
        yield call, "signal=KILL"
        yield from ((call, f"error={error}") for error in ERRORS)


def _fault(folder: DataFolder, change: str, ending: Ending) -> str:
    """What is wrong with what the child left, "" if nothing is."""
    if ending.word == "failed":
        return f"not a refusal in words: {ending.text}"
    content = folder.jobs_file.read_bytes()
    try:
        found = tables(content).get(JOB[0], {})
    except ValueError as error:
        return f"jobs.yaml is torn ({len(content)} bytes): {error}"
    if found not in (_OLD, _NEW[change]) or (ending.word == "done" and found != _NEW[change]):
        return f"it ended {ending.word}, and the file says {found}"
    return _after_start(folder) or ", ".join(lost_comments(content))


def _after_start(folder: DataFolder) -> str:
    """The next start sweeps, reads and writes."""
    store = JobStore(folder)
    snapshot = store.snapshot()
    if not snapshot.writable:
        return f"the next start finds {[problem.sentence for problem in snapshot.problems]} {snapshot.missing}"
    store.create(build.job())
    left = strays(folder)
    return f"the next start leaves {left}" if left else ""
