"""jobs.yaml and settings.yaml as somebody left them, under the pages and the API: what is shown, and what is kept."""

import contextlib
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import hypothesis
import yaml
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from werkzeug.test import TestResponse

from core.container import Container, build_container
from flask_app import create_app
from flask_app.config import read_environment
from models.run import RunState
from tests.faults.api_world import at_home, lay_out
from tests.faults.yaml_made_up import Content, contents
from tests.flask_app.pages import TOKEN, run_in

JOBS_LIST = "/api/v1/jobs?per_page=500"
ALWAYS = (JOBS_LIST, "/", "/jobs/", "/notices", "/settings/")
_JOB_PAGES = ("", "/edit", "/delete", "/restore", "/template", "/export.yaml", "/export.sh", "/export.cron")
GOOD = b"""# jobs of this house
jobs:
- id: good-1
  name: Good  # the first
  source: /srv/good/
  dest: /srv/backup/good
  type: rsync
  status: pending
  progress: {bytes_transferred: 0, total_bytes: 0, percent: 0, speed_bytes: 0, eta_seconds: 0}
  settings:
    tags: [a, b]
    exclude:
    - '*.tmp'
  created_at: '2026-11-21T03:34:41.543712'
  updated_at: '2026-11-21T03:34:41.543723'
- id: good-2
  name: "Gro\xc3\x9fe"
  source: /srv/other/
  dest: nas:other
  type: rclone
  status: completed
  progress:
    bytes_transferred: 12
    total_bytes: 12
    percent: 100
    speed_bytes: 0.5
    eta_seconds: 0
  settings: {}
  created_at: '2026-11-21T03:34:41.543712'
  updated_at: '2026-11-21T03:34:41.543723'
- id: good-3
  name: Third
  source: /srv/third/
  dest: /srv/backup/third
  type: rsync
  status: failed
  progress: {bytes_transferred: 0, total_bytes: 0, percent: 0, speed_bytes: 0, eta_seconds: 0}
  settings: {}
  created_at: '2026-11-21T03:34:41.543712'
  updated_at: '2026-11-21T03:34:41.543723'
"""
IDS = frozenset({"good-1", "good-2", "good-3"})
SETTINGS = b"""default_bandwidth_limit: 5000
auto_start_on_launch: false
network_check_interval: 30  # seconds
max_retry_attempts: 7
auto_refresh_interval: 2
verification_mode: checksum
mine: kept
"""


@dataclass
class Tally:
    """`shown`: pages asked for; `broken`: contents that were refused as a whole or in part."""

    contents: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    shown: int = 0
    faults: dict[tuple[str, str], str] = field(default_factory=dict)
    seconds: float = 0.0


class FilesWorld:
    """The pages over a real core whose files a person writes."""

    def __init__(self, app: Flask, core: Container, dice: random.Random) -> None:
        self.core, self.dice, self.client = core, dice, app.test_client()
        self.script = app.test_client(use_cookies=False)
        found = TOKEN.search(self.client.get("/logs/").text)
        assert found
        self._token = found[1]
        views = (rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments)
        self.pages = sorted(view for view in views if view != "/api/v1/events")

    def post(self, path: str, **typed: str) -> TestResponse:
        fields = typed | {"csrf_token": self._token}
        return self.client.post(path, data=fields, headers={"Origin": "http://localhost"})

    def some_pages(self, job_ids: list[str], most: int) -> list[str]:
        """Those that matter always, and so many of all others; none for -1."""
        jobs = [f"/jobs/{job_id}{page}" for job_id in job_ids[:6] for page in _JOB_PAGES]
        calls = [f"/api/v1/jobs/{job_id}" for job_id in job_ids[:6]]
        others = [*self.pages, *jobs, *calls]
        return [*ALWAYS, *self.dice.sample(others, min(most, len(others)))] if most >= 0 else []


@contextlib.contextmanager
def files_world(root: Path, seed: int) -> Iterator[FilesWorld]:
    """`root`: an empty folder. Each job has a run that ended."""
    dice = random.Random(seed)
    lay_out(root, dice)
    (root / "data").mkdir()
    (root / "data/jobs.yaml").write_bytes(GOOD)
    (root / "data/settings.yaml").write_bytes(SETTINGS)
    with at_home(root):
        core = build_container(root / "data")
        for job_id, state in zip(sorted(IDS), (RunState.DONE, RunState.FAILED, RunState.PAUSED), strict=True):
            run = run_in(state, job_id=job_id)
            core.runs.create(run, {})
            core.runs.finish(run)
        app = create_app(core, read_environment({"BACKUP_MANAGER_DATA_DIR": str(root / "data")}))
        yield FilesWorld(app, core, dice)


def fuzz(world: FilesWorld, count: int, seed: int, pages: int = 4) -> Tally:
    """`count` contents, three quarters of them for jobs.yaml; `pages` by chance for each, besides those of always."""
    begun, tally = time.monotonic(), Tally()
    checks = {GOOD: (check_jobs, 0.75), SETTINGS: (check_settings, 0.25)}
    for good, (check, share) in checks.items():
        _each(contents(good), round(count * share), seed, partial(check, world, tally, pages))
    tally.seconds = time.monotonic() - begun
    return tally


def _each(made_up: Content, count: int, seed: int, check: Callable[[bytes], None]) -> None:
    how = settings(max_examples=count, phases=[Phase.generate], database=None, deadline=None,
                   suppress_health_check=list(HealthCheck))  # fmt: skip

    @hypothesis.seed(seed)
    @how
    @given(made_up)
    def one(content: bytes) -> None:
        check(content)

    one()


