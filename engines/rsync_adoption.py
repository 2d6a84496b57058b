"""An rsync command line that somebody else wrote, read as jobs of ours; it knows rsync's words and judges no path."""

import shlex
from collections.abc import Iterator
from typing import NamedTuple

from engines.adopted import DELETES, DELETES_SOURCE, UNKNOWN, Adopted, kibibytes, short
from engines.rsync_adoption_words import (
    ALWAYS_SO,
    LEFT_OUT,
    LETTERS_WITH_VALUE,
    LONG_OF_LETTER,
    SWITCHES,
    WORDS_WITH_VALUE,
)
from models.job import JobSettings, SshAccess

_DELETING = ("--delete", "--del")
_KEEPS_ORDER = "The order of its --include and --exclude is lost: here what is included always goes before."
_NOT_WHOLE = "Without -a it left out {}. A job here copies them too."
_ARCHIVE = {
    "--recursive": "folders", "--links": "links", "--perms": "rights", "--times": "times", "--group": "groups",
    "--owner": "owners", "--devices": "devices", "--specials": "special files",
}  # fmt: skip
_SEVERAL = {"--archive": _ARCHIVE.keys(), "--devices-specials": {"--devices", "--specials"}}


class _Option(NamedTuple):
    name: str
    value: str | None
    typed: str


class _Found:
    """What the options said so far."""

    def __init__(self) -> None:
        self.left_out: list[str] = []
        self.patterns: list[tuple[str, str]] = []
        self.options: set[str] = set()
        self.archive: set[str] = set()
        self.limit: int | None = None
        self.verify: str | None = None
        self.port: int | None = None
        self.key: str | None = None


def adopt(words: tuple[str, ...]) -> tuple[Adopted, ...]:
    """A job for each source on the line; none where it copies nothing (a version, a listing, a daemon)."""
    options, paths = _parted(words)
    if len(paths) < 2 or any(option.name in ("--daemon", "--version", "--help", "--list-only") for option in options):
        return ()
    found = _Found()
    for option in options:
        _take(option, found)
    if missing := [what for name, what in _ARCHIVE.items() if name not in found.archive]:
        found.left_out.append(_NOT_WHOLE.format(", ".join(missing)))
    settings = _settings(found)
    *sources, dest = paths
    return tuple(Adopted(source, dest, settings, tuple(dict.fromkeys(found.left_out))) for source in sources)


def _parted(words: tuple[str, ...]) -> tuple[list[_Option], list[str]]:
    options, paths = list[_Option](), list[str]()
    rest = iter(words)
    for word in rest:
        if word == "--":
            paths.extend(rest)
        elif word.startswith("--"):
            options.append(_long(word, rest))
        elif word.startswith("-") and len(word) > 1:
            options.extend(_letters(word, rest))
        else:
            paths.append(word)
    return options, paths


def _long(word: str, rest: Iterator[str]) -> _Option:
    name, is_given, value = word.partition("=")
    if is_given:
        return _Option(name, value, word)
    if name in WORDS_WITH_VALUE:
        value = next(rest, "")
        return _Option(name, value, f"{name}={value}")
    return _Option(name, None, word)


def _letters(word: str, rest: Iterator[str]) -> Iterator[_Option]:
    for place, letter in enumerate(word[1:], 1):
        name = LONG_OF_LETTER.get(letter, f"-{letter}")
        if letter in LETTERS_WITH_VALUE:
            value = word[place + 1 :].removeprefix("=") or next(rest, "")
            yield _Option(name, value, f"-{letter} {value}")
            return
        yield _Option(name, None, f"-{letter}")


def _take(option: _Option, found: _Found) -> None:
    name, value = option.name, option.value or ""
    if name in _ARCHIVE:
        found.archive.add(name)
    elif name in _SEVERAL:
        found.archive |= _SEVERAL[name]
    elif name in SWITCHES:
        found.options.add(SWITCHES[name])
    elif name in ("--exclude", "--include"):
        found.patterns.append((name[2:], value))
    elif name == "--checksum":
        found.verify = "checksum"
    elif name in _VALUES:
        _VALUES[name](value, found, option)
    elif name not in ALWAYS_SO:
        found.left_out.append(_sentence(option))


def _sentence(option: _Option) -> str:
    shown = short(option.typed)
    if option.name.startswith(_DELETING):
        return DELETES.format(shown)
    if option.name in ("--remove-source-files", "--remove-sent-files"):
        return DELETES_SOURCE.format(shown)
    if option.name in LEFT_OUT:
        return f"`{shown}` is left out: {LEFT_OUT[option.name]}"
    return UNKNOWN.format(shown)


def _rate(value: str, found: _Found, option: _Option) -> None:
    found.limit = kibibytes(value)
    if found.limit is None:
        found.left_out.append(UNKNOWN.format(short(option.typed)))


def _port(value: str, found: _Found, option: _Option) -> None:
    if value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= 65535:
        found.port = int(value)
    else:
        found.left_out.append(UNKNOWN.format(short(option.typed)))


def _filter(value: str, found: _Found, option: _Option) -> None:
    kind, _, pattern = value.partition(" ")
    if kind in ("-", "+", "exclude", "include") and pattern:
        found.patterns.append(("exclude" if kind in ("-", "exclude") else "include", pattern))
    else:
        found.left_out.append(UNKNOWN.format(short(option.typed)))


def _shell(value: str, found: _Found, option: _Option) -> None:
    """`ssh -p 2222 -i /key -o Port=…`; its other words are ours to choose."""
    try:
        words = shlex.split(value)
    except ValueError:
        words = []
    if not words or words[0].rsplit("/", 1)[-1] != "ssh":
        found.left_out.append(UNKNOWN.format(short(option.typed)))
        return
    rest = iter(words[1:])
    for word in rest:
        _ssh_word(word, rest, found)


def _ssh_word(word: str, rest: Iterator[str], found: _Found) -> None:
    letter, value = word[:2], word[2:]
    if letter in ("-p", "-i", "-o"):
        value = value or next(rest, "")
    if letter == "-o" and "=" in value:
        name, _, value = value.partition("=")
        letter = {"port": "-p", "identityfile": "-i"}.get(name.strip().lower(), f"-o {name}")
    if letter == "-p":
        _port(value, found, _Option("-p", value, f"ssh -p {value}"))
    elif letter == "-i":
        found.key = value
    elif word not in ("-q", "-T", "-x", "-C", "-a"):
        shown = short(f"ssh {letter}={value}" if letter.startswith("-o ") else f"ssh {word}")
        found.left_out.append(f"`{shown}` is left out: how ssh connects is chosen here.")


_VALUES = {
    "--bwlimit": _rate,
    "--port": _port,
    "--filter": _filter,
    "--rsh": _shell,
}


def _settings(found: _Found) -> JobSettings:
    kinds = [kind for kind, _ in found.patterns]
    if kinds != sorted(kinds, reverse=True):  # every include stands before every exclude
        found.left_out.append(_KEEPS_ORDER)
    patterns = {kind: tuple(text for which, text in found.patterns if which == kind) for kind in ("include", "exclude")}
    return JobSettings(
        bandwidth_limit=found.limit,
        exclude=patterns["exclude"],
        include=patterns["include"],
        options=tuple(option for option in SWITCHES.values() if option in found.options),
        ssh=SshAccess(found.port, found.key),
        verify=found.verify,
    )
