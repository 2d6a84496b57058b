"""gunicorn is restarted behind nginx while five jobs run: no job may notice, and everybody comes back by himself."""

import time
from pathlib import Path
from typing import NamedTuple

from tests.e2e.behind import Behind, processes_of
from tests.e2e.behind_visits import IS_LIVE
from tests.e2e.browser import Visit
from tests.e2e.crowd import Crowd
from tests.servers import until

JOBS, SIZE, LIMIT = 5, 15_000_000, 250  # bytes and KiB/s of each


class Restarted(NamedTuple):
    """Seconds since the new server's first answer until the browser was live and right, and until all clients were."""

    job_ids: list[str]
    run_ids: list[str]
    browser: float
    crowd: float


def restart(scene: Behind, visit: Visit, folder: Path, clients: int, *, is_killed: bool = False) -> Restarted:
    """The jobs run on afterwards."""
    visit.allow_outage()
    visit.allow(r"\b502\b")
    job_ids = scene.jobs(folder, JOBS, SIZE, LIMIT)
    run_ids = [scene.product.server.start(job_id) for job_id in job_ids]
    with Crowd(scene, clients, job_ids) as crowd:
        sent = scene.moving(run_ids)
        until(lambda: crowd.right(0, sent) == clients, 60)
        visit.live()
        before = {run_id: processes_of(run_id) for run_id in run_ids}
        scene.product.kill() if is_killed else scene.product.stop()
        scene.product.start()  # returns with its first answer
        began = time.monotonic()
        visit.wait(IS_LIVE, 5)
        now = scene.moving(run_ids)
        visit.wait(_shows(now), 5)
        browser = time.monotonic() - began
        until(lambda: crowd.right(began, now) == clients, 30)
        back = time.monotonic() - began
    assert all(now[run_id] > sent[run_id] for run_id in run_ids)
    assert [run_id for run_id in run_ids if not before[run_id] or before[run_id] - processes_of(run_id)] == []
    assert [len(scene.product.runs(job_id)) for job_id in job_ids] == [1] * JOBS
    return Restarted(job_ids, run_ids, browser, back)


def _shows(sent: dict[str, int]) -> str:
    """True in a page that shows of these runs at least so many bytes."""
    bars = [
        f"document.querySelector('[data-run=\"{run_id}\"] progress')?.value >= {count / SIZE * 100 - 1}"
        for run_id, count in sent.items()
    ]
    return " && ".join(bars)
