"""Sentences for what was typed to set up a remote, and its section of rclone.conf; looks at nothing else."""

import re
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import urlsplit

from engines.remote_kinds import RemoteField, RemoteKind
from utils.text import HOSTILE

MAX_LENGTH = 1000
Section = Mapping[str, str]
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}")
# What rclone itself takes before the colon. A dash or a space at an edge would be read as something else.
_TAKEN = r"[\w.+@](?:[\w.+@ -]{0,98}[\w.+@-])?"
_USABLE = re.compile(rf"(?!\.{{1,2}}$){_TAKEN}")
_HOST = re.compile(r"\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_][A-Za-z0-9._-]{0,252}")
_ENDPOINT = re.compile(rf"(?:{_HOST.pattern})(?::[0-9]{{1,5}})?")
_PLACE = re.compile(rf"(?P<name>{_TAKEN}):(?P<path>.*)")


def is_usable(name: str) -> bool:
    """Whether `name:` reaches the remote on a command line, whoever made it."""
    return _USABLE.fullmatch(name) is not None


def remote_in(place: str) -> str:
    """The remote that `name:path` is in ("" = a folder of this machine, or a connection string)."""
    found = None if place.startswith("/") else _PLACE.fullmatch(place)
    return found["name"] if found else ""


def name_problem(name: str, present: Collection[str]) -> str:
    """Why a new remote cannot be called so ("" = it can)."""
    if not name:
        return "Give it a name, for example nas."
    if not _NAME.fullmatch(name) or name.upper() == "DEFAULT":
        return "A name starts with a letter or digit, and has letters without accents, digits and . _ - only, up to 63."
    if name in present:
        return f"There is a remote called {name} already. Edit that one, or choose another name."
    return ""


def field_problems(kind: RemoteKind, typed: Section, names: Collection[str], kept: Collection[str]) -> dict[str, str]:
    """Field → sentence. `kept` are the secrets that are stored already and need not be typed again."""
    return dict(_found(kind, typed, names, kept))


def _found(
    kind: RemoteKind, typed: Section, names: Collection[str], kept: Collection[str]
) -> Iterator[tuple[str, str]]:
    for field in kind.fields:
        text = value_of(field, typed)
        if text:
            if sentence := _too_strange(text) or _fault(field, text, names):
                yield field.key, sentence
        elif field.required and field.key not in kept:
            yield field.key, "This is needed."


def value_of(field: RemoteField, typed: Section) -> str:
    """What was typed; of all but secrets the spaces around it are not meant."""
    text = typed.get(field.key, "")
    if field.check == "choice" and not text:
        return field.choices[0][0]
    return text if field.is_secret else text.strip(" ")


def _too_strange(text: str) -> str:
    if len(text) > MAX_LENGTH:
        return f"This has {len(text):,} characters; {MAX_LENGTH:,} is the limit."
    if HOSTILE.search(text):
        return "This contains a character that cannot be shown, such as a line break. Remove it."
    return ""


def _fault(field: RemoteField, text: str, names: Collection[str]) -> str:
    if field.check == "host" and not _HOST.fullmatch(text):
        return "Write only the name or address of the host, for example nas.lan or [fd00::7]."
    if field.check == "port" and not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 65535):
        return "A port is a number from 1 to 65535."
    if field.check == "url":
        return _url_fault(text)
    if field.check == "endpoint" and not _ENDPOINT.fullmatch(text):
        return _url_fault(text)
    if field.check == "path" and not text.startswith("/"):
        return "Write the whole path of the file, starting with /."
    if field.check == "choice" and text not in dict(field.choices):
        return "Choose one of the list."
    return _place_fault(text, names) if field.check == "place" else ""


def _url_fault(text: str) -> str:
    try:
        parts = urlsplit(text)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return "This is not an address. Write https://, the host and the path."
    if parts.scheme not in {"http", "https"} or not has_host or re.search(r"[\s\\\"<>`]", text):
        return "Write an address that starts with https:// or http://, without spaces."
    if "@" in parts.netloc:
        return "Leave user and password out of the address; they have fields of their own."
    if parts.query or parts.fragment:
        return "Leave out what follows ? or # in the address."
    return ""


def _place_fault(text: str, names: Collection[str]) -> str:
    if text.startswith("/"):
        return ""
    name = remote_in(text)
    if not name:
        return "Write a remote and a folder, for example nas:backup, or a folder of this machine starting with /."
    if name not in names:
        return f"There is no remote called {name}. There are: {', '.join(sorted(names)) or 'none yet'}."
    return ""


def section_of(kind: RemoteKind, typed: Section, hidden: Section, fixed: Section) -> dict[str, str | None]:
    """Key → value as rclone.conf holds it; None for one to be taken away, and nothing for one to be left.

    `hidden` are the secrets that were typed, ready to be written, `fixed` what is no matter of choice.
    """
    section: dict[str, str | None] = {"type": kind.type}
    for field in kind.fields:
        if not field.is_secret:
            section[field.key] = value_of(field, typed) or None
        elif field.key in hidden:
            section[field.key] = hidden[field.key]
        elif typed.get(f"forget_{field.key}"):
            section[field.key] = None
    return {**section, **fixed}
