"""Which job a log line, or a word that a person typed, means; ten thousand jobs are never listed in a page."""

from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple
from urllib.parse import quote

from flask_app.utils.container import services
from models.job import Job
from utils.ids import is_job_id
from utils.text import visible

JOBS_LISTED = 60  # as many stand in a list; above that a name is typed and offered, or searched for
OFFERED = 20
_ASKED = 1300  # characters: a name full of escapes, and what `offered` adds to it
_DELETED = "A deleted job"


class JobChoice(NamedTuple):
    """What the filter offers: few jobs as a list, many by their names; `typed` is what stands in the field then."""

    jobs: tuple[Job, ...]
    is_list: bool
    typed: str

    def has(self, job_id: str) -> bool:
        return any(job.id == job_id for job in self.jobs)


def name_of(job_id: str) -> str:
    """Fit to show; what tells of no job has no name."""
    return job_id and link_of(job_id, services().jobs.snapshot().jobs)[1]


def link_of(job_id: str, jobs: Mapping[str, Job]) -> tuple[str, str]:
    """The address of the job's page and its name; of one that was deleted, that of its other lines."""
    job = jobs.get(job_id)
    return (f"/jobs/{job_id}", visible(job.name)) if job else (f"/logs/?job_id={quote(job_id)}", _DELETED)


def resolve(asked: str) -> tuple[str, str]:
    """The id of the job that was typed or chosen, and a sentence if there is none or more than one."""
    asked = asked.strip()[:_ASKED]
    if not asked or asked in services().jobs.snapshot().jobs:
        return asked, ""
    found = _called(asked) or matching(asked, 3)
    if len(found) == 1:
        return found[0].id, ""
    if found:
        return asked, f"More than one job is called so: {', '.join(offered(job) for job in found[:3])}."
    is_known = is_job_id(asked) and services().log_reading.knows(asked)
    return asked, "" if is_known else "No job is called so."


def _called(asked: str) -> list[Job]:
    """Jobs with that very name, or offered with these very words."""
    words = asked.casefold()
    jobs = services().jobs.snapshot().jobs.values()
    return [job for job in jobs if words in (job.name.strip().casefold(), offered(job).strip().casefold())]


def matching(asked: str, limit: int = OFFERED) -> list[Job]:
    """Jobs with that in their name, or offered with those words; first those whose name begins so."""
    words = asked.casefold()
    jobs = services().jobs.snapshot().jobs.values()
    begin = (job for job in jobs if job.name.casefold().startswith(words) or offered(job).strip().casefold() == words)
    first = list(islice(begin, limit))
    known = {job.id for job in first}
    others = (job for job in jobs if words in job.name.casefold() and job.id not in known)
    return [*first, *islice(others, limit - len(first))]


def offered(job: Job) -> str:
    """A job in words that tell it from others of the same name."""
    return f"{visible(job.name)} ({job.id[:8]})"


def choice(job_id: str) -> JobChoice:
    jobs = services().jobs.snapshot().jobs
    is_list = len(jobs) <= JOBS_LISTED
    known = jobs.get(job_id)
    return JobChoice(
        tuple(sorted(jobs.values(), key=_by_name)) if is_list else (), is_list, offered(known) if known else job_id
    )


def _by_name(job: Job) -> tuple[str, str]:
    return job.name.casefold(), job.id
