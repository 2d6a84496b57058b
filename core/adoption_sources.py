"""Where other people keep their backup commands: crontab, systemd units, scripts; it finds text, no meaning."""

import re
from collections.abc import Iterator
from typing import NamedTuple

KINDS = ("crontab", "systemd", "script", "jobs")
_SECTION = re.compile(r"^[ \t]*\[(?:Unit|Service|Timer|Install)\][ \t]*$", re.MULTILINE)
_JOBS = re.compile(r"^(?:jobs:|backup_manager_jobs?:|\{[ \t]*\"?(?:jobs|backup_manager))", re.MULTILINE)
_FIELD = r"[\d*][\d*,/~-]*[ \t]+"
_NAMED_FIELD = r"[\dA-Za-z*][\dA-Za-z*,/~-]*[ \t]+"
_ENTRY = re.compile(rf"[ \t]*(?P<when>@[a-z]+[ \t]+|(?:{_FIELD}){{3}}(?:{_NAMED_FIELD}){{2}})(?P<command>\S.*)")
_VARIABLE = re.compile(r"""["']?\w+["']?[ \t]*=""")  # crontab(5): NAME = value
_PERCENT = re.compile(r"(?<!\\)%")
_PREFIX = re.compile(r"[-@:+!|]+")
_SPECIFIER = re.compile(r"%(?!%)")
_NO_TIME = "No time stands in front of it, so cron does not run it."
_INPUT = "What stands behind % on its line is left out."
_SPECIFIERS = "A specifier of systemd such as %h is not replaced: write what it stands for."
_USER = "It ran as {}. Jobs here run as the user of Backup Manager."


class Piece(NamedTuple):
    """Text of a shell, the line it begins on, when it ran ("" = unknown), and what is lost already.

    `may_name_user`: a name of a user may stand in front, as in /etc/crontab.
    """

    text: str
    line: int = 1
    schedule: str = ""
    notes: tuple[str, ...] = ()
    may_name_user: bool = False


def kind_of(text: str) -> str:
    """What the text most likely is."""
    if _JOBS.search(text):
        return "jobs"
    if _SECTION.search(text):
        return "systemd"
    if text.startswith("#!"):
        return "script"
    return "crontab" if any(_ENTRY.match(line) for line in text.split("\n")) else "script"


def pieces(text: str, kind: str) -> Iterator[Piece]:
    """Each command line of a crontab or unit; a script as one."""
    if kind == "crontab":
        yield from _of_crontab(text)
    elif kind == "systemd":
        yield from _of_units(text)
    else:
        yield Piece(text)


def _of_crontab(text: str) -> Iterator[Piece]:
    for number, line in enumerate(map(str.strip, text.split("\n")), 1):
        if not line or line.startswith("#") or _VARIABLE.match(line):
            continue
        found = _ENTRY.match(line)
        if found is None:  # no time in front: cron would refuse it, and it is not passed over in silence
            yield Piece(line, number, notes=(_NO_TIME,))
            continue
        command, *rest = _PERCENT.split(found["command"], maxsplit=1)
        notes = (_INPUT,) if rest else ()
        when = " ".join(found["when"].split())
        yield Piece(command.replace("\\%", "%"), number, when, notes, may_name_user=True)


def _of_units(text: str) -> Iterator[Piece]:
    values = list(_unit_lines(text))
    when = "; ".join(value for _, key, value in values if key.startswith("On"))
    users = tuple(_USER.format(value) for _, key, value in values if key == "User" and value)
    for line, key, value in values:
        if key in ("ExecStart", "ExecStartPre", "ExecStartPost"):
            command = _PREFIX.sub("", value, count=1) if _PREFIX.match(value) else value
            notes = (*users, _SPECIFIERS) if _SPECIFIER.search(command.replace("%%", "")) else users
            yield Piece(command.replace("%%", "%"), line, when, notes)


def _unit_lines(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, key, value) of each setting, a line that goes on being one with the next."""
    begun, first = "", 0
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if begun == "" and (not line.strip() or line.lstrip()[0] in "#;["):
            continue
        first = first if begun else number
        if line.endswith("\\"):
            begun += line[:-1] + " "
            continue
        key, equals, value = (begun + line).partition("=")
        begun = ""
        if equals:
            yield first, key.strip(), value.strip()
