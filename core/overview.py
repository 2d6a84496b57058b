"""The jobs on which a glance should fall, each with its last days; chosen of what `Queries` knows, nothing is read."""

from datetime import date
from typing import NamedTuple

from core.queries import Queries
from core.statistics import DayCell, DayOf
from core.views import JobView

_VIEWERS = 8  # zones and lengths that are remembered at a time


class JobDays(NamedTuple):
    """A job and its last days, oldest first."""

    view: JobView
    cells: tuple[DayCell, ...]


class Overview:
    """What it gave is kept until something changes: a page is asked for far more often."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self._kept: dict[tuple[object, ...], tuple[JobDays, ...]] = {}

    def days(self, jobs: int, days: int, today: date, day_of: DayOf, zone: str) -> tuple[JobDays, ...]:
        """The last `days` of at most so many jobs; `day_of` says on which day of `zone` a moment lies."""
        key = (self._queries.revision(), today, zone, jobs, days)
        given = self._kept.get(key)
        if given is None:
            given = tuple(JobDays(view, self._queries.strip(view.job.id, days, day_of)) for view in self._chosen(jobs))
            self._kept = {**self._of(key[0]), key: given}
        return given

    def _chosen(self, jobs: int) -> list[JobView]:
        """Those that need attention, those under way, then the others, each with what changed last first."""
        found: dict[str, JobView] = {}
        for state in ("attention", "active", ""):
            if len(found) < jobs:
                page = self._queries.job_views(state=state, sort="updated", per_page=jobs)
                found |= {view.job.id: view for view in page.rows if view.job.id not in found}
        return list(found.values())[:jobs]

    def _of(self, revision: object) -> dict[tuple[object, ...], tuple[JobDays, ...]]:
        """The newest of what was given since that revision."""
        current = [(key, given) for key, given in self._kept.items() if key[0] == revision]
        return dict(current[1 - _VIEWERS :])
