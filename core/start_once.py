"""Starting a job once for a key that the caller chose, however often it asks; how a run begins is not its business."""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from models.errors import AppError, InvalidInput, RunNotFound, StoreUnavailable
from models.run import Run, RunState
from storage.job_store import JobStore
from storage.run_store import RunStore
from storage.start_keys import StartKeys
from utils.clock import Clock
from utils.ids import new_run_id

FIELD = "Idempotency-Key"
_KEY = re.compile(r"[!-~]{1,200}")
_UNFIT = "A key has 1 to 200 characters, of ASCII and without spaces; a UUID will do."


class Begun(NamedTuple):
    """A start as it was answered first; `is_repeated`: that was an earlier request."""

    run_id: str
    job_id: str
    state: RunState = RunState.QUEUED
    is_repeated: bool = False


class StartOnce:
    """The run's id is chosen and kept before it begins, so that a kill at any point leaves no second run."""

    def __init__(
        self, keys: StartKeys, jobs: JobStore, runs: RunStore, start: Callable[..., Run], clock: Clock
    ) -> None:
        self._keys, self._jobs, self._runs = keys, jobs, runs
        self._start, self._clock = start, clock

    def start(self, job_id: str, key: str, trigger: str = "hand", accept_identity: bool = False) -> Begun:
        """Begin a run of the job, or say which one began for this key within a day.

        What is refused is not kept: the same key may be tried again.
        """
        self._jobs.get(job_id)
        if not _KEY.fullmatch(key):
            raise InvalidInput({FIELD: _UNFIT})
        run_id = new_run_id(self._clock.now())
        claim = self._keys.claim(job_id, key, run_id, lambda kept: self._exists(job_id, kept))
        if claim.has_begun:
            return Begun(claim.run_id, job_id, is_repeated=True)
        try:
            run = self._start(job_id, trigger, accept_identity, claim.run_id)
        except AppError:
            if self._exists(job_id, claim.run_id):  # the same request at the same time was first
                return Begun(claim.run_id, job_id, is_repeated=True)
            self._keys.release(job_id, key, claim)
            raise
        with suppress(StoreUnavailable):  # the run is recorded, which says as much
            self._keys.begun(job_id, key, claim)
        return Begun(run.id, job_id, run.state)

    def _exists(self, job_id: str, run_id: str) -> bool:
        try:
            self._runs.read(job_id, run_id)
        except RunNotFound:
            return False
        return True
