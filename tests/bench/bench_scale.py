"""What pages, memory and a start cost with 1,000 and 10,000 jobs and 100,000 records of runs."""

import http.client
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from storage.data_folder import DataFolder
from storage.run_ledger import RunLedger
from tests.bench.figures import milliseconds, p95
from tests.bench.large_folder import fill
from tests.bench.server import Server, serving, time_pages
from tests.bench.table import Row

NAME = "scale"
_RECORDS = 100_000
_COUNT = 150
_WARM = 5
_PAGE = {1_000: 0.02, 10_000: 0.06}  # seconds, by the number of jobs
_MEMORY, _START = 250_000_000, 3.0


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="bench-scale-") as folder:
        place = Path(folder)
        with serving(place / "bare", "tests.bench.bare:create_app()") as bare:
            control = p95(time_pages(bare, "/", _COUNT)[0])
        return [row for jobs in _PAGE for row in _rows(place, jobs, control)]


def _rows(place: Path, jobs: int, control: float) -> Iterator[Row]:
    data = place / f"data-{jobs}"
    fill(data, jobs, _RECORDS)
    with_what = f"{jobs:,} jobs, {_RECORDS:,} runs"
    began = time.perf_counter()
    with serving(data) as server:
        yield _first_page(f"first start on an old folder, {with_what}", server, began)
        _until_all_is_read(server)
    began = time.perf_counter()
    with serving(data) as server:
        yield _first_page(f"start until the first page, {with_what}", server, began)
        for name, path in _pages(server):
            time_pages(server, path, _WARM)
            taken, status, _ = time_pages(server, path, _COUNT)
            found = p95(taken)
            yield Row(
                f"{name}, {with_what}",
                f"p95 < {_PAGE[jobs] * 1000:.0f} ms",
                milliseconds(found),
                f"bare route {milliseconds(control)}",
                found < _PAGE[jobs] and status == 200,
            )
        yield _memory(with_what, server)


def _first_page(what: str, server: Server, began: float) -> Row:
    """From the start of the command to the last byte of the dashboard."""
    status = _status(server, "/")
    taken = time.perf_counter() - began
    return Row(what, f"< {_START:.0f} s", f"{taken:.2f} s", "", taken < _START and status == 200)


def _status(server: Server, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", path, headers=server.headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def _until_all_is_read(server: Server) -> None:
    """Every record is in the ledger, and that is packed."""
    ledger, deadline = RunLedger(DataFolder(server.data)), time.monotonic() + 300
    while not ledger.read()[0]:
        if time.monotonic() > deadline:
            raise AssertionError("the histories were not read")
        time.sleep(0.5)


def _pages(server: Server) -> list[tuple[str, str]]:
    jobs = server.ask("GET", "/api/v1/jobs?per_page=1")[1]["data"]
    job = jobs[0]["id"]
    run = server.ask("GET", f"/api/v1/jobs/{job}/runs")[1]["data"][0]["id"]
    return [
        ("dashboard", "/"),
        ("jobs page", "/jobs/"),
        ("jobs page, searched", "/jobs/?search=77&sort=updated"),
        ("jobs page, filtered and sorted", "/jobs/?state=attention&sort=state"),
        ("last page of jobs", "/jobs/?page=9999"),
        ("job page", f"/jobs/{job}"),
        ("run page", f"/jobs/{job}/runs/{run}"),
        ("logs page", "/logs/"),
        ("history page", "/logs/runs"),
        ("history page, filtered", "/logs/runs?state=interrupted&search=99&kind=backup"),
        ("history page, nothing found", "/logs/runs?kind=restore&search=00"),
    ]


def _memory(with_what: str, server: Server) -> Row:
    found = server.memory()
    goal = f"< {_MEMORY // 1_000_000} MB"
    return Row(f"memory of the server, {with_what}", goal, f"{found / 1e6:.0f} MB", "", found < _MEMORY)
