"""A server with jobs that a stand-in tool keeps working; the scene of the live measurements."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.bench.server import STAND_IN, Server, serving


@contextmanager
def working_jobs(place: Path, count: int, seconds: float, pause: float) -> Iterator[tuple[Server, list[str]]]:
    """The server and the ids of its running jobs; each writes a line every `pause` seconds."""
    data = place / "data"
    data.mkdir(parents=True)
    (data / "config.yaml").write_text(yaml.safe_dump({"rsync": str(STAND_IN)}))
    (data / "config.yaml").chmod(0o600)
    with serving(data) as server:
        ids = []
        for number in range(count):
            source = place / f"source-{number}"
            source.mkdir()
            (source / "stand-in.json").write_text(json.dumps({"seconds": seconds, "pause": pause}))
            ids.append(server.create_job(f"Job {number}", source, place / f"dest-{number}"))
        for job_id in ids:
            status, answer = server.ask("POST", f"/api/v1/jobs/{job_id}/start")
            if status != 202:
                raise AssertionError(answer)
        yield server, ids
        for job_id in ids:
            server.ask("POST", f"/api/v1/jobs/{job_id}/pause")
