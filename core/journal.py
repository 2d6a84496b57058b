"""The facts of one run on disk, written before anyone is told; only the run's supervisor holds it."""

from typing import Any, Protocol

from core.deletion_words import under_way
from models.errors import StoreUnavailable
from models.progress import Progress
from models.run import ENDED, Run, RunState
from storage.run_log import RunLog
from storage.run_store import RunStore
from utils.clock import Clock, utc_text

_BETWEEN_SHOWS = 0.2  # seconds: at most five updates of a run's figures a second
_PATIENCE_FOR_FIGURES = 2.0
_BETWEEN_TRIES = 1.0
_BETWEEN_SAVES = 5.0  # seconds: how much of the figures a power cut may take


class StatusWriter(Protocol):
    def __call__(self, run: Run, /) -> None:
        """Carry the job's status of this run into jobs.yaml."""


class RunJournal:
    """Keeps a run's record, its live figures and its log in step."""

    def __init__(self, store: RunStore, log: RunLog, run: Run, clock: Clock, status: StatusWriter) -> None:
        self.run = run
        self._store, self._log, self._clock, self._status = store, log, clock, status
        self._shown_at = self._saved_at = clock.monotonic() - _BETWEEN_SAVES
        self._is_shown = self._is_kept = True

    def move(self, state: RunState, note: str = "", **changes: Any) -> None:
        """Enter a state: durable first, then visible. A closing state waits for `close`."""
        self.run = self.run.moved(state, self._now(), note=note, seq=self.run.seq + 1, **changes)
        if state not in ENDED:
            self._keep()
            self._show()

    def _keep(self, durable: bool = True) -> None:
        """Into the record. A full disk ends no transfer: `tick` tries again."""
        self._saved_at = self._clock.monotonic()
        try:
            self._store.write(self.run, durable=durable)
            self._is_kept = True
        except StoreUnavailable:
            self._is_kept = False

    def close(self) -> None:
        """Record the end everywhere. May be repeated; `StoreUnavailable` as long as it cannot be."""
        self._log.end()
        self._store.write(self.run)
        self._status(self.run)
        self._store.finish(self.run)
        self._store.remove_live(self.run)

    def record(self, **changes: Any) -> None:
        """Keep facts that are no state (who the tool is, what it has open), durably."""
        self.run = self.run._replace(**changes)
        self._keep()

    def figures(self, progress: Progress, **changes: Any) -> None:
        """Take over new figures; they are shown with the next `tick`."""
        self.run = self.run._replace(progress=self.run.progress.advance(progress), **changes)
        self._is_shown = False

    def one_deleted(self) -> None:
        """A tool has deleted one more file at the source; shown with the next `tick`."""
        if known := self.run.deletion:
            deletion = known._replace(files_deleted=known.files_deleted + 1)
            self.run = self.run._replace(deletion=deletion, note=under_way(deletion))
            self._is_shown = False

    def current_file(self, name: str) -> None:
        """The file under way; shown with the next figures, or alone where none come."""
        if name != self.run.progress.current_file:
            self.run = self.run._replace(progress=self.run.progress._replace(current_file=name))
            self._is_shown &= self._clock.monotonic() - self._shown_at < _PATIENCE_FOR_FIGURES

    def remember(self, unfinished: tuple[str, ...]) -> None:
        """Keep the names of what the tool has open at the destination, for whoever must sweep."""
        if unfinished != self.run.unfinished:
            self.run = self.run._replace(unfinished=unfinished)
            self._keep(durable=False)

    def note(self, note: str) -> None:
        """Say something about the present state ("stalled for 130 s")."""
        if note != self.run.note:
            self.run = self.run._replace(note=note)
            self._is_shown = False

    def say(self, level: str, text: str) -> None:
        """One line for the run's log."""
        self._log.write(self._clock.now(), level, text)

    def tick(self) -> float:
        """Show and save what is due; seconds until more may be due."""
        self._log.flush()
        now = self._clock.monotonic()
        if not self._is_kept and now - self._saved_at >= _BETWEEN_TRIES:
            self._keep()
        wait = self._shown_at + _BETWEEN_SHOWS - now
        if self._is_shown:
            return 1.0
        if wait > 0:
            return wait
        self.run = self.run._replace(seq=self.run.seq + 1)
        self._show()
        if now - self._saved_at >= _BETWEEN_SAVES:
            self._keep(durable=False)
        return 1.0

    def _show(self) -> None:
        self._store.write_live(self.run)
        self._shown_at, self._is_shown = self._clock.monotonic(), True

    def _now(self) -> str:
        return utc_text(self._clock.now())
