"""From the tool's write of a progress line to the event at a subscribed browser."""

import asyncio
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.figures import middle, milliseconds, p95
from tests.bench.server import Server
from tests.bench.sockets import Client
from tests.bench.table import Row
from tests.bench.working_jobs import working_jobs

NAME = "live"
_GOALS = {1: 0.05, 10: 0.06, 50: 0.1}
_SECONDS = 15.0
_PAUSE = 0.25


def measure() -> list[Row]:
    return [_measured(count, goal) for count, goal in _GOALS.items()]


def _measured(count: int, goal: float) -> Row:
    place = Path(tempfile.mkdtemp(dir="/dev/shm"))
    with working_jobs(place, count, _SECONDS + 30, _PAUSE) as (server, ids):
        delays = asyncio.run(_listen(server, ids))
    shutil.rmtree(place)
    found = p95(delays)
    return Row(
        f"progress line written → event at a subscribed client, {count} running",
        f"p95 < {goal * 1000:.0f} ms",
        f"{milliseconds(found)} (median {milliseconds(middle(delays))}, {len(delays)} events)",
        "",
        found < goal,
    )


async def _listen(server: Server, ids: list[str]) -> list[float]:
    delays: list[float] = []
    quiet_until = time.monotonic() + 3.0

    def hear(event: str, payload: Any, heard_at: float) -> None:
        if event == "job_update" and payload["state"] == "transferring" and heard_at > quiet_until:
            delays.append(time.time() - payload["bytes_transferred"] / 1e6)

    client = Client(server.port, hear, cookie=server.cookie)
    await client.open()
    for job_id in ids:
        client.emit("subscribe_to_job", {"job_id": job_id})
    listening = asyncio.create_task(client.listen())
    await asyncio.sleep(_SECONDS)
    listening.cancel()
    client.close()
    return delays
