"""What live clients are told and how often: the pace of events; not how they travel.

A client that follows a job gets that job's updates, everybody else one collected event per tick.
"""

import threading
from collections import deque
from typing import Any, Protocol

from flask_app.utils.kinds import told_status
from models.events import Event, JobsChanged, RunChanged, RunLogged, RunProgressed
from models.run import Run
from utils.clock import Clock

Payload = dict[str, Any]
LISTS = "lists"
UPDATES_PER_SECOND = 5
TICK = 0.25
LOG_CHUNK = 32_768  # bytes of log text in one event; who needs more fetches it
ENDED_KEPT = 1000


class Broadcast(Protocol):
    """The way to the clients."""

    def send(self, event: str, payload: Payload, room: str | None) -> None:
        """To everybody in the room, or to all. Must not wait for a client."""

    def is_followed(self, room: str) -> bool:
        """Whether anybody is in the room."""


def job_room(job_id: str) -> str:
    return f"job:{job_id}"


def update_payload(run: Run) -> Payload:
    """A run's figures under the names of the public contract."""
    progress = run.progress
    return {
        "job_id": run.job_id,
        "run_id": run.id,
        "status": told_status(run),
        "state": run.state.value,
        "percent": progress.percent,
        "bytes_transferred": progress.bytes_transferred,
        "total_bytes": progress.total_bytes,
        "speed_bytes": progress.speed_bytes,
        "eta_seconds": progress.eta_seconds,
        "files_done": progress.files_done,
        "files_total": progress.files_total,
        "current_file": progress.current_file,
        "note": run.note,
        "deletion": run.deletion._asdict() if run.deletion else None,
        "seq": run.seq,
    }


class Pace:
    """At most five updates in any second; the newest that had to wait is kept."""

    def __init__(self) -> None:
        self._sent: deque[float] = deque(maxlen=UPDATES_PER_SECOND)
        self.waiting: Run | None = None

    def admits(self, now: float) -> bool:
        return len(self._sent) < UPDATES_PER_SECOND or now - self._sent[0] >= 1.0

    def sent(self, now: float) -> None:
        self._sent.append(now)
        self.waiting = None


class LiveFeed:
    """Turns events of the bus into events for clients. May be called from any thread."""

    def __init__(self, broadcast: Broadcast, clock: Clock) -> None:
        self._broadcast = broadcast
        self._clock = clock
        self._lock = threading.Lock()
        self._paces: dict[str, Pace] = {}
        self._seen: dict[str, Run] = {}
        self._ended: deque[str] = deque(maxlen=ENDED_KEPT)
        self._for_lists: dict[str, Run] = {}
        self._changed_at = clock.monotonic() - TICK
        self._change_waits = False

    def hear(self, event: Event) -> None:
        """A listener of the bus."""
        with self._lock:
            match event:
                case RunProgressed(run):
                    self._progressed(run)
                case RunChanged(run):
                    self._moved(run)
                case RunLogged():
                    self._logged(event)
                case JobsChanged():
                    self._jobs_changed()

    def last_update(self, job_id: str) -> Payload | None:
        """What followers of a job were told last while its run is active."""
        with self._lock:
            run = self._seen.get(job_id)
            return update_payload(run) if run else None

    def has_waiting(self) -> bool:
        """Whether something waits for `flush`."""
        return self._change_waits or any(pace.waiting for pace in list(self._paces.values()))

    def flush(self) -> None:
        """Send what had to wait and may go now."""
        with self._lock:
            for pace in self._paces.values():
                if pace.waiting and pace.admits(self._clock.monotonic()):
                    self._update(pace, pace.waiting)
            if self._change_waits:
                self._jobs_changed()

    def flush_lists(self) -> None:
        """Send everybody who follows no job the newest figures of all jobs, if there are any."""
        with self._lock:
            runs, self._for_lists = self._for_lists, {}
            if runs and self._broadcast.is_followed(LISTS):
                payload = {"jobs": [update_payload(run) for run in runs.values()]}
                self._broadcast.send("jobs_progress", payload, LISTS)

    def _progressed(self, run: Run) -> None:
        if run.id in self._ended:
            return
        self._for_lists[run.job_id] = run
        pace = self._paces.setdefault(run.job_id, Pace())
        if pace.admits(self._clock.monotonic()):
            self._update(pace, run)
        else:
            pace.waiting = run

    def _update(self, pace: Pace, run: Run) -> None:
        pace.sent(self._clock.monotonic())
        self._tell_followers(run)

    def _tell_followers(self, run: Run) -> None:
        self._seen[run.job_id] = run
        room = job_room(run.job_id)
        if self._broadcast.is_followed(room):
            self._broadcast.send("job_update", update_payload(run), room)

    def _moved(self, run: Run) -> None:
        seen = self._seen.get(run.job_id)
        if run.id in self._ended or (seen and seen.id == run.id and seen.state is run.state and seen.seq >= run.seq):
            return
        if pace := self._paces.get(run.job_id):
            pace.waiting = None
        self._tell_followers(run)
        if run.is_active:
            self._for_lists[run.job_id] = run
            self._jobs_changed()
        else:
            self._finished(run)

    def _finished(self, run: Run) -> None:
        self._ended.append(run.id)
        for known in (self._paces, self._seen, self._for_lists):
            known.pop(run.job_id, None)
        payload = {"job_id": run.job_id, "run_id": run.id, "status": told_status(run), "state": run.state.value}
        self._broadcast.send("job_finished", {**payload, "reason": run.outcome.reason}, None)
        self._jobs_changed()

    def _logged(self, event: RunLogged) -> None:
        room = job_room(event.job_id)
        if not self._broadcast.is_followed(room):
            return
        text, offset = _last_lines(event.text, event.offset)
        self._broadcast.send("log_lines", {"run_id": event.run_id, "offset": offset, "text": text}, room)

    def _jobs_changed(self) -> None:
        """At once, and then not again before the next tick: a burst is one piece of news."""
        now = self._clock.monotonic()
        self._change_waits = now - self._changed_at < TICK
        if not self._change_waits:
            self._changed_at = now
            self._broadcast.send("jobs_changed", {}, None)


def _last_lines(text: str, offset: int) -> tuple[str, int]:
    """The end of a text that is too long for one event, from the start of a line, and where it starts."""
    if len(text) <= LOG_CHUNK // 4:
        return text, offset
    whole = text.encode()
    if len(whole) <= LOG_CHUNK:
        return text, offset
    start = whole.find(b"\n", len(whole) - LOG_CHUNK) + 1
    return whole[start:].decode(errors="replace"), offset + start


def stretched(cost: float) -> float:
    """Seconds until the next tick for lists when the last one took `cost`: an eighth of the time at most."""
    return min(2.0, max(TICK, 8 * cost))
