"""Processes that change jobs.yaml and say so over a pipe, and what must then stand in the file."""

import json
import os
import random
import select
import signal
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from models.errors import StoreUnavailable
from models.progress import Progress
from storage.data_folder import DataFolder
from storage.job_status import write_status
from storage.job_store import JobStore
from tests import build
from tests.faults import yaml_broken_builds

BY_HAND = """# kept by hand: do not lose this line
jobs:
- id: by-hand
  name: Written by hand   # and this remark
  source: /srv/by hand/
  dest: /srv/backup/by-hand
  type: rsync
  settings:
    a_key_of_mine: kept
  # below the settings
# about whatever comes next
"""
COMMENTS = tuple(line.partition("#")[2] for line in BY_HAND.splitlines() if "#" in line)
MOST_JOBS = 12
SHARED = "-shared-"
ONCE = ("create", "delete")

Facts = tuple[str, int, str]
Table = dict[str, Facts]


@dataclass(frozen=True)
class Operation:
    """What a writer is about to do to one of its own jobs: `facts` are None after a deletion."""

    job_id: str
    kind: str
    facts: Facts | None

    def applied(self, table: Table) -> Table:
        rest = {job_id: facts for job_id, facts in table.items() if job_id != self.job_id}
        return rest if self.facts is None else rest | {self.job_id: self.facts}