def check_jobs(world: FilesWorld, tally: Tally, pages: int, content: bytes) -> None:
    """With this in jobs.yaml every page can be shown, no good job is away, and the file stays as it is."""
    core, file = world.core, world.core.folder.jobs_file
    file.write_bytes(GOOD)
    assert core.jobs.snapshot().jobs.keys() == IDS
    file.write_bytes(content)
    case = Case(world, tally, "jobs.yaml", content)
    snapshot = core.jobs.snapshot()
    is_broken = bool(snapshot.problems) or not snapshot.writable
    tally.contents["jobs.yaml"] += 1
    tally.broken["jobs.yaml"] += is_broken
    case.look(world.some_pages(sorted(snapshot.jobs), pages))
    if lost := (IDS & named(content)) - snapshot.jobs.keys():
        case.fault("a job is away", str(lost))
    if is_broken and pages >= 0:
        job = {"name": "New", "type": "rsync", "source": str(core.folder.root), "dest": f"{core.folder.root}-copy"}
        case.refused(world.post("/jobs/create", **job), "New")
        case.refused(world.post("/jobs/good-1/edit", **(job | {"name": "Changed"})), "Changed")
        case.refused(world.post("/jobs/good-1/delete"))
        case.refused(world.script.post("/api/v1/import", data=GOOD, content_type="application/yaml"))
        if "jobs.yaml" not in world.client.get("/notices", headers={"HX-Request": "true"}).text:
            case.fault("no banner", str(snapshot.problems))
    if file.read_bytes() != content:
        case.fault("written", repr(file.read_bytes()[:600]))


def named(content: bytes) -> set[object]:
    """The jobs that must be there: those that the file names, and all where it is no list of jobs at all."""
    try:
        found = yaml.safe_load(content.decode())
        return {job.get("id") for job in found["jobs"] if isinstance(job, dict) and isinstance(job.get("id"), str)}
    except (yaml.YAMLError, UnicodeError, TypeError, KeyError, AttributeError, RecursionError, ValueError):
        return set(IDS)


def check_settings(world: FilesWorld, tally: Tally, pages: int, content: bytes) -> None:
    """With this in settings.yaml every page can be shown, and while it is broken nothing is saved over it."""
    core, file = world.core, world.core.folder.settings_file
    core.folder.jobs_file.write_bytes(GOOD)
    file.write_bytes(SETTINGS)
    assert core.settings.load().max_retry_attempts == 7
    file.write_bytes(content)
    case = Case(world, tally, "settings.yaml", content)
    is_broken = bool(core.settings.problems())
    tally.contents["settings.yaml"] += 1
    tally.broken["settings.yaml"] += is_broken
    case.look(world.some_pages(sorted(IDS), pages))
    if is_broken and pages >= 0:
        typed = {"section": "defaults", "max_retry_attempts": "9"}
        case.refused(world.post("/settings/save", **typed), "9")
        case.refused(world.script.put("/api/v1/settings", json={"max_retry_attempts": 9}))
    if file.read_bytes() != content and (is_broken or not _holds(file.read_bytes(), content)):
        case.fault("written", repr(file.read_bytes()[:600]))


def _holds(now: bytes, content: bytes) -> bool:
    """Whether all values are there: a setting that another program dropped is put back beside them."""
    return bool((yaml.safe_load(content) or {}).items() <= yaml.safe_load(now).items())


@dataclass
class Case:
    world: FilesWorld
    tally: Tally
    file: str
    content: bytes

    def fault(self, kind: str, words: str) -> None:
        self.tally.faults.setdefault((self.file, kind), f"{words}\n{self.content[:3000]!r}")

    def look(self, pages: list[str]) -> None:
        for page in pages:
            answer = self.world.client.get(page)
            self.tally.shown += 1
            if answer.status_code >= 500 and not (page == "/readyz" and answer.status_code == 503):
                self.fault(f"GET {re.sub('good-.', '<id>', page)}", f"{answer.status_code} {answer.text[:600]}")
            answer.close()

    def refused(self, answer: TestResponse, *typed: str) -> None:
        """What was typed is still there."""
        if answer.status_code not in {404, 409, 422}:
            self.fault(f"{answer.request.method} {answer.request.path}", f"{answer.status_code} {answer.text[:600]}")
        elif answer.status_code != 404 and any(f'value="{word}"' not in answer.text for word in typed):
            self.fault(f"forgot what was typed into {answer.request.path}", f"{answer.status_code} {answer.text[:600]}")


def truncations(world: FilesWorld, tally: Tally, step: int, pages_each: int) -> None:
    """jobs.yaml and settings.yaml cut off at each `step`th byte; each `pages_each`th of them under pages."""
    for check, good in ((check_jobs, GOOD), (check_settings, SETTINGS)):
        for number, length in enumerate(range(0, len(good), step)):
            check(world, tally, 3 if number % pages_each == 0 else -1, good[:length])


def described(tally: Tally) -> str:
    lines = [
        f"  {file}: {number:,} contents, {tally.broken[file]:,} refused" for file, number in tally.contents.items()
    ]
    lines.append(f"  {tally.shown:,} pages in {tally.seconds:.0f} s")
    lines += [f"  FAULT {kind} with {file}: {words}" for (file, kind), words in tally.faults.items()]
    return "\n".join(lines)
