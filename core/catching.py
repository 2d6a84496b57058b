"""What a job's patterns would leave out, as its own tool says, within seconds; it changes nothing."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.asking import Asking, answer
from core.places import Places
from engines.base import Catch, Engine, LeftOut, Location
from engines.registry import engine
from models.errors import AppError, InvalidInput
from models.job import Job
from utils.text import visible, visible_name

_SECONDS, _FAR_SECONDS = 3.0, 10.0
_LINES, _NAMES = 20_000, 8
_UNTOLD = (
    "A daemon does not tell what its patterns leave out. Save the job and preview it: that lists what would be copied."
)
_NOWHERE = "/destination/of/the/copy"
_FIELDS = ("type", "source", "exclude", "include", "ssh_key", "ssh_port", "options")


class CannotTell(AppError):
    """The tool did not answer as hoped, with the reason in words."""

    code = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Group:
    """What one pattern caught ("" = all of them together).

    Of the `entries` that it matched, `names` are the first, fit to show. `files` and `size` (bytes) count what is in
    `folders` too; where that is not known, `size` is None.
    """

    pattern: str
    entries: int = 0
    files: int = 0
    folders: int = 0
    size: int | None = 0
    names: tuple[str, ...] = ()

    @property
    def more(self) -> int:
        return self.entries - len(self.names)


@dataclass(frozen=True, slots=True)
class Caught:
    """The answer. `looked_at` is None where the tool does not tell how much it saw.

    `is_cut`: time or lines were too short for the whole source. `unused` are patterns that caught nothing. `doubt`
    is a sentence about what could not be read ("" = nothing).
    """

    groups: tuple[Group, ...] = ()
    looked_at: int | None = None
    seconds: float = _SECONDS
    is_cut: bool = False
    unused: tuple[str, ...] = ()
    doubt: str = ""

    @property
    def files(self) -> int:
        return sum(group.files for group in self.groups)

    @property
    def folders(self) -> int:
        return sum(group.folders for group in self.groups)

    @property
    def size(self) -> int | None:
        sizes = [group.size for group in self.groups]
        return None if None in sizes else sum(size or 0 for size in sizes)


class Catching:
    """One per process."""

    def __init__(self, asking: Asking, places: Places) -> None:
        self._asking, self._places = asking, places

    def caught(self, job: Job) -> Caught:
        """`InvalidInput` beside the field that is wrong, `CannotTell` and its kin in words."""
        chosen = engine(job.type)
        job = job._replace(name="new", dest=_NOWHERE)  # where the copy goes does not matter here
        source = _source(chosen, job)
        if not job.settings.exclude:
            return Caught()
        seconds = _SECONDS if source.is_local else _FAR_SECONDS
        with self._asking.context(job, source) as context:
            step = chosen.catch_step(job, context)
            if step is None:
                raise CannotTell(_UNTOLD)
            said = answer(step, seconds)
        lines = said.output.split(b"\n", _LINES)
        was_ended = said.timed_out or said.is_cut
        is_cut = was_ended or len(lines) > _LINES
        if said.exit_code and not was_ended and not said.output:
            raise CannotTell(_refused(chosen, said.exit_code, said.errors))
        found = chosen.catch(job, b"\n".join([*lines[:_LINES], b""]) if len(lines) > _LINES else said.output)
        caught = Caught(looked_at=found.looked_at, seconds=seconds, is_cut=is_cut)
        if said.exit_code and not was_ended:
            caught = replace(caught, doubt=_refused(chosen, said.exit_code, said.errors))
        return self._weighed(caught, job, source, found)

    def _weighed(self, caught: Caught, job: Job, source: Location, found: Catch) -> Caught:
        """With files and bytes, also of what lies in folders that are left out, where that is on this machine."""
        left_out, is_short = found.left_out, False
        weights = [(0 if one.is_folder else 1, one.size) for one in left_out]
        if source.is_local and None in {one.size for one in left_out}:
            known, is_short = self._places.weights(source.path, [os.fsdecode(one.name) for one in left_out])
            weights = [*known]
        is_cut = caught.is_cut or is_short
        unused: tuple[str, ...] = ()
        if found.looked_at is not None and not is_cut:
            seen = {one.pattern for one in left_out}
            unused = tuple(pattern for pattern in job.settings.exclude if pattern not in seen)
        return replace(caught, groups=_groups(left_out, weights), is_cut=is_cut, unused=unused)


def _source(chosen: Engine, job: Job) -> Location:
    problems = {field: words for field, words in chosen.problems(job).items() if field in _FIELDS}
    if problems:
        raise InvalidInput(problems)
    return chosen.locations(job)[0]


def _groups(left_out: Sequence[LeftOut], weights: Sequence[tuple[int, int | None]]) -> tuple[Group, ...]:
    """By pattern, the heaviest first; what was not weighed any more is left away."""
    found: dict[str, Group] = {}
    for one, (files, size) in zip(left_out, weights, strict=False):
        group = found.get(one.pattern, Group(visible(one.pattern)))
        known = None if group.size is None or size is None else group.size + size
        names = (*group.names, _shown(one)) if len(group.names) < _NAMES else group.names
        counts = group.entries + 1, group.files + files, group.folders + one.is_folder
        found[one.pattern] = Group(group.pattern, *counts, known, names)
    return tuple(sorted(found.values(), key=lambda group: (-(group.size or 0), -group.files, -group.entries)))


def _shown(one: LeftOut) -> str:
    if not one.name:
        return "the source itself"
    return visible_name(one.name) + ("/" if one.is_folder else "")


def _refused(chosen: Engine, exit_code: int, errors: bytes) -> str:
    tail = tuple(visible(line) for line in errors.decode(errors="replace").splitlines()[-5:])
    reason = chosen.verdict(exit_code, tail).reason if exit_code > 0 else ""
    return reason or "The tool was ended from outside."
