"""How far a comparison is, in figures and words."""

from models.progress import Progress
from models.run import Run
from utils.text import plural


def with_total(progress: Progress, run: Run) -> Progress:
    """With what is known of the number of files, unless there are more of them by now."""
    total = progress.files_total or run.statistics.files_seen or run.progress.files_total
    return progress._replace(files_total=total if total and total >= progress.files_done else None)


def comparing(progress: Progress) -> str:
    """`comparing: 1,203 of 5,000 files`"""
    if progress.files_total:
        return f"comparing: {progress.files_done:,} of {plural(progress.files_total, 'file')}"
    return f"comparing: {plural(progress.files_done, 'file')} so far"
