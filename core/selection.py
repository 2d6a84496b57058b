"""The names that a step is to deal with, written as its tool reads them; it chooses none."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from engines.base import Context, Engine
from storage.findings import verified_names
from storage.shared_file import unavailable


def for_tool(engine: Engine, context: Context, overlapping: bool = True) -> Context:
    """`context.selection` (names closed by NULs) in the tool's own form, beside it; `StoreUnavailable`.

    `overlapping`: a folder and names below it may stand there, and each file is to be dealt with once.
    Without it, and for a retry, any number of names is fine.
    """
    if not context.selection:
        return context
    names: Iterable[bytes] = verified_names(Path(context.selection))
    if overlapping:
        names = _outermost(names)
    path = Path(f"{context.selection}.{engine.name}")
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
            file.writelines(engine.selection(names, exact=not overlapping or context.kind == "retry"))
    except OSError as error:
        raise unavailable(path, error) from error
    return context._replace(selection=str(path))


def _outermost(names: Iterable[bytes]) -> Iterator[bytes]:
    chosen = dict.fromkeys(names)
    for name in chosen:
        folders = name.split(b"/")[:-1]
        if not any(b"/".join(folders[: depth + 1]) in chosen for depth in range(len(folders))):
            yield name