class Writer:
    """A child process that changes its own jobs; nobody else touches what it changes of them.

    `pace` is called before each change with the number of those made. `first` is made before all.
    """

    def __init__(
        self,
        folder: DataFolder,
        prefix: str,
        table: Table,
        seed: int,
        pace: Callable[[int], None] = lambda _done: None,
        first: Operation | None = None,
    ) -> None:
        self.prefix = prefix
        self.table = dict(table)
        self._pending: Operation | None = None
        self._rest = b""
        self.acknowledged = self.refused = 0
        self.doubtful: set[str] = set()
        self.failure = ""
        self._pipe, pipe = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.closerange(3, pipe)
            os.closerange(pipe + 1, 256)
            _be_writer(folder, prefix, self.table, random.Random(seed), pipe, pace, first)
        os.close(pipe)

    def kill(self) -> None:
        """`kill -9`, then hear what it said last."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        while chunk := os.read(self._pipe, 1 << 16):
            self._hear(chunk)
        os.close(self._pipe)

    def listen(self) -> None:
        """Wait for the next words and take them in."""
        self._hear(os.read(self._pipe, 1 << 16))

    def hear(self) -> None:
        """Take in what it said by now, without waiting."""
        while select.select([self._pipe], [], [], 0)[0] and (chunk := os.read(self._pipe, 1 << 16)):
            self._hear(chunk)

    def _hear(self, chunk: bytes) -> None:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            word, *rest = json.loads(line)
            if word == "begin":
                self._pending = Operation(rest[0], rest[1], None if rest[2] is None else tuple(rest[2]))
            elif word == "done" and self._pending is not None:
                self.table, self._pending = self._pending.applied(self.table), None
                self.acknowledged += 1
            elif word == "refused" and self._pending is not None:
                self.refused += 1
                if self._pending.kind in ONCE:
                    self.doubtful.add(self._pending.job_id)
                    self.table.pop(self._pending.job_id, None)
                self._pending = None
            else:
                self.failure = str(rest)

    @property
    def pending(self) -> Operation | None:
        """What it was about to do when it was last heard of."""
        return self._pending

    @property
    def was_writing(self) -> bool:
        return self._pending is not None

    def settle(self, found: Table) -> str:
        """Compare with what stands in the file; "" if that is the old or the new state."""
        possible = [self.table] + ([self._pending.applied(self.table)] if self._pending else [])
        if self.failure:
            return f"writer {self.prefix} failed: {self.failure}"
        if found not in possible:
            return f"writer {self.prefix}: found {found}, acknowledged {self.table}, under way {self._pending}"
        self.table = found
        return ""


def _be_writer(
    folder: DataFolder,
    prefix: str,
    table: Table,
    dice: random.Random,
    pipe: int,
    pace: Callable[[int], None],
    first: Operation | None,
) -> None:
    """Never returns."""
    yaml_broken_builds.apply(yaml_broken_builds.chosen())
    try:
        store = JobStore(folder)
        for done in count():
            pace(done)
            operation, first = first or _chosen(prefix, table, dice), None
            _say(pipe, "begin", operation.job_id, operation.kind, operation.facts)
            try:
                _carry_out(store, folder, operation)
            except StoreUnavailable:  # it may have stood for a moment, and been read and taken over
                _say(pipe, "refused")
                table, first = _after_refusal(operation, table)
                continue
            _say(pipe, "done")
            table = operation.applied(table)
    except BaseException as error:  # noqa: BLE001
        _say(pipe, "failed", f"{type(error).__name__}: {error}")
    finally:
        os._exit(1)


def _after_refusal(operation: Operation, table: Table) -> tuple[Table, Operation | None]:
    """What can be said twice is said again; a job that was to come or go is left alone."""
    if operation.kind not in ONCE:
        return table, operation
    return {job_id: facts for job_id, facts in table.items() if job_id != operation.job_id}, None


def _say(pipe: int, *words: object) -> None:
    os.write(pipe, json.dumps(words).encode() + b"\n")


def _chosen(prefix: str, table: Table, dice: random.Random) -> Operation:
    kinds = ["create"] if not table else ["edit", "status", "status", "text status", "delete"]
    if 0 < len(table) < MOST_JOBS:
        kinds += ["create", "create"]
    kind = dice.choice(kinds)
    if kind == "create":
        return Operation(f"{prefix}-{dice.getrandbits(48):012x}", kind, ("new", 0, "pending"))
    job_id = dice.choice(sorted(table))
    name, limit, status = facts = table[job_id]
    if kind == "edit":
        return Operation(job_id, kind, (f"name {dice.getrandbits(32)}", dice.randrange(1, 9999), status))
    if kind == "delete":
        return Operation(job_id, *(("status", facts) if SHARED in job_id else (kind, None)))
    return Operation(job_id, kind, (name, limit, dice.choice(["running", "paused", "completed", "failed"])))


def _carry_out(store: JobStore, folder: DataFolder, operation: Operation) -> None:
    actions: dict[str, Callable[[], object]] = {
        "create": lambda: store.create(build.job(id=operation.job_id, name="new")),
        "edit": lambda: _edit(store, operation),
        "delete": lambda: store.delete(operation.job_id),
        "status": lambda: store.set_status(operation.job_id, _status(operation), Progress(percent=7.0)),
        "text status": lambda: _write_status(store, folder, operation),
    }
    actions[operation.kind]()


def _write_status(store: JobStore, folder: DataFolder, operation: Operation) -> None:
    """As a supervisor does, and for it where it cannot."""
    if not write_status(folder, operation.job_id, _status(operation), Progress(percent=8.0)):
        store.set_status(operation.job_id, _status(operation))


def _status(operation: Operation) -> str:
    return operation.facts[2] if operation.facts else ""


def _edit(store: JobStore, operation: Operation) -> None:
    name, limit, _ = operation.facts or ("", 0, "")
    job = store.get(operation.job_id)
    store.update(job._replace(name=name, settings=job.settings._replace(bandwidth_limit=limit)), base=job)


def tables(content: bytes) -> dict[str, Table]:
    """The jobs of each writer as they stand in the file, read by plain YAML; ValueError if torn."""
    found: dict[str, Table] = {}
    try:
        for job in yaml.load(content, Loader=yaml.CSafeLoader)["jobs"]:
            found.setdefault(job["id"][:1], {})[job["id"]] = _facts(job)
    except (yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    return found


def _facts(job: dict[str, Any]) -> Facts:
    progress, settings = job.get("progress", {}), job["settings"]
    if not isinstance(settings, dict) or not isinstance(progress, dict) or None in progress.values():
        raise ValueError(f"job {job['id']} is not whole")
    return job["name"], settings.get("bandwidth_limit", 0), job.get("status", "pending")


def lost_comments(content: bytes) -> list[str]:
    text = content.decode()
    return [comment for comment in COMMENTS if comment not in text]


def strays(folder: DataFolder) -> list[Path]:
    """Temporary files in the data folder."""
    return [path for path in folder.root.rglob("*") if "backup-manager-new" in path.name]
