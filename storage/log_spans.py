"""Where lines start and end in a piece of a file, from either end; not what they say."""

from collections.abc import Iterator


def lines_back(content: bytes, wanted: tuple[bytes, ...]) -> Iterator[tuple[int, int]]:
    """Start and end of every line, last first, or only of those that hold one of `wanted` (lower case)."""
    if not wanted:
        end = len(content) - 1
        while end >= 0:
            start = content.rfind(b"\n", 0, end) + 1
            yield start, end
            end = start - 1
        return
    lowered, limit = content.lower(), len(content)
    if len(wanted) == 1:
        while (at := lowered.rfind(wanted[0], 0, limit)) >= 0:
            limit = content.rfind(b"\n", 0, at) + 1
            yield limit, content.find(b"\n", at)
        return
    places = [lowered.rfind(one, 0, limit) for one in wanted]
    while (at := max(places)) >= 0:
        limit = content.rfind(b"\n", 0, at) + 1
        yield limit, content.find(b"\n", at)
        places = [lowered.rfind(one, 0, limit) if at >= limit else at for one, at in zip(wanted, places, strict=True)]


def lines_on(content: bytes, wanted: tuple[bytes, ...]) -> Iterator[tuple[int, int]]:
    """Start and end of every line, or only of those that hold one of `wanted` (lower case)."""
    if not wanted:
        start = 0
        while (end := content.find(b"\n", start)) >= 0:
            yield start, end
            start = end + 1
        return
    lowered = content.lower()
    places = [lowered.find(one) for one in wanted]
    while found := [at for at in places if at >= 0]:
        at = min(found)
        end = content.find(b"\n", at)
        yield content.rfind(b"\n", 0, at) + 1, end
        places = [lowered.find(one, end) if 0 <= at < end else at for one, at in zip(wanted, places, strict=True)]
