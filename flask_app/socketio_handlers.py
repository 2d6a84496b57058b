"""The live connection: rooms, subscriptions and the ticker; what is said and when stands in live.py."""

import threading
from collections.abc import Callable
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, cast

import structlog
from flask import Flask, request
from flask_socketio import SocketIO, emit, join_room, leave_room

from flask_app.connections import CHECKED_EVERY, Connections
from flask_app.event_streams import EventStreams, Stream, StreamsFull
from flask_app.front_door import IDENTITY
from flask_app.identity import Identity
from flask_app.listen import running_mode
from flask_app.live import LISTS, LiveFeed, Payload, job_room, stretched
from flask_app.roles import VIEWER, declared_by, needs
from flask_app.unread import end_without_waiting
from models.errors import AppError
from models.role import Role
from utils.clock import SystemClock

if TYPE_CHECKING:
    from core.container import Container

log = structlog.get_logger(__name__)
PING_INTERVAL, PING_TIMEOUT = 20, 10
FRAME_BYTES = 16_384
FOLLOWED_AT_MOST = 50
THREADS = 100  # as gunicorn.conf.py sets them; in this mode a live connection holds one
THREADS_FOR_PAGES = 20
STREAMS, STREAMS_OF_THREADS = 200, 30
FLUSH = 0.05


class Rooms:
    """The Broadcast of `live.py` over Socket.IO."""

    def __init__(self, server: Any) -> None:
        self._server = server

    def send(self, event: str, payload: Payload, room: str | None) -> None:
        self._server.emit(event, payload, room=room)

    def is_followed(self, room: str) -> bool:
        return room in self._server.manager.rooms.get("/", {})


