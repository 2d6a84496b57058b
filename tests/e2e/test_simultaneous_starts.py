"""Many people press start at the same moment: one run begins, everybody else is told why not."""

import os
import threading
from pathlib import Path

import pytest

from tests.e2e.service import Service
from tests.e2e.trees import MEBIBYTE, noise
from tests.e2e.waiting import until

STARTS, ROUNDS = 20, 20


@pytest.mark.both_modes
def test_twenty_starts_at_once_give_one_run_twenty_times(service: Service, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "large").write_bytes(noise(16 * MEBIBYTE))
    job_id = service.create(f"{source}/", tmp_path / "copy", bandwidth_limit=100)
    begun: list[str] = []
    for number in range(ROUNDS):
        answers = start_at_once(service, job_id)
        accepted = [answer["data"]["run_id"] for status, answer in answers if status == 202]
        refused = [answer["error"]["code"] for status, answer in answers if status == 409]
        assert (len(accepted), len(refused)) == (1, STARTS - 1), f"round {number}: {answers}"
        assert set(refused) == {"job_busy"}
        assert len(processes_of(accepted[0])) <= 1
        begun += accepted
        service.pause(job_id)
        assert service.end(accepted[0])["state"] in {"paused", "cancelled"}
        until(lambda run_id=accepted[0]: not processes_of(run_id), 5, "the end of the supervisor")  # type: ignore[misc]
    assert [run["id"] for run in service.runs(job_id)] == begun[::-1]


def start_at_once(service: Service, job_id: str) -> list[tuple[int, dict[str, dict[str, str]]]]:
    answers = []
    barrier = threading.Barrier(STARTS)

    def start() -> None:
        barrier.wait(10)
        answers.append(service.ask("POST", f"/jobs/{job_id}/start", {}))

    threads = [threading.Thread(target=start) for _ in range(STARTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def processes_of(run_id: str) -> list[str]:
    """Supervisors of the run that live now: each leads a session, which a child that is not yet the tool does not."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (place / "cmdline").read_bytes().split(b"\0")
            is_leader = os.getsid(int(place.name)) == int(place.name)
        except OSError:
            continue
        if is_leader and b"core.supervisor" in arguments and any(part.endswith(run_id.encode()) for part in arguments):
            found.append(place.name)
    return found
