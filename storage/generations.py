"""Earlier states of jobs.yaml, kept for people and as the last good state; which one counts is `last_good`'s work."""

import hashlib
import os
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from storage.shared_file import best_effort, replace_file
from utils.clock import Clock, utc_text

KEPT = 10
_NAME = re.compile(r"jobs-\d{8}T\d{9}Z-[0-9a-f]{8}\.yaml")


class Generations:
    """The folder `generations`: at most ten files, named by time, never changed."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def keep(self, content: bytes) -> None:
        """Add one, unless it is the newest already; an old one goes. Best effort.

        It is not flushed, because readers wait meanwhile and jobs.yaml itself is durable: one that
        a power cut has torn does not match the digest in its name and counts for nothing.
        """
        names = self.names()
        if names and names[-1].endswith(_ending(content)):
            return
        name = f"jobs-{self._stamp(names)}{_ending(content)}"
        with best_effort():
            replace_file(self._folder / name, content, durable=False)
            for old in names[: max(0, len(names) + 1 - KEPT)]:
                (self._folder / old).unlink(missing_ok=True)

    def _stamp(self, names: list[str]) -> str:
        """The present moment, but after the newest one: clocks stand still and go back."""
        moment = self._clock.now()
        if names:
            newest = datetime.strptime(names[-1][5:23] + "000+0000", "%Y%m%dT%H%M%S%f%z")
            moment = max(moment, newest + timedelta(milliseconds=1))
        return re.sub(r"[-:.]", "", utc_text(moment))

    def names(self) -> list[str]:
        """Oldest first."""
        try:
            return sorted(filter(_NAME.fullmatch, os.listdir(self._folder)))
        except OSError:
            return []

    def newest_first(self) -> Iterator[tuple[str, bytes]]:
        """Names and contents; one that cannot be read, or is torn, is passed over."""
        for name in reversed(self.names()):
            with best_effort():
                content = (self._folder / name).read_bytes()
                if name.endswith(_ending(content)):
                    yield name, content

    def newest_name(self) -> str:
        """The name of the newest one, "" if there is none."""
        return (self.names() or [""])[-1]


def _ending(content: bytes) -> str:
    """What the name of a whole generation ends with."""
    return f"-{hashlib.sha256(content).hexdigest()[:8]}.yaml"
