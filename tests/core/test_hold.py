"""Processes that are held still before what they have open is noted."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from core.hold import hold_still
from core.process_facts import is_held
from tests.core.arena import wait_for
from utils.clock import SystemClock

MAKER = """
import os, sys
os.fork()
number = 0
while True:
    number += 1
    open(f"{sys.argv[1]}/{os.getpid()}-{number}", "w").close()
"""


def test_held_processes_make_no_file_any_more(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", MAKER, str(tmp_path)], process_group=0)
    try:
        for _ in range(20):
            wait_for(lambda: len(os.listdir(tmp_path)) > 10)
            pids = hold_still([child.pid], SystemClock())
            made = set(os.listdir(tmp_path))
            assert len(pids) == 2
            assert all(map(is_held, pids))
            assert set(os.listdir(tmp_path)) == made
            for name in made:
                (tmp_path / name).unlink()
            os.killpg(child.pid, signal.SIGCONT)
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def test_what_cannot_be_held_keeps_nobody_waiting(tmp_path: Path) -> None:
    assert hold_still([2**22 + 1], SystemClock()) == []
