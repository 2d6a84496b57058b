"""The reading side of pages, API and command line: puts what is known together, changes nothing."""

import os
from collections.abc import Callable, Iterable
from functools import lru_cache

from core.foreign import ForeignRuns, explains_running
from core.run_index import RunIndex
from core.views import DashboardView, JobView, Page
from engines.registry import engine, names
from models.events import Event, RunLogged, RunProgressed
from models.job import Job, JobSettings
from models.run import Run, RunState
from storage.job_store import JobStore

ActiveRuns = Callable[[], Iterable[Run]]
_RECENT_ROWS = 10
_FIELD_WORDS = {"dest": "destination", "ssh_key": "key", "exclude": "“Leave out”", "include": "“Include”"}
_WAITING = frozenset({RunState.QUEUED, RunState.WAITING})


class Queries:
    """`active` gives the runs under way; everything else comes from the stores and the index."""

    def __init__(self, jobs: JobStore, index: RunIndex, foreign: ForeignRuns, active: ActiveRuns) -> None:
        self._jobs, self._index, self._foreign, self._active = jobs, index, foreign, active
        self._process = os.urandom(4).hex()
        self._changes = 0
        self._resting: tuple[str, list[JobView]] = ("", [])

    def hear(self, event: Event) -> None:
        """Count what changes a page, so that an unchanged poll costs a comparison."""
        if not isinstance(event, RunProgressed | RunLogged):
            self._changes += 1

    def revision(self) -> str:
        """Another word whenever something that pages show (figures apart) has changed."""
        return f"{self._process}-{self._jobs.snapshot().revision}-{self._changes}"

    def job_view(self, job_id: str) -> JobView:
        """`JobNotFound` if there is none."""
        return self._view(self._jobs.get(job_id), self._active_by_job())

    def job_views(
        self,
        search: str = "",
        state: str = "",
        engine: str = "",
        sort: str = "name",
        page: int = 1,
        per_page: int = 50,
    ) -> Page:
        """One page of the jobs that match; `state` is a filter name or a state's word."""
        views = self._all_views()
        counts = _counts(views)
        matching = [view for view in views if _matches(view, search, state, engine)]
        matching.sort(key=_SORTS.get(sort, _by_name))
        pages = max(1, -(-len(matching) // per_page))
        page = min(max(1, page), pages)
        rows = matching[(page - 1) * per_page : page * per_page]
        return Page(tuple(rows), len(matching), page, pages, counts)

    def dashboard(self) -> DashboardView:
        views = self._all_views()
        active = [view for view in views if view.active]
        waiting = [view for view in active if view.active and view.active.state in _WAITING]
        good = [view.last_good.ended_at for view in views if view.last_good]
        return DashboardView(
            total=len(views),
            active=tuple(view for view in active if view not in waiting),
            waiting=tuple(waiting),
            attention=tuple(view for view in views if view.needs_attention),
            protected=sum(view.is_protected for view in views),
            never_run=sum(view.state == "never_run" for view in views),
            failed_24h=self._index.failed_since(24),
            total_bytes=self._index.transferred_bytes(),
            last_good_at=max(good, default=""),
            recent=self._index.recent()[:_RECENT_ROWS],
            unreachable=tuple(sorted({view.active.waits_for for view in waiting if view.active} - {""})),
        )

    def _all_views(self) -> list[JobView]:
        """Of all jobs, in the file's order; only what moves is put together anew."""
        active = self._active_by_job()
        revision = self.revision()
        if self._resting[0] != revision:
            jobs = self._jobs.snapshot().jobs.values()
            self._resting = (revision, [self._view(job, {}) for job in jobs])
        return [
            self._view(view.job, active) if view.job.id in active or view.doubt else view for view in self._resting[1]
        ]

    def _active_by_job(self) -> dict[str, Run]:
        return {run.job_id: run for run in self._active()}

    def _view(self, job: Job, active: dict[str, Run]) -> JobView:
        latest = self._index.latest(job.id)
        run = active.get(job.id)
        return JobView(
            job=job,
            active=run,
            last=latest.last,
            last_good=latest.last_good,
            last_proven=_proven_at(job, latest.last_proven),
            unproven=latest.unproven if _is_of(job, latest.unproven) else None,
            doubt=self._doubt(job) if run is None and job.status == "running" else "",
            problem=standing_problem(job) or _refusal(job.type, job.name, job.source, job.dest, job.settings),
        )

    def _doubt(self, job: Job) -> str:
        last = self._index.latest(job.id).last
        return "" if explains_running(job, last) else self._foreign.doubt(job)


def _proven_at(job: Job, proof: Run | None) -> str:
    """A proof is one of the places that were compared; the job may have got others since."""
    return proof.ended_at if proof and _is_of(job, proof) else ""


def _is_of(job: Job, run: Run | None) -> bool:
    return run is not None and (run.source, run.dest) == (job.source, job.dest)


def standing_problem(job: Job) -> str:
    """Why the job cannot start whatever the disks say ("" = it can)."""
    if job.settings.unbuilt:
        asked = ", ".join(job.settings.unbuilt)
        return f"It asks for {asked}, which this version does not carry out yet."
    if job.type not in names():
        return f"This version has no engine called {job.type}."
    return ""


@lru_cache(maxsize=16384)
def _refusal(engine_name: str, name: str, source: str, dest: str, settings: JobSettings) -> str:
    """What the engine refuses of a definition that was written by hand or by the legacy app ("" = nothing)."""
    found = engine(engine_name).problems(Job("", name, source, dest, engine_name, settings=settings), None)
    for field, sentence in found.items():
        return f"Its {_FIELD_WORDS.get(field, field.replace('_', ' '))} cannot be used. {sentence}"
    return ""


def _counts(views: list[JobView]) -> dict[str, int]:
    return {
        "all": len(views),
        "attention": sum(view.needs_attention for view in views),
        "active": sum(view.active is not None for view in views),
        "protected": sum(view.is_protected for view in views),
    }


def _matches(view: JobView, search: str, state: str, engine: str) -> bool:
    job = view.job
    if engine and job.type != engine:
        return False
    if search:
        places = (job.name, job.source, job.dest, *job.settings.tags)
        if not any(search.casefold() in place.casefold() for place in places):
            return False
    return _is_in_state(view, state)


def _is_in_state(view: JobView, state: str) -> bool:
    if state in ("", "all"):
        return True
    if state == "attention":
        return view.needs_attention
    if state == "active":
        return view.active is not None
    if state == "protected":
        return view.is_protected
    return state in (view.state, view.job.status)


def _by_name(view: JobView) -> tuple[object, ...]:
    return (view.job.name.casefold(), view.job.id)


def _by_updated(view: JobView) -> tuple[object, ...]:
    changed = max(view.job.updated_at, view.last.ended_at if view.last else "")
    return (tuple(-ord(character) for character in changed), *_by_name(view))


def _by_state(view: JobView) -> tuple[object, ...]:
    rank = 0 if view.needs_attention else 1 if view.active else 2 if not view.is_protected else 3
    return (rank, *_by_name(view))


_SORTS = {"name": _by_name, "updated": _by_updated, "state": _by_state}
