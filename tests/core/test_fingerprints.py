"""core/fingerprints.py: what was noted is found again, and any change of a file or its copy shows."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from core.fingerprints import Fingerprints, fingerprint


def test_twenty_thousand_fingerprints_are_told_from_twenty_thousand_others() -> None:
    noted, others = ([os.urandom(16) for _ in range(20_000)] for _ in range(2))
    kept = Fingerprints()
    for each in (*noted, *noted):
        kept.add(each)
    assert len(kept) == 20_000
    assert len(kept._table) <= 48 * len(kept)
    assert all(each in kept for each in noted)
    assert not any(each in kept for each in others)


CHANGES: dict[str, Callable[[Path], object]] = {
    "rewritten in place": lambda path: path.write_bytes(b"other"),
    "grown": lambda path: path.write_bytes(b"first and more"),
    "replaced by rename": lambda path: (
        path.with_name("new").write_bytes(b"first") and path.with_name("new").replace(path)
    ),
    "given other times": lambda path: os.utime(path, ns=(1, 1)),
    "given other rights": lambda path: path.chmod(0o600),
    "rewritten with its old times": lambda path: rewrite_with_old_times(path),  # noqa: PLW0108  it stands below
}


def rewrite_with_old_times(path: Path) -> None:
    before = path.stat()
    path.write_bytes(b"other")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("side", ["original", "copy"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_either_side_shows(tmp_path: Path, change: str, side: str) -> None:
    paths = {name: tmp_path / name / "file" for name in ("original", "copy")}
    for path in paths.values():
        path.parent.mkdir()
        path.write_bytes(b"first")
        os.utime(path, ns=(10**18, 10**18))
    before = fingerprint(b"file", paths["original"].lstat(), paths["copy"].lstat())
    CHANGES[change](paths[side])
    assert fingerprint(b"file", paths["original"].lstat(), paths["copy"].lstat()) != before


def test_the_name_is_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"first")
    status = (tmp_path / "file").lstat()
    assert fingerprint(b"one", status, None) != fingerprint(b"two", status, None)
    assert fingerprint(b"one", status, None) == fingerprint(b"one", status, None)
