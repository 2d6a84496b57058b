"""Tells facts to whoever listens in this process; keeps nothing and guarantees nothing across processes."""

import logging
from collections.abc import Callable

from models.events import Event

Listener = Callable[[Event], None]
_log = logging.getLogger(__name__)


class EventBus:
    """Listeners are called in the publisher's thread, in the order in which they came."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def publish(self, event: Event) -> None:
        """A listener that fails is logged and keeps none of the others from hearing."""
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:  # noqa: BLE001  a boundary: one listener's defect is not another's
                _log.exception("A listener failed on %s", type(event).__name__)
