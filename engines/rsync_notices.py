"""Single lines of rsync's and ssh's output made into notices; figures and exit codes are not its business."""

import posixpath
import re
from typing import Literal, NamedTuple

from engines.base import Notice
from engines.rsync_command import FILE_MARK
from utils.text import visible_name

_ESCAPED = re.compile(rb"\\#([0-3][0-7]{2})")
_ITEM = re.compile(re.escape(FILE_MARK.encode()) + rb"(?P<item>[^|]{9,12})\|[0-9]*\|(?P<name>.*)")
TROUBLE = re.compile(
    rb'rsync: (?:\[\w+\] )?(?P<verb>[^"]*)"(?P<name>.*)"(?: \(in [^)]*\))?\)?(?: failed)?: [^"]*\([0-9]+\)'
)
_OF_FOLDERS = re.compile(rb"\b(?:opendir|readdir|mkdir|change_dir)\b")
# rsync cuts the name it makes a temporary one of.
_LONGEST_TOLD = 240
_ONLY_ATTRIBUTES = re.compile(rb"failed to set (?:times|permissions)|chown|chgrp|acl|xattr")
_TEMPORARY_NAME = re.compile(rb"(?P<folder>(?:.*/)?)\.(?P<name>[^/]+)\.[A-Za-z0-9]{6}")
_CHANGED_MEANWHILE = re.compile(rb"ERROR: (?P<name>.*) failed verification -- update discarded.*")
_NO_WAY = re.compile(rb"could not make way for (?:new |skipped )?[a-z ]{4,20}: (?P<name>.*)")
# Messages about a file that was not copied and that they do not name, or not in a form that can be asked for.
_NAMELESS = (
    rb"filename overflows |symlink has no referent: |cannot send file with empty name|temporary filename too long: "
    rb"|\[\w+\] cannot convert "
)
_LEAVES_OUT = re.compile(rb"rsync: |ERROR: |skipping overly long name|" + _NAMELESS)
_DELETED = re.compile(rb"deleting (?P<name>.*)")
_LEVELS: tuple[tuple[Literal["warn", "error"], re.Pattern[bytes]], ...] = (
    (
        "warn",
        re.compile(
            rb"file has vanished: |skipping |cannot delete |IO error encountered|\*\*\* Skipping|rsync warning:"
            rb"|WARNING|Warning|@ +WARNING"
        ),
    ),
    (
        "error",
        re.compile(
            rb"rsync: |rsync error:|ERROR|@ERROR|Password: @ERROR|ssh: |Host key |No .{1,20} host key is known"
            rb"|[^ ]+: Permission denied \(|.{0,80}(?:command )?not found|Connection (?:closed|reset|timed)"
            rb"|kex_exchange|Load key |protocol version mismatch|Too many authentication failures|" + _NAMELESS
        ),
    ),
)


class Trouble(NamedTuple):
    """A file that was not copied, or with `only_attributes` one whose owner, rights or times were not set.

    `path` is exact, as the message has it: whole, or relative to the transfer. `is_cut`: it is the beginning only.
    """

    path: bytes
    is_folder: bool = False
    only_attributes: bool = False
    is_cut: bool = False


def read_trouble(line: bytes) -> Trouble | None:
    """The file that a message is about; None for any other line."""
    if found := _CHANGED_MEANWHILE.fullmatch(line) or _NO_WAY.fullmatch(line):
        return Trouble(unescaped(found["name"]))
    found = TROUBLE.fullmatch(line)
    if found is None:
        return None
    verb, name = found["verb"], found["name"]
    meant = _meant(verb, name)
    is_cut = meant is not name and verb.startswith(b"mkstemp") and len(posixpath.basename(meant)) > _LONGEST_TOLD
    return Trouble(unescaped(meant), bool(_OF_FOLDERS.search(verb)), bool(_ONLY_ATTRIBUTES.search(verb)), is_cut)


def leaves_out_unnamed(line: bytes) -> bool:
    """Whether a line that is no `read_trouble` may still mean that something was not copied."""
    return _LEAVES_OUT.match(line) is not None


def read_notice(line: bytes) -> Notice:
    """What one line says, fit to show."""
    if line.startswith(FILE_MARK.encode()) and (found := _ITEM.fullmatch(line)):
        return _item(found["item"], shown(found["name"]))
    if found := _DELETED.fullmatch(line):
        return Notice("delete", shown(found["name"]), deleted_file=shown(found["name"]))
    if found := _CHANGED_MEANWHILE.fullmatch(line) or _NO_WAY.fullmatch(line):
        return Notice("error", shown(line), failed_file=shown(found["name"]))
    if found := TROUBLE.fullmatch(line):
        return _trouble(line, found["verb"], found["name"])
    return Notice(_level(line), shown(line))


def shown(text: bytes) -> str:
    """rsync's escapes (`\\#012`) undone, then everything unprintable made visible."""
    return visible_name(unescaped(text))


def unescaped(text: bytes) -> bytes:
    """Exact with `-8`: then only control characters are escaped, and what looks like an escape."""
    return _ESCAPED.sub(lambda match: bytes([int(match[1], 8)]), text)


def _item(item: bytes, name: str) -> Notice:
    if item.startswith(b"*deleting"):
        return Notice("delete", name, deleted_file=name)
    if item.startswith(b"."):
        return Notice("info", f"{name}: only its owner, rights or times were brought up to date")
    return Notice("copy", name)


def _trouble(line: bytes, verb: bytes, name: bytes) -> Notice:
    """A line about one file. Where only its attributes are wanting, its content was copied."""
    if _ONLY_ATTRIBUTES.search(verb):
        return Notice("warn", shown(line))
    return Notice("error", shown(line), failed_file=shown(_meant(verb, name)))


def _meant(verb: bytes, name: bytes) -> bytes:
    """The file behind the name in the message: not the temporary one, of two the final one."""
    if verb.startswith(b"rename") and b'" -> "' in name:
        return name.split(b'" -> "', 1)[1]
    if verb.startswith(b"symlink") and b'" -> "' in name:
        return name.split(b'" -> "', 1)[0]
    temporary = _TEMPORARY_NAME.fullmatch(name) if verb.startswith(b"mkstemp") else None
    return temporary["folder"] + temporary["name"] if temporary else name


def _level(line: bytes) -> Literal["info", "warn", "error"]:
    return next((level for level, pattern in _LEVELS if pattern.match(line)), "info")
