"""A person at the pages, over the real core without its background work; judges nothing."""

import re
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from core.container import Container
from models.job import Job
from models.progress import Progress
from models.run import ENDED, Outcome, PhaseMark, Run, RunState
from tests import build

S = RunState
STARTED, ENDED_AT = "2026-11-21T07:02:06.000Z", "2026-11-21T07:16:06.000Z"
ALL_STATES = tuple(RunState)
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


class Pages:
    """Asks for pages and sends forms as a browser would."""

    def __init__(self, app: Flask, core: Container, folder: Path) -> None:
        self.app, self.core, self.folder = app, core, folder
        self._client = app.test_client()

    def get(self, path: str, fragment: str | None = None) -> TestResponse:
        """`fragment`: the id that htmx would replace; None is a plain visit."""
        headers = {} if fragment is None else {"HX-Request": "true", "HX-Target": fragment}
        return self._client.get(path, headers=headers)

    def in_zone(self, name: str) -> None:
        """The browser says that it is there."""
        self._client.set_cookie("timezone", name)

    def post(
        self, path: str, htmx: bool = False, method: str = "POST", referrer: str = "", **fields: Any
    ) -> TestResponse:
        """`htmx`: as the scripts do it; else a plain form."""
        found = TOKEN.search(self._client.get("/logs/").text)
        assert found
        headers = {"Origin": "http://localhost"} | ({"HX-Request": "true"} if htmx else {})
        headers |= {"Referer": referrer} if referrer else {}
        return self._client.open(path, method=method, data=fields | {"csrf_token": found[1]}, headers=headers)

    def job(self, **changes: Any) -> Job:
        """A job whose folders exist."""
        source = self.folder / "photos"
        source.mkdir(exist_ok=True)
        folders = {"source": str(source), "dest": str(self.folder / "copy")}
        return self.core.jobs.create(build.job(**(folders | changes)))

    def run(self, job: Job, state: RunState, **changes: Any) -> Run:
        """A run of `job` recorded as it stands in that state."""
        run = run_in(state, job_id=job.id, job_name=job.name, source=job.source, dest=job.dest, **changes)
        self.core.runs.create(run, {})
        if state in ENDED:
            self.core.runs.finish(run)
        return run


def run_in(state: RunState, **changes: Any) -> Run:
    """A run with the facts that a run in this state has."""
    has_started = state not in {S.QUEUED, S.CANCELLED}
    percent = 100.0 if state in {S.DONE, S.DONE_WITH_WARNINGS} else 62.0
    facts: dict[str, Any] = {
        "state": state,
        "created_at": "2026-11-21T07:02:04.000Z",
        "started_at": STARTED if has_started else "",
        "ended_at": ENDED_AT if state in ENDED else "",
        "progress": Progress(620_000_000, 1_000_000_000, percent, 118_000_000, 1740, 3812, 6120, "a/b.mkv")
        if has_started
        else Progress(),
        "phases": _phases(state) if has_started else (),
        "outcome": _outcome(state),
        "attempts": 10,
    }
    return build.run(**(facts | changes))


def _phases(state: RunState) -> tuple[PhaseMark, ...]:
    marks = [PhaseMark(S.STARTING, STARTED), PhaseMark(S.CHECKING, STARTED)]
    if state not in {S.STARTING, S.CHECKING}:
        marks.append(PhaseMark(S.TRANSFERRING, "2026-11-21T07:04:06.000Z"))
    if state not in {S.STARTING, S.CHECKING, S.TRANSFERRING}:
        marks.append(PhaseMark(state, ENDED_AT))
    return tuple(marks)


def _outcome(state: RunState) -> Outcome:
    if state is S.FAILED:
        return Outcome("The destination is full.", "Free space or choose another destination.", 11)
    if state is S.DONE_WITH_WARNINGS:
        return Outcome("3 files could not be read.", "", 23, failed_files=("<b>x</b>", "y\n"), failed_count=3)
    if state is S.INTERRUPTED:
        return Outcome("The machine restarted.")
    return Outcome()
