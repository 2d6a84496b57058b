"""A share of `script/prove audit-kills`, and that it sees what it is for."""

import os
from pathlib import Path

import pytest

from storage.audit_log import audit_file, audit_parts
from storage.data_folder import DataFolder
from tests import build
from tests.faults.family_audit import Tally, check, run, write


def test_no_record_is_lost_or_doubled_whoever_is_killed(tmp_path: Path) -> None:
    tally = run(build.data_folder(tmp_path), 12, seed=7)
    assert (tally.fault, tally.kills) == ("", 12)
    assert tally.records > 12


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A log of one writer, with parts that are put away."""
    folder = build.data_folder(tmp_path)
    teller = os.open(os.devnull, os.O_WRONLY)
    write(folder, "one", 0, teller, 300)
    os.close(teller)
    return folder


def test_a_lost_record_is_seen(folder: DataFolder) -> None:
    check(folder, Tally(), "one", 299)
    with pytest.raises(AssertionError, match="300 was told, 299 is there"):
        check(folder, Tally(), "one", 300)
    lines = audit_file(folder).read_bytes().splitlines(keepends=True)
    audit_file(folder).write_bytes(b"".join(lines[:3] + lines[4:]))
    with pytest.raises(AssertionError, match="lost, doubled or out of order"):
        check(folder, Tally(), "one", 0)


def test_a_part_that_was_written_again_is_seen(folder: DataFolder) -> None:
    tally = Tally()
    check(folder, tally, "one", 299)
    _, path = audit_parts(folder)[0]
    path.write_bytes(path.read_bytes().replace(b"run.start", b"run.pause", 1))
    with pytest.raises(AssertionError, match="was written again"):
        check(folder, tally, "one", 299)
