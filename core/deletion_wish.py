"""Whether a run is to delete at its source, as its job says when it is asked for; it deletes nothing."""

from core.deletion_words import SKIPPED
from core.overlap import overlap
from engines.base import Location
from models.errors import CannotStart
from models.findings import Deletion
from models.job import Job
from storage.job_store import JobStore

_OVERLAPS = (
    "Source and destination are, or hold, the same folder: what is deleted at the source would be missing in the "
    "copy. Choose another destination, or turn the deletion off."
)


def wished(job: Job, kind: str) -> Deletion | None:
    """What the run of that kind begins with; None where nothing is to be deleted."""
    settings = job.settings
    if kind != "backup" or not settings.delete_source_after:
        return None
    if settings.skip_deletion_this_run:
        return Deletion(settings.deletion_mode, "skipped", reason=SKIPPED)
    return Deletion(settings.deletion_mode)


def mode(deletion: Deletion | None) -> str:
    """The mode in which the run deletes ("" = it does not)."""
    return deletion.mode if deletion and deletion.phase == "waiting" else ""


def refuse_overlap(job: Job, source: Location, dest: Location) -> None:
    """`CannotStart` where a bind mount makes one of what look like two folders."""
    is_here = source.is_local and dest.is_local
    if job.settings.delete_source_after and is_here and overlap(source.path, dest.path):
        raise CannotStart(_OVERLAPS, {"dest": _OVERLAPS})


def set_skip(jobs: JobStore, job_id: str, skip: bool) -> None:
    """The wish to skip one deletion is used up by a run that takes it over, and put back by one that never began."""
    job = jobs.get(job_id)
    if job.settings.skip_deletion_this_run is not skip:
        jobs.update(job._replace(settings=job.settings._replace(skip_deletion_this_run=skip)))
