"""A data folder as it looks after weeks: jobs in every state with their history; written by the stores, not by runs."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from models.job import Job, JobSettings
from models.progress import Progress
from models.run import Outcome, PhaseMark, Run, RunState, Statistics, job_status
from storage.data_folder import DataFolder
from storage.job_store import JobStore
from storage.log_store import RunLog
from storage.run_store import RunStore
from tests import build
from utils.clock import utc_text
from utils.ids import new_run_id

S = RunState
FULL = Outcome("The destination is full: it needs 41 GB and has 3 GB.", "Free space or choose another destination.", 11)
UNREAD = ("2021/ledger.mbox", "2021/<script>alert(1)", "2020/new\\nline.mbox")
WARNED = Outcome(
    "3 files could not be read: permission denied.", "Give the server the right to read them.", 23, None, UNREAD, 3
)
CUT = Outcome("The machine restarted during the run.", "Resume carries on where it stopped.")
LOGGED = (
    ("info", "Copying /srv/photos/ to /mnt/nas/photos"),
    ("info", "2021/a name with spaces and <b>tags</b>.jpg"),
    ("warn", "Permission denied: 2021/payroll.mbox"),
    ("error", "The destination is full: it needs 41 GB and has 3 GB."),
)


@dataclass(frozen=True)
class Furnished:
    """Ids of the jobs by the state they show, and of the last run of each."""

    jobs: dict[str, str]
    runs: dict[str, str]


def furnish(root: Path, source: Path) -> Furnished:
    """Jobs in every ended state, one that never ran, one that is disabled and one with a very long name."""
    folder = DataFolder(root)
    folder.prepare()
    jobs, runs = JobStore(folder), RunStore(folder)
    made = [
        _job("Photos to NAS", source, "done"),
        _job("Server configs", source, "done"),
        _job("Mail archive", source, "done_with_warnings"),
        _job("Database dumps", source, "failed"),
        _job("Laptops over SSH", source, "interrupted"),
        _job("Documents to the vault", source, "paused"),
        _job("Projects", source, "never_run"),
        _job("Old camera", source, "disabled", enabled=False),
        _job(f"A long name: {'photographs and scans of everything ' * 3}", source, "long"),
    ]
    ids, last = {}, {}
    for state, job in made:
        ids[state] = jobs.create(job).id
        history = _history(job, state)
        for run in history:
            _keep(folder, runs, run)
        if history:
            jobs.set_status(job.id, job_status(history[-1]), history[-1].progress)
            last[state] = history[-1].id
    return Furnished(ids, last)


def _job(name: str, source: Path, state: str, **settings: Any) -> tuple[str, Job]:
    dest = f"{source.parent}/nas/{name.split(maxsplit=1)[0].casefold()}/with a rather long path/2026"
    return state, build.job(name=name, source=f"{source}/", dest=dest, settings=JobSettings(**settings))


def _history(job: Job, state: str) -> list[Run]:
    """Oldest first: a week of good runs, then the one that decides the state."""
    if state in {"never_run", "disabled"}:
        return []
    good = [_run(job, S.DONE, timedelta(days=day, minutes=7 * day)) for day in range(7, 0, -1)]
    last = {
        "done_with_warnings": _run(job, S.DONE_WITH_WARNINGS, timedelta(hours=4), WARNED),
        "failed": _run(job, S.FAILED, timedelta(hours=2), FULL, 12.4),
        "interrupted": _run(job, S.INTERRUPTED, timedelta(hours=1), CUT, 62.0),
        "paused": _run(job, S.PAUSED, timedelta(minutes=30), Outcome(), 38.0),
    }
    return [*good, last.get(state, _run(job, S.DONE, timedelta(minutes=50)))]


def _run(job: Job, state: RunState, ago: timedelta, outcome: Outcome | None = None, percent: float = 100.0) -> Run:
    end = datetime.now(UTC) - ago
    begin, moving = end - timedelta(minutes=12), end - timedelta(minutes=11)
    total = 41_200_000_000
    sent = int(total * percent / 100)
    marks = ((S.STARTING, begin), (S.CHECKING, begin), (S.TRANSFERRING, moving), (state, end))
    return build.run(
        id=new_run_id(begin),
        job_id=job.id,
        job_name=job.name,
        source=job.source,
        dest=job.dest,
        state=state,
        created_at=utc_text(begin),
        started_at=utc_text(begin),
        ended_at=utc_text(end),
        outcome=outcome or Outcome(f"330 files copied, {sent // 10**6} MB.", "", 0),
        progress=Progress(sent, total, percent, 0, None, int(48_211 * percent / 100), 48_211),
        statistics=Statistics(48_211, 330, 12, 0, total, sent, sent, 0) if percent == 100 else Statistics(),
        phases=tuple(PhaseMark(phase, utc_text(at)) for phase, at in marks),
        attempts=11,
    )


def _keep(folder: DataFolder, runs: RunStore, run: Run) -> None:
    runs.create(run, {})
    log = RunLog(folder, run.engine, run.job_id, run.id)
    for level, text in LOGGED:
        log.write(datetime.fromisoformat(run.started_at), level, text)
    log.flush()
    runs.finish(run)
