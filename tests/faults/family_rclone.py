"""Copies of many files by both rclones to a folder and to every kind of server, paused, resumed and cut off."""

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from models.run import Run, RunState
from tests.core.arena import Arena
from tests.e2e.rclone_copies import MEBIBYTE, Copies, contents, copies_to, fill
from tests.rclones import KINDS, PROGRAMS, Kind, Peer, tool

NAME = "rclone"
DEFAULT_COUNT = 10_000
_SIZE, _LARGE = 1_000, 8 * MEBIBYTE
_SHARE = 40.0  # percent: about half of the files are there, and a part of the large one
_PATIENCE = 1800.0
# Files that may be sent although they are whole: as many as rclone copies at a time may not have their dates yet, and
# four names hold control characters, which an answer of S3 cannot hold, so rclone does not find them there.
_IN_FLIGHT, _UNLISTED = 4, 4
# A copy over WebDAV mostly sleeps: rclone has three requests for each file, and puts 10 ms between any two.
_AT_ONCE = 4


def prove(count: int) -> int:
    """`count` files each time; 0 only if every copy was whole."""
    began = time.monotonic()
    print(f"{count:,} files and one large one, {_AT_ONCE} copies at a time", flush=True)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        failures = sum(not _told(held, line) for held, line in pool.map(_Row.carry_out, _rows(count)))
    seconds = time.monotonic() - began
    print(f"all held ({seconds:.0f} s)" if not failures else f"{failures} did not hold ({seconds:.0f} s)")
    return 1 if failures else 0


def _told(held: bool, line: str) -> bool:
    print(line, flush=True)
    return held


@dataclass(frozen=True, slots=True)
class _Row:
    """One rclone and one destination; the copy is paused, or the server killed."""

    which: str
    kind: Kind | None
    is_cut_off: bool
    count: int

    def carry_out(self) -> tuple[bool, str]:
        """Whether everything held, and the line about it."""
        began = time.monotonic()
        try:
            with self._copies() as (copies, place, peer):
                words, fault = self._cut_off(copies, place, peer) if self.is_cut_off else self._paused(copies, place)
        except TimeoutError as error:
            words, fault = "", f"it did not end: {error}"
        version = ".".join(map(str, tool(self.which).version))
        verdict = f"NOT HELD: {fault}" if fault else "identical"
        return not fault, f"  {version} {self.kind or 'folder':6} {words}{verdict} ({time.monotonic() - began:.0f} s)"

    @contextmanager
    def _copies(self) -> Iterator[tuple[Copies, Path, Peer | None]]:
        with tempfile.TemporaryDirectory() as root:
            arena = Arena(Path(root))
            try:
                fill(arena.source, self.count, _SIZE, _LARGE, f"folder {self.count // 200:03}")
                with copies_to(arena, self.which, self.kind) as made:
                    yield made
            finally:
                arena.close()

    def _paused(self, copies: Copies, place: Path) -> tuple[str, str]:
        paused, figures = copies.pause(self._limit(), _PATIENCE, _SHARE)
        missing = _missing(copies, place)
        again = time.monotonic()
        done = copies.resume(paused, _PATIENCE)
        words = (
            f"first figures {figures:4.2f} s, paused at {paused.progress.percent} %, {missing:,} files missing, "
            f"{_sent(done):,} sent by the resume in {time.monotonic() - again:.1f} s: "
        )
        return words, _fault(paused, RunState.PAUSED, missing, done) or _difference(copies, place)

    def _cut_off(self, copies: Copies, place: Path, peer: Peer | None) -> tuple[str, str]:
        assert peer is not None
        moving, waiting = copies.cut_off(peer, self._limit(), _PATIENCE, _SHARE)
        missing = _missing(copies, place)
        done = copies.go_on(peer, waiting, _PATIENCE)
        words = (
            f"server killed at {moving.progress.percent} %, “{waiting.note}”, {missing:,} files missing, "
            f"{_sent(done):,} sent afterwards: "
        )
        return words, _fault(waiting, RunState.WAITING, missing, done) or _difference(copies, place)

    def _limit(self) -> int:
        """KiB/s at which a whole copy takes some twenty seconds."""
        return (self.count * _SIZE + _LARGE) // 20 // 1024


def _rows(count: int) -> list[_Row]:
    return [
        _Row(which, kind, is_cut_off, count)
        for which in PROGRAMS
        for kind in (None, *KINDS)
        for is_cut_off in (False, True)
        if kind or not is_cut_off
    ]


def _missing(copies: Copies, place: Path) -> int:
    there = contents(place)
    return sum(there.get(name) != held for name, held in contents(copies.arena.source).items())


def _sent(done: Run) -> int:
    return done.statistics.files_transferred or 0


def _fault(stopped: Run, state: RunState, missing: int, done: Run) -> str:
    """What went otherwise than it must; what was whole when the copy stopped is not sent again."""
    if stopped.state is not state or done.state is not RunState.DONE:
        return f"{stopped.state}, then {done.state}: {done.outcome.reason}"
    if not missing:
        return "it stopped too late to prove anything"
    return "" if _sent(done) <= missing + _IN_FLIGHT + _UNLISTED else "what was there was sent again"


def _difference(copies: Copies, place: Path) -> str:
    return "" if contents(place) == contents(copies.arena.source) else "the copy differs"
