"""Lines of output as notices: truthful, harmless, and with the file they are about."""

import pytest

from engines.base import Notice
from engines.rsync_notices import Trouble, read_notice, read_trouble
from tests.engines import samples
from tests.samples.record import NAMES
from utils.text import visible_name


@pytest.mark.parametrize(
    ("line", "level", "failed"),
    [
        (b'rsync: [sender] send_files failed to open "/s/a b": Permission denied (13)', "error", "/s/a b"),
        (b'rsync: send_files failed to open "/s/x" (in data): Permission denied (13)', "error", "/s/x"),
        (b'rsync: [sender] link_stat "/s/no" failed: No such file or directory (2)', "error", "/s/no"),
        (b'rsync: [sender] opendir "/s/x" failed: Permission denied (13)', "error", "/s/x"),
        (b'rsync: [receiver] mkstemp "/d/.x.jpg.AbC123" failed: Permission denied (13)', "error", "/d/x.jpg"),
        (b'rsync: [receiver] rename "/d/.x.AbC123" -> "x": Is a directory (21)', "error", "x"),
        (b'rsync: [generator] symlink "/d/l" -> "t" failed: File exists (17)', "error", "/d/l"),
        (b'rsync: [sender] send_files failed to open "/s/a\\#012b": Permission denied (13)', "error", "/s/a\\nb"),
        (b'rsync: [sender] send_files failed to open "/s/a": b": Permission denied (13)', "error", '/s/a": b'),
        (b'rsync: [receiver] write failed on "/d/x": No space left on device (28)', "error", "/d/x"),
        (b"ERROR: a b failed verification -- update discarded.", "error", "a b"),
        (b'rsync: [generator] failed to set times on "/d/x": Operation not permitted (1)', "warn", ""),
        (b'rsync: [generator] chown "/d/x" failed: Operation not permitted (1)', "warn", ""),
        (
            b'rsync: [receiver] rsync_xal_set: lsetxattr("/d/x","user.y") failed: Operation not supported (95)',
            "warn",
            "",
        ),
        (b'file has vanished: "/s/x"', "warn", ""),
        (b'skipping non-regular file "x"', "warn", ""),
        (b"cannot delete non-empty directory: x", "warn", ""),
        (b"could not make way for new regular file: a/b", "error", "a/b"),
        (b"could not make way for skipped directory: a", "error", "a"),
        (b"WARNING: x failed verification -- update put into partial-dir (will try again).", "warn", ""),
        (b"IO error encountered -- skipping file deletion", "warn", ""),
        (b"rsync warning: some files vanished (code 24)", "warn", ""),
        (b"rsync error: error in file IO (code 11)", "error", ""),
        (b"@ERROR: auth failed on module data", "error", ""),
        (b"root@nas: Permission denied (publickey).", "error", ""),
        (b"Host key verification failed.", "error", ""),
        (b"created directory /d/new", "info", ""),
        (b"Welcome to nas", "info", ""),
    ],
)
def test_a_line_gets_its_level_and_the_file_that_failed(line: bytes, level: str, failed: str) -> None:
    notice = read_notice(line)
    assert (notice.level, notice.failed_file) == (level, failed)


@pytest.mark.parametrize(
    ("line", "notice"),
    [
        (b"@>f+++++++++|7|a b", Notice("copy", "a b")),
        (b"@<f.st......|7|a|b", Notice("copy", "a|b")),
        (b"@cL+++++++++|1|l -> t", Notice("copy", "l -> t")),
        (b"@*deleting  |0|x", Notice("delete", "x", deleted_file="x")),
        (b"deleting a\\#012b", Notice("delete", "a\\nb", deleted_file="a\\nb")),
        (b"@.d..t......|0|x/", Notice("info", "x/: only its owner, rights or times were brought up to date")),
    ],
)
def test_a_listed_file_becomes_its_name(line: bytes, notice: Notice) -> None:
    assert read_notice(line) == notice


@pytest.mark.parametrize("version", samples.VERSIONS)
def test_hostile_names_are_listed_truthfully_and_harmlessly(version: str) -> None:
    reading = samples.read(samples.recorded(version, "hostile_names"))
    listed = {notice.text for notice in reading.notices if notice.level == "copy"}
    assert listed == {visible_name(name) for name in NAMES} | {"link -> plain", "fifo"}
    assert all(text.isprintable() for text in listed)


@pytest.mark.parametrize("version", samples.VERSIONS)
def test_deleted_names_reach_the_log(version: str) -> None:
    reading = samples.read(samples.recorded(version, "deletions"))
    deleted = {notice.deleted_file for notice in reading.notices if notice.level == "delete"}
    assert deleted == {visible_name(name) for name in NAMES}


@pytest.mark.parametrize("version", samples.VERSIONS)
def test_failed_names_reach_the_log(version: str) -> None:
    reading = samples.read(samples.recorded(version, "unreadable"))
    failed = {notice.failed_file for notice in reading.notices if notice.failed_file}
    assert failed == {"/tmp/samples/source/folder 0", "/tmp/samples/source/folder 1/file 01"}


CUT = b"x" * 247


@pytest.mark.parametrize(
    ("line", "trouble"),
    [
        (b'rsync: [sender] send_files failed to open "/s/a\\#012b": Permission denied (13)', Trouble(b"/s/a\nb")),
        (b'rsync: [sender] opendir "/s/x" failed: Permission denied (13)', Trouble(b"/s/x", is_folder=True)),
        (b'rsync: [generator] recv_generator: mkdir "/d/x" failed: No space (28)', Trouble(b"/d/x", is_folder=True)),
        (b'rsync: [generator] chown "/d/x" failed: No (1)', Trouble(b"/d/x", only_attributes=True)),
        (b'rsync: [receiver] mkstemp "/d/.x.jpg.AbC123" failed: Permission denied (13)', Trouble(b"/d/x.jpg")),
        (b'rsync: [receiver] mkstemp "/d/.%s.AbC123" failed: No (13)' % CUT, Trouble(b"/d/" + CUT, is_cut=True)),
        (b'rsync: [sender] send_files failed to open "/s/%s": No (13)' % CUT, Trouble(b"/s/" + CUT)),
        (b"could not make way for new regular file: a\\#033b", Trouble(b"a\x1bb")),
        (b"ERROR: a b failed verification -- update discarded.", Trouble(b"a b")),
        (b'file has vanished: "/s/x"', None),
        (b"rsync error: some files/attrs were not transferred (code 23)", None),
    ],
)
def test_a_message_about_a_file_has_its_exact_bytes(line: bytes, trouble: Trouble | None) -> None:
    assert read_trouble(line) == trouble
