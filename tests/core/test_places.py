"""Folders and disks that may be chosen: links, hostile names, huge folders, mounts that do not answer."""

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from core import places
from core.browse import CannotBrowse
from core.glance import is_open
from core.places import Busy, Places, Silent, checked
from models.errors import InvalidInput

HARD = [b"new\nline", b"\xe2\x80\xaegnp.exe", b"bad\xff", b"-rf", b" space ", b"<b>x", b"n" * 255, b'"; rm -rf .']


@pytest.fixture
def root(tmp_path: Path) -> bytes:
    root = os.fsencode(tmp_path / "root")
    for name in (b"Zoo", b"apple", b".hidden", *HARD):
        os.makedirs(os.path.join(root, name))
    (tmp_path / "root/a file").write_text("x")
    (tmp_path / "outside").mkdir()
    return root


@pytest.fixture
def eye(tmp_path: Path) -> Places:
    own = tmp_path / "root/own"
    own.mkdir(parents=True)
    return Places(lambda: (str(tmp_path / "root"),), own)


def names(eye: Places, path: bytes, **how: object) -> list[bytes]:
    return [row.name for row in eye.look(path, **how).rows]  # type: ignore[arg-type]


def test_every_folder_is_there_under_its_exact_name_hidden_ones_last(eye: Places, root: bytes) -> None:
    found = eye.look(root)
    assert {row.name for row in found.rows} == {b"Zoo", b"apple", b".hidden", b"own", *HARD}
    assert found.rows[-1].name == b".hidden"
    order = [row.name for row in found.rows]
    assert order.index(b"apple") < order.index(b"Zoo")
    assert (found.count, found.others, found.is_cut, found.above) == (len(HARD) + 4, 1, False, b"")
    assert found.room is not None
    assert 0 < found.room.free <= found.room.total


@pytest.mark.parametrize("name", HARD)
def test_a_folder_with_a_hard_name_can_be_entered(eye: Places, root: bytes, name: bytes) -> None:
    os.mkdir(os.path.join(root, name, b"inside"))
    found = eye.look(os.path.join(root, name))
    assert [row.name for row in found.rows] == [b"inside"]
    assert found.above == root


def test_looking_begins_at_home_or_at_the_roots_that_were_set(eye: Places, tmp_path: Path) -> None:
    assert eye.starts == (str(tmp_path / "root"),)
    assert Places(lambda: ("/", "/run/media"), tmp_path).starts == (os.path.expanduser("~"),)


def test_a_link_is_followed_within_the_roots_and_nowhere_else(eye: Places, root: bytes, tmp_path: Path) -> None:
    (tmp_path / "root/in").symlink_to(tmp_path / "root/Zoo")
    (tmp_path / "root/out").symlink_to(tmp_path / "outside")
    (tmp_path / "root/lost").symlink_to(tmp_path / "nowhere")
    (tmp_path / "root/to a file").symlink_to(tmp_path / "root/a file")
    rows = {row.name: row.is_link for row in eye.look(root).rows}
    assert rows[b"in"]
    assert b"lost" not in rows
    assert b"to a file" not in rows
    assert eye.look(root + b"/in").place == root + b"/Zoo"
    with pytest.raises(CannotBrowse, match="not among the folders that may be looked into"):
        eye.look(root + b"/out")
    with pytest.raises(CannotBrowse, match="does not exist"):
        eye.look(root + b"/lost")


@pytest.mark.parametrize("path", [b"", b"Zoo", b"/a/../b", b"/..", b"/a\0b", b"/" + b"x" * 5000])
def test_what_is_no_plain_absolute_path_is_refused(path: bytes) -> None:
    with pytest.raises(InvalidInput):
        checked(path)


