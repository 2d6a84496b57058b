"""One block of jobs.yaml as text by its keys, so that a change touches one key; not YAML itself."""

import re
from dataclasses import dataclass
from functools import lru_cache

from storage.yaml_blocks import NotBlocks, trailing_comments

_LEAD = re.compile(r"[ ]*-[ ]+(?=[^\s#])")
_KEY = re.compile(r"([A-Za-z_][\w.-]*):(?=[ \n]|\Z)")


@dataclass(frozen=True, slots=True)
class Segments:
    """A block by its keys: `texts[i]` is all of `keys[i]`, comments below it included.

    `lead` is the dash and the spaces before the first key, `column` where keys stand.
    """

    lead: str
    keys: tuple[str, ...]
    texts: tuple[str, ...]
    column: int

    @property
    def text(self) -> str:
        return self.lead + "".join(self.texts)

    def get(self, key: str) -> str:
        """The text of a key, "" if it is not there."""
        return self.texts[self.keys.index(key)] if key in self.keys else ""

    def replaced(self, key: str, dumped: str) -> "Segments":
        """With `dumped` (from column 0, `key: …`) for a key, or at the end; comments stay."""
        if key not in self.keys:
            return self._appended(key, dumped)
        index = self.keys.index(key)
        text = self._placed(dumped, index) + trailing_comments(self.texts[index])
        texts = (*self.texts[:index], text, *self.texts[index + 1 :])
        return Segments(self.lead, self.keys, texts, self.column)

    def _appended(self, key: str, dumped: str) -> "Segments":
        comments = trailing_comments(self.texts[-1])
        last = self.texts[-1].removesuffix(comments) if comments else self.texts[-1]
        last = last if last.endswith("\n") else last + "\n"
        texts = (*self.texts[:-1], last, self._placed(dumped, len(self.texts)) + comments)
        return Segments(self.lead, (*self.keys, key), texts, self.column)

    def _placed(self, dumped: str, index: int) -> str:
        """Dumped text moved to the column of the keys; the first key stands after the lead."""
        margin = " " * self.column
        lines = dumped.splitlines(keepends=True)
        text = "".join(margin + line if line.strip() else line for line in lines)
        return text.removeprefix(margin) if index == 0 else text


def segments(block: str) -> Segments:
    """A block in the usual form taken apart by its keys; `NotBlocks` where it is not."""
    lead = _LEAD.match(block)
    if lead is None:
        raise NotBlocks
    column = lead.end()
    starts = [0, *(found.start() for found in _key_pattern(column).finditer(block, column))]
    pieces = [block[a:b] for a, b in zip(starts, [*starts[1:], len(block)], strict=True)]
    keys = tuple(_key(piece, column) for piece in pieces)
    return Segments(block[:column], keys, (pieces[0][column:], *pieces[1:]), column)


@lru_cache(maxsize=16)
def _key_pattern(column: int) -> re.Pattern[str]:
    return re.compile(rf"^[ ]{{{column}}}(?=[^\s#-])", re.MULTILINE)


def _key(piece: str, column: int) -> str:
    match = _KEY.match(piece, column)
    if match is None:
        raise NotBlocks
    return match[1]
