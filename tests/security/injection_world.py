"""A server with stand-ins before every tool that write down what they are called with, and what came of each case."""

import contextlib
import io
import os
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from core.container import Container, build_container
from flask_app.listen import AsyncMode
from tests.security import payloads
from tests.security.payloads import CANARY, OLD_CANARY, Body, Case
from tests.servers import Server, serving

TOOLS = {name: shutil.which(name, path="/usr/local/bin:/usr/bin:/bin") for name in payloads.ENGINES}
SHELLS = ("sh", "bash", "dash", "touch", "id")
KNOWN_HOST = "127.0.0.1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n"
# What whoever starts the server may have set for tools of his own: each would change what ours do, or run something.
PLANTED = {
    "RSYNC_RSH": f"sh -c 'touch {CANARY}'", "RSYNC_CONNECT_PROG": f"touch {CANARY}", "RSYNC_OLD_ARGS": "1",
    "RSYNC_PROTECT_ARGS": "0", "RSYNC_PARTIAL_DIR": "/tmp", "RSYNC_PASSWORD": "planted", "RSYNC_PROXY": "x:1",
    "RCLONE_CONFIG": "/dev/null", "RCLONE_DRY_RUN": "true", "RCLONE_PASSWORD_COMMAND": f"touch {CANARY}",
    "RCLONE_SFTP_SSH": f"touch {CANARY}", "RCLONE_EXCLUDE": "*", "RCLONE_CONFIG_NAS_TYPE": "local",
    "GIT_SSH_COMMAND": f"touch {CANARY}", "SSH_ASKPASS": "/tmp/planted", "BASH_ENV": "/tmp/planted",
}  # fmt: skip
# Stands before every program on the PATH: writes down what it was called with and which names its environment
# has, then is the real one, if there is one.
RECORDER = """#!{python} -IS
import os, sys
name = os.path.basename(sys.argv[0])
words = [os.fsencode(word) for word in sys.argv]
with open("{records}/" + os.environ.get("BACKUP_MANAGER_RUN", "none") + "." + name, "ab") as record:
    record.write(b"%d\\n" % len(words) + b"".join(b"%d\\n%s" % (len(word), word) for word in words))
with open("{records}/environment", "a") as record:
    record.write("".join(f"{{name}} {{variable}}\\n" for variable in os.environ))
real = {tools}.get(name)
if real:
    os.execv(real, [real, *sys.argv[1:]])
sys.exit(255)
"""


@dataclass
class World:
    """One server for all, the same core in this process, and what came of every case."""

    server: Server
    core: Container
    root: Path
    session: requests.Session
    accepted: dict[str, list[Case]] = field(default_factory=dict)
    refused: dict[str, list[Case]] = field(default_factory=dict)
    to_check: list[tuple[tuple[Case, ...], str, Body]] = field(default_factory=list)
    had_old_canary: bool = field(default_factory=OLD_CANARY.exists)
    runs: list[str] = field(default_factory=list)
    shells: list[str] = field(default_factory=list)

    def take(self, tried: tuple[Case, ...], job_id: str, body: Body) -> None:
        self.to_check.append((tried, job_id, body))
        self.accepted.setdefault(tried[0].way, []).extend(tried)

    def refuse(self, tried: tuple[Case, ...]) -> None:
        for case in tried:
            self.refused.setdefault(case.way, []).append(case)

    def seen(self, way: str) -> Counter[str]:
        return Counter(f"{case.engine} {case.field}" for case in self.accepted[way] + self.refused[way])


@contextlib.contextmanager
def watched_world(root: Path, server_mode: AsyncMode) -> Iterator[World]:
    """The world below `root`, until the `with` block ends."""
    for name in ("home/.config/rclone", "bin", "records", "plain", "remote", "data"):
        (root / name).mkdir(parents=True)
    (root / "plain" / "photo.jpg").write_text("content")
    (root / "home/.config/rclone/rclone.conf").write_text(f"[nas]\ntype = alias\nremote = {root}/remote\n")
    (root / "data/known_hosts").write_text(KNOWN_HOST)
    python = Path(sys.executable).resolve()
    recorder = root / "bin/recorder"
    recorder.write_text(RECORDER.format(python=python, records=root / "records", tools=TOOLS))
    recorder.chmod(0o755)
    for name in (*TOOLS, *SHELLS, "ssh"):
        (root / "bin" / name).symlink_to(recorder)
    path = f"{root}/bin:{os.environ['PATH']}"
    with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as stack:
        patch.setenv("HOME", str(root / "home"))
        patch.setenv("PATH", path)
        for name, value in PLANTED.items():
            patch.setenv(name, value)
        session = stack.enter_context(requests.Session())
        server = stack.enter_context(serving(root / "data", server_mode))
        found = World(server, build_container(root / "data"), root, session)
        over = threading.Event()
        watch = threading.Thread(target=watch_for_shells, args=(found, over))
        watch.start()
        yield found
        over.set()
        watch.join()


def watch_for_shells(world: World, over: threading.Event) -> None:
    """Notes every shell that runs with our home; a short one may escape, what it was to make does not."""
    mine = f"HOME={world.root}/home".encode()
    known, fresh = set(os.listdir("/proc")), set[str]()
    while not over.wait(0.05):
        present = set(os.listdir("/proc"))
        known, fresh, looked_at = known & present, present - known, fresh
        known |= looked_at
        for pid in filter(str.isdigit, fresh):
            with contextlib.suppress(OSError):
                is_shell = Path(f"/proc/{pid}/comm").read_text().strip() in SHELLS
                if is_shell and mine in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                    world.shells.append(Path(f"/proc/{pid}/cmdline").read_text())


def run_ids(world: World) -> set[str]:
    return {path.parent.name for path in (world.root / "data/runs").rglob("run.json")}


def jobs_address(world: World, job_id: str = "") -> str:
    return f"{world.server.address}/api/v1/jobs/{job_id}".rstrip("/")


def recorded(file: Path) -> list[list[str]]:
    """The argument lists that a program was called with."""
    stream, found = io.BytesIO(file.read_bytes()), []
    while line := stream.readline():
        found.append([os.fsdecode(stream.read(int(stream.readline()))) for _ in range(int(line))])
    return found
