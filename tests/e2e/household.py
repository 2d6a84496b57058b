"""A household's data folder after a month: jobs with good and bad days; written by the stores, not by runs."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from models.job import Job
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
GB = 10**9
FULL = Outcome("The destination is full: it needs 41 GB and has 3 GB.", "Free space or choose another destination.", 11)
UNREAD = ("2021/ledger.mbox", "2021/payroll.mbox", "2020/private.mbox")
WARNED = Outcome(
    "3 files could not be read: permission denied.", "Give the server the right to read them.", 23, None, UNREAD, 3
)
CUT = Outcome("The machine restarted during the run.", "Resume carries on where it stopped.")
OUTCOMES = {S.DONE_WITH_WARNINGS: WARNED, S.FAILED: FULL, S.INTERRUPTED: CUT}


class Member(NamedTuple):
    """A job, how many days lie between its runs, how long (minutes) and how large (GB) one is, and its bad days."""

    name: str
    engine: str
    source: str
    dest: str
    every: int
    minutes: float
    size: float
    bad: dict[int, RunState]


WARNING, CUT_SHORT = S.DONE_WITH_WARNINGS, S.INTERRUPTED
HOUSEHOLD = (
    Member("Database dumps", "rsync", "/srv/db/dumps/", "/mnt/usb/dumps", 1, 3, 44, {0: S.FAILED, 10: WARNING}),
    Member("Laptops over SSH", "rsync", "anna@laptop:/home/anna/", "/mnt/nas/laptops/anna", 1, 22, 180, {0: CUT_SHORT}),
    Member("Mail archive", "rsync", "/srv/mail/", "/mnt/nas/mail", 1, 6, 18, {0: WARNING, 1: WARNING, 15: WARNING}),
    Member("Photos to NAS", "rsync", "/srv/share/photos/", "/mnt/nas/photos", 1, 14, 411, {17: WARNING}),
    Member("Server configs", "rclone", "/etc/", "/mnt/usb/configs", 1, 0.2, 0.04, {12: S.FAILED}),
    Member("Home Assistant", "rsync", "/srv/home-assistant/", "/mnt/usb/home-assistant", 1, 3, 2.4, {}),
    Member("Music to USB disk", "rsync", "/srv/media/music/", "/mnt/usb/music", 7, 9, 96, {}),
)


def furnish_household(root: Path) -> dict[str, str]:
    """The ids of the jobs by their names."""
    folder = DataFolder(root)
    folder.prepare()
    jobs, runs, dice = JobStore(folder), RunStore(folder), random.Random(7)
    made = {member.name: jobs.create(_job(member)) for member in HOUSEHOLD}
    days = [run for place, member in enumerate(HOUSEHOLD) for run in _month(made[member.name], member, place, dice)]
    for run in sorted(days, key=lambda run: run.ended_at):
        _keep(folder, runs, run)
        jobs.set_status(run.job_id, job_status(run), run.progress)
    return {name: job.id for name, job in made.items()}


def _job(member: Member) -> Job:
    return build.job(name=member.name, source=member.source, dest=member.dest, type=member.engine)


def _month(job: Job, member: Member, place: int, dice: random.Random) -> list[Run]:
    """Oldest first; a job's runs grow a little, and none takes as long as another."""
    now = datetime.now(UTC)
    days = [day for day in range(29, -1, -1) if day % member.every == 0]
    return [
        _run(job, member, now - timedelta(days=day, minutes=23 + 41 * place), member.bad.get(day, S.DONE), day, dice)
        for day in days
    ]


def _run(job: Job, member: Member, end: datetime, state: RunState, day: int, dice: random.Random) -> Run:
    share = {S.FAILED: 0.31, S.INTERRUPTED: 0.62}.get(state, 1.0)
    length = timedelta(minutes=member.minutes * dice.uniform(0.85, 1.3) * (2.1 if dice.random() < 0.06 else 1) * share)
    begin, total = end - length, int(member.size * GB * (1 - 0.004 * day))
    moving, sent = begin + length * 0.08, int(total * share * dice.uniform(0.001, 0.012))
    files = int(member.size * 117) + 12
    marks = ((S.STARTING, begin), (S.CHECKING, begin), (S.TRANSFERRING, moving), (state, end))
    good = Outcome(f"{files // 60 + 3} files copied, {sent // 10**6 + 1} MB.", "", 0)
    return build.run(
        id=new_run_id(begin), job_id=job.id, job_name=job.name, source=job.source, dest=job.dest, engine=job.type,
        state=state, created_at=utc_text(begin), started_at=utc_text(begin), ended_at=utc_text(end), attempts=11,
        outcome=OUTCOMES.get(state, good),
        progress=Progress(int(total * share), total, 100.0 * share, 0, None, int(files * share), files),
        statistics=Statistics(files, files // 60 + 3, 4, 0, total, sent, sent, 0) if share == 1 else Statistics(),
        phases=tuple(PhaseMark(phase, utc_text(at)) for phase, at in marks),
    )  # fmt: skip


def _keep(folder: DataFolder, runs: RunStore, run: Run) -> None:
    runs.create(run, {})
    log, moment = RunLog(folder, run.engine, run.job_id, run.id), datetime.fromisoformat(run.started_at)
    log.write(moment, "info", f"Copying {run.source} to {run.dest}")
    for name in run.outcome.failed_files:
        log.write(moment + timedelta(seconds=40), "warn", f"Permission denied: {name}")
    level = "error" if run.state is S.FAILED else "info"
    log.write(datetime.fromisoformat(run.ended_at), level, run.outcome.reason)
    log.flush()
    runs.finish(run)
