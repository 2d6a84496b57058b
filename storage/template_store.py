"""templates.yaml: definitions to make new jobs from, by name; ours alone, so it is 0600 and strictly as we wrote it."""

from typing import Any

from models.errors import InvalidInput, StoreBroken
from models.job import JobDraft
from storage.data_folder import DataFolder
from storage.file_lock import FileLock
from storage.file_problem import Unreadable
from storage.file_text import FileKey, file_key
from storage.map_file import Lines, load_map, read_map
from storage.shared_file import replace_file
from storage.shared_job import draft_of_values, shared_values
from storage.yaml_scalars import dump_yaml

LIMIT = 200
_TAKEN = "There is a template of this name already. Choose another name, or delete that one first."
_UNFIT = "This cannot be kept as a template: {reason}."
_FULL = f"There are {LIMIT} templates, which is the limit. Delete one first."


class TemplateStore:
    """The file is written whole, durable; readers take no lock."""

    def __init__(self, folder: DataFolder) -> None:
        self._path = folder.root / "templates.yaml"
        self._lock = FileLock(folder.root / "templates.lock")
        self._known: tuple[FileKey, tuple[JobDraft, ...]] | None = None

    def all(self) -> tuple[JobDraft, ...]:
        """In the order of their names; `StoreBroken` with line and reason."""
        key = file_key(self._path)
        if self._known is None or self._known[0] != key:
            self._known = (key, self._read())
        return self._known[1]

    def add(self, draft: JobDraft) -> None:
        """`InvalidInput` where the name is taken, there are too many, or a shared job cannot be like this one."""
        with self._lock.hold():
            present = self._read()
            if len(present) >= LIMIT:
                raise InvalidInput({"name": _FULL})
            if any(other.name == draft.name for other in present):
                raise InvalidInput({"name": _TAKEN})
            self._save(_readable((*present, draft)))

    def remove(self, name: str) -> bool:
        """Whether there was one."""
        with self._lock.hold():
            present = self._read()
            left = tuple(draft for draft in present if draft.name != name)
            if len(left) < len(present):
                self._save(_text(left))
            return len(left) < len(present)

    def _read(self) -> tuple[JobDraft, ...]:
        values, lines = load_map(self._path)
        try:
            return _drafts(values, lines)
        except Unreadable as error:
            raise StoreBroken(error.problem(self._path.name).sentence) from error

    def _save(self, content: bytes) -> None:
        replace_file(self._path, content)
        self._known = None


def _drafts(values: dict[Any, Any], lines: Lines) -> tuple[JobDraft, ...]:
    items = values.get("templates", [])
    if not isinstance(items, list) or values.keys() - {"templates"}:
        raise Unreadable(1, "there must be one key, `templates`, with a list")
    return tuple(_draft(number, item, lines) for number, item in enumerate(items))


def _draft(number: int, values: Any, lines: Lines) -> JobDraft:
    place = ("templates", number)
    own = {path[2:]: line for path, line in lines.items() if path[:2] == place}
    try:
        return draft_of_values(values, own)
    except Unreadable as error:
        raise Unreadable(error.line if own else lines.get(place), error.reason) from error


def _text(drafts: tuple[JobDraft, ...]) -> bytes:
    ordered = sorted(drafts, key=lambda draft: (draft.name.casefold(), draft.name))
    return dump_yaml({"templates": [shared_values(draft) for draft in ordered]}).encode()


def _readable(drafts: tuple[JobDraft, ...]) -> bytes:
    """The text, read back first: a job may hold what a template may not, and one such would break the file."""
    content = _text(drafts)
    try:
        _drafts(*read_map(content))
    except Unreadable as error:
        raise InvalidInput({"name": _UNFIT.format(reason=error.reason)}) from error
    return content
