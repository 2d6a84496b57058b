"""All jobs of jobs.yaml, read cheaply and changed safely beside other writers; not their runs."""

import threading
from collections.abc import Callable, Iterable, Mapping

from models.errors import JobNotFound, StoreBroken, StoreUnavailable
from models.job import Job
from models.progress import Progress
from storage import jobs_edit
from storage.change_journal import Change, deleted_by
from storage.checked_mark import mark_checked
from storage.data_folder import DataFolder
from storage.file_problem import FileProblem
from storage.file_text import FileKey
from storage.foreign_writes import ForeignWrites
from storage.generations import Generations
from storage.jobs_edit import Edit, as_expected
from storage.jobs_file import JobsFile
from storage.jobs_reader import Breather, JobsReader
from storage.jobs_reading import EMPTY, Reading
from storage.jobs_snapshot import JobsSnapshot, KnownState, PendingChange, refusal, snapshot_of
from storage.last_good import CUT_OFF, Judgement, LastGood
from storage.reassertion import Correction
from storage.shared_file import Written, rewrite_file
from utils.clock import Clock, SystemClock, local_text
from utils.turns import Turns

__all__ = ["FileProblem", "JobStore", "JobsSnapshot"]

_TICK = 0.03  # seconds: two writes within a tick of the file system's clock may look alike


