"""What a page, an unchanged poll and a start cost, beside a bare Flask route under the same gunicorn."""

import gzip
import http.client
import re
import tempfile
import time
from pathlib import Path

from core.container import build_container
from models.job import JobDraft
from tests.bench.figures import milliseconds, p95
from tests.bench.server import Server, serving, time_pages
from tests.bench.table import Row

NAME = "pages"
_COUNT = 300
_STARTS = 40


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        place = Path(folder)
        with serving(place / "bare", "tests.bench.bare:create_app()") as bare:
            control = p95(time_pages(bare, "/", _COUNT)[0])
            control_204 = p95(time_pages(bare, "/204", _COUNT)[0])
        rows = [row for jobs, goal in ((20, 0.01), (1000, 0.02)) for row in _pages(place, jobs, goal, control)]
        return [*rows, *_weight_and_poll(place, control_204), _start(place)]


def _data_with(place: Path, count: int) -> Path:
    data = place / f"data-{count}"
    source = place / "source"
    source.mkdir(exist_ok=True)
    if not data.exists():
        manager = build_container(data).manager
        for number in range(count):
            manager.create(JobDraft(f"Job {number:05}", "rsync", f"{source}/", str(place / f"copy-{number}")))
    return data


def _pages(place: Path, jobs: int, goal: float, control: float) -> list[Row]:
    with serving(_data_with(place, jobs)) as server:
        rows = []
        for path in ("/", "/jobs/"):
            time_pages(server, path, 20)
            found = p95(time_pages(server, path, _COUNT)[0])
            name = "dashboard" if path == "/" else "jobs page"
            rows.append(
                Row(
                    f"{name}, {jobs:,} jobs",
                    f"p95 < {goal * 1000:.0f} ms",
                    milliseconds(found),
                    f"bare route {milliseconds(control)}",
                    found < goal,
                )
            )
        return rows


def _weight_and_poll(place: Path, control: float) -> list[Row]:
    with serving(_data_with(place, 1000)) as server:
        page, whole = _get(server, "/jobs/")
        weight = len(gzip.compress(page, 6))
        poll = _poll_address(_get(server, "/")[0].decode())
        taken, status, _ = time_pages(server, poll, _COUNT, {"HX-Request": "true"})
        size = _get(server, poll, {"HX-Request": "true"})[1]
    ratio = p95(taken) / control
    return [
        Row(
            "jobs page at 50 rows",
            "< 10 KB gz",
            f"{weight / 1000:.1f} KB",
            f"{whole / 1000:.0f} KB plain",
            weight < 10_000,
        ),
        Row(
            "an unchanged poll: answer",
            "204, ≤ 700 bytes",
            f"{status}, {size} bytes",
            "",
            status == 204 and size <= 700,
        ),
        Row(
            "an unchanged poll ÷ a bare 204",
            "≤ 3",
            f"{ratio:.2f} ({milliseconds(p95(taken))})",
            milliseconds(control),
            ratio <= 3,
        ),
    ]


def _poll_address(page: str) -> str:
    """The address that the dashboard itself polls, with the revision it carries."""
    found = re.search(r'hx-get="(/active-jobs[^"]*)"', page)
    if found is None:
        raise AssertionError("the dashboard polls nothing")
    return found.group(1).replace("&amp;", "&")


def _get(server: Server, path: str, headers: dict[str, str] | None = None) -> tuple[bytes, int]:
    """Body, and the size of the whole answer, headers included."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", path, headers={**server.headers, **(headers or {})})
    answer = connection.getresponse()
    body = answer.read()
    head = sum(len(name) + len(value) + 4 for name, value in answer.getheaders()) + 20
    return body, head + len(body)


def _start(place: Path) -> Row:
    with serving(_data_with(place, 20)) as server:
        jobs = server.ask("GET", "/api/v1/jobs?per_page=1")[1]["data"]
        taken = []
        for _ in range(_STARTS):
            job_id = jobs[0]["id"]
            began = time.perf_counter()
            status, answer = server.ask("POST", f"/api/v1/jobs/{job_id}/start")
            taken.append(time.perf_counter() - began)
            if status != 202:
                raise AssertionError(answer)
            run = f"/api/v1/runs/{answer['data']['run_id']}"
            while server.ask("GET", run)[1]["data"]["state"] != "done":
                time.sleep(0.02)
    return Row("POST start → answer", "p95 < 200 ms", milliseconds(p95(taken)), "", p95(taken) < 0.2)
