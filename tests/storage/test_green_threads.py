"""The stores under eventlet: green threads that read, write and wait for a lock never stop the process."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import eventlet
eventlet.monkey_patch()
import sys
from pathlib import Path
from storage.data_folder import DataFolder
from storage.file_lock import FileLock
from storage.job_store import JobStore
from tests import build

folder = DataFolder(Path(sys.argv[1]))
folder.prepare()
stores = [JobStore(folder), JobStore(folder)]
beats = []

def write(store):
    for _ in range(20):
        store.create(build.job())
        eventlet.sleep(0)

def hold():
    with FileLock(folder.jobs_lock).hold():
        eventlet.sleep(0.3)

def beat():
    while True:
        beats.append(len(stores[0].snapshot().jobs))
        eventlet.sleep(0.01)

beating = eventlet.spawn(beat)
threads = [eventlet.spawn(hold), *(eventlet.spawn(write, store) for store in stores * 2)]
with eventlet.Timeout(30):
    for thread in threads:
        thread.wait()
beating.kill()
print(len(JobStore(folder).snapshot().jobs), len(beats) >= 20)
"""


def test_green_threads_wait_for_each_other_without_stopping_the_process(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, str(tmp_path / "data")],
        capture_output=True,
        text=True,
        cwd=root,
        timeout=60,
        check=False,
    )
    assert (found.stdout.strip(), found.stderr[-2000:]) == ("80 True", "")
