"""Files as a person or a fault may leave them: made-up YAML, good files with something done to them, plain bytes."""

from collections.abc import Callable

import yaml
from hypothesis import strategies as some

Content = some.SearchStrategy[bytes]
MARKS = (
    b"&a ", b"*a", b"&a [*a]", b"!!python/object/apply:os.system [id]", b"!x ", b"[", b"{", b"]", b"- ", b"-", b"? ",
    b"|", b">", b"---\n", b"...\n", b"%YAML 1.2\n", b"\t", b"\0", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"'", b'"',
    b"<<: *a\n", b"0x1f", b"1e999", b".nan", b"null", b"~", b"2026-11-21", b"12:30", b"no", b"\r", b"\r\n", b"#", b": ",
    b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xc2\x85", b"[" * 3000, b"- " * 3000, b"{a: " * 500, b"jobs:\n", b"jobs: []\n",
    b"9" * 5000, b"x" * 70_000, b"\n" * 500, b"id: ../../x\n", b"settings: []\n", b"- id: good-1\n", b"",
    b"a: &a [1]\nb: &b [*a,*a]\nc: [*b,*b]\n",
)  # fmt: skip
KEYS = (
    "id", "name", "source", "dest", "type", "status", "progress", "settings", "created_at", "updated_at", "jobs",
    "tags", "bandwidth_limit", "percent", "exclude", "ssh", "port", "options", "enabled", "max_retry_attempts", "<<",
)  # fmt: skip
_ODD = some.one_of(
    some.none(), some.booleans(), some.integers(), some.floats(), some.dates(), some.binary(max_size=9),
    some.text(max_size=30), some.sampled_from(("rsync", "pending", "/srv", "good-1", "2026-11-21T03:34:41", "fast")),
)  # fmt: skip
_VALUES = some.recursive(
    _ODD,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from(KEYS), inner, max_size=5),
    max_leaves=12,
)
_SOUND = {
    "id": "good-1",
    "name": "Good",
    "source": "/srv/good/",
    "dest": "/srv/copy",
    "type": "rsync",
    "status": "pending",
}
_JOBS = some.dictionaries(some.sampled_from(KEYS), _VALUES, max_size=6).map(lambda odd: _SOUND | odd)


def contents(good: bytes) -> Content:
    """What may stand in the place of this good file."""
    whole = some.one_of(_VALUES, some.lists(_JOBS | _VALUES, max_size=4).map(lambda jobs: {"jobs": jobs}))
    styles = some.sampled_from((None, False, True))
    dumped = some.builds(_text, whole, styles)
    changed = some.lists(_changes(), min_size=1, max_size=3).map(lambda changes: _done(good, changes))
    tokens = some.lists(_MARK | some.binary(max_size=6), max_size=12).map(b"".join)
    return some.one_of(changed, changed, dumped, tokens, some.binary(max_size=200))


def _text(value: object, style: bool | None) -> bytes:
    return yaml.dump(value, default_flow_style=style, allow_unicode=True, sort_keys=False).encode(
        errors="surrogatepass"
    )


# By number: what a strategy consists of is written out now and then, and these are long.
_MARK = some.integers(0, len(MARKS) - 1).map(lambda number: MARKS[number])
Change = Callable[[bytes], bytes]


def _changes() -> some.SearchStrategy[Change]:
    """Places are shares of the length, so that they are in any file."""
    share, mark = some.floats(0, 1), _MARK
    return some.one_of(
        some.builds(lambda at: lambda text: text[: round(at * len(text))], share),
        some.builds(lambda at, to: lambda text: _without(text, at, to), share, share),
        some.builds(lambda at, what: lambda text: _inserted(text, at, what), share, mark),
        some.builds(lambda at, what: lambda text: _by_line(text, at, lambda line: [what + line]), share, mark),
        some.builds(lambda at, what: lambda text: _by_line(text, at, lambda line: [_valued(line, what)]), share, mark),
        some.builds(lambda at: lambda text: _by_line(text, at, lambda line: [line, line]), share),
        some.builds(lambda at: lambda text: _by_line(text, at, lambda line: []), share),
        some.builds(lambda at: lambda text: _by_line(text, at, lambda line: [b" " + line]), share),
        some.just(lambda text: text.replace(b"\n", b"\r\n")),
        some.just(lambda text: text.decode(errors="replace").encode("utf-16")),
        some.just(lambda text: text * 2),
    )


def _done(text: bytes, changes: list[Change]) -> bytes:
    for change in changes:
        text = change(text)
    return text


def _without(text: bytes, one: float, other: float) -> bytes:
    low, high = sorted((round(one * len(text)), round(other * len(text))))
    return text[:low] + text[high:]


def _inserted(text: bytes, at: float, what: bytes) -> bytes:
    return text[: round(at * len(text))] + what + text[round(at * len(text)) :]


def _by_line(text: bytes, at: float, change: Callable[[bytes], list[bytes]]) -> bytes:
    lines = text.splitlines(keepends=True) or [b""]
    number = min(len(lines) - 1, int(at * len(lines)))
    return b"".join([*lines[:number], *change(lines[number]), *lines[number + 1 :]])


def _valued(line: bytes, what: bytes) -> bytes:
    return line.partition(b":")[0] + b": " + what + b"\n"