class JobStore:
    """Reading never waits for a writer; writers of all our processes take turns."""

    def __init__(self, folder: DataFolder, clock: Clock | None = None) -> None:
        self._folder, self._clock = folder, clock or SystemClock()
        self._reader = JobsReader()
        self._file = JobsFile(folder, self._reader, self._clock)
        self._generations = Generations(folder.generations, self._clock)
        self._last_good = LastGood(self._generations, self._reader)
        self._foreign = ForeignWrites(folder, self._reader, self._clock)
        self._loading = threading.Lock()
        self._state: KnownState | None = None
        self._known: Reading | None = None
        self._file.sweep()

    def snapshot(self) -> JobsSnapshot:
        """The jobs in force now; microseconds while the file is unchanged, and no lock."""
        state = self._state
        if state is not None and self._is_current(state):
            return state.snapshot
        with self._loading:
            return self._load().snapshot

    def _is_current(self, state: KnownState) -> bool:
        if self._file.key() != state.key or (state.settled_at and self._clock.monotonic() >= state.settled_at):
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
        return self.create_all((job,))[0]

    def create_all(self, jobs: Iterable[Job]) -> tuple[Job, ...]:
        """Add all of them with one write, or none."""
        now = local_text(self._clock.now())
        made = tuple(job._replace(created_at=job.created_at or now, updated_at=job.updated_at or now) for job in jobs)
        additions, pause = [], Turns(lambda: self._clock.sleep(0)).pause
        for job in made:  # before the lock, so that nobody waits for a thousand of them
            additions.append(jobs_edit.addition(job))
            pause()
        self._write(lambda reading: jobs_edit.create(reading, additions))
        return made

    def update(self, job: Job, base: Job | None = None, expected: Job | None = None) -> Job:
        """Change name, source, dest, type and settings; returns the job as it then is.

        With `base`, the job as the caller read it, only what differs from that is changed.
        `JobChanged` where the definition is not the `expected` one.
        """
        stamp = local_text(self._clock.now())
        reading = self._write(lambda reading: jobs_edit.update(as_expected(reading, expected), job, base, stamp))
        return reading.jobs[job.id]

    def delete(self, job_id: str, expected: Job | None = None) -> None:
        self._write(lambda reading: jobs_edit.delete(as_expected(reading, expected), job_id))

    def set_status(self, job_id: str, status: str, progress: Progress | None = None) -> None:
        """Put status and, unless None, figures into the file; nothing else of the job changes."""
        stamp = local_text(self._clock.now())
        self._write(lambda reading: jobs_edit.set_status(reading, job_id, status, progress, stamp), False)

    def set_figures(self, figures: Mapping[str, Progress]) -> None:
        """Put figures of jobs that the file calls running into it, for the legacy app's pages; not durable."""
        stamp = local_text(self._clock.now())
        self._write(lambda reading: jobs_edit.set_figures(reading, figures, stamp), False, durable=False)

    def foreign_seen_at(self) -> float:
        """When somebody else last wrote the file, as seconds of the epoch; 0.0 if never."""
        return self._foreign.seen_at()

    def was_made_running(self, job_id: str, since: str) -> bool:
        """Whether we wrote into the file since then (UTC text) that the job runs; minutes back at most."""
        return self._foreign.has_written(job_id, "status", "status: running\n", since)

    def confirm_missing(self) -> None:
        """A person says that the file is meant to be as it is: without those jobs, or cut off."""
        with self._file.hold():
            problems = self.snapshot().problems
            if any(problem.reason != CUT_OFF for problem in problems):
                raise StoreBroken(problems[0].sentence)
            written = rewrite_file(self._file.path, self._confirmed)
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

    def _write(self, edit: Callable[[Reading], Edit], definitions: bool = True, durable: bool = True) -> Reading:
        """The one way to change the file: lock, read, work out, replace, note, remember."""
        with self._file.hold():
            self._refuse_broken()
            ours = self._foreign.changes()
            change = PendingChange(lambda content: self._good_reading(content, ours), edit)
            witness = self._foreign.witness(change, durable)
            written = rewrite_file(self._file.path, change, durable=durable, witness=witness)
            with self._loading:
                reading = change.edit.reading or self._reader.read(written.content)
                self._adopt(written, reading, definitions)
            return reading

    def _refuse_broken(self) -> None:
        """What is known to be broken, and may be huge, is not read again for a change."""
        with self._loading:
            snapshot = self._load(is_locked=True).snapshot
        if not snapshot.writable:
            raise refusal(snapshot)

    def _good_reading(self, content: bytes | None, ours: tuple[Change, ...]) -> Correction:
        """The present content, with `ours` made again, if it may be changed; else `StoreBroken`."""
        with self._loading:
            state = self._state
            if state and state.in_order and state.reading.content == content and state.snapshot.writable:
                correction = Correction(state.reading)
            else:
                correction = self._good_again(content, ours)
                self._last_good.accept(correction.reading)
            if correction.reading.exists:
                self._last_good.keep(correction.reading)  # an outside change, before ours comes on top
        return correction

    def _adopt(self, written: Written, reading: Reading, definitions: bool = True) -> None:
        """What we wrote ourselves is good and known; nothing is read again."""
        self._last_good.accept(reading)
        if definitions:
            self._last_good.keep(reading)
        else:
            self._last_good.defines_the_same(reading)
        self._remember(written.key, reading, Judgement(reading.jobs), True)
        mark_checked(self._folder, written.key)

    def _load(self, is_locked: bool = False) -> KnownState:
        """Read the file again if it is not what this process knows. The caller holds `_loading`.

        `is_locked`: the caller holds the lock, and writes what is missing of ours with its change.
        """
        state = self._state
        if state is not None and self._is_current(state) and (state.in_order or not is_locked):
            return state
        known = state.reading if state else None
        if is_locked:
            return self._take_in(*self._file.put_back_and_read(known), is_held=True, is_written=False)
        try:
            with self._file.try_hold() as is_held:
                read = self._file.put_back_and_read(known) if is_held else self._file.read(known)
                return self._take_in(*read, is_held=is_held, is_written=is_held)
        except (StoreUnavailable, StoreBroken):  # it cannot be written now: what is there is shown
            return self._take_in(*self._file.read(known), is_held=True, is_written=False)

    def _take_in(self, key: FileKey, reading: Reading, *, is_held: bool, is_written: bool) -> KnownState:
        """Make a new reading the known state; a foreign one with what it undid of ours made again."""
        in_order = not reading.exists or self._file.is_checked(key)
        ours = self._foreign.changes()
        if not in_order:
            if is_held:
                self._foreign.mark_seen()
            corrected = self._foreign.corrected(reading, self._known, ours).reading
            if is_written and corrected is not reading and self._last_good.judge(corrected, deleted_by(ours)).is_good:
                key, corrected = self._write_again(ours)
                reading = corrected
            in_order, reading = is_held and corrected is reading, corrected
        judgement = self._last_good.judge(reading, deleted_by(ours))
        is_settled = in_order
        if judgement.is_good and reading.exists:
            self._last_good.accept(reading)
            is_settled = is_held and in_order
            if is_settled:
                self._last_good.keep(reading)
                mark_checked(self._folder, key)
            else:
                is_settled = self._last_good.is_kept(reading)
        return self._remember(key, reading, judgement, in_order, in_order and is_settled)

    def _write_again(self, ours: tuple[Change, ...]) -> tuple[FileKey, Reading]:
        """Put what a foreign file undid into it; the caller holds both locks."""
        change = PendingChange(lambda content: self._good_again(content, ours), jobs_edit.nothing)
        written = rewrite_file(self._file.path, change, witness=self._foreign.witness(change))
        return written.key, self._reader.read(written.content)

    def _good_again(self, content: bytes | None, ours: tuple[Change, ...]) -> Correction:
        """The content with ours made again; `StoreBroken` where it may not be changed."""
        found = self._reader.read(content, Breather(self._clock))
        correction = self._foreign.corrected(found, self._known, ours)
        judgement = self._last_good.judge(correction.reading, deleted_by(ours))
        if not judgement.is_good:
            raise refusal(judgement)
        return correction

    def _remember(
        self, key: FileKey, reading: Reading, judgement: Judgement, in_order: bool, is_settled: bool = True
    ) -> KnownState:
        snapshot = snapshot_of(judgement, self._state.snapshot if self._state else None)
        generation = "" if judgement.is_good else self._generations.newest_name()
        fresh = self._clock.now().timestamp() - key[0] / 1e9 < _TICK
        settled_at = 0.0 if is_settled and not fresh else self._clock.monotonic() + _TICK
        self._state = KnownState(key, generation, reading, snapshot, settled_at, in_order)
        if in_order and judgement.is_good:
            self._known = reading
        return self._state
