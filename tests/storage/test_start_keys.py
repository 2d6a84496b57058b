"""Keys of starts: kept for a day, over restarts, for one job each, and never without bound."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.errors import StoreUnavailable
from storage import start_keys
from storage.data_folder import DataFolder
from storage.start_keys import StartKeys
from tests import build
from utils.clock import SystemClock
from utils.ids import new_run_id

MOMENT = datetime(2026, 11, 21, 7, 2, 4, tzinfo=UTC)
FIRST, SECOND, THIRD = (new_run_id(MOMENT + timedelta(seconds=number)) for number in range(3))


class MovedClock(SystemClock):
    """Stands at now until it is moved: the files have real times."""

    def __init__(self) -> None:
        self.passed = timedelta()
        self.began = super().now()

    def now(self) -> datetime:
        return self.began + self.passed

    def monotonic(self) -> float:
        return self.passed.total_seconds()


def nothing_exists(_run_id: str) -> bool:
    return False


def everything_exists(_run_id: str) -> bool:
    return True


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return build.data_folder(tmp_path)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


def test_a_key_stands_for_its_first_run_of_that_job_in_every_process(folder: DataFolder, clock: MovedClock) -> None:
    claim = StartKeys(folder, clock).claim("job", "key", FIRST, nothing_exists)
    assert (claim.run_id, claim.has_begun) == (FIRST, False)
    StartKeys(folder, clock).begun("job", "key", claim)
    again = StartKeys(folder, clock).claim("job", "key", SECOND, nothing_exists)
    assert (again.run_id, again.has_begun) == (FIRST, True)
    for job_id, key in (("job", "other"), ("other", "key")):
        assert StartKeys(folder, clock).claim(job_id, key, SECOND, nothing_exists).run_id == SECOND


def test_a_key_holds_for_a_day(folder: DataFolder, clock: MovedClock) -> None:
    keys = StartKeys(folder, clock)
    keys.begun("job", "key", keys.claim("job", "key", FIRST, nothing_exists))
    clock.passed = timedelta(hours=23, minutes=59)
    assert keys.claim("job", "key", SECOND, everything_exists).run_id == FIRST
    clock.passed = timedelta(hours=24, minutes=1)
    assert keys.claim("job", "key", THIRD, everything_exists).run_id == THIRD


def test_a_kill_between_claim_and_start_is_told_by_whether_the_run_exists(
    folder: DataFolder, clock: MovedClock
) -> None:
    keys = StartKeys(folder, clock)
    keys.claim("job", "key", FIRST, nothing_exists)
    assert keys.claim("job", "key", SECOND, nothing_exists).run_id == FIRST, "it may just be starting"
    clock.passed = timedelta(minutes=11)
    begun = keys.claim("job", "key", SECOND, everything_exists)
    assert (begun.run_id, begun.has_begun) == (FIRST, True)
    assert keys.claim("job", "key", SECOND, nothing_exists).run_id == SECOND


def test_a_key_of_a_refused_start_is_free_again(folder: DataFolder, clock: MovedClock) -> None:
    keys = StartKeys(folder, clock)
    claim = keys.claim("job", "key", FIRST, nothing_exists)
    keys.release("job", "key", claim)
    keys.release("job", "key", claim)
    assert keys.claim("job", "key", SECOND, nothing_exists).run_id == SECOND


def test_a_refused_start_frees_no_key_that_stands_for_another_run_or_for_one_that_began(
    folder: DataFolder, clock: MovedClock
) -> None:
    keys = StartKeys(folder, clock)
    refused = keys.claim("job", "key", FIRST, nothing_exists)
    keys.begun("job", "key", keys.claim("job", "key", SECOND, nothing_exists))
    keys.release("job", "key", refused)
    assert keys.claim("job", "key", THIRD, nothing_exists).has_begun, "the same request at the same time began it"
    other = keys.claim("job", "other", SECOND, nothing_exists)
    keys.release("job", "other", refused)
    assert keys.claim("job", "other", THIRD, nothing_exists) == other


def test_what_is_kept_is_ours_alone_and_names_no_key(folder: DataFolder, clock: MovedClock) -> None:
    StartKeys(folder, clock).claim("job", "s3cret-canary", FIRST, nothing_exists)
    place = folder.root / "start-keys"
    (path,) = place.iterdir()
    assert (place.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
    assert b"canary" not in path.name.encode() + path.read_bytes()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"run_id": 7, "at": 1}', b'{"run_id": "../..", "at": 1.0}'])
def test_a_spoilt_file_is_no_claim(folder: DataFolder, clock: MovedClock, content: bytes) -> None:
    keys = StartKeys(folder, clock)
    keys.claim("job", "key", FIRST, nothing_exists)
    (path,) = (folder.root / "start-keys").iterdir()
    path.write_bytes(content)
    assert keys.claim("job", "key", SECOND, everything_exists).run_id == SECOND


def test_old_keys_and_the_oldest_of_too_many_are_removed(
    folder: DataFolder, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start_keys, "LIMIT", 5)
    place = folder.root / "start-keys"
    for number in range(8):
        StartKeys(folder, clock).claim("job", f"{number}", FIRST, nothing_exists)
        for path in place.iterdir():
            changed = path.stat().st_mtime
            os.utime(path, (changed - 10, changed - 10))
        assert len(list(place.iterdir())) <= 6
    clock.passed = timedelta(hours=25)
    StartKeys(folder, clock).claim("job", "new", FIRST, nothing_exists)
    assert len(list(place.iterdir())) == 1


def test_a_key_that_cannot_be_kept_refuses_the_start(folder: DataFolder, clock: MovedClock) -> None:
    (folder.root / "start-keys").write_text("in the way")
    with pytest.raises(StoreUnavailable):
        StartKeys(folder, clock).claim("job", "key", FIRST, nothing_exists)
