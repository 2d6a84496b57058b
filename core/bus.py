"""Tells facts to whoever listens in this process; keeps nothing and guarantees nothing across processes."""

import logging
from collections.abc import Callable

from models.events import Event, JobsChanged, RunLogged

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
                _log.exception("A listener failed on %s", type(event).__name__, extra=_ids(event))


def _ids(event: Event) -> dict[str, str]:
    """The run and the job that the event is about, for the line in the log."""
    if isinstance(event, JobsChanged):
        return {}
    if isinstance(event, RunLogged):
        return {"run_id": event.run_id, "job_id": event.job_id}
    return {"run_id": event.run.id, "job_id": event.run.job_id}
