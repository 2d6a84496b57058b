"""An rclone command line that somebody else wrote, read as a job of ours; it knows rclone's words, judges no path."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from engines.adopted import DELETES, DELETES_SOURCE, UNKNOWN, Adopted, kibibytes, short
from models.job import JobSettings

_COPYING = {"copy": "", "sync": DELETES, "move": DELETES_SOURCE, "copyto": "", "moveto": DELETES_SOURCE}
_LETTERS = {
    "P": "--progress", "v": "--verbose", "q": "--quiet", "c": "--checksum", "n": "--dry-run", "u": "--update",
    "l": "--links", "L": "--copy-links", "M": "--metadata", "x": "--one-file-system", "i": "--interactive",
    "I": "--ignore-times", "f": "--filter",
}  # fmt: skip
# What changes nothing of what is copied, or what a run here does anyway.
_ALWAYS_SO = frozenset(
    {
        "--progress", "--verbose", "--quiet", "--create-empty-src-dirs", "--check-first", "--fast-list",
        "--use-json-log", "--no-traverse", "--ask-password", "--human-readable", "--transfers", "--checkers",
        "--log-file", "--log-level", "--log-format", "--stats", "--stats-one-line", "--stats-log-level",
        "--stats-file-name-length", "--stats-unit", "--stats-one-line-date", "--retries", "--retries-sleep",
        "--low-level-retries", "--timeout", "--contimeout", "--buffer-size", "--syslog", "--color",
    }
)  # fmt: skip
_WITH_VALUE = frozenset(
    {
        "--transfers", "--checkers", "--log-file", "--log-level", "--log-format", "--stats", "--stats-log-level",
        "--stats-file-name-length", "--stats-unit", "--retries", "--retries-sleep", "--low-level-retries", "--timeout",
        "--contimeout", "--buffer-size", "--color", "--bwlimit", "--exclude", "--include", "--filter",
        "--exclude-from", "--include-from", "--filter-from", "--files-from", "--files-from-raw",
        "--exclude-if-present", "--config", "--password-command", "--backup-dir", "--suffix", "--max-age", "--min-age",
        "--max-size",
        "--min-size", "--max-delete", "--max-depth", "--max-transfer", "--max-duration",
        "--compare-dest", "--copy-dest",
        "--tpslimit", "--tpslimit-burst", "--multi-thread-streams", "--multi-thread-cutoff", "--order-by", "--bind",
        "--user-agent", "--modify-window", "--track-renames-strategy", "--cutoff-mode", "--rc-addr", "--max-backlog",
    }
)  # fmt: skip
_ONLY_SOME = "a job here copies every file that differs."
_PATTERNS = "put its patterns into the form."
_EARLIER = "earlier versions of files are not kept by this version."
_LEFT_OUT = {
    "--dry-run": "a job really copies. Use Preview for a look.",
    "--config": "the remotes are those under Settings.",
    "--password-command": "the password of rclone's configuration is entered under Remotes.",
    "--exclude-from": _PATTERNS,
    "--include-from": _PATTERNS,
    "--filter-from": _PATTERNS,
    "--files-from": "a job copies its whole source, less what is left out.",
    "--files-from-raw": "a job copies its whole source, less what is left out.",
    "--backup-dir": _EARLIER,
    "--suffix": _EARLIER,
    "--compare-dest": _EARLIER,
    "--copy-dest": _EARLIER,
    "--update": _ONLY_SOME,
    "--ignore-existing": _ONLY_SOME,
    "--immutable": _ONLY_SOME,
    "--max-age": _ONLY_SOME,
    "--min-age": _ONLY_SOME,
    "--max-size": _ONLY_SOME,
    "--min-size": _ONLY_SOME,
    "--max-delete": "nothing is deleted at the destination.",
    "--track-renames": "nothing is deleted at the destination.",
}
_SECRET = re.compile(r"pass|secret|token|key|auth", re.IGNORECASE)
_NO_VALUE = re.compile(r"-|.*[/:\\]")
_MIXED = "The order of its filters is lost: here what is included always goes before."
_TWO_PATHS = "It is not clear which words are its source and its destination. Fill them in."


class _Option(NamedTuple):
    name: str
    value: str | None

    @property
    def typed(self) -> str:
        if self.value is None or _SECRET.search(self.name):
            return self.name
        return short(f"{self.name}={self.value}")


def adopt(words: tuple[str, ...]) -> tuple[Adopted, ...]:
    """The one job of the line; none where it copies nothing (a listing, a mount, a check)."""
    options, plain = _parted(words)
    if not plain or plain[0] not in _COPYING or any(option.name == "--help" for option in options):
        return ()
    command, *paths = plain
    left_out = [_COPYING[command].format(f"rclone {command}")] if _COPYING[command] else []
    if command.endswith("to"):
        left_out.append(f"`rclone {command}` may give a file another name. Look where the files would lie.")
    settings = _settings(options, left_out)
    if len(paths) != 2:
        left_out.append(_TWO_PATHS)
        paths = ["", ""]
    return (Adopted(paths[0], paths[1], settings, tuple(dict.fromkeys(left_out))),)


def _parted(words: tuple[str, ...]) -> tuple[list[_Option], list[str]]:
    options, plain, place = list[_Option](), list[str](), 0
    while place < len(words):
        word, following = words[place], words[place + 1 : place + 2]
        place += 1
        if word == "--":
            plain.extend(words[place:])
            break
        if word.startswith("--"):
            name, is_given, value = word.partition("=")
            takes = not is_given and bool(following) and _takes_value(name, following[0])
            options.append(_Option(name, following[0] if takes else value if is_given else None))
            place += takes
        elif word.startswith("-") and len(word) > 1:
            name = _LETTERS.get(word[1], word[:2])
            takes = name in _WITH_VALUE and len(word) == 2 and bool(following)
            options += [_Option(name, following[0])] if takes else _letters(word)
            place += takes
        else:
            plain.append(word)
    return options, plain


def _takes_value(name: str, following: str) -> bool:
    """Of an option that is not known: whether what follows looks like a value rather than a path or an option."""
    if name in _WITH_VALUE:
        return True
    is_known = name in _ALWAYS_SO or name in _LEFT_OUT or name in _LETTERS.values() or name.startswith("--delete")
    return not is_known and following not in _COPYING and _NO_VALUE.match(following) is None


def _letters(word: str) -> list[_Option]:
    return [_Option(_LETTERS.get(letter, f"-{letter}"), None) for letter in word[1:]]


def _settings(options: list[_Option], left_out: list[str]) -> JobSettings:
    limit, verify, patterns = None, None, list[tuple[str, str]]()
    for option in options:
        if option.name == "--bwlimit":
            limit = 0 if option.value == "off" else kibibytes(option.value or "")
            left_out += [] if limit is not None else [UNKNOWN.format(option.typed)]
        elif option.name == "--checksum":
            verify = "checksum"
        elif found := _pattern(option):
            patterns.append(found)
        elif option.name not in _ALWAYS_SO:
            left_out.append(_sentence(option))
    return JobSettings(
        limit, exclude=tuple(_excluded(options, patterns, left_out)), include=_of("+", patterns), verify=verify
    )


def _pattern(option: _Option) -> tuple[str, str] | None:
    value = option.value or ""
    if option.name in ("--exclude", "--include") and value:
        return "-" if option.name == "--exclude" else "+", value
    if option.name == "--filter" and value[:2] in ("- ", "+ ") and value[2:]:
        return value[0], value[2:]
    return None


def _excluded(options: list[_Option], patterns: list[tuple[str, str]], left_out: list[str]) -> Iterator[str]:
    kinds = [kind for kind, _ in patterns]
    if kinds != sorted(kinds):  # "+" sorts before "-"
        left_out.append(_MIXED)
    yield from _of("-", patterns)
    # Where rclone is told by --include what to copy, it copies nothing else.
    if any(option.name == "--include" for option in options):
        yield "**"


def _of(kind: str, patterns: list[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(text for which, text in patterns if which == kind)


def _sentence(option: _Option) -> str:
    if option.name.startswith("--delete"):
        return DELETES.format(option.typed)
    if option.name in _LEFT_OUT:
        return f"`{option.typed}` is left out: {_LEFT_OUT[option.name]}"
    return UNKNOWN.format(option.typed)
