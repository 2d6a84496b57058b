"""Status and figures of a job put into its block as text, where it has the usual form; no YAML."""

import re

from models.progress import Progress

FIGURE_NAMES = ("bytes_transferred", "total_bytes", "percent", "speed_bytes", "eta_seconds")
_STATUS = re.compile(r"^  status: [a-z]+$", re.MULTILINE)
_UPDATED = re.compile(r"^  updated_at: '[^'\n]*'$", re.MULTILINE)
_PROGRESS = re.compile(r"^  progress:\n(?:    [^\n]*\n)+", re.MULTILINE)
_FIGURE = re.compile(r"^    ([a-z_]+): -?[0-9]+(?:\.[0-9]+)?$", re.MULTILINE)
_OWN_STATUS = re.compile(r"^    status: [a-z]+$", re.MULTILINE)
_OPEN_QUOTE = re.compile(r"""^(?:- |  )\w+: (?:'(?!.*'$)|"(?!.*"$))""", re.MULTILINE)
_PLAIN_START = re.compile(r"- id: \S+\n")


class NotPlain(Exception):
    """The block is not in the form that `safe_dump` gives; it has to be changed as YAML."""


def legacy_figures(progress: Progress) -> dict[str, int]:
    """The five figures of the legacy app: whole numbers, never null."""
    return {name: int(getattr(progress, name) or 0) for name in FIGURE_NAMES}


def with_status(block: str, status: str, progress: Progress | None, stamp: str) -> str:
    """The block with another status, figures (None: as they are) and time of change."""
    if not _PLAIN_START.match(block) or _OPEN_QUOTE.search(block):
        raise NotPlain
    block = _once(_STATUS, f"  status: {status}", block)
    block = _once(_UPDATED, f"  updated_at: '{stamp}'", block)
    found = _PROGRESS.findall(block)
    if len(found) != 1:
        raise NotPlain
    return block.replace(found[0], _figures(found[0], status, progress), 1)


def _once(pattern: re.Pattern[str], line: str, block: str) -> str:
    changed, count = pattern.subn(line, block)
    if count != 1:
        raise NotPlain
    return changed


def _figures(text: str, status: str, progress: Progress | None) -> str:
    """The `progress` key with new figures; the legacy app's own copy of the status follows."""
    names = _FIGURE.findall(text)
    if any(names.count(name) != 1 for name in FIGURE_NAMES):
        raise NotPlain
    for name, figure in ({} if progress is None else legacy_figures(progress)).items():
        text = re.sub(rf"(?m)^    {name}: .*$", f"    {name}: {figure}", text)
    return _OWN_STATUS.sub(f"    status: {status}", text)


def changed_fields(old: str, new: str) -> dict[str, tuple[str, str]]:
    """Key → its YAML text before and after, for what differs between two states of a block."""
    before, after = fields_of(old), fields_of(new)
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}


def fields_of(block: str) -> dict[str, str]:
    """`status`, `progress` and `updated_at` of a block in the usual form, each as YAML text."""
    found = [pattern.search(block) for pattern in (_STATUS, _PROGRESS, _UPDATED)]
    texts = [match[0].rstrip("\n") for match in found if match is not None]
    if len(texts) != len(found):
        raise NotPlain
    names = ("status", "progress", "updated_at")
    return {name: text[2:].replace("\n  ", "\n") + "\n" for name, text in zip(names, texts, strict=True)}
