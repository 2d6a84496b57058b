"""The pace of live events, on a clock that the test moves."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask_app.live import LISTS, LOG_CHUNK, LiveFeed, job_room, stretched, update_payload
from models.events import JobsChanged, RunChanged, RunLogged, RunProgressed
from models.progress import Progress
from models.run import Run, RunState
from tests import build


class StandingClock:
    """Time that only a test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


@dataclass
class Hall:
    """Keeps what was said, and to whom."""

    rooms: set[str] = field(default_factory=lambda: {LISTS, job_room(build.JOB_ID)})
    said: list[tuple[str, dict[str, Any], str | None]] = field(default_factory=list)

    def send(self, event: str, payload: dict[str, Any], room: str | None) -> None:
        self.said.append((event, payload, room))

    def is_followed(self, room: str) -> bool:
        return room in self.rooms

    def of(self, event: str) -> list[dict[str, Any]]:
        return [payload for name, payload, _ in self.said if name == event]

    def names(self) -> list[str]:
        return [name for name, _, _ in self.said]


def feed() -> tuple[LiveFeed, Hall, StandingClock]:
    hall, clock = Hall(), StandingClock()
    return LiveFeed(hall, clock), hall, clock


def moving(seq: int, run_id: str = "20261121T070204123Z-a1b2c3", **changes: Any) -> Run:
    state = changes.pop("state", RunState.TRANSFERRING)
    return build.run(id=run_id, state=state, seq=seq, started_at=build.MOMENT, **changes)


def test_a_payload_has_exactly_the_names_of_the_contract() -> None:
    run = moving(7, note="stalled for 3 s", progress=Progress(5, 10, 50.0, 2, 3, 1, 4, "a.jpg"))
    assert update_payload(run) == {
        "job_id": build.JOB_ID, "run_id": run.id, "status": "running", "state": "transferring", "percent": 50.0,
        "bytes_transferred": 5, "total_bytes": 10, "speed_bytes": 2, "eta_seconds": 3, "files_done": 1,
        "files_total": 4, "current_file": "a.jpg", "note": "stalled for 3 s", "deletion": None, "seq": 7,
    }  # fmt: skip


def test_a_job_is_updated_at_most_five_times_in_any_second_and_the_newest_arrives() -> None:
    live, hall, clock = feed()
    for seq in range(1, 101):
        live.hear(RunProgressed(moving(seq)))
        clock.sleep(0.01)
        live.flush()
    clock.sleep(1)
    live.flush()
    assert [update["seq"] for update in hall.of("job_update")][:5] == [1, 2, 3, 4, 5]
    assert hall.of("job_update")[-1]["seq"] == 100
    assert len(hall.of("job_update")) <= 11
    assert not live.has_waiting()


def test_a_change_of_state_is_told_at_once_and_does_not_count() -> None:
    live, hall, _ = feed()
    for seq in range(1, 8):
        live.hear(RunProgressed(moving(seq)))
    live.hear(RunChanged(moving(8, state=RunState.VERIFYING)))
    assert [update["seq"] for update in hall.of("job_update")] == [1, 2, 3, 4, 5, 8]


def test_the_end_follows_the_last_update_and_nothing_follows_the_end() -> None:
    live, hall, clock = feed()
    for seq in range(1, 8):
        live.hear(RunProgressed(moving(seq)))
    live.hear(RunChanged(moving(8, state=RunState.DONE)))
    live.hear(RunProgressed(moving(7)))
    live.hear(RunChanged(moving(8, state=RunState.DONE)))
    clock.sleep(5)
    live.flush()
    live.flush_lists()
    names = [name for name in hall.names() if name != "jobs_changed"]
    assert names == ["job_update"] * 6 + ["job_finished"]
    assert hall.of("job_finished") == [
        {"job_id": build.JOB_ID, "run_id": moving(8).id, "status": "completed", "state": "done", "reason": ""}
    ]


def test_the_same_state_told_twice_is_told_on_once() -> None:
    live, hall, _ = feed()
    live.hear(RunChanged(moving(1, state=RunState.QUEUED)))
    live.hear(RunChanged(moving(1, state=RunState.QUEUED)))
    assert len(hall.of("job_update")) == 1


def test_lists_get_one_event_for_all_jobs_with_the_newest_figures() -> None:
    live, hall, _ = feed()
    for seq in (1, 2, 3):
        live.hear(RunProgressed(moving(seq)))
        live.hear(RunProgressed(moving(seq, "20261121T070204123Z-ffffff", job_id="other")))
    live.flush_lists()
    live.flush_lists()
    (news,) = hall.of("jobs_progress")
    assert [(job["job_id"], job["seq"]) for job in news["jobs"]] == [(build.JOB_ID, 3), ("other", 3)]


def test_nobody_in_a_room_means_nothing_is_built_for_it() -> None:
    live, hall, _ = feed()
    hall.rooms.clear()
    live.hear(RunProgressed(moving(1)))
    live.hear(RunLogged("run", build.JOB_ID, 0, "line\n"))
    live.flush_lists()
    assert hall.said == []


def test_a_burst_of_changes_is_one_at_once_and_one_afterwards() -> None:
    live, hall, clock = feed()
    for _ in range(50):
        live.hear(JobsChanged())
    assert len(hall.of("jobs_changed")) == 1
    clock.sleep(0.3)
    live.flush()
    assert len(hall.of("jobs_changed")) == 2
    assert not live.has_waiting()


def test_a_flood_of_log_is_cut_to_its_last_lines_with_their_offset() -> None:
    live, hall, _ = feed()
    text = "".join(f"2026-11-21T07:02:04.123Z info häßlich {number}\n" for number in range(5000))
    live.hear(RunLogged("run", build.JOB_ID, 1000, text))
    (lines,) = hall.of("log_lines")
    assert len(lines["text"].encode()) <= LOG_CHUNK
    assert lines["text"].startswith("2026-")
    assert text.encode()[lines["offset"] - 1000 :].decode() == lines["text"]


def test_the_last_update_is_there_for_whoever_comes_later() -> None:
    live, _, _ = feed()
    assert live.last_update(build.JOB_ID) is None
    live.hear(RunProgressed(moving(4)))
    update = live.last_update(build.JOB_ID)
    assert update
    assert update["seq"] == 4
    live.hear(RunChanged(moving(5, state=RunState.FAILED)))
    assert live.last_update(build.JOB_ID) is None


def test_ticks_stretch_with_their_cost_up_to_two_seconds() -> None:
    assert stretched(0.001) == 0.25
    assert stretched(0.1) == 0.8
    assert stretched(9.0) == 2.0
