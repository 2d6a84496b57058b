"""The rclones of this machine, and servers that they are on the loopback, for tests of real copies; asserts nothing."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Literal

from engines.base import Tool
from engines.registry import engine
from tests.flask_app.test_gunicorn_conf import free_port

ROOT = Path(__file__).resolve().parents[1]
# The one that script/lib/test-tools.sh puts beside the system's own.
CURRENT = str(ROOT / ".venv" / "tools" / "rclone" / "bin" / "rclone")
SYSTEM = shutil.which("rclone", path="/usr/local/bin:/usr/bin:/bin") or "/usr/bin/rclone"
PROGRAMS = {"system": SYSTEM, "current": CURRENT}
Kind = Literal["webdav", "sftp", "s3"]
KINDS: tuple[Kind, ...] = ("webdav", "sftp", "s3")
_CLEAN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
_KEY, _SECRET = "backup-manager-tests", "a-secret-that-is-long-enough"
_DEADLINE = 20.0


def tool(which: str) -> Tool:
    """`system` or `current`, as the product would find it."""
    program = PROGRAMS[which]
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, env=_CLEAN).stdout
    return Tool(program, engine("rclone").parse_version(answer))


def obscured(secret: str) -> str:
    answer = subprocess.run([SYSTEM, "obscure", secret], capture_output=True, text=True, check=True, env=_CLEAN)
    return answer.stdout.strip()


class Peer:
    """A server that another rclone is. It serves `folder`, and dies and comes back on its port when asked."""

    def __init__(self, kind: Kind, folder: Path, program: str = CURRENT) -> None:
        self.kind, self.folder, self.program = kind, folder, program
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.place = folder / "data" if kind == "s3" else folder
        self.place.mkdir(parents=True, exist_ok=True)

    @property
    def root(self) -> str:
        """What stands between the remote's name and a path in it."""
        return "data/" if self.kind == "s3" else ""

    def section(self, name: str) -> str:
        """Its section of rclone.conf."""
        lines = {
            "webdav": (f"url = http://127.0.0.1:{self.port}", "vendor = other"),
            "sftp": (
                "host = 127.0.0.1", f"port = {self.port}", "user = anna", f"pass = {obscured('a password')}",
                "shell_type = unix", "md5sum_command = md5sum", "sha1sum_command = sha1sum",
            ),
            "s3": (
                "provider = Other", f"endpoint = http://127.0.0.1:{self.port}", f"access_key_id = {_KEY}",
                f"secret_access_key = {_SECRET}",
            ),
        }[self.kind]  # fmt: skip
        return "\n".join((f"[{name}]", f"type = {self.kind}", *lines, ""))

    def start(self) -> None:
        access = {
            "webdav": (),
            "sftp": ("--user=anna", "--pass=a password"),
            "s3": (f"--auth-key={_KEY},{_SECRET}",),
        }[self.kind]
        argv = (self.program, "serve", self.kind, f"--addr=127.0.0.1:{self.port}", "--config=/dev/null", *access)
        self.process = subprocess.Popen(
            [*argv, str(self.folder)], env=_CLEAN, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + _DEADLINE
        while not self._listens():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{argv} does not listen")
            time.sleep(0.02)

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(_DEADLINE)
            self.process = None

    def __enter__(self) -> "Peer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def write_remotes(path: Path, *sections: str) -> Path:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write("\n".join(sections))
    return path
