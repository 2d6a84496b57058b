"""The reading side of pages, API and command line: puts what is known together, changes nothing."""

import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache

from core.admission import in_the_way_of
from core.foreign import ForeignRuns, explains_running
from core.job_board import JobBoard
from core.past_runs import PastRuns
from core.run_index import RunIndex
from core.statistics import DayCell, DayOf, Usual, strip_of, usual_of, utc_day
from core.views import DashboardView, JobView, Page
from engines.registry import engine, names
from models.events import Event, RunChanged, RunLogged, RunProgressed
from models.job import Job, JobSettings
from models.run import Run, RunState
from models.run_summary import RunSummary, places_of
from storage.job_store import JobStore
from utils.clock import Clock, SystemClock
from utils.turns import Turns

ActiveRuns = Callable[[], Iterable[Run]]
_RECENT_ROWS = 10
_STRIP_RUNS = 500
_SUMS_HOLD = 10  # seconds
_FIELD_WORDS = {"dest": "destination", "ssh_key": "key", "exclude": "“Leave out”", "include": "“Include”"}
_WAITING = frozenset({RunState.QUEUED, RunState.WAITING})


class Queries:
    """`active` gives the runs under way; everything else comes from the stores and the index.

    `past_runs` finds ended runs of all jobs.
    """

    def __init__(
        self, jobs: JobStore, index: RunIndex, foreign: ForeignRuns, active: ActiveRuns, clock: Clock | None = None
    ) -> None:
        self._jobs, self._index, self._foreign, self._active = jobs, index, foreign, active
        self._clock = clock or SystemClock()
        self._process = os.urandom(4).hex()
        self._changes = 0
        self.past_runs = PastRuns(index, jobs)
        self._board = JobBoard(self._build)
        self._building = threading.RLock()  # who asks meanwhile gets the board when it is whole
        self._changed: dict[str, None] = {}  # jobs whose runs changed since the board was last asked
        self._due: set[str] = set()  # what the board has not taken in yet
        self._turns = Turns(lambda: self._clock.sleep(0))
        self._under_way: set[str] = set()
        self._runs_now: dict[str, Run] = {}
        self._doubtful: set[str] = set()
        self._filled = 0
        self._known_sums: tuple[object, tuple[int, int]] = (None, (0, 0))

    def hear(self, event: Event) -> None:
        """Count what changes a page, so that an unchanged poll costs a comparison."""
        if isinstance(event, RunChanged):
            self._changed[event.run.job_id] = None
        if not isinstance(event, RunProgressed | RunLogged):
            self._changes += 1

    def revision(self) -> str:
        """Another word whenever something that pages show (figures apart) has changed."""
        return f"{self._process}-{self._jobs.snapshot().revision}-{self._changes}-{self._index.known.filled}"

    def job_view(self, job_id: str) -> JobView:
        """`JobNotFound` if there is none."""
        return self._view(self._jobs.get(job_id), self._active_by_job())

    def job_views(
        self,
        search: str = "",
        state: str = "",
        engine: str = "",
        tag: str = "",
        sort: str = "name",
        page: int = 1,
        per_page: int = 50,
    ) -> Page:
        """One page of the jobs that match; `state` is a filter name or a state's word."""
        with self._building:
            board, active = self._board_now()
            cards, counts, choices = board.sorted(sort), board.counts, board.choices()
        wanted = search.casefold()
        matching = [card for card in cards if card.matches(wanted, state, engine, tag)]
        pages = max(1, -(-len(matching) // per_page))
        page = min(max(1, page), pages)
        rows = matching[(page - 1) * per_page : page * per_page]
        views = tuple(_fresh(card.view, active) for card in rows)
        return Page(views, len(matching), page, pages, counts, *choices)

    def every_job(self) -> tuple[JobView, ...]:
        """All jobs, for whoever counts them; what runs has the figures of the moment."""
        with self._building:
            board, active = self._board_now()
            return tuple(_fresh(card.view, active) for card in board.cards.values())

    def blocker(self, run: Run) -> Run | None:
        """The run that a queued one waits for; None if it waits for no other run."""
        return in_the_way_of(run, self._active()) if run.state is RunState.QUEUED and run.note else None

    def dashboard(self) -> DashboardView:
        board, runs = self._board_now()
        views = [_fresh(card.view, runs) for card in board.cards.values() if card.view.active]
        waiting = [view for view in views if view.active and view.active.state in _WAITING]
        failed, total_bytes = self._sums()
        return DashboardView(
            total=board.counts["all"],
            active=tuple(view for view in views if view not in waiting),
            waiting=tuple(waiting),
            attention=tuple(card.view for card in board.cards.values() if card.needs_attention),
            protected=board.counts["protected"],
            never_run=board.never_run,
            failed_24h=failed,
            total_bytes=total_bytes,
            last_good_at=board.last_good_at,
            recent=self._index.recent(self._jobs.snapshot().jobs, _RECENT_ROWS),
            unreachable=tuple(sorted({view.active.waits_for for view in waiting if view.active} - {""})),
        )

    def _sums(self) -> tuple[int, int]:
        """Failed in 24 hours and bytes in all, worked out again when something changed or some seconds went by."""
        key = (self.revision(), self._clock.monotonic() // _SUMS_HOLD)
        if self._known_sums[0] != key:
            jobs = self._jobs.snapshot().jobs
            self._known_sums = (key, (self._index.failed_since(jobs, 24), self._index.transferred_bytes(jobs)))
        return self._known_sums[1]

    def history(self, job_id: str, limit: int = 60) -> tuple[RunSummary, ...]:
        """The ended backup runs of a job, newest first."""
        return self._index.history(job_id, limit)

    def run_count(self, job_id: str) -> int:
        """How many ended runs of any kind the job has."""
        return self._index.count(job_id)

    def strip(self, job_id: str, days: int = 30, day_of: DayOf = utc_day) -> tuple[DayCell, ...]:
        """The job's last days, oldest first; `day_of` says on which day of the viewer's zone a moment lies."""
        active = self._active_by_job().get(job_id)
        return strip_of(self._index.history(job_id, _STRIP_RUNS), active, self._clock.now(), days, day_of)

    def usual(self, job_id: str, day_of: DayOf = utc_day) -> Usual | None:
        """What the job's good runs were like, of those from and to its present places; None if there are none."""
        job = self._jobs.get(job_id)
        places = places_of(job.type, job.source, job.dest)
        return usual_of(self._index.history(job_id), places, self._clock.now(), day_of)

    def left_to_read(self) -> int:
        """Of how many jobs the whole history is still to be read, at a first start on an old folder."""
        return self._index.known.left

    def _board_now(self) -> tuple[JobBoard, dict[str, Run]]:
        """The board as things are now, with the runs under way by job."""
        with self._building:
            active = self._active_by_job()
            jobs = self._jobs.snapshot().jobs
            self._doubtful &= jobs.keys()
            self._due |= self._doubtful | active.keys() ^ self._under_way
            while self._changed:  # one by one, as a thread may add to it meanwhile
                self._due.add(self._changed.popitem()[0])
            if self._index.known.filled != self._filled:
                self._filled = self._index.known.filled
                self._due |= jobs.keys()
            self._under_way, self._runs_now = set(active), active
            self._board.update(jobs, self._due)
            self._due = set()
            return self._board, active

    def _build(self, job: Job) -> JobView:
        self._turns.pause()
        view = self._view(job, self._runs_now)
        if view.doubt:
            self._doubtful.add(job.id)
        else:
            self._doubtful.discard(job.id)
        return view

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
            settled=latest.settled,
            doubt=self._doubt(job) if run is None and job.status == "running" else "",
            problem=standing_problem(job) or _refusal(job.type, job.name, job.source, job.dest, job.settings),
        )

    def _doubt(self, job: Job) -> str:
        last = self._index.latest(job.id).last
        return "" if explains_running(job, last) else self._foreign.doubt(job)


def _proven_at(job: Job, proof: RunSummary | None) -> str:
    """A proof is one of the places that were compared; the job may have got others since."""
    return proof.ended_at if proof and proof.places == places_of(job.type, job.source, job.dest) else ""


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


def _fresh(view: JobView, active: dict[str, Run]) -> JobView:
    """With the figures of the moment."""
    run = active.get(view.job.id)
    return view if run is view.active or run is None else replace(view, active=run)
