"""What may be asked of a job's copy: to look into it, to have files back, to rehearse that; it carries nothing out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from core.browse import FolderPage, checked
from core.copies import Copies
from core.starting import Starting
from core.turnaround import WayBack, is_inside_copy, suggested_target, turned, wish_from_json
from engines.registry import engine
from models.errors import CannotStart, InvalidInput, NotRunning, RunNotFound
from models.job import Job
from models.request import Request, RestoreWish
from models.run import GOOD, RESUMABLE, Run
from storage.data_folder import DataFolder
from storage.job_store import JobStore
from storage.run_store import RunStore
from utils.clock import Clock, parse_utc
from utils.text import visible

_SHOWN_FOR = timedelta(hours=1)
_KEPT_TARGET = (
    "{} holds files already. Choose a new or empty folder, or allow that the files there stay beside the restored ones."
)


class PreviewNeeded(CannotStart):
    """Files would be replaced, and nobody was shown which."""

    code = "preview_needed"


@dataclass(frozen=True, slots=True)
class RestoreOffer:
    """Where a job's copy is, where it came from, and a new folder that files could come back to."""

    copy: str
    original: str
    target: str


class Restores:
    """Raises `AppError` with words for the user. Every method may be called from any (green) thread."""

    def __init__(
        self, folder: DataFolder, jobs: JobStore, runs: RunStore, copies: Copies, starting: Starting,
        tell: Callable[[Run], object], clock: Clock,
    ) -> None:  # fmt: skip
        self._folder, self._jobs, self._runs = folder, jobs, runs
        self._copies, self._starting, self._tell, self._clock = copies, starting, tell, clock

    def offer(self, job_id: str) -> RestoreOffer:
        way = self._copies.way_back(self._jobs.get(job_id))
        day = self._clock.now().astimezone().date().isoformat()
        return RestoreOffer(way.copy, way.original, suggested_target(way.original, day))

    def browse(self, job_id: str, folder: bytes = b"", page: int = 1, accept_identity: bool = False) -> FolderPage:
        """One page of a folder of the copy; `IdentityChanged` where another disk is in its place."""
        return self._copies.look(self._jobs.get(job_id), folder, page, accept_identity)

    def restore(self, job_id: str, wish: RestoreWish, trigger: str = "hand", accept_identity: bool = False) -> Run:
        """Copy files of the backup to another folder, or back to where they came from.

        `PreviewNeeded` where files may be replaced that were not shown before; `InvalidInput`
        where a typed target holds files and that was not allowed.
        """
        job = self._jobs.get(job_id)
        wish = _sound(wish, accept_identity)
        self._refuse_occupied(job, wish)
        return self._begin(job, Request("restore", trigger, wish.accept_identity, wish))

    def preview(self, job_id: str, wish: RestoreWish, trigger: str = "hand", accept_identity: bool = False) -> Run:
        """Find out what a restore would bring and what it would replace; changes nothing."""
        wish = replace(_sound(wish, accept_identity), overwrite=False, previewed="")
        return self._begin(self._jobs.get(job_id), Request("preview", trigger, wish.accept_identity, wish))

    def rehearse(self, job_id: str, trigger: str = "hand", accept_identity: bool = False) -> Run:
        """Restore some files to a folder of ours, compare them and remove them again."""
        return self._begin(self._jobs.get(job_id), Request("rehearsal", trigger, accept_identity, RestoreWish()))

    def resume(self, job_id: str, run_id: str, trigger: str = "resume", accept_identity: bool = False) -> Run:
        """Carry on a restore that was stopped or failed, with the same wish."""
        job, run = self._jobs.get(job_id), self._runs.read(job_id, run_id)
        if run.kind != "restore" or run.state not in RESUMABLE:
            raise NotRunning("Only a restore that was stopped can be carried on.")
        wish = self.wish(run)
        work = turned(job, self._copies.way_back(job), wish.target)
        if (work.source, work.dest) != (run.source, run.dest):
            raise CannotStart("The job was changed since. Start the restore anew.")
        is_accepted = accept_identity or wish.accept_identity
        return self._begin(job, Request("restore", trigger, is_accepted, wish, carries_on=run.id))

    def wish(self, run: Run) -> RestoreWish:
        """What a run on the way back was asked for; `CannotStart` where that is not kept any more."""
        try:
            return wish_from_json((self._folder.run_folder(run.job_id, run.id) / "wish.json").read_bytes())
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CannotStart("What this run was asked for is not kept any more. Start the restore anew.") from error

    def _begin(self, job: Job, request: Request) -> Run:
        run = self._starting.start(job, request)
        self._tell(run)
        return run

    def _refuse_occupied(self, job: Job, wish: RestoreWish) -> None:
        way = self._copies.way_back(job)
        state = self._target_state(job, way, wish.target)
        if wish.overwrite and state in {"occupied", "unknown"}:
            self._refuse_unseen(job, wish)
        elif state == "occupied" and wish.target and not wish.merge:
            raise InvalidInput({"target": _KEPT_TARGET.format(visible(wish.target))})

    def _target_state(self, job: Job, way: WayBack, target: str) -> str:
        if is_inside_copy(way, target):
            raise InvalidInput({"target": f"This folder lies inside the copy. Choose one outside {visible(way.copy)}."})
        work = turned(job, way, target)
        if problems := engine(job.type).problems(work):
            raise InvalidInput({_FIELDS.get(name, name): sentence for name, sentence in problems.items()})
        _, place = self._copies.place(job, way, target)
        return self._copies.state(place.path) if place.is_local else "unknown"

    def _refuse_unseen(self, job: Job, wish: RestoreWish) -> None:
        """What will be replaced was shown, for the same files and place, and not long ago."""
        if not self._was_shown(job, wish):
            raise PreviewNeeded(
                "Files that are there would be replaced. Look at the preview first, and confirm it within an hour."
            )

    def _was_shown(self, job: Job, wish: RestoreWish) -> bool:
        try:
            run = self._runs.read(job.id, wish.previewed)
        except RunNotFound:
            return False
        if not (run.kind == "preview" and run.is_way_back and run.state in GOOD):
            return False
        shown, age = self.wish(run), self._clock.now() - parse_utc(run.ended_at)
        return (shown.names, shown.target) == (wish.names, wish.target) and age < _SHOWN_FOR


_FIELDS = {"dest": "target", "source": "copy"}


def _sound(wish: RestoreWish, accept_identity: bool) -> RestoreWish:
    """The wish with its names checked; a name twice, or below a chosen folder, is meant once."""
    wish = replace(wish, accept_identity=accept_identity or wish.accept_identity)
    names = tuple(dict.fromkeys(checked(name) for name in wish.names))
    chosen = frozenset(names)
    return replace(wish, names=tuple(name for name in names if name and not _is_below(name, chosen)))


def _is_below(name: bytes, chosen: frozenset[bytes]) -> bool:
    parts = name.split(b"/")
    return any(b"/".join(parts[:count]) in chosen for count in range(1, len(parts)))
