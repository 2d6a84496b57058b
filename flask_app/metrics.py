"""What a monitoring system asks: jobs, runs and files as gauges in Prometheus' text form; it keeps no history.

Series grow with the number of jobs alone: no label holds a path, a run or a reason.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from core.ended_run import known_summary
from core.views import JobView
from flask_app.green import offload
from flask_app.utils.about import about
from models.run import ACTIVE, RunState
from utils.clock import SystemClock, parse_utc
from utils.text import visible
from utils.turns import Turns

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily

    from core.container import Container

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
JOB = ("job_id", "job_name")
_STATES = (*(state.value for state in RunState), "never_run", "disabled", "foreign", "abandoned")


class Alone:
    """A registry of its own for one family, as the library wants one; it asks nobody, so any thread may print it."""

    def __init__(self, family: "GaugeMetricFamily") -> None:
        self._family = family

    def collect(self) -> "Iterable[GaugeMetricFamily]":
        return (self._family,)


def metrics_text(container: "Container") -> Iterator[bytes]:
    """All families as they are now, one after the other: of 10,000 jobs they would take much memory together.

    They are printed in a real thread, as each would keep every page waiting for a tenth of a second.
    """
    from prometheus_client.exposition import generate_latest  # here, as only a server that is asked has a use for it

    views, printed = container.queries.every_job(), offload()
    families = chain(_of_all_jobs(views), _of_runs(views), _of_the_server(container), _of_each_job(views))
    return (printed(generate_latest, Alone(family)) for family in families)


def _gauge(name: str, meaning: str, labels: Sequence[str] = ()) -> "GaugeMetricFamily":
    from prometheus_client.core import GaugeMetricFamily

    return GaugeMetricFamily(f"backup_manager_{name}", meaning, labels=labels)


def _last_success(view: JobView) -> float | None:
    return _moment(view.last_good.ended_at) if view.last_good else None


def _last_duration(view: JobView) -> float | None:
    return known_summary(view.last).seconds if view.last else None


def _last_bytes(view: JobView) -> float | None:
    return known_summary(view.last).transferred_bytes if view.last else None


def _moment(text: str) -> float | None:
    return parse_utc(text).timestamp() if text else None


_FACTS: tuple[tuple[str, str, Callable[[JobView], float | None]], ...] = (
    ("job_last_success_timestamp_seconds", "When a backup of the job last ended well.", _last_success),
    ("job_last_duration_seconds", "How long the last ended backup worked, without waits.", _last_duration),
    ("job_last_transferred_bytes", "What the last ended backup copied.", _last_bytes),
)


def _of_each_job(views: Iterable[JobView]) -> "Iterator[GaugeMetricFamily]":
    """What is not known has no sample: 0 would be a lie that an alert believes."""
    turns = Turns(lambda: SystemClock().sleep(0))
    for name, meaning, fact in _FACTS:
        family = _gauge(name, meaning, JOB)
        for view in views:
            turns.pause()
            if (value := fact(view)) is not None:
                family.add_metric(_names(view), value)
        yield family
    state = _gauge("job_state", "1 for the state that the job is in.", (*JOB, "state"))
    for view in views:
        turns.pause()
        state.add_metric([*_names(view), view.state], 1)
    yield state


def _names(view: JobView) -> list[str]:
    return [view.job.id, visible(view.job.name)]


def _of_all_jobs(views: Sequence[JobView]) -> "Sequence[GaugeMetricFamily]":
    found = Counter(view.state for view in views)
    jobs = _gauge("jobs", "How many jobs are in the state.", ("state",))
    for state in _STATES:
        jobs.add_metric([state], found[state])
    attention = _gauge("jobs_needing_attention", "Jobs that a person should look at.")
    attention.add_metric([], sum(view.needs_attention for view in views))
    protected = _gauge("jobs_protected", "Jobs whose last backup ended well and that need no attention.")
    protected.add_metric([], sum(view.is_protected and not view.needs_attention for view in views))
    return jobs, attention, protected


def _of_runs(views: Iterable[JobView]) -> "Sequence[GaugeMetricFamily]":
    found = Counter(view.active.state for view in views if view.active)
    active = _gauge("active_runs", "Runs under way, of any kind, by state.", ("state",))
    for state in RunState:
        if state in ACTIVE:
            active.add_metric([state.value], found[state])
    queue = _gauge("queue_length", "Runs that wait for their turn.")
    queue.add_metric([], found[RunState.QUEUED])
    return active, queue


def _of_the_server(container: "Container") -> "Sequence[GaugeMetricFamily]":
    jobs = container.jobs.snapshot()
    healthy = {
        "data_folder": not container.jobs.unwritable(),
        "jobs.yaml": jobs.writable and not jobs.problems,
        "settings.yaml": not container.settings.problems(),
        "config.yaml": not container.configs.problems(),
    }
    stores = _gauge("store_healthy", "1 where it can be read and written, 0 where a banner says why not.", ("store",))
    for store, is_healthy in healthy.items():
        stores.add_metric([store], int(is_healthy))
    build = _gauge("build_info", "1; the labels say which version this is.", ("version", "python"))
    build.add_metric([about().version, about().python], 1)
    return stores, build
