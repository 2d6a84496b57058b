"""All jobs of jobs.yaml, read cheaply and changed safely beside other writers; not their runs."""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType

from models.errors import JobNotFound, StoreBroken, StoreUnavailable
from models.job import Job
from models.progress import Progress
from storage import jobs_edit
from storage.change_journal import ChangeJournal
from storage.checked_mark import mark_checked
from storage.data_folder import DataFolder
from storage.file_lock import FileLock, try_lock
from storage.file_problem import FileProblem, Unreadable
from storage.file_text import ABSENT, FileKey, file_key, read_text
from storage.generations import Generations
from storage.jobs_edit import Edit
from storage.jobs_reader import Breather, JobsReader
from storage.jobs_reading import EMPTY, Reading, unreadable
from storage.jobs_snapshot import JobsSnapshot, refusal
from storage.last_good import CUT_OFF, Judgement, LastGood
from storage.shared_file import Written, best_effort, rewrite_file, sweep
from utils.clock import Clock, SystemClock, local_text

__all__ = ["FileProblem", "JobStore", "JobsSnapshot"]

_TICK = 0.03  # seconds: two writes within a tick of the file system's clock may look alike


@dataclass(frozen=True, slots=True)
class _State:
    key: FileKey
    generation: str
    reading: Reading
    snapshot: JobsSnapshot
    settled_at: float


