"""A run's figures in words; static/js/format.js says the same words for figures that are pushed."""

from models.progress import Progress
from utils.sizes import duration, size, size_parts, speed


def percent(progress: Progress) -> str:
    """`62`; empty while unknown. Never 100 before the end is proven elsewhere."""
    return "" if progress.percent is None else str(int(progress.percent))


def eta(progress: Progress) -> str:
    """`about 29 min left`; empty while unknown."""
    if progress.eta_seconds is None:
        return ""
    return "a few seconds left" if progress.eta_seconds < 5 else f"about {duration(progress.eta_seconds)} left"


def bytes_of(progress: Progress) -> str:
    """`264.6 of 426.8 GB`, `900 MB of 1.2 GB`, `264.6 GB so far`; `of about` where the total is a guess."""
    if progress.total_bytes is None:
        return f"{size(progress.bytes_transferred)} so far"
    done, unit = size_parts(progress.bytes_transferred)
    total, total_unit = size_parts(progress.total_bytes)
    is_guess = progress.files_total is None and progress.percent != 100
    return f"{done}{'' if unit == total_unit else f' {unit}'} of {'about ' * is_guess}{total} {total_unit}"


def rate(progress: Progress) -> str:
    """`118 MB/s`; empty while nothing moves."""
    return speed(progress.speed_bytes) if progress.speed_bytes > 0 else ""


def files(progress: Progress) -> str:
    """`3,812`."""
    return f"{progress.files_done:,}"


def files_of(progress: Progress) -> str:
    """`of 6,120`; empty while unknown."""
    return "" if progress.files_total is None else f"of {progress.files_total:,}"
