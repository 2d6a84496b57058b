"""Runs of every kind with what they found about files, for pages that show it; written by the stores, not by runs."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from models.findings import Deletion, Finding, Tally, Verification
from models.job import Job, JobSettings
from models.progress import Progress
from models.run import Outcome, PhaseMark, Run, RunState, Statistics
from storage.data_folder import DataFolder
from storage.findings import FindingsLog
from storage.job_store import JobStore
from storage.run_store import RunStore
from tests import build
from utils.clock import utc_text
from utils.ids import new_run_id

S = RunState
TOTAL = 411_800_000_000
UNPROVEN = Outcome(
    "The copy is not proven: 2 files at the destination differ from the source, 1 file is missing there.",
    "See the list of files. A run with the verification “checksum” copies again what differs.",
    0,
)
WANTING = (
    Finding("mismatch", b"2021/Summer holiday Ostsee (raw).mov", 12_400_000_000),
    Finding("mismatch", b"2020/ledger <b>.mbox", 4_000_000),
    Finding("missing", b"2019/a name\nwith a line end \xff.jpg", 2_400_000),
    Finding("meanwhile", b"2021/open document.odt", 80_000),
    Finding("attributes", b"2018/readable by all.jpg", 2_000_000),
)


@dataclass(frozen=True)
class Evidence:
    """The job, and its runs by what they show."""

    job: str
    runs: dict[str, str]


def furnish_evidence(root: Path, source: Path) -> Evidence:
    """A job with a preview, verifications that passed, failed and were stopped, a deletion, a restore, a rehearsal."""
    folder = DataFolder(root)
    folder.prepare()
    dest = f"{source.parent}/archive/films"
    settings = JobSettings(verify="verify_after", delete_source_after=True, deletion_confirmed=True)
    job = JobStore(folder).create(
        build.job(name="Films to the archive", source=f"{source}/", dest=dest, settings=settings)
    )
    made = {
        name: _keep(folder, _run(job, number, **facts), findings)
        for number, (name, (facts, findings)) in enumerate(_kinds().items())
    }
    return Evidence(job.id, made)


def _kinds() -> dict[str, tuple[dict[str, Any], tuple[Finding, ...]]]:
    proven = Verification("checksum", 48_211, TOTAL, 0, 0, 0, True)
    wanting = Verification("checksum", 48_211, TOTAL, 2, 1, 0, False)
    moved = Deletion("verify_then_delete", "completed", 48_211, 48_209, TOTAL - 82_000, 2)
    refused = Deletion("per_file", "refused", reason="Less than 10 % of the destination is free.")
    kept = (Finding("kept", b"2021/open document.odt", 80_000), Finding("kept", b"2021/note.txt", 2_000))
    attributes = (Finding("attributes", b"2018/readable by all.jpg", 2_000_000),)
    return {
        "good": ({}, ()),
        "rehearsal": ({"kind": "rehearsal", "verification": Verification("checksum", 20, 3_100_000, passed=True)}, ()),
        "restore": ({"kind": "restore", "verification": proven}, ()),
        "moved": ({"verification": proven, "deletion": moved, "to": (S.VERIFYING, S.DELETING)}, kept),
        "refused": ({"verification": proven, "deletion": refused, "to": (S.VERIFYING,)}, ()),
        "stopped": ({"kind": "verify", "state": S.PAUSED, "to": (S.VERIFYING,)}, ()),
        "proven": ({"kind": "verify", "verification": proven, "to": (S.VERIFYING,)}, attributes),
        "wanting": (
            {"kind": "verify", "state": S.FAILED, "outcome": UNPROVEN, "verification": wanting, "to": (S.VERIFYING,)},
            WANTING,
        ),
        "nothing new": ({"kind": "preview", "to": ()}, ()),
        "preview": ({"kind": "preview", "to": ()}, tuple(_to_copy())),
    }  # fmt: skip


def _to_copy() -> list[Finding]:
    changed = [
        Finding("changed", f"Old recordings/2014/Birthday {year}.mov".encode(), 8_100_000_000) for year in (39, 40)
    ]
    changed.append(Finding("changed", b"index.html", 12_345))
    new = [
        Finding("new", f"Series/Lost/S{season:02}/Lost S{season:02}E{number:02}.mkv".encode(), 512_000_000 + number)
        for season in range(1, 7)
        for number in range(1, 19)
    ]
    new += [
        Finding("new", f"Downloads/unsorted/<i>{number}</i> \xe9\xff.iso".encode("latin-1"), 700)
        for number in range(60)
    ]
    return [*changed, *new, Finding("extra", b"Trash/old.mkv", 1_000)]


def _run(job: Job, number: int, to: tuple[RunState, ...] = (S.TRANSFERRING,), **facts: Any) -> Run:
    end = datetime.now(UTC) - timedelta(days=9 - number, minutes=20)
    begin, state = end - timedelta(minutes=12), facts.pop("state", S.DONE)
    entered = (S.TRANSFERRING, *to) if facts.get("deletion") else to
    marks = [PhaseMark(S.STARTING, utc_text(begin)), PhaseMark(S.CHECKING, utc_text(begin))]
    marks += [
        PhaseMark(phase, utc_text(begin + timedelta(minutes=1 + 3 * place))) for place, phase in enumerate(entered)
    ]
    statistics = Statistics(48_211, 330, 12, 0, TOTAL, 1_200_000_000, 1_200_000_000, 0)
    values = {
        "id": new_run_id(begin),
        "job_id": job.id, "job_name": job.name, "source": job.source, "dest": job.dest, "state": state,
        "created_at": utc_text(begin), "started_at": utc_text(begin), "ended_at": utc_text(end),
        "outcome": Outcome(), "attempts": 10,
        "progress": Progress(TOTAL, TOTAL, 100.0 if state is S.DONE else 38.0, 0, None, 48_211, 48_211),
        "statistics": statistics if facts.get("kind", "backup") in ("backup", "restore") else Statistics(),
        "phases": (*marks, PhaseMark(state, utc_text(end))),
    }  # fmt: skip
    return build.run(**(values | facts))


def _keep(folder: DataFolder, run: Run, findings: tuple[Finding, ...]) -> str:
    runs, tallies = RunStore(folder), dict[str, Tally]()
    for finding in findings:
        known = tallies.get(finding.what, Tally(finding.what))
        tallies[finding.what] = Tally(finding.what, known.files + 1, known.bytes + (finding.size or 0))
    run = run._replace(tallies=tuple(tallies.values()))
    runs.create(run, {})
    log = FindingsLog(folder, run.job_id, run.id)
    log.add(findings)
    log.flush()
    runs.finish(run)
    return run.id
