"""Servers that ask for a password, secrets as rclone.conf holds them, and encrypted files; judges nothing."""

import contextlib
import os
import pty
import select
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.flask_app.test_gunicorn_conf import free_port
from tests.rclones import CURRENT, SYSTEM
from tests.servers import until

# script/test installs the current one; whoever runs a single test may have only the system's.
PROGRAMS = [program for program in (SYSTEM, CURRENT) if os.access(program, os.X_OK)]
USER, PASSWORD = "anna", "a secret of 24 letters"
_ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}


def obscured(secret: str) -> str:
    """As rclone.conf holds it."""
    return _told(["obscure", "-"], secret)


def revealed(text: str) -> str:
    """The secret in what rclone.conf holds."""
    return _told(["reveal", "--", text], "")


def _told(words: list[str], given: str) -> str:
    argv = [SYSTEM, "--config=/dev/null", *words]
    return subprocess.run(
        argv, input=given, check=True, capture_output=True, text=True, env=_ENVIRONMENT
    ).stdout.strip()


@contextlib.contextmanager
def serving(kind: str, folder: Path) -> Iterator[int]:
    """`rclone serve` of that kind on loopback for `USER` with `PASSWORD`; its port."""
    port = free_port()
    argv = [SYSTEM, "--config=/dev/null", "serve", kind, f"--addr=127.0.0.1:{port}", "--user", USER, "--pass", PASSWORD]
    environment = _ENVIRONMENT | {"XDG_CACHE_HOME": str(folder.parent)}
    nowhere = subprocess.DEVNULL
    server = subprocess.Popen([*argv, str(folder)], env=environment, stdout=nowhere, stderr=nowhere)
    try:
        until(lambda: _listens(port))
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def encrypt(config: Path, password: str, program: str = SYSTEM) -> None:
    """Set the password of a file as a person does: rclone asks on a terminal."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve(program, [program, "--config", str(config), "config"], {**_ENVIRONMENT, "TERM": "dumb"})
    answers = [("q> ", "s"), ("a/q> ", "a"), ("password:", password), ("password:", password), ("> ", "q"), ("> ", "q")]
    for prompt, answer in answers:
        _read_until(terminal, prompt.encode())
        os.write(terminal, answer.encode() + b"\n")
    os.waitpid(child, 0)
    os.close(terminal)
    assert b"RCLONE_ENCRYPT_V0" in config.read_bytes()


def _read_until(terminal: int, prompt: bytes) -> None:
    seen, deadline = b"", time.monotonic() + 30
    while prompt not in seen:
        assert select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))[0], seen
        seen += os.read(terminal, 4096)
