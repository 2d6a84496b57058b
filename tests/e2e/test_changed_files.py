"""What changed in a file that was backed up before is in the copy after the next run; huge ones resume by parts."""

import os
from pathlib import Path

import pytest

from core.file_systems import keeps_exact_times
from tests.e2e.service import Service
from tests.e2e.trees import LARGE_FILE, MEBIBYTE, contents, leftovers, make_tree, noise

Change = tuple[str, int]


@pytest.fixture
def backed_up(service: Service, tmp_path: Path) -> tuple[str, Path, Path]:
    """A job that ran once, its source and its copy."""
    source, dest = make_tree(tmp_path / "source", 2 * MEBIBYTE), tmp_path / "copy"
    job_id = service.create(f"{source}/", dest)
    assert service.backup(job_id)["state"] == "done"
    assert contents(dest) == contents(source)
    return job_id, source, dest


def run_again(service: Service, backed_up: tuple[str, Path, Path], transferred: int) -> None:
    """The next run sends just what changed, and the copy is the source again."""
    job_id, source, dest = backed_up
    assert contents(dest) != contents(source), "the change is none"
    done = service.backup(job_id)
    assert done["state"] == "done"
    assert done["result"]["files_transferred"] == transferred
    assert contents(dest) == contents(source)
    assert leftovers(dest) == []


def test_the_same_size_with_a_new_time(service: Service, backed_up: tuple[str, Path, Path]) -> None:
    changed = backed_up[1] / "plain"
    changed.write_bytes(noise(changed.stat().st_size))
    run_again(service, backed_up, 1)


def test_the_same_size_within_the_same_second(service: Service, backed_up: tuple[str, Path, Path]) -> None:
    """rsync alone compares times by the second and would miss it."""
    job_id, source, dest = backed_up
    if not keeps_exact_times(str(dest)):
        pytest.skip("it is not certain that this file system keeps exact times (so in a plain chroot)")
    changed = source / "plain"
    second = changed.stat().st_mtime_ns // 10**9 * 10**9
    for fraction in (1_000_000, 2_000_000):
        changed.write_bytes(noise(changed.stat().st_size))
        os.utime(changed, ns=(second, second + fraction))
        assert service.backup(job_id)["state"] == "done"
        assert contents(dest) == contents(source)


def test_a_time_in_the_past(service: Service, backed_up: tuple[str, Path, Path]) -> None:
    changed = backed_up[1] / "plain"
    changed.write_bytes(noise(changed.stat().st_size))
    os.utime(changed, (1_000_000_000, 1_000_000_000))
    run_again(service, backed_up, 1)


def test_a_smaller_file_with_the_old_time(service: Service, backed_up: tuple[str, Path, Path]) -> None:
    changed = backed_up[1] / LARGE_FILE
    before = changed.stat()
    changed.write_bytes(noise(10))
    os.utime(changed, ns=(before.st_atime_ns, before.st_mtime_ns))
    run_again(service, backed_up, 1)


def test_some_bytes_in_place(service: Service, backed_up: tuple[str, Path, Path]) -> None:
    with (backed_up[1] / LARGE_FILE).open("r+b") as file:
        file.seek(MEBIBYTE)
        file.write(noise(100))
    run_again(service, backed_up, 1)


def test_bytes_at_the_end(service: Service, backed_up: tuple[str, Path, Path]) -> None:
    with (backed_up[1] / LARGE_FILE).open("ab") as file:
        file.write(noise(100))
    run_again(service, backed_up, 1)


def test_a_file_put_in_the_place_of_another(service: Service, backed_up: tuple[str, Path, Path]) -> None:
    new = backed_up[1] / "new"
    new.write_bytes(noise(500))
    new.replace(backed_up[1] / "plain")
    run_again(service, backed_up, 1)


def test_rights_alone_send_no_file(service: Service, backed_up: tuple[str, Path, Path]) -> None:
    (backed_up[1] / "plain").chmod(0o640)
    run_again(service, backed_up, 0)


def test_a_copy_that_was_damaged_visibly_is_mended(service: Service, backed_up: tuple[str, Path, Path]) -> None:
    (backed_up[2] / "plain").write_bytes(b"damaged")
    run_again(service, backed_up, 1)


def test_a_file_that_changes_while_it_is_paused_is_copied_as_it_is_then(service: Service, tmp_path: Path) -> None:
    source, dest = make_tree(tmp_path / "source", 8 * MEBIBYTE), tmp_path / "copy"
    job_id = service.create(f"{source}/", dest, bandwidth_limit=1000)
    first = service.start(job_id)
    service.moving(first, 40)
    service.pause(job_id)
    assert service.end(first)["state"] == "paused"
    with (source / LARGE_FILE).open("r+b") as file:
        file.write(noise(MEBIBYTE))
    service.change(job_id, bandwidth_limit=0)
    run_again(service, (job_id, source, dest), 1)


def test_a_huge_file_goes_on_from_its_part(service: Service, tmp_path: Path) -> None:
    source, dest, size = tmp_path / "source", tmp_path / "copy", 64 * MEBIBYTE
    source.mkdir()
    (source / "huge").write_bytes(noise(size))
    job_id = service.create(f"{source}/", dest, bandwidth_limit=10_000)
    first = service.start(job_id)
    before = service.moving(first, 20)
    service.pause(job_id)
    assert service.end(first)["state"] == "paused"
    assert not (dest / "huge").exists()
    part = dest / ".rsync-partial" / "huge"
    assert part.stat().st_size >= before["progress"]["bytes_transferred"] * 0.9

    kept = part.stat().st_size
    service.change(job_id, bandwidth_limit=0)
    done = service.backup(job_id)
    assert (done["state"], done["percent"], done["resumes"]) == ("done", 100, first)
    assert done["result"]["matched_bytes"] >= kept * 0.95
    assert done["result"]["literal_bytes"] <= size - kept * 0.95
    assert contents(dest) == contents(source)
    assert leftovers(dest) == []
