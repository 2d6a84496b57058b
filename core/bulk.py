"""One thing done to many jobs, each by itself: what is refused for one keeps no other from it; it decides nothing."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from core.manager import JobManager
from core.upkeep import Upkeep, checked_tag
from models.errors import AppError, InvalidInput, JobNotFound, StoreBroken, StoreUnavailable
from storage.job_store import JobStore
from utils.clock import Clock

LIMIT = 200
Act = Callable[[str], object]
Tell = Callable[[str, bool], object]


class Refused(NamedTuple):
    """A job for which it was not done, and why. `name` is "" where there is no such job."""

    name: str
    reason: str


class BulkResult(NamedTuple):
    """For how many jobs it was done, and for which not, in the order in which they were chosen."""

    done: int
    refused: tuple[Refused, ...]


class Bulk:
    """Gives way to other green threads after each job."""

    def __init__(self, jobs: JobStore, manager: JobManager, upkeep: Upkeep, clock: Clock) -> None:
        self._jobs, self._clock = jobs, clock
        self._acts: dict[str, Act] = {
            "start": manager.start,
            "pause": manager.pause,
            "delete": manager.delete,
            "enable": upkeep.enable,
            "disable": upkeep.disable,
        }
        self._with_tag = {"add_tag": upkeep.add_tag, "remove_tag": upkeep.remove_tag}

    def do(
        self, action: str, job_ids: Sequence[str], tag: str = "", tell: Tell = lambda _id, _is_done: None
    ) -> BulkResult:
        """`InvalidInput` before anything is done where the action, the number of jobs or the tag will not do.

        `tell` hears of each job whether it was done.
        """
        act = self._act(action, tag)
        done, refused, broken = 0, list[Refused](), ""
        for job_id in chosen(job_ids):
            reason = broken
            if not broken:
                reason, broken = self._try(act, job_id)
                self._clock.sleep(0)
            done += not reason
            tell(job_id, not reason)
            if reason:
                refused.append(Refused(self._name(job_id), reason))
        return BulkResult(done, tuple(refused))

    def _act(self, action: str, tag: str) -> Act:
        if action in self._acts:
            return self._acts[action]
        if action not in self._with_tag:
            raise InvalidInput({"action": "There is no such action."})
        word, change = checked_tag(tag), self._with_tag[action]
        return lambda job_id: change(job_id, word)

    def _try(self, act: Act, job_id: str) -> tuple[str, str]:
        """Why it was refused, and why it will be refused for all others too."""
        try:
            act(job_id)
        except (StoreBroken, StoreUnavailable) as error:
            return error.message, error.message
        except AppError as error:
            return error.message, ""
        return "", ""

    def _name(self, job_id: str) -> str:
        try:
            return self._jobs.get(job_id).name
        except JobNotFound:
            return ""


def chosen(job_ids: Iterable[str]) -> tuple[str, ...]:
    """Each once; `InvalidInput` where there is none, or more than can be waited for."""
    found = tuple(dict.fromkeys(job_ids))
    if not found:
        raise InvalidInput({"job_id": "Choose one job or more first."})
    if len(found) > LIMIT:
        raise InvalidInput({"job_id": f"{len(found):,} jobs are too many at once. Choose up to {LIMIT}."})
    return found
