"""A data folder in which everything that somebody else may write is hostile; written by the stores, judged nowhere."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.audit import Audit, Subject, Who
from models.findings import Finding, Tally
from models.job import Job, JobSettings
from models.progress import Progress
from models.run import Outcome, PhaseMark, Run, RunState, Statistics, job_status
from storage.data_folder import DataFolder
from storage.findings import FindingsLog
from storage.job_store import JobStore
from storage.log_store import RunLog
from storage.run_store import RunStore
from tests import build
from tests.e2e.hostile_tree import HARD_NAMES
from utils.clock import SystemClock, utc_text
from utils.ids import new_run_id
from utils.text import visible, visible_name

S = RunState
MARKUP = "<img src=x onerror=window.pwned=1><script>window.pwned=1</script>\"'`&amp;{{ 7*7 }}"
CONTROLS = "\x1b]0;pwned\x07\x1b[31mred\x1b[0m \u202egpj.exe\u2066 \u2028next\r99%"
FORGED = "[2026-11-21 07:02:04] Error: forged line"
LONG = "W" * 255
NAMES = (MARKUP, LONG, "مرحبا بالعالم 日本語 🍰", "=cmd|' /C calc'!A1", "-rf --delete")
TEXTS = (MARKUP, f"{CONTROLS} end", FORGED, LONG, "javascript:window.pwned=1", "{% raw %}{{ config }}")
PAYLOADS = tuple(visible(text) for text in (*NAMES, *TEXTS)) + tuple(visible_name(name) for name in HARD_NAMES)


@dataclass(frozen=True)
class World:
    """The jobs by name, and one run of each with hostile words everywhere."""

    jobs: dict[str, str]
    runs: dict[str, str]


def furnish_hostile(root: Path) -> World:
    """A job for every hostile name, with runs whose errors, notes, files and log lines are hostile too."""
    folder = DataFolder(root)
    folder.prepare()
    jobs, runs, audit = JobStore(folder), RunStore(folder), Audit(folder, SystemClock())
    made: dict[str, str] = {}
    last: dict[str, str] = {}
    for place, name in enumerate(NAMES):
        job = jobs.create(_job(name))
        made[name] = job.id
        for state in (S.DONE_WITH_WARNINGS, S.FAILED if place % 2 == 0 else S.INTERRUPTED):
            run = _keep(folder, runs, _run(job, state, TEXTS[place % len(TEXTS)]))
        _write_as_the_legacy_app(folder, run)
        last[name] = run.id
        jobs.set_status(job.id, job_status(run), run.progress)
        for text in TEXTS:
            about = Subject(job.id, name, run.id, (text, visible_name(HARD_NAMES[0])))
            audit.record("job.change", Who(text, text, f"token:{text}", text), about, "failed", text, 500, text)
    return World(made, last)


def _job(name: str) -> Job:
    settings = JobSettings(tags=(MARKUP[:60], "=1+1"), exclude=(MARKUP, "*.tmp"))
    return build.job(name=name, source=f"/srv/{MARKUP.replace('/', '_')}/", dest=f"/srv/{LONG}/x y", settings=settings)


def _run(job: Job, state: RunState, text: str) -> Run:
    end = datetime.now(UTC) - timedelta(hours=1 if state is S.DONE_WITH_WARNINGS else 0, minutes=9)
    begin = end - timedelta(minutes=5)
    names = tuple(map(visible_name, HARD_NAMES))
    return build.run(
        id=new_run_id(begin), job_id=job.id, job_name=job.name, source=job.source, dest=job.dest, state=state,
        created_at=utc_text(begin), started_at=utc_text(begin), ended_at=utc_text(end), note=visible(text),
        outcome=Outcome(visible(text), visible(text), 23, None, names, len(names)),
        progress=Progress(1000, 2000, 50.0, 0, None, 3, 6), statistics=Statistics(6, 3, 1, 0, 2000, 1000, 1000, 0),
        phases=(PhaseMark(S.STARTING, utc_text(begin)), PhaseMark(state, utc_text(end))),
    )  # fmt: skip


def _keep(folder: DataFolder, runs: RunStore, run: Run) -> Run:
    findings = tuple(Finding("unproven", name, None) for name in HARD_NAMES)
    run = run._replace(tallies=(Tally("unproven", len(findings), 0),))
    runs.create(run, {})
    log = RunLog(folder, run.engine, run.job_id, run.id)
    for text in (*TEXTS, *map(visible_name, HARD_NAMES)):
        log.write(datetime.fromisoformat(run.started_at), "warn", text)
    log.flush()
    found = FindingsLog(folder, run.job_id, run.id)
    found.add(findings)
    found.flush()
    runs.finish(run)
    return run


def _write_as_the_legacy_app(folder: DataFolder, run: Run) -> None:
    """It writes what its tools print, as it is."""
    raw = "".join(f"[2026-11-21 07:02:04] {text}\n" for text in TEXTS).encode() + b"\x00\xff not utf-8 \x1b[2J\n"
    with (folder.logs / f"{run.engine}_{run.job_id}.log").open("ab") as log:
        log.write(raw)