def test_outside_the_roots_nothing_is_shown(eye: Places, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing", Path("/"), Path("/etc")):
        with pytest.raises(CannotBrowse, match="not among the folders"):
            eye.look(os.fsencode(path))


def test_our_own_folder_is_a_name_that_cannot_be_entered(eye: Places, root: bytes) -> None:
    assert b"own" in names(eye, root)
    with pytest.raises(CannotBrowse, match="keeps its own files"):
        eye.look(root + b"/own")


def test_our_own_folder_is_closed_under_its_real_path_too(root: bytes, tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(tmp_path / "root/Zoo")
    (tmp_path / "root/Zoo/keys").mkdir()
    eye = Places(lambda: (str(tmp_path),), tmp_path / "data")
    for path in (root + b"/Zoo", root + b"/Zoo/keys", os.fsencode(tmp_path / "data")):
        with pytest.raises(CannotBrowse, match="keeps its own files"):
            eye.look(path)


@pytest.mark.parametrize(
    ("path", "is_shown"),
    [
        ("/", True), ("/home/anna", True), ("/processes", True), ("/proc", False), ("/proc/1", False), ("/run", False),
        ("/run/user/0", False), ("/run/media", True), ("/run/media/anna/USB", True), ("/dev/shm", False),
    ],
)  # fmt: skip
def test_the_longest_folder_decides(path: str, is_shown: bool) -> None:
    assert is_open(path, ("/", "/run/media"), ("/proc", "/sys", "/dev", "/run")) is is_shown


def test_the_system_itself_has_nothing_to_choose(tmp_path: Path) -> None:
    with pytest.raises(CannotBrowse, match="belongs to the system itself"):
        Places(lambda: ("/",), tmp_path).look(b"/proc/self")


def test_from_a_folder_that_is_not_there_the_closest_one_is_shown(eye: Places, root: bytes) -> None:
    assert eye.look(root + b"/Zoo/new/deep", or_above=True).place == root + b"/Zoo"
    assert eye.look(root + b"/a file", or_above=True).place == root
    with pytest.raises(CannotBrowse, match="is a file, not a folder"):
        eye.look(root + b"/a file")


def test_a_long_folder_has_pages_and_a_search(eye: Places, root: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "ROWS", 5)
    pages = [names(eye, root, page=page) for page in (1, 2, 3)]
    assert len({name for page in pages for name in page}) == len(HARD) + 4
    assert eye.look(root, page=99).page == 1
    assert names(eye, root, find="ZO") == [b"Zoo"]
    assert eye.look(root, find="nothing like it").count == 0


def test_a_folder_of_too_many_entries_is_cut_and_says_so(
    eye: Places, root: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "_MOST", 3)
    found = eye.look(root)
    assert found.is_cut
    assert found.count + found.others == 3


STUCK = "import sys, time; sys.stdin.read(); time.sleep(60)"


def test_a_mount_that_does_not_answer_holds_nobody_up(tmp_path: Path) -> None:
    eye = Places(lambda: ("/",), tmp_path, (sys.executable, "-c", STUCK), seconds=0.2)
    before = time.monotonic()
    with pytest.raises(Silent, match="did not answer within 2 s"):
        eye.look(b"/mnt/nas")
    assert eye.rooms("/mnt/nas") == {"/mnt/nas": None}
    assert time.monotonic() - before < 10


def test_a_few_may_wait_at_once_and_the_next_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_AT_ONCE", 0)
    eye = Places(lambda: ("/",), tmp_path, seconds=0.05)
    with pytest.raises(Busy, match="being looked at already"):
        eye.look(b"/")
    with pytest.raises(Busy):
        eye.rooms("/")
    assert eye.disks() == ()
    assert eye.weights("/", ["etc"]) == ([], True)


def test_who_waits_for_a_turn_gets_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_AT_ONCE", 1)
    monkeypatch.setattr(places, "_ROOM_SECONDS", 30.0)
    eye, found = Places(lambda: ("/",), tmp_path, seconds=30), list[object]()
    waiting = [threading.Thread(target=lambda: found.append(eye.rooms("/")["/"])) for _ in range(4)]
    for thread in waiting:
        thread.start()
    for thread in waiting:
        thread.join()
    assert len(found) == 4
    assert None not in found


@pytest.mark.parametrize("said", ["", "[1, 2"])
def test_what_looks_and_crashes_is_told_in_words(tmp_path: Path, said: str) -> None:
    crash = f"import os; print({said!r}, end='', flush=True); os.kill(os.getpid(), 9)"
    eye = Places(lambda: ("/",), tmp_path, (sys.executable, "-c", crash))
    with pytest.raises(Busy, match="/mnt/nas could not be looked at"):
        eye.look(b"/mnt/nas")
    with pytest.raises(Busy):  # that would mean: its disk does not answer
        eye.rooms("/mnt/nas")


def test_the_room_of_what_is_not_there_yet_is_that_of_the_folder_above(eye: Places, tmp_path: Path) -> None:
    paths = (str(tmp_path / "a/b/c"), str(tmp_path))
    rooms = eye.rooms(*paths)
    assert set(rooms) == set(paths)
    assert {room.total for room in rooms.values() if room} == {
        os.statvfs(tmp_path).f_blocks * os.statvfs(tmp_path).f_frsize
    }
    assert eye.rooms() == {}


def test_the_disks_of_the_system_are_not_offered(tmp_path: Path) -> None:
    found = [room.mount for room in Places(lambda: ("/",), tmp_path).disks()]
    assert not {"/proc", "/sys", "/dev", "/boot/efi", "/etc/hosts"} & set(found)
    assert Places(lambda: (str(tmp_path),), tmp_path / "own").disks() == ()


def test_files_and_bytes_are_counted_below_folders_and_links_are_not_followed(eye: Places, tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "Zoo/deep").mkdir(parents=True)
    (root / "a file").touch()
    (root / "Zoo/deep/x").write_bytes(b"12345")
    (root / "Zoo/link").symlink_to("/etc")
    assert eye.weights(str(root), ["Zoo", "a file", "gone"]) == ([(2, 5), (1, 0), (0, 0)], False)


def test_counting_stops_in_time(eye: Places, tmp_path: Path) -> None:
    eye._seconds = 0.0
    assert eye.weights(str(tmp_path), ["root"])[1]


def test_only_folders_that_exist_are_worth_a_backup(eye: Places, tmp_path: Path) -> None:
    for name in ("Music", "Pictures", "Videos", "Secret"):
        (tmp_path / name).mkdir()
    assert eye.homely(tmp_path) == (f"{tmp_path}/Pictures", f"{tmp_path}/Music")
    assert eye.homely(tmp_path / "nobody") == ()