class Both:
    """The Broadcast of `live.py` to those who came by Socket.IO and to those who read a stream."""

    def __init__(self, rooms: Rooms, streams: EventStreams) -> None:
        self._all = (rooms, streams)

    def send(self, event: str, payload: Payload, room: str | None) -> None:
        for broadcast in self._all:
            broadcast.send(event, payload, room)

    def is_followed(self, room: str) -> bool:
        return any(broadcast.is_followed(room) for broadcast in self._all)


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
        end_without_waiting(self._server.eio)
        self._is_threaded = self._server.async_mode == "threading"
        self._streams = EventStreams(SystemClock(), STREAMS_OF_THREADS if self._is_threaded else STREAMS)
        self.connections = Connections(app.extensions["gate"].still)
        rooms = Both(Rooms(self._server), self._streams)
        self.feed = LiveFeed(rooms, SystemClock())
        self._container = container
        container.bus.subscribe(self.feed.hear)
        container.watcher.has_listeners = self.has_listeners
        container.watcher.wants_log = lambda job_id: rooms.is_followed(job_room(job_id))
        self._register()

    def has_listeners(self) -> bool:
        return bool(self._server.eio.sockets) or len(self._streams) > 0

    def is_full(self) -> bool:
        """Whether one more live connection would take the threads that pages need."""
        taken = len(self._server.eio.sockets) + len(self._streams)
        return self._is_threaded and taken >= THREADS - THREADS_FOR_PAGES

    def follow(
        self, rooms: frozenset[str], last_id: str | None, now: list[tuple[str, Payload]], identity: Identity
    ) -> Stream:
        """A stream of the events of these rooms; `StreamsFull` where there are too many."""
        if self.is_full():
            raise StreamsFull
        stream = self._streams.follow(rooms, last_id, now, identity.name)
        stream.when_closed = partial(self.connections.closed, stream)
        self.connections.opened(stream, identity, stream.close)
        return stream

    def start(self) -> None:
        """Begin to send what waits for its time."""
        threading.Thread(target=self._tick, name="live", daemon=True).start()

    def _tick(self) -> None:
        clock = SystemClock()
        lists_at = checked_at = clock.monotonic()
        while True:
            before = clock.monotonic()
            pause = FLUSH if self.feed.has_waiting() else max(FLUSH, lists_at - before)
            clock.sleep(pause)
            late = max(0.0, clock.monotonic() - before - pause)
            try:
                self.feed.flush()
                if clock.monotonic() >= lists_at:
                    lists_at = clock.monotonic() + stretched(late + self._send_lists(clock))
                if clock.monotonic() >= checked_at:
                    checked_at = clock.monotonic() + CHECKED_EVERY
                    self.connections.end_what_is_over()
            except Exception:  # boundary: nobody calls this thread
                log.exception("live events failed")

    def _send_lists(self, clock: SystemClock) -> float:
        """Send the lists their figures; how long it took until every writer had its turn."""
        start = clock.monotonic()
        self.feed.flush_lists()
        clock.sleep(0)
        return clock.monotonic() - start

    def _register(self) -> None:
        for event, handler in self.events().items():
            if not declared_by(handler):
                raise ValueError(f"the event {event} declares no role")
            self.socketio.on_event(event, self._judged(handler))
        self.socketio.on_event("disconnect", self._left)
        self.socketio.on_error_default(_failed)

    def _judged(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """The handler for those who have the role it declares; for the others `ConnectionRefusedError`."""
        needed = Role(declared_by(handler))

        @wraps(handler)
        def judged(*arguments: Any) -> Any:
            is_new = handler == self._connect  # known by its handshake alone; of one that was ended nothing is known
            found = request.environ.get(IDENTITY) if is_new else self.connections.identity(_own_connection())
            if found is None or not found.role.may(needed):
                raise ConnectionRefusedError
            return handler(*arguments)

        return judged

    def _left(self, *_: Any) -> None:
        self.connections.closed(_own_connection())

    def events(self) -> dict[str, Callable[..., Any]]:
        """What a client may send, and what answers it."""
        return {
            "connect": self._connect,
            "subscribe_to_job": self._subscribe,
            "unsubscribe_from_job": self._unsubscribe,
        }

    @needs(VIEWER)
    def _connect(self, *_: Any) -> None:
        connection = _own_connection()
        self.connections.opened(connection, request.environ[IDENTITY], partial(self._server.disconnect, connection))
        join_room(LISTS)
        emit("connection_response", {"status": "connected"})

    @needs(VIEWER)
    def _subscribe(self, message: Any = None) -> dict[str, str]:
        job_id = _job_id(message)
        try:
            self._container.jobs.get(job_id)
        except AppError as error:
            return {"status": "error", "message": error.message}
        # One connection may serve several tabs, of which one shows many jobs.
        join_room(LISTS) if _wants_lists(message) else leave_room(LISTS)
        followed = self._followed()
        if len(followed) >= FOLLOWED_AT_MOST and job_room(job_id) not in followed:
            return {"status": "error", "message": f"One connection can follow {FOLLOWED_AT_MOST} jobs."}
        join_room(job_room(job_id))
        emit("subscription_confirmed", {"job_id": job_id})
        if update := self.feed.last_update(job_id):
            emit("job_update", update)
        return {"status": "ok"}

    @needs(VIEWER)
    def _unsubscribe(self, message: Any = None) -> dict[str, str]:
        job_id = _job_id(message)
        leave_room(job_room(job_id))
        if not self._followed():
            join_room(LISTS)
        emit("unsubscription_confirmed", {"job_id": job_id})
        return {"status": "ok"}

    def _followed(self) -> list[str]:
        rooms = self._server.rooms(_own_connection())
        return [room for room in rooms if room and room.startswith(job_room(""))]


def _own_connection() -> str:
    return str(cast("Any", request).sid)


def _job_id(message: Any) -> str:
    job_id = message.get("job_id") if isinstance(message, dict) else message
    return job_id if isinstance(job_id, str) else ""


def _wants_lists(message: Any) -> bool:
    return isinstance(message, dict) and message.get("lists") is True


def _failed(error: BaseException) -> None:
    log.error("live handler failed", exc_info=error)
