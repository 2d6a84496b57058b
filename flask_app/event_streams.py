"""Live events as Server-Sent Events: who hears what, what is repeated, when somebody is cut off; not what is said."""

import json
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

from flask_app.live import Payload
from models.errors import AppError
from utils.clock import Clock

KEPT, KEPT_BYTES = 1000, 8 << 20
OF_ONE_ACCOUNT = 20  # streams at once, so that one script does not take all
QUEUE_BYTES = 2 << 20  # what one reader may leave unread before it is cut off
HEARTBEAT = 15.0
LONGEST = 3600.0  # seconds of one stream: the next request is judged anew
REMEMBERED = 60.0  # seconds for which events are kept for somebody who left and may come again
BEAT, RETRY = b": still here\n\n", b"retry: 3000\n\n"


class StreamsFull(AppError):
    code = "streams_full"
    status = 503

    def __init__(self) -> None:
        super().__init__("There are too many open streams of events. Close one, or ask again in a minute.")


class Kept(NamedTuple):
    number: int
    room: str | None
    text: bytes


class Stream:
    """One reader. Iterating waits for events; `close` ends it, also when nobody iterates."""

    def __init__(
        self, rooms: frozenset[str], account: str, streams: "EventStreams", clock: Clock, first: list[bytes]
    ) -> None:
        self.rooms, self.account, self._streams, self._clock = rooms, account, streams, clock
        self._wake = threading.Condition()
        self._waiting, self._bytes = deque(first), 0
        self._is_closed = False
        self.when_closed: Callable[[], None] = lambda: None

    def put(self, text: bytes) -> None:
        """Never waits. A reader that is too slow is cut off; it comes again and is told what it missed."""
        with self._wake:
            self._bytes += len(text)
            self._is_closed = self._is_closed or self._bytes > QUEUE_BYTES
            self._waiting.append(text)
            if self._is_closed:
                self._waiting.clear()
            self._wake.notify()

    def __iter__(self) -> Iterator[bytes]:
        until = self._clock.monotonic() + LONGEST
        try:
            yield RETRY
            while not self._is_closed and self._clock.monotonic() < until:
                yield self._next()
        finally:
            self.close()

    def _next(self) -> bytes:
        with self._wake:
            if not self._waiting and not self._is_closed:
                self._wake.wait(HEARTBEAT)
            found, self._bytes = b"".join(self._waiting), 0
            self._waiting.clear()
            return found or BEAT

    def close(self) -> None:
        with self._wake:
            self._is_closed = True
            self._wake.notify()
        self._streams.leave(self)
        self.when_closed()


class EventStreams:
    """The Broadcast of `live.py` for streams. May be called from any thread; `most` streams are served at once."""

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock, self.most = clock, most
        self._lock = threading.Lock()
        self._open: set[Stream] = set()
        self._left: dict[str, float] = {}
        self._kept: deque[Kept] = deque()
        self._kept_bytes = self._number = 0
        self._process = os.urandom(4).hex()

    def __len__(self) -> int:
        return len(self._open)

    def send(self, event: str, payload: Payload, room: str | None) -> None:
        with self._lock:
            self._number += 1
            text = self._text(event, payload)
            self._keep(Kept(self._number, room, text))
            hearers = [stream for stream in self._open if room is None or room in stream.rooms]
        for stream in hearers:
            stream.put(text)

    def is_followed(self, room: str) -> bool:
        with self._lock:
            if any(room in stream.rooms for stream in self._open):
                return True
            return self._clock.monotonic() - self._left.get(room, -REMEMBERED) < REMEMBERED

    def follow(
        self, rooms: frozenset[str], last_id: str | None, now: list[tuple[str, Payload]], account: str = ""
    ) -> Stream:
        """A new reader of these rooms: with what it missed since `last_id`, else with `now`. `StreamsFull`.

        `account` is "" where nobody has to say one.
        """
        with self._lock:
            of_account = sum(stream.account == account for stream in self._open) if account else 0
            if len(self._open) >= self.most or of_account >= OF_ONE_ACCOUNT:
                raise StreamsFull
            missed = None if last_id is None else self._since(last_id, rooms)
            if missed is None:
                news = [] if last_id is None else [self._text("reset", {})]
                missed = news + [self._text(event, payload) for event, payload in now]
            stream = Stream(rooms, account, self, self._clock, missed)
            self._open.add(stream)
            return stream

    def leave(self, stream: Stream) -> None:
        with self._lock:
            if stream in self._open:
                self._open.discard(stream)
                now = self._clock.monotonic()
                self._left = {room: at for room, at in self._left.items() if now - at < REMEMBERED}
                self._left |= dict.fromkeys(stream.rooms, now)

    def _text(self, event: str, payload: Payload) -> bytes:
        told = json.dumps(payload, separators=(",", ":"))
        return f"id: {self._process}-{self._number}\nevent: {event}\ndata: {told}\n\n".encode()

    def _keep(self, kept: Kept) -> None:
        self._kept.append(kept)
        self._kept_bytes += len(kept.text)
        while len(self._kept) > KEPT or self._kept_bytes > KEPT_BYTES:
            self._kept_bytes -= len(self._kept.popleft().text)

    def _since(self, last_id: str, rooms: frozenset[str]) -> list[bytes] | None:
        """The kept events for these rooms after that one; None where not all of them are kept."""
        process, _, number = last_id.partition("-")
        if process != self._process or not (number.isascii() and number.isdigit() and len(number) < 16):
            return None
        first = self._kept[0].number if self._kept else self._number + 1
        if not first - 1 <= int(number) <= self._number:
            return None
        return [one.text for one in self._kept if one.number > int(number) and (one.room is None or one.room in rooms)]
