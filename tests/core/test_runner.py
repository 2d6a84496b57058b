"""One step of a run: silence, names, notices."""

import os
import re
import signal
from pathlib import Path
from typing import Any

from models.run import RunState
from tests import build
from tests.core.arena import Arena, same_trees

PARTIAL = ".rsync-partial"


def test_silence_is_named_and_its_end_too(arena: Arena) -> None:
    go = arena.root / "go"
    actions: list[list[Any]] = [
        ["progress", 10, 5],
        ["until", str(go)],
        ["progress", 20, 10],
        ["busy", 2.5, "/etc/passwd"],
    ]
    run = arena.start(arena.job(), arena.stand_in(actions), stall_seconds=1.0)
    # The stand-in polls for the file, which is no reading: stat is not counted as input.
    note = arena.until(run, lambda now: now.note).note
    assert re.fullmatch(r"stalled for [1-9] s", note)
    go.touch()
    assert arena.ended(run).state is RunState.DONE
    assert re.search(r"warn Stalled: no byte, no file and no reading for \d s\.\n.* info It goes on\.", arena.log(run))


def test_a_stopped_rsync_is_named_as_stalled(arena: Arena) -> None:
    arena.write(big=60_000_000)
    run = arena.start(arena.job(), bandwidth_limit=5_000, stall_seconds=1.0)
    tool = arena.until(run, lambda now: now.state is RunState.TRANSFERRING and now.tool).tool
    assert tool is not None
    os.killpg(tool.pid, signal.SIGSTOP)
    arena.until(run, lambda now: now.note.startswith("stalled for"))
    arena.order(run, "pause")
    assert arena.ended(run, seconds=5.0).state is RunState.PAUSED


def test_building_a_list_of_files_is_no_silence(arena: Arena) -> None:
    arena.write(a=1)
    reading = [["busy", 3.5, str(arena.source / "a")], ["end", 0]]
    run = arena.carry_out(arena.job(), arena.stand_in(reading), stall_seconds=1.0)
    assert run.state is RunState.DONE
    assert "Stalled" not in arena.log(run)


def test_hostile_names_are_copied_and_do_not_fool_the_figures(arena: Arena) -> None:
    names = [
        b"new\nline", b"cr\rname", b"\x1b[31mred", b"\xff\xfe", "emoji 🎉".encode(), b"-rf", b" lead", b"trail ",
        b"'\"quotes", b"<script>alert(1)<script>", b"         99 100%    1.00MBps    0:00:00 (xfr#9, to-chk=0)",
        "\u202eltr".encode(), b"x" * 255, b"Number of files: 77", b".hidden.ABCDEF", b"rsync error: (code 23)",
    ]  # fmt: skip
    for name in names:
        Path(os.fsdecode(os.fsencode(arena.source) + b"/" + name)).write_bytes(name * 100)
    job = arena.job(settings=build.job().settings)
    job = job._replace(settings=job.settings._replace(list_files=True))
    run = arena.carry_out(job)
    assert run.state is RunState.DONE
    assert run.statistics.files_transferred == len(names)
    assert same_trees(arena.source, arena.dest) == ""
    assert all(character.isprintable() or character == "\n" for character in arena.log(run))


def test_a_run_that_could_not_read_everything_names_the_files(arena: Arena) -> None:
    said = [
        ["say", f'rsync: [sender] send_files failed to open "/s/{number}": Permission denied (13)\n']
        for number in range(150)
    ]
    run = arena.carry_out(arena.job(), arena.stand_in([*said, ["end", 23]]))
    assert run.state is RunState.DONE_WITH_WARNINGS
    assert run.outcome.reason.startswith("150 files could not be copied. ")
    assert run.outcome.failed_files[::99] == ("/s/0", "/s/99")
    assert run.outcome.failed_count == 150
