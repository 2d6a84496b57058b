"""What a search for text means: letters in either case, else exactly what is shown; not where it is looked for."""

import re
from collections.abc import Callable
from functools import lru_cache

from utils.text import visible

_ESCAPE = re.compile(r"\\(?:[nrt]|x[0-9a-f]{2}|u[0-9a-f]{4})")


def variants(character: str) -> str:
    """The character in both cases; only forms of one character, so that what is found is as long as what was asked."""
    forms = {character, character.lower(), character.upper()}
    forms |= {form.lower() for form in forms} | {form.upper() for form in forms}
    return "".join(sorted(form for form in forms if len(form) == 1))


@lru_cache(maxsize=64)
def pattern(wanted: str) -> re.Pattern[str]:
    """Finds `wanted` in text that is shown."""
    return re.compile("".join(f"[{re.escape(variants(character))}]" for character in visible(wanted)))


@lru_cache(maxsize=64)
def literals(wanted: str) -> tuple[bytes, ...]:
    """Bytes in lower case (ASCII), one of which is in every line, in lower case, that may show `wanted`.

    What is shown as an escape stands in a file as it is or as the escape, so it is left out where there is more.
    """
    shown = visible(wanted)
    runs = [run for part in _ESCAPE.split(shown) for run in re.findall(r"[\x20-\x7e]+", part)]
    if runs:
        return (max(runs, key=len).lower().encode(),)
    others = _ESCAPE.sub("", shown)
    if others:
        return tuple({form.encode().lower() for form in variants(others[0])})
    return ()


def matcher(wanted: str) -> Callable[[bytes], bool]:
    """Tells whether a line, as it stands in a file, shows `wanted`."""
    if not wanted:
        return lambda _line: True
    plain = wanted.lower().encode("utf-8", "surrogateescape")
    if wanted.isascii() and wanted.isprintable() and not _ESCAPE.search(wanted):
        return lambda line: plain in line.lower()
    search = pattern(wanted).search
    return lambda line: search(visible(line.decode("utf-8", "surrogateescape"))) is not None
