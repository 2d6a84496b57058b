"""Copies by both rclones to a folder and to servers, paused, resumed, and through the death of the other side."""

import os
from pathlib import Path

import pytest

from models.findings import Verification
from models.run import RunState
from tests.core.arena import Arena, arena
from tests.e2e.rclone_copies import MEBIBYTE, contents, copies_to, fill
from tests.rclones import PROGRAMS, Kind

__all__ = ["arena"]

FILES, SIZE, LARGE = 40, 2_000, 2 * MEBIBYTE
LIMIT = 800  # KiB/s: long enough to be met in its middle on a busy machine
both_versions = pytest.mark.parametrize("which", PROGRAMS)
# All pairs, and ten thousand files: script/prove rclone.
PAIRS: list[tuple[str, Kind | None]] = [
    ("system", None), ("current", None), ("system", "webdav"), ("current", "sftp"), ("system", "s3"),
]  # fmt: skip


@pytest.mark.parametrize(("which", "kind"), PAIRS, ids=lambda part: part or "folder")
def test_a_copy_is_shown_paused_resumed_and_identical(arena: Arena, which: str, kind: Kind | None) -> None:
    fill(arena.source, FILES, SIZE, LARGE)
    with copies_to(arena, which, kind) as (copies, place, _):
        paused, _ = copies.pause(LIMIT)
        assert paused.state is RunState.PAUSED, paused.outcome
        assert 0 < (paused.progress.percent or 0) < 100
        done = copies.resume(paused)
        assert done.state is RunState.DONE, (done.outcome, arena.log(done))
        assert contents(place) == contents(arena.source)
    assert (done.statistics.files_transferred or 0) < FILES, "what the paused run had copied was copied again"
    assert (done.progress.percent, done.progress.bytes_transferred) == (100.0, done.progress.total_bytes)


def test_a_copy_waits_for_a_server_that_died_and_goes_on(arena: Arena) -> None:
    fill(arena.source, FILES, SIZE, LARGE)
    with copies_to(arena, "current", "s3") as (copies, place, peer):
        assert peer is not None
        _, waiting = copies.cut_off(peer, LIMIT)
        assert waiting.state is RunState.WAITING, (waiting.outcome, arena.log(waiting))
        assert waiting.note
        done = copies.go_on(peer, waiting)
        assert done.state is RunState.DONE, (done.outcome, arena.log(done))
        assert contents(place) == contents(arena.source)


@pytest.mark.parametrize(("which", "kind"), [*PAIRS[:2], ("system", "webdav")], ids=lambda part: part or "by checksum")
def test_a_flipped_byte_is_found_named_and_never_done(arena: Arena, which: str, kind: Kind | None) -> None:
    fill(arena.source, 12, SIZE)
    with copies_to(arena, which, kind) as (copies, place, _):
        proven = copies.carry_out(verify="verify_after")
        assert proven.state is RunState.DONE, (proven.outcome, arena.log(proven))
        assert proven.verification is not None
        assert (proven.verification.passed, proven.verification.files_checked) == (True, 12)
        _flip(place / "folder 000" / "x\n= plain")
        found = copies.carry_out(kind="verify")
        assert found.state is RunState.FAILED
        assert isinstance(found.verification, Verification)
        assert (found.verification.passed, found.verification.mismatches) == (False, 1)
        evidence = (arena.folder.run_folder(found.job_id, found.id) / "findings.jsonl").read_text()
        assert '"folder 000/x\\n= plain"' in evidence


@both_versions
def test_a_preview_says_what_would_be_copied_and_copies_nothing(arena: Arena, which: str) -> None:
    fill(arena.source, 12, SIZE)
    with copies_to(arena, which, None) as (copies, place, _):
        assert copies.carry_out().state is RunState.DONE
        (arena.source / "folder 000" / "file 00011").write_bytes(b"another")
        (arena.source / "late").write_bytes(b"new")
        before = contents(place)
        preview = copies.carry_out(kind="preview")
        assert preview.state is RunState.DONE, (preview.outcome, arena.log(preview))
        assert {tally.what: (tally.files, tally.bytes) for tally in preview.tallies} == {
            "new": (1, 3),
            "changed": (1, 7),
        }
        assert contents(place) == before


@pytest.mark.parametrize(("kind", "phase"), [("sftp", "completed"), ("webdav", "refused")])
def test_files_at_a_remote_go_once_proven_by_a_checksum(arena: Arena, kind: Kind, phase: str) -> None:
    with copies_to(arena, "current", kind) as (copies, place, peer):
        assert peer is not None
        fill(place, 12, SIZE)
        original = contents(place)
        copies.turn(f"nas:{peer.root}photos", arena.dest)
        done = copies.carry_out(deletion_mode="verify_then_delete")
        assert done.deletion is not None, (done.outcome, arena.log(done))
        assert (done.deletion.phase, done.deletion.files_deleted) == (phase, 12 if phase == "completed" else 0)
        assert contents(arena.dest) == original
        assert contents(place) == ({} if phase == "completed" else original)


def _flip(path: Path) -> None:
    times = path.stat()
    held = bytearray(path.read_bytes())
    held[7] ^= 1
    path.write_bytes(held)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
