"""What would come of a definition that is still being typed: problems, rooms, commands; it saves and starts nothing."""

from collections.abc import Sequence
from dataclasses import replace
from shlex import join

from core.catching import Catching, Caught
from core.definitions import Definitions, job_of
from core.file_systems import contains
from core.folder_views import Room
from core.places import Busy, Places, distant_mounts
from core.starting import Starting
from core.tools import Tools
from core.views import DraftCheck
from engines.registry import engine, names
from models.errors import InvalidInput
from models.job import Job, JobDraft
from utils.ids import new_job_id

_SIDES = ("source", "dest")
_SILENT = "{path} does not answer. Its disk or host may be away. Try again, or choose another folder."
_BUSY = "The disks were not looked at, because others are looking at many folders. Check again a little later."


class Drafts:
    """One per process."""

    def __init__(
        self, definitions: Definitions, starting: Starting, tools: Tools, places: Places, catching: Catching
    ) -> None:
        self._definitions, self._starting, self._tools = definitions, starting, tools
        self._places, self._catching = places, catching

    def check(self, draft: JobDraft, job_id: str = "") -> DraftCheck:
        """What saving would say, the rooms of both sides, and the commands of a run. `job_id`: of a saved job.

        A disk that does not answer is named; it holds nobody up.
        """
        if draft.type not in names():
            return self._definitions.check(draft)
        job = job_of(draft)._replace(id=job_id or new_job_id(), name=draft.name or "new")
        paths = _local_paths(job)
        own = engine(job.type).problems(job, self._tools.state(job.type).tool)
        try:
            rooms = self._places.rooms(*paths.values())
        except Busy:  # looking without a limit of time might hang
            return DraftCheck(own, warnings=(_BUSY,))
        silent = {side: _SILENT.format(path=path) for side, path in paths.items() if rooms.get(path, "") is None}
        if silent:
            return DraftCheck({**own, **silent})
        found = self._definitions.check(draft)
        known: dict[str, Room] = {side: room for side, path in paths.items() if (room := rooms.get(path))}
        return replace(found, rooms=known, commands=self._commands(job, found))

    def _commands(self, job: Job, found: DraftCheck) -> tuple[str, ...]:
        """The steps of the next run for a shell; none where the job could not run. Secrets stand in files."""
        if found.fields.keys() - {"name"}:
            return ()
        try:
            return tuple(join(step.argv) for step in self._starting.command(job))
        except InvalidInput:
            return ()

    def refuse_silent(self, draft: JobDraft) -> None:
        """`InvalidInput` where a side lies on a mounted host that does not answer: looking further would hang."""
        if silent := self.silent([draft])[0]:
            raise InvalidInput(silent)

    def silent(self, drafts: Sequence[JobDraft]) -> list[dict[str, str]]:
        """For each, side → sentence as `refuse_silent` has it. All their hosts are asked at once, and once each."""
        distant = distant_mounts()
        sides = [_local_paths(job_of(draft)) if draft.type in names() else {} for draft in drafts]
        named = {mount for paths in sides for path in paths.values() for mount in distant if contains(mount, path)}
        try:
            rooms = self._places.rooms(*sorted(named))
        except Busy:
            rooms = {}
        away = [mount for mount, room in rooms.items() if room is None]
        return [
            {
                side: _SILENT.format(path=path)
                for side, path in paths.items()
                if any(contains(mount, path) for mount in away)
            }
            for paths in sides
        ]

    def caught(self, draft: JobDraft, job_id: str = "") -> Caught:
        """What the patterns would leave out now."""
        if draft.type not in names():
            raise InvalidInput({"type": "Choose an engine first."})
        return self._catching.caught(job_of(draft)._replace(id=job_id))


def _local_paths(job: Job) -> dict[str, str]:
    """The sides that lie on this machine, as far as they can be read."""
    try:
        sides = zip(_SIDES, engine(job.type).locations(job), strict=True)
    except InvalidInput as error:
        sound = {side: getattr(job, side) for side in _SIDES if side not in error.fields}
        return {side: path for side, path in sound.items() if path.startswith("/")}
    return {side: location.path for side, location in sides if location.is_local}
