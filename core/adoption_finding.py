"""Which simple command starts a tool that copies, and what stands around it; it does not read the tool's options."""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from core.adoption_shell import Command, Word, simple_commands

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_USER = re.compile(r"[a-z_][a-z0-9_.-]{0,31}\$?")
_ARGUMENT = re.compile(r"-.*|[0-9].*|.*/.*")  # of a wrapper: an option, a number or time, a file for a lock
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh"})
_KEYWORDS = frozenset({"if", "then", "else", "elif", "do", "while", "until", "!", "{", "time", "exec", "command"})
_WRAPPERS = frozenset(
    {
        "sudo", "doas", "nice", "ionice", "env", "timeout", "flock", "nohup", "setsid", "chronic", "chrt", "taskset",
        "stdbuf", "systemd-inhibit", "systemd-cat", "systemd-run", "cronic", "trickle",
    }
)  # fmt: skip
# They name a tool and copy nothing.
_TALK = frozenset(
    {
        "apt", "apt-get", "dnf", "yum", "apk", "pacman", "zypper", "snap", "brew", "which", "type", "command", "hash",
        "pgrep", "pkill", "killall", "pidof", "echo", "printf", "logger", "man", "test", "[", "[[", "grep", "systemctl",
    }
)  # fmt: skip
_HARMLESS = re.compile(rf"(?:LC_\w+|LANG|PATH)=|(?:{'|'.join(map(re.escape, sorted(_KEYWORDS)))})$")
_DEEPEST = 2


class Found(NamedTuple):
    """A tool's command line. `program` is its plain name, `words` what follows it, `around` what is lost besides."""

    program: str
    words: tuple[Word, ...]
    line: int
    around: tuple[str, ...]


def found(text: str, programs: Collection[str], may_name_user: bool = False) -> tuple[list[Found | int], int | None]:
    """In their order: each command line of one of the programs, or the line of one that names a program otherwise;
    and the line from which on nothing could be read."""
    commands, problem = simple_commands(text)
    return [one for command in commands for one in _of(command, programs, may_name_user, 0)], problem


def _of(command: Command, programs: Collection[str], may_name_user: bool, depth: int) -> Iterator[Found | int]:
    inner = _inner(command)
    if inner is not None and depth < _DEEPEST:
        for each in simple_commands(inner.text)[0]:
            # `&&` around the shell counts for what is in it too.
            yield from _of(each._replace(line=command.line), programs, False, depth + 1)
        return
    place = _place(command.words, programs, may_name_user)
    if place is not None:
        program = _plain(command.words[place])
        yield Found(program, command.words[place + 1 :], command.line, tuple(_around(command, place)))
    elif _plain(command.words[0]) not in _TALK and any(_plain(word) in programs for word in command.words):
        yield command.line


def _plain(word: Word) -> str:
    return word.text.rsplit("/", 1)[-1]


def _inner(command: Command) -> Word | None:
    """The text that is given to a shell by `-c`."""
    texts = [_plain(word) for word in command.words]
    for place, name in enumerate(texts[:-2]):
        if name in _SHELLS and texts[place + 1].startswith("-") and texts[place + 1].endswith("c"):
            return command.words[place + 2]
    return None


def _place(words: tuple[Word, ...], programs: Collection[str], may_name_user: bool) -> int | None:
    """Where the program stands, if only what wraps a command stands before it."""
    is_wrapped, follows_option = False, False
    for place, word in enumerate(words):
        name = _plain(word)
        if name in programs:
            return place
        is_user = may_name_user and place == 0 and name not in _TALK and bool(_USER.fullmatch(word.text))
        if name in _WRAPPERS:
            is_wrapped, follows_option = True, False
        elif is_wrapped and (follows_option or _ARGUMENT.fullmatch(word.text)):
            follows_option = word.text.startswith("-") and len(word.text) == 2
        elif not (name in _KEYWORDS or is_user or _ASSIGNMENT.match(word.text)):
            return None
    return None


def _around(command: Command, place: int) -> Iterator[str]:
    before = [_named(word) for word in command.words[:place] if not _HARMLESS.match(word.text)]
    if before:
        yield f"What stands in front is left out: `{' '.join(before)[:200]}`."
    if command.before in ("|", "|&") or command.after in ("|", "|&"):
        yield "A pipe is left out: the tool's output goes to the log of the run."
    if command.before in ("&&", "||") or command.after in ("&&", "||"):
        yield "What stands before or behind it on the line (`&&`, `||`) is left out."
    if command.reads:
        yield "What it reads by `<` is left out."


def _named(word: Word) -> str:
    """An assignment without its value, which may be a password."""
    match = _ASSIGNMENT.match(word.text)
    return f"{match[0]}…" if match else word.text
