"""A source or destination of an rclone job taken apart by strict rules; looks at no disk and at no configuration."""

from engines.base import Location
from engines.locations import MAX_NAME_BYTES, MAX_PATH_BYTES, InvalidLocation
from engines.rclone_names import AMBIGUOUS
from engines.remote_fields import is_usable
from utils.text import HOSTILE

# What the legacy app wrote for a folder on this machine.
_LEGACY_LOCAL = ":local:/"


def parse_location(text: str) -> Location:
    """The location that `text` names; `InvalidLocation` with a sentence where it names none."""
    if not text.strip():
        raise InvalidLocation("Enter a folder, for example /home/anna/Photos, or a remote, for example nas:Photos.")
    _refuse_hostile(text)
    if text.startswith(_LEGACY_LOCAL):
        text = text.removeprefix(_LEGACY_LOCAL[:-1])
    if text.startswith("/"):
        _refuse_long(text)
        return Location(text)
    name, colon, path = text.partition(":")
    if not colon or not is_usable(name):
        raise InvalidLocation(_what_is_wrong(text))
    _refuse_long(path)
    return Location(path, name, "", "remote")


def as_argument(location: Location) -> str:
    """The location as rclone takes it: a name that is not a remote's begins with a slash."""
    return location.path if location.is_local else f"{location.host}:{location.path}"


def _refuse_hostile(text: str) -> None:
    if found := HOSTILE.search(text):
        code = ord(found.group())
        raise InvalidLocation(
            f"This contains a character that cannot be shown (U+{code:04X}) and may mislead. Remove it."
        )
    if found := AMBIGUOUS.search(text):
        raise InvalidLocation(f"rclone reads “{found.group()}” in a path as another character. Rename the folder.")
    if any(part == ".." for part in text.partition(":")[2].split("/")) or "/../" in f"{text}/":
        raise InvalidLocation("Write the path without “..”.")


def _refuse_long(path: str) -> None:
    if len(path.encode()) > MAX_PATH_BYTES:
        raise InvalidLocation(f"This path is too long: the limit is {MAX_PATH_BYTES:,} bytes.")
    if any(len(name.encode()) > MAX_NAME_BYTES for name in path.split("/")):
        raise InvalidLocation(f"One name in this path is too long: the limit is {MAX_NAME_BYTES} bytes.")


def _what_is_wrong(text: str) -> str:
    if text.startswith("-"):
        return "This starts with a dash. A folder on this machine starts with /, a remote with its name."
    if text.startswith("~"):
        return "Write the whole path: a folder on this machine starts with /, not with ~."
    if text.startswith(":"):
        return "Only remotes from rclone's configuration can be used: write a remote's name, for example nas:Photos."
    if "," in text.split(":", 1)[0] and ":" in text:
        return "Settings of a remote cannot be written here. Put them into rclone's configuration."
    if ":" in text:
        return "The name of a remote has plain letters, digits, spaces and _ - . only, for example nas:Photos."
    return "A folder on this machine starts with /. A remote is written with a colon, for example nas:Photos."
