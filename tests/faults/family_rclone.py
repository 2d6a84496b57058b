"""Copies of many files by both rclones to a folder and to every kind of server, paused, resumed and cut off."""

import tempfile
from pathlib import Path

from models.run import RunState
from tests.core.arena import Arena
from tests.e2e.rclone_copies import MEBIBYTE, contents, copies_to, fill
from tests.rclones import KINDS, PROGRAMS, Kind, tool

NAME = "rclone"
DEFAULT_COUNT = 10_000
_SIZE, _LARGE = 1_000, 8 * MEBIBYTE
_PATIENCE = 1800.0


def prove(count: int) -> int:
    """`count` files each time; 0 only if every copy was whole."""
    failures = 0
    for which in PROGRAMS:
        print(f"rclone {'.'.join(map(str, tool(which).version))}, {count:,} files and one large one")
        for kind in (None, *KINDS):
            failures += not _paused_and_resumed(which, kind, count)
            if kind is not None:
                failures += not _cut_off(which, kind, count)
    print("all held" if not failures else f"{failures} did not hold")
    return 1 if failures else 0


def _paused_and_resumed(which: str, kind: Kind | None, count: int) -> bool:
    with tempfile.TemporaryDirectory() as root:
        arena = Arena(Path(root))
        try:
            fill(arena.source, count, _SIZE, _LARGE)
            with copies_to(arena, which, kind) as (copies, place, _):
                paused, done, timing = copies.pause_and_resume(_limit(count), _PATIENCE)
                held = (paused.state, done.state) == (RunState.PAUSED, RunState.DONE)
                held = held and contents(place) == contents(arena.source)
            first, rest = timing.first_figures, timing.whole
            print(f"  {kind or 'folder':7} first figures {first:5.2f} s, paused at {paused.progress.percent} %, "
                  f"rest in {rest:6.1f} s: {_words(held, done.outcome.reason)}", flush=True)  # fmt: skip
            return held
        finally:
            arena.close()


def _cut_off(which: str, kind: Kind, count: int) -> bool:
    with tempfile.TemporaryDirectory() as root:
        arena = Arena(Path(root))
        try:
            fill(arena.source, count, _SIZE, _LARGE)
            with copies_to(arena, which, kind) as (copies, place, peer):
                assert peer is not None
                waiting, done = copies.survive(peer, _limit(count), _PATIENCE)
                held = (waiting.state, done.state) == (RunState.WAITING, RunState.DONE)
                held = held and contents(place) == contents(arena.source)
            print(f"  {kind:7} server killed at {waiting.progress.percent} %, “{waiting.note}”: "
                  f"{_words(held, done.outcome.reason)}", flush=True)  # fmt: skip
            return held
        finally:
            arena.close()


def _limit(count: int) -> int:
    """KiB/s at which a whole copy takes some twenty seconds."""
    return (count * _SIZE + _LARGE) // 20 // 1024


def _words(held: bool, reason: str) -> str:
    return "identical" if held else f"NOT HELD: {reason}"
