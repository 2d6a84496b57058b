"""Writes that runs are under way and how they ended into the process log; what a tool said is in the run's own log."""

from collections import deque

import structlog

from models.events import Event, RunChanged
from models.run import GOOD, Run, RunState

log = structlog.get_logger(__name__)
_REMEMBERED = 2000
_AS_ASKED = GOOD | {RunState.PAUSED, RunState.CANCELLED}


class RunNews:
    """A listener of the bus, which may tell the same more than once; each line is written once."""

    def __init__(self) -> None:
        self._told: deque[tuple[str, bool]] = deque(maxlen=_REMEMBERED)

    def hear(self, event: Event) -> None:
        if not isinstance(event, RunChanged) or (event.run.is_active and not event.run.has_started):
            return
        run = event.run
        if (run.id, False) in self._told or (run.id, run.is_active) in self._told:
            return
        self._told.append((run.id, run.is_active))
        _write(run)


def _write(run: Run) -> None:
    about = log.bind(run_id=run.id, job_id=run.job_id, job=run.job_name, kind=run.kind, state=run.state.value)
    if run.is_active:
        about.info("a run is under way")
    elif run.state in _AS_ASKED:
        about.info("a run ended", reason=run.outcome.reason)
    else:
        about.warning("a run ended", reason=run.outcome.reason, exit_code=run.outcome.exit_code)
