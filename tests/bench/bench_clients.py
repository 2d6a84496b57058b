"""A thousand browsers at once while twenty jobs run: who stays, how late the news is, what a page costs then."""

import asyncio
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.bench.figures import milliseconds, p95
from tests.bench.server import Server, serving, time_pages
from tests.bench.sockets import Client
from tests.bench.table import Row
from tests.bench.working_jobs import working_jobs

NAME = "clients"
_CLIENTS = 1000
_JOBS = 20
_SECONDS = 20.0


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        place = Path(folder)
        with serving(place / "idle") as server:
            time_pages(server, "/jobs/", 20)
            idle = server.memory()
        with working_jobs(place, _JOBS, _SECONDS + 90, 0.5) as (server, _ids):
            spread, pages, stayed, busy = asyncio.run(_crowd(server))
    return [
        Row(
            f"{_CLIENTS:,} clients, {_JOBS} running jobs: stay connected",
            f"{_CLIENTS:,}",
            f"{stayed:,}",
            "",
            stayed == _CLIENTS,
        ),
        Row(
            "jobs_progress at a client after its tick",
            "p95 < 150 ms",
            milliseconds(p95(spread)),
            "tick: its first arrival anywhere",
            p95(spread) < 0.15,
        ),
        Row("page with 1,000 clients", "p95 < 100 ms", milliseconds(p95(pages)), "", p95(pages) < 0.1),
        Row("memory of the server, idle", "< 90 MB", f"{idle / 1e6:.0f} MB", "", idle < 90e6),
        Row("memory of the server, 1,000 clients", "< 160 MB", f"{busy / 1e6:.0f} MB", "", busy < 160e6),
    ]


async def _crowd(server: Server) -> tuple[list[float], list[float], int, int]:
    arrivals: dict[str, list[float]] = defaultdict(list)

    def hear(event: str, text: Any, heard_at: float) -> None:
        if event == "jobs_progress":
            arrivals[text].append(heard_at)

    clients = [Client(server.port, hear, parse=False, cookie=server.cookie) for _ in range(_CLIENTS)]
    for client in clients:
        await client.open()
    listening = [asyncio.create_task(client.listen()) for client in clients]
    await asyncio.sleep(3)
    arrivals.clear()
    until = time.monotonic() + _SECONDS
    pages: list[float] = []
    while time.monotonic() < until:
        pages += (await asyncio.to_thread(time_pages, server, "/jobs/", 1))[0]
        await asyncio.sleep(0.2)
    stayed = sum(not client.dropped for client in clients)
    memory = server.memory()
    for task in listening:
        task.cancel()
    whole = [times for times in arrivals.values() if len(times) >= _CLIENTS * 0.99]
    spread = [moment - min(times) for times in whole for moment in times]
    return spread, pages, stayed, memory
