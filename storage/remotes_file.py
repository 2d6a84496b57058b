"""rclone.conf as bytes: adding, changing and removing one section and where it lies; not what they mean."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

_ENCRYPTED = re.compile(rb"RCLONE_ENCRYPT_V\d+:")
_KEY = re.compile(rb"\s*([^=\s][^=]*?)\s*=")


def is_encrypted(content: bytes) -> bool:
    """Whether the first line that is neither blank nor a comment says so, as rclone judges it."""
    for line in content.splitlines():
        text = line.strip()
        if text and not text.startswith((b"#", b";")):
            return _ENCRYPTED.match(text) is not None
    return False


def with_section(content: bytes, name: str, values: Mapping[str, str | None]) -> bytes:
    """The section with these values: changed in its place, or at the end where there is none. None takes a key away."""
    lines = content.splitlines(keepends=True)
    places = _sections(lines, name)
    if not places:
        return _ended(content) + _block(name, values, blank=bool(content.strip()))
    start, end = places[-1]
    body, missing = _changed(lines[start + 1 : end], values)
    added = [_entry(key, value) for key, value in missing.items()]
    head = [_ended(lines[start])]
    return b"".join([*lines[:start], *head, *_inserted(body, added), *lines[end:]])


def without_section(content: bytes, name: str) -> bytes:
    """Everything but the section; comments that stand right before the next one belong to that."""
    lines = content.splitlines(keepends=True)
    gone = {number for start, end in _sections(lines, name) for number in range(start, end)}
    return b"".join(line for number, line in enumerate(lines) if number not in gone)


def _sections(lines: list[bytes], name: str) -> list[tuple[int, int]]:
    """Where sections of that name begin, and where what belongs to them ends."""
    heads = [number for number, line in enumerate(lines) if _head(line) is not None]
    ends = [*heads[1:], len(lines)][: len(heads)]
    wanted = [pair for pair in zip(heads, ends, strict=True) if _head(lines[pair[0]]) == name.encode()]
    return [(start, _own_end(lines, start, end)) for start, end in wanted]


def _head(line: bytes) -> bytes | None:
    text = line.strip()
    return text[1:-1].strip() if text.startswith(b"[") and text.endswith(b"]") else None


def _own_end(lines: list[bytes], start: int, end: int) -> int:
    """Without the comments that follow; a blank line right behind is the section's own."""
    own = end
    while own > start + 1 and _is_idle(lines[own - 1]):
        own -= 1
    return own + 1 if own < end and not lines[own].strip() else own


def _is_idle(line: bytes) -> bool:
    text = line.strip()
    return not text or text.startswith((b"#", b";"))


def _changed(body: list[bytes], values: Mapping[str, str | None]) -> tuple[list[bytes], dict[str, str]]:
    """The lines with new values, and the values that had no line."""
    kept, seen = [], set[str]()
    for line in body:
        key = "" if _is_idle(line) else _key(line)
        if key not in values:
            kept.append(_ended(line))
        elif key not in seen and (value := values[key]) is not None:
            kept.append(_entry(key, value))
        seen.add(key)
    return kept, {key: value for key, value in values.items() if key not in seen and value is not None}


def _key(line: bytes) -> str:
    found = _KEY.match(line)
    return found[1].decode("utf-8", "surrogateescape") if found else ""


def _inserted(body: list[bytes], added: list[bytes]) -> list[bytes]:
    """The new lines behind the last that says something."""
    place = max((number + 1 for number, line in enumerate(body) if not _is_idle(line)), default=0)
    return [*body[:place], *added, *body[place:]]


def _block(name: str, values: Mapping[str, str | None], blank: bool) -> bytes:
    entries = [_entry(key, value) for key, value in values.items() if value is not None]
    return b"".join([b"\n" if blank else b"", f"[{name}]\n".encode(), *entries])


def _entry(key: str, value: str) -> bytes:
    return f"{key} = {value}\n".encode()


def _ended(text: bytes) -> bytes:
    return text + b"\n" if text and not text.endswith(b"\n") else text


def usual_file(environ: Mapping[str, str]) -> Path:
    """Where rclone itself looks for its file, and would make it."""
    home = Path(environ.get("HOME") or "/")
    own = environ.get("XDG_CONFIG_HOME", "")
    first = (Path(own) if own.startswith("/") else home / ".config") / "rclone" / "rclone.conf"
    old = home / ".rclone.conf"
    # One that may not be looked at is none; `Path.exists` would raise.
    return old if os.path.exists(old) and not os.path.exists(first) else first