class JobStore:
    """Reading never waits for a writer; writers of all our processes take turns."""

    def __init__(self, folder: DataFolder, clock: Clock | None = None) -> None:
        self._folder, self._clock = folder, clock or SystemClock()
        self._path = os.fspath(folder.jobs_file)
        self._reader = JobsReader()
        self._generations = Generations(folder.generations, self._clock)
        self._last_good = LastGood(self._generations)
        self._journal = ChangeJournal(folder.changes_file, self._clock)
        self._lock = FileLock(folder.jobs_lock, self._clock)
        self._loading = threading.Lock()
        self._state: _State | None = None
        self._sweep()

    def _sweep(self) -> None:
        """Remove what a killed writer left, unless somebody is writing now."""
        with best_effort():
            descriptor = try_lock(self._folder.jobs_lock)
            if descriptor is not None:
                sweep(self._folder.root)
                sweep(self._folder.generations)
                sweep(self._folder.jobs_file.resolve().parent)
                os.close(descriptor)

    def snapshot(self) -> JobsSnapshot:
        """The jobs in force now; microseconds while the file is unchanged, and no lock."""
        state = self._state
        if state is not None and self._is_current(state):
            return state.snapshot
        with self._loading:
            return self._load().snapshot

    def _is_current(self, state: _State) -> bool:
        if file_key(self._path) != state.key or (state.settled_at and self._clock.monotonic() >= state.settled_at):
            return False
        return not state.generation or self._generations.newest_name() == state.generation

    def get(self, job_id: str) -> Job:
        """The job as it is in force, or `JobNotFound`."""
        try:
            return self.snapshot().jobs[job_id]
        except KeyError:
            raise JobNotFound from None

    def text(self, job_id: str) -> str:
        """The job as it stands in the file ("" where it has no block of its own there)."""
        self.snapshot()
        return self._state.reading.text_of(job_id) if self._state else ""

    def create(self, job: Job) -> Job:
        """Add a job; its times are set where they are empty."""
        now = local_text(self._clock.now())
        job = replace(job, created_at=job.created_at or now, updated_at=job.updated_at or now)
        self._write(lambda reading: jobs_edit.create(reading, job))
        return job

    def update(self, job: Job) -> Job:
        """Change name, source, dest, type and settings; returns the job as it then is."""
        stamp = local_text(self._clock.now())
        reading = self._write(lambda reading: jobs_edit.update(reading, job, stamp))
        return reading.jobs[job.id]

    def delete(self, job_id: str) -> None:
        self._write(lambda reading: jobs_edit.delete(reading, job_id))

    def set_status(self, job_id: str, status: str, progress: Progress | None = None) -> None:
        """Put status and, unless None, figures into the file; nothing else of the job changes."""
        stamp = local_text(self._clock.now())
        self._write(lambda reading: jobs_edit.set_status(reading, job_id, status, progress, stamp), False)

    def confirm_missing(self) -> None:
        """A person says that the file is meant to be as it is: without those jobs, or cut off."""
        with self._lock.hold():
            problems = self.snapshot().problems
            if any(problem.reason != CUT_OFF for problem in problems):
                raise StoreBroken(problems[0].sentence)
            written = rewrite_file(self._folder.jobs_file, self._confirmed)
            with self._loading:
                self._adopt(written, self._reader.read(written.content))

    def _confirmed(self, content: bytes | None) -> bytes:
        with self._loading:
            reading = self._reader.read(content)
        if reading.problems:
            raise StoreBroken(reading.problems[0].sentence)
        return (content or EMPTY).removesuffix(b"\n") + b"\n"

    def unwritable(self) -> str:
        """A sentence if the data folder cannot be written now, "" while it can."""
        return self._folder.unwritable()

    def _write(self, edit: Callable[[Reading], Edit], definitions: bool = True) -> Reading:
        """The one way to change the file: lock, read, work out, replace, note, remember."""
        with self._lock.hold():
            self._refuse_broken()
            change = _Change(self._good_reading, edit)
            written = rewrite_file(self._folder.jobs_file, change, then=lambda: self._note(change.edit))
            with self._loading:
                reading = change.edit.reading or self._reader.read(written.content)
                self._adopt(written, reading, definitions)
            return reading

    def _note(self, edit: Edit) -> None:
        """Into the change journal. Without it the change stands all the same, less protected."""
        with best_effort():
            self._journal.append(edit.changes)

    def _refuse_broken(self) -> None:
        """What is known to be broken, and may be huge, is not read again for a change."""
        snapshot = self.snapshot()
        if not snapshot.writable:
            raise refusal(snapshot)

    def _good_reading(self, content: bytes | None) -> Reading:
        """The present content read, if it may be changed; else `StoreBroken`."""
        with self._loading:
            state = self._state
            if state is not None and state.reading.content == content and state.snapshot.writable:
                reading = state.reading
            else:
                reading = self._reader.read(content, Breather(self._clock))
                judgement = self._last_good.judge(reading)
                if not judgement.is_good:
                    raise refusal(judgement)
                self._last_good.accept(reading)
            if reading.exists:
                self._last_good.keep(reading)  # an outside change, before ours comes on top
        return reading

    def _adopt(self, written: Written, reading: Reading, definitions: bool = True) -> None:
        """What we wrote ourselves is good and known; nothing is read again."""
        self._last_good.accept(reading)
        if definitions:
            self._last_good.keep(reading)
        else:
            self._last_good.defines_the_same(reading)
        self._remember(written.key, reading, Judgement(reading.jobs))
        mark_checked(self._folder, written.key)

    def _load(self) -> _State:
        """Read the file again if it is not what this process knows. The caller holds `_loading`."""
        if self._state is not None and self._is_current(self._state):
            return self._state
        key, reading = self._read()
        judgement = self._last_good.judge(reading)
        is_kept = True
        if judgement.is_good and reading.exists:
            self._last_good.accept(reading)
            mark_checked(self._folder, key)
            is_kept = self._last_good.is_kept(reading) or self._kept_now(key, reading)
        return self._remember(key, reading, judgement, is_kept)

    def _kept_now(self, key: FileKey, reading: Reading) -> bool:
        """Keep what was read, if nobody writes meanwhile; False: to be tried again soon."""
        try:
            descriptor = try_lock(self._folder.jobs_lock)
        except StoreUnavailable:
            return True
        if descriptor is None:
            return False
        try:
            if file_key(self._path) == key:
                self._last_good.keep(reading)
        finally:
            os.close(descriptor)
        return True

    def _read(self) -> tuple[FileKey, Reading]:
        key = file_key(self._path)
        if key == ABSENT:
            return key, self._reader.read(None)
        try:
            key, content = read_text(self._folder.jobs_file)
        except Unreadable as error:
            return key, unreadable(error)
        state = self._state
        if state is not None and state.reading.content == content and state.reading.exists:
            return key, state.reading
        return key, self._reader.read(content, Breather(self._clock))

    def _remember(self, key: FileKey, reading: Reading, judgement: Judgement, is_kept: bool = True) -> _State:
        former = self._state.snapshot if self._state else JobsSnapshot({})
        snapshot = JobsSnapshot(
            MappingProxyType(dict(judgement.jobs)),
            judgement.problems,
            former.revision,
            judgement.is_good,
            judgement.missing,
        )
        if snapshot != former or self._state is None:
            snapshot = replace(snapshot, revision=former.revision + 1)
        generation = "" if judgement.is_good else self._generations.newest_name()
        fresh = self._clock.now().timestamp() - key[0] / 1e9 < _TICK
        settled_at = 0.0 if is_kept and not fresh else self._clock.monotonic() + _TICK
        self._state = _State(key, generation, reading, snapshot, settled_at)
        return self._state


class _Change:
    """Works out the wanted bytes each time it is told the present ones."""

    def __init__(self, read: Callable[[bytes | None], Reading], edit: Callable[[Reading], Edit]) -> None:
        self._read, self._edit = read, edit
        self.edit = Edit(b"", ())

    def __call__(self, content: bytes | None) -> bytes:
        self.edit = self._edit(self._read(content))
        return self.edit.content
