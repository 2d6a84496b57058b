"""Many definitions as YAML: a list to share or to keep, and jobs.yaml of another installation; it creates no job."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from models.job import JobDraft, JobSettings
from storage.file_problem import Unreadable
from storage.file_text import decoded
from storage.job_document import UNBUILT, SettingsDocument, job_from_values
from storage.map_file import Lines
from storage.shared_job import VERSION, draft_of_values, impersonal, read_shared, shared_values
from storage.strict_yaml import nothing, read_yaml
from storage.yaml_blocks import Blocks, NotBlocks, split_blocks
from storage.yaml_scalars import dump_yaml
from utils.text import shortened, visible

BYTES_LIMIT = 4 << 20
KEY = "backup_manager_jobs"
_HEAD = "# Jobs to share, without passwords. Backup Manager takes them in under Jobs, Adopt.\n"
_STATE = frozenset({"id", "status", "progress", "created_at", "updated_at"})
_OWN = _STATE | {"name", "source", "dest", "type", "settings"}
_NO_LIST = "this is no list of jobs: there is no `jobs` with a list"
_UNCARRIED = "`{}` is left out: this version does not carry it out."
_UNKNOWN = "`{}` is left out: this version does not know it."
_CONSENT = "`delete_source_after` is left out: turn it on in the form of the job, where it is explained."


class Listed(NamedTuple):
    """One job of a list. `line` is where it begins, `draft` None where `reason` says why it cannot be read.

    `left_out` has a sentence for each thing that it asked for and the draft does not hold. A draft from a list
    never deletes at the source.
    """

    line: int
    name: str
    draft: JobDraft | None
    reason: str = ""
    left_out: tuple[str, ...] = ()


class _Item(NamedTuple):
    line: int
    values: Any
    lines: Lines
    error: Unreadable | None = None


_Read = Callable[[Any, Lines], tuple[JobDraft, tuple[str, ...]]]


def shared_jobs_text(drafts: Iterable[JobDraft], breathe: Callable[[], None] = nothing) -> str:
    """The file to share or to keep, in the order of `drafts`; `breathe` is called between them."""
    items = []
    for draft in drafts:
        breathe()
        items.append(dump_yaml([_values(draft)]))
    return "".join((_HEAD, dump_yaml({KEY: VERSION}), "jobs:\n" if items else "jobs: []\n", *items))


def _values(draft: JobDraft) -> dict[str, Any]:
    """As one shared job has them, but what is off stays off: a list may be all that one machine does."""
    values = shared_values(draft)
    return values if draft.settings.enabled else values | {"settings": {"enabled": False, **values.get("settings", {})}}


def read_shared_jobs(content: bytes, breathe: Callable[[], None] = nothing) -> tuple[Listed, ...]:
    """Each job of a shared list, a jobs.yaml, or one shared job; `Unreadable` where it is none of them."""
    if len(content) > BYTES_LIMIT:
        raise Unreadable(None, f"this has more than {BYTES_LIMIT >> 20} MiB")
    text = decoded(content.replace(b"\r\n", b"\n"))
    read, items = _in_blocks(text, breathe) or _whole(text, content, breathe)
    return tuple(_listed(item, read) for item in items)


def _in_blocks(text: str, breathe: Callable[[], None]) -> tuple[_Read, tuple[_Item, ...]] | None:
    """Job by job, so that thousands can be read; None where the text has to be read as a whole."""
    try:
        blocks = split_blocks(text)
        frame = read_yaml(blocks.frame, breathe=breathe)
        read = _reader(frame, {})
    except (NotBlocks, Unreadable):
        return None
    items = tuple(_block_items(blocks, breathe))
    return None if any(item.error for item in items) and _is_yaml(text, breathe) else (read, items)


def _is_yaml(text: str, breathe: Callable[[], None]) -> bool:
    """Whether blocks that cannot be read alone can be read together: an anchor may stand in another one."""
    try:
        read_yaml(text, breathe=breathe)
    except Unreadable:
        return False
    return True


def _block_items(blocks: Blocks, breathe: Callable[[], None]) -> Iterator[_Item]:
    first = blocks.line_of(0)
    for block in blocks.blocks:
        breathe()
        lines: Lines = {}
        try:
            found = read_yaml(block, lines)
            own = {path[1:]: line + first - 1 for path, line in lines.items()}
            is_one = isinstance(found, list) and len(found) == 1
            odd = None if is_one else Unreadable(first, "this is not one item of a list")
            yield _Item(first, found[0] if is_one else None, own, odd)
        except Unreadable as error:
            line = None if error.line is None else error.line + first - 1
            yield _Item(first, None, {}, Unreadable(line, error.reason))
        first += block.count("\n")


def _whole(text: str, content: bytes, breathe: Callable[[], None]) -> tuple[_Read, tuple[_Item, ...]]:
    lines: Lines = {}
    found = read_yaml(text, lines, breathe)
    if isinstance(found, dict) and "backup_manager_job" in found:
        return lambda _values, _lines: (read_shared(content), ()), (_Item(1, found, lines),)
    read = _reader(found, lines)
    if not isinstance(found["jobs"], list):
        raise Unreadable(lines.get(("jobs",), 1), _NO_LIST)
    own: list[Lines] = [{} for _ in found["jobs"]]
    for path, line in lines.items():
        if len(path) > 2 and path[0] == "jobs":
            own[int(path[1])][path[2:]] = line
    return read, tuple(
        _Item(lines.get(("jobs", number), 1), values, own[number]) for number, values in enumerate(found["jobs"])
    )


def _reader(frame: Any, lines: Lines) -> _Read:
    """How each job of this file is read."""
    if not isinstance(frame, dict) or "jobs" not in frame:
        raise Unreadable(1, _NO_LIST)
    if KEY not in frame:
        return _of_installation
    if frame[KEY] is True or frame[KEY] != VERSION:
        raise Unreadable(lines.get((KEY,), 1), f"this is not version {VERSION} of the format")
    if unknown := frame.keys() - {KEY, "jobs"}:
        name = min(map(str, unknown))
        raise Unreadable(lines.get((name,), 1), f"`{_shown(name)}` is not known to this version")
    return _of_shared


def _listed(item: _Item, read: _Read) -> Listed:
    name = item.values.get("name") if isinstance(item.values, dict) else ""
    shown = _shown(name) if isinstance(name, str) else ""
    try:
        if item.error:
            raise item.error
        draft, left_out = read(item.values, item.lines)
    except Unreadable as error:
        # A reason without a line of its own is about the whole job.
        line = item.line if error.line in (None, 1) else error.line
        return Listed(line or item.line, shown, None, error.reason)
    wish = (_CONSENT,) if draft.settings.delete_source_after else ()
    return Listed(item.line, shown, _undeleting(draft), "", (*left_out, *wish))


def _of_shared(values: Any, lines: Lines) -> tuple[JobDraft, tuple[str, ...]]:
    draft = draft_of_values(values, lines)
    is_on = values.get("settings", {}).get("enabled", True)
    return draft._replace(settings=draft.settings._replace(enabled=is_on)), ()


def _of_installation(values: Any, lines: Lines) -> tuple[JobDraft, tuple[str, ...]]:
    """A job as jobs.yaml holds it, without its state; what is off stays off."""
    job = job_from_values({"id": "another"} | values if isinstance(values, dict) else values, lines)
    draft = JobDraft(job.name, job.type, job.source, job.dest, impersonal(job.settings))
    sound = draft_of_values(shared_values(draft), lines)
    settings = sound.settings._replace(enabled=job.settings.enabled)
    return sound._replace(settings=settings), tuple(_not_held(values, job.settings))


def _not_held(values: dict[Any, Any], settings: JobSettings) -> Iterator[str]:
    yield from (_UNCARRIED.format(name) for name in settings.unbuilt)
    yield from (_UNKNOWN.format(_shown(str(name))) for name in values if name not in _OWN)
    known = {*SettingsDocument.model_fields, *UNBUILT}
    yield from (_UNKNOWN.format(_shown(str(name))) for name in values.get("settings") or () if name not in known)


def _undeleting(draft: JobDraft) -> JobDraft:
    return draft._replace(settings=draft.settings._replace(delete_source_after=False))


def _shown(text: str) -> str:
    return visible(shortened(text, 200))
