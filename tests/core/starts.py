"""Fifty starts of one job at once, from the threads of several processes; counts what came of them."""

import subprocess
import sys

from core.process import ROOT
from tests.core.arena import Arena, wait_for
from tests.core.house import House, use_tool

PROCESSES, THREADS = 5, 10
# One process of many: starts the job in several threads, once for every line it reads.
STARTER = """
import sys, threading
from pathlib import Path
from core.container import build_container
from models.errors import JobBusy
parts = build_container(Path(sys.argv[1]))
job, threads = sys.argv[2], int(sys.argv[3])

def start(found):
    try:
        found.append(parts.manager.start(job).id)
    except JobBusy:
        found.append("busy")

print("ready", flush=True)
for line in sys.stdin:
    found = []
    crowd = [threading.Thread(target=start, args=(found,)) for _ in range(threads)]
    for one in crowd: one.start()
    for one in crowd: one.join()
    print(*found, flush=True)
    parts.chores.tend()
"""


def start_at_once(arena: Arena, rounds: int) -> int:
    """In how many rounds exactly one of all starts gave a run, and the tool ran once for it."""
    go = arena.root / "go"
    use_tool(arena, [["until", str(go)], ["end", 0]])
    job = House(arena).create()
    processes = [_starter(arena, job.id) for _ in range(PROCESSES)]
    held = 0
    try:
        for process in processes:
            _read(process)
        for number in range(rounds):
            go.unlink(missing_ok=True)
            answers = _all_at_once(processes)
            go.touch()  # so no start can come late, after the run
            started = [answer for answer in answers if answer != "busy"]
            wait_for(lambda: not arena.store.active())
            counts = (len(answers), len(started), arena.tries(), len(arena.store.history(job.id, limit=1000)))
            held += counts == (PROCESSES * THREADS, 1, number + 1, number + 1)
    finally:
        for process in processes:
            process.communicate()
    return held


def _starter(arena: Arena, job_id: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-s", "-c", STARTER, str(arena.folder.root), job_id, str(THREADS)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
    )  # fmt: skip


def _all_at_once(processes: list["subprocess.Popen[str]"]) -> list[str]:
    for process in processes:
        assert process.stdin is not None  # a pipe
        process.stdin.write("go\n")
    return [answer for process in processes for answer in _read(process).split()]


def _read(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None  # a pipe
    return process.stdout.readline()
