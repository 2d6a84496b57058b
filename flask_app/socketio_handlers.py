"""The live connection: rooms, subscriptions and the ticker; what is said and when stands in live.py."""

import threading
from typing import TYPE_CHECKING, Any, cast

import structlog
from flask import Flask, request
from flask_socketio import SocketIO, emit, join_room, leave_room

from flask_app.listen import running_mode
from flask_app.live import LISTS, LiveFeed, Payload, job_room, stretched
from models.errors import AppError
from utils.clock import SystemClock

if TYPE_CHECKING:
    from core.container import Container

log = structlog.get_logger(__name__)
PING_INTERVAL, PING_TIMEOUT = 20, 10
FRAME_BYTES = 16_384
FOLLOWED_AT_MOST = 50
THREADS = 100  # as gunicorn.conf.py sets them; in this mode a live connection holds one
THREADS_FOR_PAGES = 20
FLUSH = 0.05


class Rooms:
    """The Broadcast of `live.py` over Socket.IO."""

    def __init__(self, server: Any) -> None:
        self._server = server

    def send(self, event: str, payload: Payload, room: str | None) -> None:
        self._server.emit(event, payload, room=room)

    def is_followed(self, room: str) -> bool:
        return room in self._server.manager.rooms.get("/", {})


class Live:
    """The live side of one app."""

    def __init__(self, app: Flask, container: "Container") -> None:
        self.socketio = SocketIO(
            app,
            async_mode=running_mode(),
            cors_allowed_origins=[],  # the front door compares origins itself
            manage_session=False,
            async_handlers=False,
            ping_interval=PING_INTERVAL,
            ping_timeout=PING_TIMEOUT,
            max_http_buffer_size=FRAME_BYTES,
        )
        self._server: Any = cast("Any", self.socketio).server
        rooms = Rooms(self._server)
        self.feed = LiveFeed(rooms, SystemClock())
        self._container = container
        container.bus.subscribe(self.feed.hear)
        container.watcher.has_listeners = self.has_listeners
        container.watcher.wants_log = lambda job_id: rooms.is_followed(job_room(job_id))
        self._register()

    def has_listeners(self) -> bool:
        return bool(self._server.eio.sockets)

    def is_full(self) -> bool:
        """Whether one more live connection would take the threads that pages need."""
        return self._server.async_mode == "threading" and len(self._server.eio.sockets) >= THREADS - THREADS_FOR_PAGES

    def start(self) -> None:
        """Begin to send what waits for its time."""
        threading.Thread(target=self._tick, name="live", daemon=True).start()

    def _tick(self) -> None:
        clock = SystemClock()
        lists_at = clock.monotonic()
        while True:
            before = clock.monotonic()
            pause = FLUSH if self.feed.has_waiting() else max(FLUSH, lists_at - before)
            clock.sleep(pause)
            late = max(0.0, clock.monotonic() - before - pause)
            try:
                self.feed.flush()
                if clock.monotonic() >= lists_at:
                    lists_at = clock.monotonic() + stretched(late + self._send_lists(clock))
            except Exception:  # boundary: nobody calls this thread
                log.exception("live events failed")

    def _send_lists(self, clock: SystemClock) -> float:
        """Send the lists their figures; how long it took until every writer had its turn."""
        start = clock.monotonic()
        self.feed.flush_lists()
        clock.sleep(0)
        return clock.monotonic() - start

    def _register(self) -> None:
        self.socketio.on_event("connect", self._connect)
        self.socketio.on_event("subscribe_to_job", self._subscribe)
        self.socketio.on_event("unsubscribe_from_job", self._unsubscribe)
        self.socketio.on_error_default(_failed)

    def _connect(self, *_: Any) -> None:
        join_room(LISTS)
        emit("connection_response", {"status": "connected"})

    def _subscribe(self, message: Any = None) -> dict[str, str]:
        job_id = _job_id(message)
        try:
            self._container.jobs.get(job_id)
        except AppError as error:
            return {"status": "error", "message": error.message}
        if len(self._followed()) >= FOLLOWED_AT_MOST:
            return {"status": "error", "message": f"One page can follow {FOLLOWED_AT_MOST} jobs."}
        leave_room(LISTS)
        join_room(job_room(job_id))
        emit("subscription_confirmed", {"job_id": job_id})
        if update := self.feed.last_update(job_id):
            emit("job_update", update)
        return {"status": "ok"}

    def _unsubscribe(self, message: Any = None) -> dict[str, str]:
        job_id = _job_id(message)
        leave_room(job_room(job_id))
        if not self._followed():
            join_room(LISTS)
        emit("unsubscription_confirmed", {"job_id": job_id})
        return {"status": "ok"}

    def _followed(self) -> list[str]:
        rooms = self._server.rooms(cast("Any", request).sid)
        return [room for room in rooms if room and room.startswith(job_room(""))]


def _job_id(message: Any) -> str:
    job_id = message.get("job_id") if isinstance(message, dict) else message
    return job_id if isinstance(job_id, str) else ""


def _failed(error: BaseException) -> None:
    log.error("live handler failed", exc_info=error)
