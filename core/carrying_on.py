"""What a new run takes over from the one before it; it starts nothing."""

from models.progress import Progress
from models.run import RESUMABLE, Run


def carrying_on(run: Run, previous: Run | None) -> Run:
    """What the new run takes over from one that did not finish the same work."""
    if previous is None:
        return run
    carried = run._replace(unfinished=previous.unfinished, sweep_since=previous.sweep_since)
    same = (previous.source, previous.dest) == (run.source, run.dest)
    if previous.state in RESUMABLE and same:
        carried = carried._replace(
            resumes=previous.id,
            settled_bytes=previous.settled_bytes,
            progress=_already_there(previous),
        )
    return carried


def _already_there(previous: Run) -> Progress:
    """Where the figures of a resumed run begin: at the whole files of the one before."""
    total = previous.progress.total_bytes
    percent = min(99.0, round(100 * previous.settled_bytes / total, 1)) if total else None
    return Progress(bytes_transferred=previous.settled_bytes, total_bytes=total, percent=percent)


def knowing(run: Run, previous: Run | None) -> Run:
    """A comparison with what the last backup knows of its size."""
    if previous is None or (previous.source, previous.dest) != (run.source, run.dest):
        return run
    known = previous.statistics
    return run._replace(progress=Progress(total_bytes=known.total_bytes, files_total=known.files_seen))
