"""A disk that takes seconds for every flush: the change waits for it, the pages do not."""

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.servers import Server, until

_DELAY = 1.5  # seconds per flush


@contextmanager
def slow_flushes(server: Server, note: Path) -> Iterator[None]:
    """Every fsync of the serving process (and of the threads it will start) is held up by the kernel."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    inject = f"inject=fsync:delay_enter={int(_DELAY * 1_000_000)}"
    command = ["strace", "-f", "-qq", "-e", "trace=fsync", "-e", inject, "-o", str(note), "-p", children[0]]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE)
    tracing = Path(f"/proc/{children[0]}/status")
    until(lambda: f"TracerPid:\t{tracer.pid}\n" in tracing.read_text())
    try:
        yield
    finally:
        tracer.terminate()
        tracer.communicate(timeout=20)


@pytest.mark.both_modes
def test_pages_answer_while_a_change_waits_for_the_disk(server: Server, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    server.create_job(source, tmp_path / "first")
    assert requests.get(f"{server.address}/jobs/", timeout=20).ok  # the first asks every tool for its version
    taken: list[float] = []
    with slow_flushes(server, tmp_path / "flushes"):
        change = threading.Thread(target=server.create_job, args=(source, tmp_path / "second"))
        change.start()
        while change.is_alive():
            began = time.monotonic()
            assert requests.get(f"{server.address}/jobs/", timeout=20).ok
            taken.append(time.monotonic() - began)
    assert (tmp_path / "flushes").read_text().count("fsync(") >= 2
    assert len(server.api("GET", "/jobs").json()["data"]) == 2
    assert max(taken) < _DELAY, taken
