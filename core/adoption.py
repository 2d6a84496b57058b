"""Other people's backup commands as proposals for jobs; nothing of the text is ever carried out, nothing is created."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from core.adoption_finding import Found, found
from core.adoption_shell import Word
from core.adoption_sources import KINDS, Piece, kind_of, pieces
from engines.adopted import Adopted, short
from engines.registry import engine, names
from models.errors import InvalidInput
from models.job import JobDraft
from storage.file_problem import Unreadable
from storage.shared_jobs import read_shared_jobs
from utils.text import HOSTILE, shortened, visible

BYTES_LIMIT = 256 << 10
LIMIT = 200
_COMMAND = 400
_TOO_LARGE = f"This has more than {BYTES_LIMIT >> 10} KiB. Take the lines that copy."
_TOO_MANY = f"There are more than {LIMIT} commands in this. Take them in parts."
_NO_TEXT = "This is not text in UTF-8."
_KIND = "There are: {}."
_VARIES = "`{}` stands for something that only the shell knows. Write what it is."
_SPREADS = "`{}` may stand for several names in a shell. Here it is one name, exactly as written."
_SCHEDULED = "It ran by itself (`{}`). This version starts no job by itself: leave it there, or start the job by hand."
_NO_COPY = "A tool is named here, but not in a form that copies from one place to another."
_UNCLOSED = "A quote or bracket that is opened here is never closed. What follows was not read."


class Proposal(NamedTuple):
    """A job that could be made. `command` is where it comes from, fit to show ("" = a list of jobs)."""

    line: int
    command: str
    draft: JobDraft
    left_out: tuple[str, ...] = ()


class Unread(NamedTuple):
    """A line that names a tool, or should be a job, and was not understood."""

    line: int
    reason: str


class Adoption(NamedTuple):
    """What was found in a text, which was read as one of `KINDS`."""

    kind: str
    proposals: tuple[Proposal, ...] = ()
    unread: tuple[Unread, ...] = ()


def read_commands(content: bytes, kind: str = "", breathe: Callable[[], None] = lambda: None) -> Adoption:
    """What is in the text, read as `kind` or ("") as what it looks like. `InvalidInput` where it will not do."""
    if kind not in ("", *KINDS):
        raise InvalidInput({"kind": _KIND.format(", ".join(KINDS))})
    try:
        text = content.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise InvalidInput({"text": _NO_TEXT}) from error
    kind = kind or kind_of(text)
    if kind == "jobs":
        return _of_jobs(content, breathe)
    if len(content) > BYTES_LIMIT:
        raise InvalidInput({"text": _TOO_LARGE})
    return _of_commands(text, kind, breathe)


def _of_jobs(content: bytes, breathe: Callable[[], None]) -> Adoption:
    try:
        listed = read_shared_jobs(content, breathe)
    except Unreadable as error:
        place = "" if error.line is None else f"Line {error.line}: "
        raise InvalidInput({"text": f"{place}{error.reason}."}) from error
    good = tuple(Proposal(one.line, "", one.draft, one.left_out) for one in listed if one.draft)
    bad = tuple(Unread(one.line, f"{one.name}: {one.reason}".removeprefix(": ")) for one in listed if not one.draft)
    return Adoption("jobs", good, bad)


def _of_commands(text: str, kind: str, breathe: Callable[[], None]) -> Adoption:
    programs = {engine(name).program: name for name in names()}
    proposals, unread = list[Proposal](), list[Unread]()
    for piece in pieces(text, kind):
        breathe()
        results, problem = found(piece.text, programs, piece.may_name_user)
        for result in results:
            line = piece.line - 1 + (result if isinstance(result, int) else result.line)
            made = [] if isinstance(result, int) else list(_proposed(result, line, piece, programs[result.program]))
            proposals += made
            unread += [] if made else [Unread(line, _NO_COPY)]
            if len(proposals) + len(unread) > LIMIT:
                raise InvalidInput({"text": _TOO_MANY})
        if problem is not None:
            unread.append(Unread(piece.line - 1 + problem, _UNCLOSED))
    return Adoption(kind, tuple(_named_apart(proposals)), tuple(unread))


def _proposed(result: Found, line: int, piece: Piece, engine_name: str) -> Iterator[Proposal]:
    command = visible(" ".join([result.program, *(word.text for word in result.words)]))
    shown = shortened(command, _COMMAND)
    for adopted in engine(engine_name).adopt(tuple(word.text for word in result.words)):
        draft = JobDraft(_name(adopted), engine_name, adopted.source, adopted.dest, adopted.settings)
        notes = [*adopted.left_out, *_of_words(result.words, adopted), *result.around, *piece.notes]
        if piece.schedule:
            notes.append(_SCHEDULED.format(short(piece.schedule)))
        yield Proposal(line, shown, draft, tuple(dict.fromkeys(visible(note) for note in notes)))


def _of_words(words: tuple[Word, ...], adopted: Adopted) -> Iterator[str]:
    for word in words:
        if word.varies:
            yield _VARIES.format(short(word.text))
        elif word.spreads and word.text in (adopted.source, adopted.dest):
            yield _SPREADS.format(short(word.text))


def _name(adopted: Adopted) -> str:
    """The last folder of the source, else of the destination."""
    for path in (adopted.source, adopted.dest):
        last = path.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]
        if name := HOSTILE.sub("", last).strip(" .$"):
            return name[:100]
    return "Backup"


def _named_apart(proposals: list[Proposal]) -> Iterator[Proposal]:
    seen: Counter[str] = Counter()
    for proposal in proposals:
        name = proposal.draft.name
        seen[name] += 1
        if seen[name] > 1:
            name = f"{name} {seen[name]}"
        yield proposal._replace(draft=proposal.draft._replace(name=name))
