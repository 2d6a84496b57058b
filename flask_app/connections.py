"""Who stays connected, and that it ends with the login it was opened with; not what is said on a connection."""

import threading
from collections.abc import Callable

from flask_app.identity import Identity
from models.errors import AppError

Ending = Callable[[], None]
CHECKED_EVERY = 1.0  # seconds


class Connections:
    """Open live connections, each with its identity and the way to end it. May be used from any thread."""

    def __init__(self, still: Callable[[Identity], Identity | None]) -> None:
        self._still, self._lock = still, threading.Lock()
        self._open: dict[object, tuple[Identity, Ending]] = {}

    def opened(self, key: object, identity: Identity, end: Ending) -> None:
        with self._lock:
            self._open[key] = (identity, end)

    def closed(self, key: object) -> None:
        with self._lock:
            self._open.pop(key, None)

    def identity(self, key: object) -> Identity | None:
        found = self._open.get(key)
        return found[0] if found else None

    def end_what_is_over(self) -> None:
        """End the connections of logins, tokens and accounts that do not stand any more; each is asked about once."""
        with self._lock:
            present = dict(self._open)
        judged = {identity: self._stands(identity) for identity in {identity for identity, _ in present.values()}}
        for key, (identity, end) in present.items():
            if not judged[identity]:
                self.closed(key)
                end()

    def _stands(self, identity: Identity) -> bool:
        try:
            return self._still(identity) is not None
        except AppError:  # the accounts cannot be read: whoever cannot be judged is a stranger
            return False
