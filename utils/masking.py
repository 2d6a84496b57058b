"""Text made fit to be given away: what is private or secret in it is taken out; it knows no files and no jobs.

What is known to be private is replaced word by word; beside it everything that has the shape of a secret, an address
or a path goes as well, so that a word that nobody knew of does not stay.
"""

import re
from collections.abc import Iterable, Mapping

HIDDEN = "<hidden>"
_PIECE = 4  # characters
_SHORT = 8  # a shorter word is replaced only where it stands alone: it may be a part of an ordinary one
_TELLING = (
    "pass(?:word|wd|phrase)?|pwd|secret|token|api_?key|access_?key|private_?key|credential|cookie|authorization|session"
)
_VALUE = r"\"[^\"\n]*\"|'[^'\n]*'|[^\s,;&]+"
# The rest of a path: up to the next space, and over spaces as long as there is a slash behind them.
_ON = r"[^\s'\"<>,;:()]+(?: [^\s'\"<>,;:()]*/[^\s'\"<>,;:()]*)*"
_SHAPES = (
    (r"-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\Z)", HIDDEN),  # keys
    (r"(?i)\b([a-z][a-z0-9+.-]{0,20}://)[^\s'\"<>]+", r"\1<address>"),
    (
        rf"(?i)((?:{_TELLING})\w{{0,40}}[\"']?\s{{0,9}}[:=]\s{{0,9}})(?:(?:bearer|basic)\s+)?(?:{_VALUE})",
        rf"\1{HIDDEN}",
    ),
    (r"(?i)\b(bearer|basic)\s+[\w.+/=~-]{6,}", rf"\1 {HIDDEN}"),
    (r"(?<![\w<])[\w.+-]{1,64}(?::[^\s@/'\"]{0,128})?@(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::{1,2}[^\s'\"]*)?", "<address>"),
    (r"(['\"])~?/[^'\"\n]*\1", r"\1<path>\1"),
    (rf"(?<![\w<>/.~-])(?!//<address>)(?!/(?:usr/)?(?:local/)?s?bin/[\w.-]+(?![\w/.-]))~?/{_ON}", "<path>"),
    (rf"(<\w+>)/{_ON}", r"\1"),  # what lies below a place
    (r"(?<![\w.:])(?!127\.0\.0\.1\b)(?:\d{1,3}\.){3}\d{1,3}(?![\w.])", "<address>"),
    (r"(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){2,7}:?[0-9A-Fa-f]{0,4}(?<=[A-Fa-f:0-9]{9})(?![\w:])", "<address>"),
)
_FOUND = tuple((re.compile(pattern, re.DOTALL), instead) for pattern, instead in _SHAPES)
_LONG = re.compile(r"(?<![\w+/=-])(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+/=-]{20,}(?![\w+/=-])")
_HARMLESS = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # the id of a job
    r"|\d{8}T\d{9}Z-[0-9a-f]{6}|[\dTZ-]+"  # the id of a run, a time
)


class Mask:
    """`private` says for each word what stands in its place; each of `secrets` is hidden."""

    def __init__(self, secrets: Iterable[str] = (), private: Mapping[str, str] | None = None) -> None:
        words = {**(private or {}), **dict.fromkeys(secrets, HIDDEN)}
        kept = {word: instead for word, instead in words.items() if word.strip()}
        # The longest first: a folder goes before the name in it.
        self._words = sorted(kept.items(), key=lambda item: -len(item[0]))

    def text(self, text: str) -> str:
        """`text` without what it should not say; a moment also for 100 KB and tens of thousands of words."""
        pieces = {text[at : at + _PIECE] for at in range(len(text))}
        for word, instead in self._words:
            if _may_stand(word, pieces) and word in text:
                text = _replaced(text, word, instead)
        for shape, instead in _FOUND:
            text = shape.sub(instead, text)
        return _LONG.sub(lambda found: found[0] if _HARMLESS.fullmatch(found[0]) else HIDDEN, text)


def _may_stand(word: str, pieces: set[str]) -> bool:
    """Whether each piece of the word is one of the text: false for almost all that are not there, and quickly told."""
    return all(word[at : at + _PIECE] in pieces for at in range(len(word) - _PIECE + 1))


def _replaced(text: str, word: str, instead: str) -> str:
    if len(word) >= _SHORT:
        return text.replace(word, instead)
    return re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", lambda _: instead, text)
