"""A real server with a data folder full of things, whose tools may touch nothing else; it judges nothing."""

import contextlib
import os
import random
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import normpath
from typing import Any

import pytest
import requests

from core.container import directly
from core.doors import build_doors
from core.templates import draft_of
from flask_app.listen import AsyncMode
from models.job import JobSettings
from models.role import Role
from storage.data_folder import DataFolder
from storage.job_store import JobStore
from storage.template_store import TemplateStore
from tests import build
from tests.e2e.furnished import furnish
from tests.servers import DEADLINE, Server, serving, until

MOST_JOBS = 60
# Stands before rsync and rclone on the PATH: a path that leads out of the world ends the tool, whoever built its argv.
WARDEN = """#!{python} -IS
import os, sys
root, real, here = {root!r}, {real!r}, sys.argv[1:]
for word in here:
    path = word.split("=", 1)[-1] if word.startswith("-") else word
    inside = os.path.realpath(path).startswith(root + "/") or path in (root, "/dev/null", "/dev/stdin")
    if path.startswith("/") and not inside or ".." in path or (":" in path and not path.startswith(("nas:", "/", "-"))):
        with open(root + "/stopped", "ab") as record:
            record.write(os.fsencode(repr(here)) + b"\\n")
        sys.exit(1)
os.execv(real, [real, *here])
"""
BROKEN = """\
- id: broken-1
  name: no
  source: /srv/good/
"""


@dataclass
class World:
    """`headers` go with every request (a bearer token, or nothing)."""

    server: Server
    root: Path
    dice: random.Random
    headers: dict[str, str] = field(default_factory=dict)
    jobs: list[str] = field(default_factory=list)
    runs: list[tuple[str, str]] = field(default_factory=list)  # (job, run)

    @property
    def sources(self) -> list[str]:
        return [f"{self.root}/photos/", f"{self.root}/photos", f"{self.root}/photos/a b.jpg", "nas:photos", "nas:"]

    @property
    def dests(self) -> list[str]:
        return [f"{self.root}/nas/{self.dice.randrange(20)}", f"{self.root}/nas", "nas:copy", f"{self.root}/photos/in"]

    def inside(self, path: str) -> str:
        """The same path below the world; what is not absolute stays as it is, for the product to refuse."""
        is_mine = path.startswith(f"{self.root}/") and ".." not in path
        return path if is_mine or not path.startswith("/") else f"{self.root}{normpath(path)}"

    def api(self, method: str, path: str, **more: Any) -> Any:
        answer = self.server.api(method, path, headers=self.headers, **more)
        assert answer.status_code < 500, (method, path, answer.status_code, answer.text[:500])
        return answer.json().get("data") if answer.content else None

    def look(self) -> None:
        """Which jobs and runs there are now; what became too many goes, and one run goes on."""
        found = self.api("GET", "/jobs?per_page=500")
        idle = [job["id"] for job in found if not job["active_run_id"]]
        for job_id in idle[: max(0, len(found) - MOST_JOBS)]:
            self.api("DELETE", f"/jobs/{job_id}")
        self.jobs = [job["id"] for job in self.api("GET", "/jobs?per_page=500")]
        known = self.dice.sample(self.jobs, min(len(self.jobs), 12)) + [
            job["id"] for job in found if job["active_run_id"]
        ]
        runs = {job_id: self.api("GET", f"/jobs/{job_id}/runs?limit=5") for job_id in known if job_id in self.jobs}
        self.runs = [(job_id, run["id"]) for job_id, found in runs.items() for run in found]
        if not any(run["state"] == "transferring" for found in runs.values() for run in found):
            self.run_something()

    def run_something(self) -> None:
        settings = {"bandwidth_limit": 1, "tags": ["weekly", "große"]}
        self.api("POST", f"/jobs/{self.new_job(settings=settings)}/start")

    def new_job(self, **more: Any) -> str:
        name, dest = f"Job {self.dice.getrandbits(32):x}", f"{self.root}/nas/{self.dice.getrandbits(32):x}"
        body = {"name": name, "type": "rsync", "source": f"{self.root}/photos/", "dest": dest, **more}
        job = self.api("POST", "/jobs", json=body)
        return str(job["id"]) if job else "none"


@contextlib.contextmanager
def furnished_world(
    root: Path, mode: AsyncMode, dice: random.Random, by_token: bool = False, is_broken: bool = False
) -> Iterator[World]:
    """`by_token`: an account is required, and every request has its token; else the machine's own people need none.

    `is_broken`: jobs.yaml has a bad job in it.
    """
    lay_out(root, dice)
    fill(root, is_broken)
    headers = {"Authorization": f"Bearer {token_for(root)}"} if by_token else {}
    access = "required" if by_token else "auto"
    with at_home(root), serving(root / "data", mode, BACKUP_MANAGER_AUTH=access) as server:
        world = World(server, root, dice, headers)
        try:
            yield world
        finally:
            _pause_all(world)


def token_for(root: Path) -> str:
    """A token of an administrator of the world."""
    doors = build_doors(DataFolder(root / "data"), directly, print)
    doors.accounts.create("anna", Role.ADMINISTRATOR, "correct horse battery")
    return doors.tokens.create("anna", "script", Role.ADMINISTRATOR, None)[0]


@contextlib.contextmanager
def at_home(root: Path) -> Iterator[None]:
    """What is started from here has its home and its tools in the world."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(root / "home"))
        patch.setenv("PATH", f"{root}/bin:{os.environ['PATH']}")
        yield


def lay_out(root: Path, dice: random.Random) -> None:
    """Folders to copy, a remote, and the tools that stay inside."""
    for name in ("home/.config/rclone", "bin", "nas", "remote/photos", "photos/2021"):
        (root / name).mkdir(parents=True)
    for name in ("a b.jpg", "2021/c.jpg", "ö\n.jpg"):
        (root / "photos" / name).write_bytes(dice.randbytes(2000))
    (root / "photos" / "large").write_bytes(dice.randbytes(3_000_000))
    (root / "remote/photos/x").write_text("x")
    (root / "home/.config/rclone/rclone.conf").write_text(f"[nas]\ntype = alias\nremote = {root}/remote\n")
    put_wardens(root)


def put_wardens(root: Path) -> None:
    python = Path(sys.executable).resolve()
    for name in ("rsync", "rclone"):
        real = shutil.which(name)
        assert real
        (root / "bin" / name).write_text(WARDEN.format(python=python, root=str(root.resolve()), real=real))
    for name in ("ssh", "ssh-keyscan"):
        (root / "bin" / name).write_text("#!/bin/sh\nexit 255\n")
    for program in (root / "bin").iterdir():
        program.chmod(0o755)


def fill(root: Path, is_broken: bool) -> None:
    furnish(root / "data", root / "photos")
    folder = DataFolder(root / "data")
    job = build.job(
        name="Tagged", source=f"{root}/photos/", dest=f"{root}/nas/x", settings=JobSettings(tags=("a", "b"))
    )
    JobStore(folder).create(job)
    TemplateStore(folder).add(draft_of(job))
    if is_broken:
        with folder.jobs_file.open("a") as file:
            file.write(BROKEN)


def _pause_all(world: World) -> None:
    with contextlib.suppress(requests.RequestException, AssertionError):
        for job in world.api("GET", "/jobs?per_page=500"):
            if job["active_run_id"]:
                world.server.api("POST", f"/jobs/{job['id']}/pause", headers=world.headers)
        until(lambda: not any(job["active_run_id"] for job in world.api("GET", "/jobs?per_page=500")), 2 * DEADLINE)
