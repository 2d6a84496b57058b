"""Orders by signal and by file, in a process of their own (the handlers are the whole process's)."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.process import ROOT

SCRIPT = """
import os, signal, sys, time
from pathlib import Path
from core.orders import Orders
file = Path(sys.argv[1])
orders = Orders(lambda: file.read_text() if file.exists() else "")
"""


def say(tmp_path: Path, script: str) -> list[str]:
    """What the script printed."""
    command = [sys.executable, "-sc", SCRIPT + script, str(tmp_path / "request")]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=20).stdout.split()


def test_a_request_from_before_the_start_is_found(tmp_path: Path) -> None:
    (tmp_path / "request").write_text("pause")
    assert say(tmp_path, "print(orders.current)") == ["pause"]


def test_a_request_is_found_after_the_signal_or_the_next_look(tmp_path: Path) -> None:
    script = """
print(orders.current or "none")
file.write_text("pause")
print(orders.current or "none")
os.kill(os.getpid(), signal.SIGUSR1)
print(orders.current)
"""
    assert say(tmp_path, script) == ["none", "none", "pause"]
    (tmp_path / "request").unlink()
    assert say(tmp_path, script.replace("os.kill(os.getpid(), signal.SIGUSR1)", "orders.look()"))[-1] == "pause"


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_shutdown_goes_before_what_was_asked(tmp_path: Path, name: str) -> None:
    (tmp_path / "request").write_text("pause")
    script = f"print(orders.current); os.kill(os.getpid(), signal.{name}); print(orders.current)"
    assert say(tmp_path, script) == ["pause", "shutdown"]


def test_a_hangup_means_nothing_and_is_not_ignored(tmp_path: Path) -> None:
    script = """
os.kill(os.getpid(), signal.SIGHUP)
print(orders.current or "none", signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)
"""
    assert say(tmp_path, script) == ["none", "False"]


def test_a_signal_ends_the_wait(tmp_path: Path) -> None:
    script = """
if os.fork() == 0:
    os._exit(0)
begun = time.monotonic()
orders.wait(15)
print(time.monotonic() - begun < 10)
"""
    assert say(tmp_path, script) == ["True"]


def test_a_signal_before_the_wait_is_not_missed(tmp_path: Path) -> None:
    script = """
os.kill(os.getpid(), signal.SIGUSR1)
begun = time.monotonic()
orders.wait(15)
print(time.monotonic() - begun < 10)
"""
    assert say(tmp_path, script) == ["True"]


def test_a_descriptor_ends_the_wait_and_a_missing_one_is_passed_over(tmp_path: Path) -> None:
    script = """
reading, writing = os.pipe()
os.write(writing, b"x")
begun = time.monotonic()
orders.wait(15, reading, -1)
print(time.monotonic() - begun < 10)
"""
    assert say(tmp_path, script) == ["True"]
