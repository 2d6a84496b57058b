"""jobs.yaml as text: a frame and one block per job, so that a change touches one block; not YAML itself."""

import re
from dataclasses import dataclass
from functools import lru_cache

_HEADER = re.compile(r"^jobs:[ ]*(?P<empty>\[\])?[ ]*(?:#.*)?(?:\n|\Z)", re.MULTILINE)
_FIRST_ITEM = re.compile(r"(?:[ ]*(?:#.*)?\n)*(?P<indent>[ ]*)-(?=[ \n])")
_BLANK = re.compile(r"(?:[ ]*(?:#.*)?(?:\n|\Z))*")
# A newline in front lets the search skip from line to line: seven times as fast as `^`.
_TAIL = re.compile(r"\n(?=[^\s#-]|-[^ \n])")
_TRAILING = re.compile(r"(?:^[ ]*(?:#.*)?(?:\n|\Z))+\Z", re.MULTILINE)


class NotBlocks(Exception):
    """The text is not a plain list of jobs under `jobs:`; it has to be read as a whole."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """The text in pieces: `header` through the line `jobs:`, a block per job, and what follows.

    Comments and blank lines between two jobs belong to the block before them. `indent` is how
    far the dashes stand in. The pieces joined are the text, byte for byte.
    """

    header: str
    blocks: tuple[str, ...]
    tail: str
    indent: int = 0

    @property
    def text(self) -> str:
        return "".join((self.header, *self.blocks, self.tail))

    @property
    def frame(self) -> str:
        """What is left without the jobs; as YAML it says whether the rest is in order."""
        return self.header + self.tail

    def line_of(self, index: int) -> int:
        """The line, from 1, on which a block begins (or the tail, after the last one)."""
        before = "".join((self.header, *self.blocks[:index]))
        return before.count("\n") + 1

    def replaced(self, index: int, block: str) -> "Blocks":
        return self._with((*self.blocks[:index], block, *self.blocks[index + 1 :]))

    def removed(self, index: int) -> "Blocks":
        """Without one job; the comments after it stay, for they may be about the next one."""
        kept = trailing_comments(self.blocks[index])
        before, after = self.blocks[:index], self.blocks[index + 1 :]
        if before:
            return self._with((*before[:-1], before[-1] + kept, *after))
        header = _open(self.header) if after else _closed(self.header)
        return Blocks(header + kept, after, self.tail, self.indent)

    def appended(self, *blocks: str) -> "Blocks":
        """With more jobs at the end."""
        if not blocks:
            return self
        if self.blocks:
            return self._with((*self.blocks[:-1], _ended(self.blocks[-1]), *blocks))
        return Blocks(_open(_ended(self.header)), blocks, self.tail, self.indent)

    def _with(self, blocks: tuple[str, ...]) -> "Blocks":
        return Blocks(self.header, blocks, self.tail, self.indent)


def _ended(text: str) -> str:
    return text if text.endswith("\n") or not text else text + "\n"


def _open(header: str) -> str:
    """The header of a list that has items."""
    return _HEADER.sub(lambda match: match[0].replace("[]", "", 1).replace(": \n", ":\n"), header, 1)


def _closed(header: str) -> str:
    """The header of an empty list."""
    return _HEADER.sub(lambda match: match[0].replace("jobs:", "jobs: []", 1), header, 1)


def split_blocks(text: str, with_tail: bool = True) -> Blocks:
    """The pieces of the text; `NotBlocks` where it has another shape.

    Without a tail everything after the first job is taken for jobs.
    """
    match = _HEADER.search(text)
    if match is None:
        raise NotBlocks
    is_open = with_tail and match[0].endswith("\n")
    tail_match = _TAIL.search(text, match.end() - 1) if is_open else None
    end = len(text) if tail_match is None else tail_match.end()
    if match["empty"]:
        return _without_jobs(text, match.end(), end)
    first = _FIRST_ITEM.match(text, match.end(), end)
    if first is None:
        raise NotBlocks
    indent = len(first["indent"])
    pattern = _item_pattern(indent)
    starts = [found.start() + 1 for found in pattern.finditer(text, match.end() - 1, end)]
    blocks = tuple(text[a:b] for a, b in zip(starts, [*starts[1:], end], strict=True))
    return Blocks(text[: starts[0]], blocks, text[end:], indent)


def _without_jobs(text: str, start: int, end: int) -> Blocks:
    if not _BLANK.fullmatch(text, start, end):
        raise NotBlocks
    return Blocks(text[:end], (), text[end:])


@lru_cache(maxsize=16)
def _item_pattern(indent: int) -> re.Pattern[str]:
    return re.compile(rf"\n(?=[ ]{{{indent}}}-[ \n])")


def trailing_comments(block: str) -> str:
    """The comments and blank lines at the end of a block."""
    match = _TRAILING.search(block)
    return match[0] if match else ""
