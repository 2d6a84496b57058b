"""Recorded output fed to a reader the way the supervisor does it; not the samples themselves."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engines.base import Notice
from engines.rsync_output import RsyncReader
from models.progress import Progress

FOLDER = Path(__file__).parent.parent / "samples"
VERSIONS = tuple(sorted(path.name for path in FOLDER.glob("rsync-*")))
CASES = tuple(sorted({path.stem for path in FOLDER.glob("rsync-*/*.out")}))


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of a whole recording."""

    reader: RsyncReader
    figures: tuple[Progress, ...]
    notices: tuple[Notice, ...]

    @property
    def tail(self) -> tuple[str, ...]:
        return tuple(notice.text for notice in self.notices if notice.level not in ("copy", "delete"))


def recorded(version: str, case: str) -> bytes:
    return (FOLDER / version / f"{case}.out").read_bytes()


def exit_code(version: str, case: str) -> int:
    return int(json.loads((FOLDER / version / "exits.json").read_text())[case])


def read(output: bytes, settled_bytes: int = 0) -> Reading:
    """Every line, in order."""
    reader = RsyncReader(settled_bytes)
    figures: list[Progress] = []
    notices: list[Notice] = []
    for text, is_whole in lines(output):
        if (progress := reader.progress(text)) is not None:
            figures.append(progress)
        if is_whole and (notice := reader.notice(text)) is not None:
            notices.append(notice)
    return Reading(reader, tuple(figures), tuple(notices))


def lines(output: bytes) -> Iterator[tuple[bytes, bool]]:
    """Text and whether it ended with a newline; carriage returns end figures."""
    *whole, rest = output.split(b"\n")
    for line in whole:
        *overwritten, last = line.rstrip(b"\r").split(b"\r")
        yield from ((text, False) for text in overwritten)
        yield last, True
    yield from ((text, False) for text in rest.split(b"\r"))
