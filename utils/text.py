"""Text from outside made fit to show: truthful, one line, without power over the reader's terminal or page."""

import re

# C0, DEL, C1, bidirectional controls, line and paragraph separators, the byte order mark, lone surrogates.
HOSTILE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")

# Of an address: the user before a password; the first setting of a remote that is written out instead of named.
_PASSWORD = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://[^/:@]*):[^/]*@")
_SETTINGS = re.compile(r"^(:?[\w .+@-]*,[\w.-]+=).*", re.DOTALL)
CONCEALED = "***"


def visible(text: str) -> str:
    """`text` with every control character replaced by a visible escape: `\\n`, `\\x1b`, `\\u202e`."""
    return HOSTILE.sub(lambda match: _escape(match.group()), text)


def _escape(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8, carried by surrogateescape
        return f"\\x{code - 0xDC00:02x}"
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(
        character, f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
    )


def shortened(text: str, limit: int) -> str:
    """At most so many characters of it; where that is not all, the last is an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def visible_name(name: bytes) -> str:
    """A file's name as bytes, shown so that two different names never look alike by accident."""
    return visible(name.decode("utf-8", "surrogateescape"))


def exact_name(name: bytes) -> str:
    """The same for lists that are read by programs: no two names are written alike, as a backslash is doubled."""
    return visible(name.decode("utf-8", "surrogateescape").replace("\\", "\\\\"))


def plural(count: int, noun: str, nouns: str | None = None) -> str:
    """`1 file`, `2 files`, `18,204 files`."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def without_password(place: str) -> str:
    """A source or destination without a password that somebody wrote into it; no engine takes such a place."""
    return _SETTINGS.sub(rf"\1{CONCEALED}", _PASSWORD.sub(rf"\1:{CONCEALED}@", place))
